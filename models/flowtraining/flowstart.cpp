// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/flowtraining/flowstart.h"

#include <ATen/ATen.h>
#include <ATen/CPUGeneratorImpl.h>

#include <cassert>
#include <cmath>
#include <numbers>

namespace jacobi {
namespace {

at::Tensor cosines(std::int64_t size)
{
    const at::Tensor k = at::arange(size, at::kDouble).unsqueeze(1);
    const at::Tensor x = at::arange(size, at::kDouble).unsqueeze(0) + 0.5;
    at::Tensor rows = at::cos(k * x * (std::numbers::pi / static_cast<double>(size)));
    rows *= std::sqrt(2.0 / static_cast<double>(size));
    rows.select(0, 0).div_(std::numbers::sqrt2);
    return rows;
}

at::Tensor lumaAndDifferences()
{
    const at::Tensor rows = at::tensor({1.0, 1.0, 1.0, 1.0, 0.0, -1.0, 1.0, -2.0, 1.0}, at::kDouble).view({3, 3});
    return rows / rows.square().sum(1, true).sqrt();
}

} // namespace

at::Tensor patchBasis(std::int64_t patch, std::int64_t colours)
{
    assert(colours == 1 || colours == 3);
    const at::Tensor plane = at::kron(cosines(patch), cosines(patch));
    return (colours == 3 ? at::kron(lumaAndDifferences(), plane) : plane).to(at::kFloat);
}

TarFlowTensors startFlow(const TarFlowConfig& config, std::uint64_t seed)
{
    constexpr double kEmbedding = 0.01;
    at::Generator generator = at::detail::createCPUGenerator(seed);
    TarFlowTensors tensors;
    for (const auto& [name, shape] : tarflowTensors(config)) {
        at::Tensor tensor = at::zeros(shape, at::kFloat);
        if (name == "basis") {
            tensor = patchBasis(config.patch, config.colours);
        } else if (name == "var" || name.ends_with("norm.weight")) {
            tensor.fill_(1.0);
        } else if (name.ends_with("embed") || name.ends_with("embed_dropped")) {
            tensor.normal_(0.0, kEmbedding, generator);
        } else if (name.ends_with(".weight") && !name.ends_with("proj_out.weight")) {
            const double bound = 1.0 / std::sqrt(static_cast<double>(shape.back()));
            tensor.uniform_(-bound, bound, generator);
        }
        tensors[name] = tensor;
    }
    return tensors;
}

} // namespace jacobi
