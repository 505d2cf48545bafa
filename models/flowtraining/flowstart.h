// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "models/tarflow/tarflownetwork.h"

#include <cstdint>

namespace jacobi {

/// An orthonormal basis of patches, [colours * patch^2, colours * patch^2] float32, rows are its vectors: cosines along
/// rows and columns (DCT-II), times, for three colours, luma and two differences. Neighbouring pixels agree, so that most
/// of a patch lies in few of these numbers; an equally long training reaches a likelier fit with it.
at::Tensor patchBasis(std::int64_t patch, std::int64_t colours);

/// Fresh weights of every tensor of tarflowTensors(config), float32: linear layers uniform within +-inputs^-1/2, biases
/// 0, embeddings normal with 0.01, and the output projections 0, so that the flow starts as the identity. Same seed, same
/// weights.
TarFlowTensors startFlow(const TarFlowConfig& config, std::uint64_t seed);

} // namespace jacobi
