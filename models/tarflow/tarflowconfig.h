// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/error.h"

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace jacobi {

/// Sizes of a TarFlow (Zhai et al. 2024). A checkpoint says none of them: all follow from the shapes of its tensors.
struct TarFlowConfig {
    std::int64_t blocks = 0;
    std::int64_t layers = 0; ///< attention layers of a block
    std::int64_t width = 0;
    std::int64_t grid = 0;  ///< patches along a side
    std::int64_t patch = 0; ///< pixels along a side of a patch
    std::int64_t colours = 3;
    std::int64_t classes = 0; ///< 0: without labels
    bool affine = true;       ///< scale and shift; otherwise shift only ("volume preserving")
    bool droppedRow = false;  ///< each block has a trained row for a dropped label; otherwise the mean of the classes
    bool basis = false;       ///< patches are turned by a fixed orthonormal matrix in front of the first block
    bool fittedStart = false; ///< each block has a StartGuess that Jacobi iteration can start from

    std::int64_t tokens() const { return grid * grid; }
    std::int64_t channels() const { return colours * patch * patch; }
    std::int64_t side() const { return grid * patch; } ///< pixels
    std::int64_t outputs() const { return affine ? 2 * channels() : channels(); }
    std::int64_t heads() const { return width / kHeadSize; }

    static constexpr std::int64_t kHeadSize = 64; ///< in every TarFlow

    bool operator==(const TarFlowConfig&) const = default;
};

using TensorShapes = std::map<std::string, std::vector<std::int64_t>>;

/// Every tensor of such a checkpoint under its official name, with its shape; the masks, which hold no information, are
/// left out.
TensorShapes tarflowTensors(const TarFlowConfig& config);

/// The sizes behind a state dict's shapes. Errors (Unsupported, Corrupt) name the tensor: one that is missing, has
/// another shape, or does not belong to a TarFlow; a count of tokens that is no square; a width that is not made of
/// heads of 64. `shown` names the file.
Result<TarFlowConfig> inferTarFlowConfig(const TensorShapes& shapes, const std::string& shown);

} // namespace jacobi
