// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/trace/flowstrategy.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace jacobi {

/// Hand-tuned settings from the papers.
struct FlowPreset {
    std::string name;
    std::string model; ///< what they were tuned for
    FlowStrategy strategy;
    double guidance = 0.0;
    double attentionTemperature = 1.0;
    double denoiseMultiplier = 1.0;
    double clip = 3.0;
};

/// GS-Jacobi's four published settings, for 8 blocks (Liu & Qin 2025, section 5).
std::vector<FlowPreset> publishedPresets();

/// SeJD (Zhang et al. 2025): the block sampled first one by one, the others plain Jacobi from zeros until no number
/// changes by 0.5.
FlowStrategy sejdStrategy(std::uint32_t blocks);

/// The strategies that a flow of so many blocks and tokens knows by name, besides the measured ones: those published, where
/// they are for as many blocks, else some like them.
std::vector<std::pair<std::string, FlowStrategy>> flowPresets(std::uint32_t blocks, std::uint32_t tokens);

/// Whether it is one of these names, of whatever flow: some have a slash in them, and none is a file.
bool isFlowPreset(std::string_view name);

} // namespace jacobi
