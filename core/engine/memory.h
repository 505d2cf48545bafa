// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/error.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace jacobi {

/// Bytes this process may still take: what the system has available, or what its control group still allows, the
/// smaller one. Empty where the system does not say.
std::optional<std::uint64_t> availableMemory();

/// "1.5 GB", "12 MB": powers of 1000, for people.
std::string memoryText(std::uint64_t bytes);

/// An error with both numbers where `needed` bytes will not fit; a tenth of what is available is left to others.
Result<void> checkMemory(std::uint64_t needed, std::optional<std::uint64_t> available);

/// What a run, and the model with it, would take in another precision.
struct PrecisionBytes {
    std::string precision;
    std::uint64_t bytes = 0;
};

/// The same of a GPU's own memory; free: what its driver says is free now. smaller: what could be chosen instead; the error
/// names those that fit, with their sizes. held: what the model holds there now, which they would have beside what is free.
Result<void> checkGpuMemory(std::uint64_t needed, std::uint64_t free, const std::string& cardName,
                            const std::vector<PrecisionBytes>& smaller = {}, std::uint64_t held = 0);

} // namespace jacobi
