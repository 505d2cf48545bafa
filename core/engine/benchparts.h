// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/error.h"
#include "core/decode/tokenmodel.h"

#include <ATen/core/Tensor.h>
#include <c10/core/Device.h>

#include <array>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace jacobi {

/// What of the engine can be measured by itself; ceilings always are.
inline constexpr std::array<std::string_view, 7> kBenchGroups{"sampling", "load",     "error", "memory",
                                                              "passes",   "pictures", "decode"};

/// Reads these tensors of a safetensors file as a model's are read when it is loaded: checked, and float32 on the CPU.
using ReadWeights = std::function<Result<std::map<std::string, at::Tensor>>(
    const std::filesystem::path&, const std::vector<std::pair<std::string, std::vector<std::int64_t>>>&)>;

/// A family's own picture decoder, with random weights.
struct FamilyPictures {
    std::string name;
    std::unique_ptr<Detokenizer> pictures;
    std::int64_t positions = 1;
    std::int64_t codes = 1;
};

/// What the bench measures of what the engine does not know: either may be missing.
struct BenchParts {
    ReadWeights readWeights;
    std::function<FamilyPictures(at::Device)> familyPictures;
};

} // namespace jacobi
