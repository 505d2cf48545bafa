// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/cli/console.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace jacobi::cli {

/// The options of `jacobi generate`. What is empty comes from the model's defaults.
struct GenerateOptions {
    std::optional<std::string> prompt;
    std::string model = "scenes";
    std::optional<std::string> method;
    std::optional<std::string> coupling;
    std::optional<std::string> initialisation;
    std::optional<bool> completesPrompt;
    std::optional<std::uint64_t> seed;
    std::optional<std::string> window; ///< a whole number, or "auto"
    std::optional<int> noiseSteps;
    std::optional<int> pictures;
    std::optional<double> guidance;
    std::optional<double> temperature;
    std::optional<int> topK;
    std::optional<double> topP;
    std::optional<double> minP;
    std::optional<std::string> precision;
    std::optional<std::string> className; ///< of a flow, like all to `denoise`
    std::optional<std::string> strategy;
    std::optional<int> segments;
    std::optional<double> tolerance;
    std::optional<double> clip;
    std::optional<double> denoise;
    std::optional<double> attentionTemperature;
    std::optional<std::string> guidanceSchedule;
    std::string out;   ///< empty: MODEL-SEED.png
    std::string trace; ///< empty: none
    std::string device = "auto";
    std::vector<std::string> modelFolders;
    int threads = 0;
    bool quiet = false;
    bool json = false;
};

/// Runs the request, shows its progress on stderr and writes picture and trace. Prints every error once.
ExitCode generate(const GenerateOptions& options);

} // namespace jacobi::cli
