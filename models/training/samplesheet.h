// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/error.h"
#include "models/scenes/scenesmodel.h"

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace jacobi {

/// Puts pictures [count, height, width, 3] uint8 side by side, `columns` in a row, and writes them as a PNG.
Result<void> writeSampleSheet(const std::filesystem::path& path, const at::Tensor& pictures, std::int64_t columns);

/// Plain ancestral sampling of a batch, for looking at a model while it learns: one code a pass, temperature 1,
/// guidance g = unconditional + g * (conditional - unconditional). Picture i draws with seed + i.
/// Returns codes [prompts, positions] int64.
at::Tensor sampleCodes(ScenesModel& model, const std::vector<std::vector<std::int64_t>>& prompts, double guidance,
                       std::uint64_t seed);

/// The prompts that every sheet shows.
const std::vector<std::string>& sheetPrompts();

} // namespace jacobi
