// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "models/scenes/scenesweights.h"

#include <ATen/ATen.h>

namespace jacobi::test {

/// A model small enough for a test: 4x4 codes of 12, pictures of 32x32.
inline ScenesConfig tinyConfig()
{
    ScenesConfig config;
    config.width = 32;
    config.layers = 2;
    config.headSize = 8;
    config.feed = 40;
    config.prefix = 5;
    config.gridRows = 4;
    config.gridColumns = 4;
    config.levels = {4, 3};
    config.coarse = 16;
    config.fine = 8;
    config.words = {"a", "house", "red", "sea"};
    return config;
}

/// Weights of which none is zero, so that every tensor matters.
inline TensorMap randomTensors(const std::vector<TensorSpec>& specs, at::ScalarType type = at::kFloat)
{
    TensorMap tensors;
    for (const TensorSpec& spec : specs) {
        tensors[spec.name] = (at::randn(spec.shape, at::kDouble) * 0.2).to(type);
    }
    return tensors;
}

inline double worst(const at::Tensor& a, const at::Tensor& b)
{
    return (a - b).abs().max().item<double>();
}

} // namespace jacobi::test
