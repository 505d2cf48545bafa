// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/training/muon.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <algorithm>
#include <cmath>

namespace jacobi {

at::Tensor orthogonalise(const at::Tensor& matrices)
{
    // Coefficients of the quintic iteration, from the paper.
    constexpr double a = 3.4445;
    constexpr double b = -4.7750;
    constexpr double c = 2.0315;
    constexpr int kSteps = 5;
    const bool tall = matrices.size(1) > matrices.size(2);
    at::Tensor x = tall ? matrices.transpose(1, 2).contiguous() : matrices;
    x = x / (x.square().sum({1, 2}, true).sqrt() + 1e-7);
    for (int step = 0; step < kSteps; ++step) {
        const at::Tensor gram = at::bmm(x, x.transpose(1, 2));
        const at::Tensor mixed = at::baddbmm(gram, gram, gram, b, c);
        x = at::baddbmm(x, mixed, x, a, 1.0);
    }
    return tall ? x.transpose(1, 2) : x;
}

Muon::Muon(std::vector<Matrix> matrices, double momentum) : m_momentum(momentum)
{
    for (Matrix& matrix : matrices) {
        const at::Tensor plain = matrix.parameter.value.detach();
        const std::int64_t rows = plain.size(0) / matrix.parts;
        const std::int64_t columns = plain.numel() / plain.size(0); // a kernel counts as [out, in * height * width]
        auto group = std::find_if(m_groups.begin(), m_groups.end(),
                                  [&](const Group& g) { return g.rows == rows && g.columns == columns; });
        if (group == m_groups.end()) {
            group = m_groups.insert(m_groups.end(), Group{rows, columns, {}});
        }
        group->slots.push_back(m_slots.size());
        m_slots.push_back({std::move(matrix), at::zeros_like(plain)});
    }
}

void Muon::step(double learningRate)
{
    at::NoGradGuard noGradients;
    for (const Group& group : m_groups) {
        stepGroup(group, learningRate);
    }
}

void Muon::stepGroup(const Group& group, double learningRate)
{
    std::vector<at::Tensor> values;
    std::vector<at::Tensor> gradients;
    std::vector<at::Tensor> momenta;
    for (const std::size_t index : group.slots) {
        const Slot& slot = m_slots[index];
        values.push_back(slot.matrix.parameter.value);
        gradients.push_back(slot.matrix.parameter.value.grad());
        momenta.push_back(slot.momentum);
    }
    at::_foreach_lerp_(momenta, gradients, 1.0 - m_momentum);
    std::vector<at::Tensor> updates = at::_foreach_lerp(gradients, momenta, m_momentum);
    for (std::size_t i = 0; i < updates.size(); ++i) {
        updates[i] = updates[i].reshape({m_slots[group.slots[i]].matrix.parts, group.rows, group.columns});
    }
    const at::Tensor directions = orthogonalise(at::cat(updates));
    std::int64_t from = 0;
    for (std::size_t i = 0; i < updates.size(); ++i) {
        updates[i] = directions.narrow(0, from, updates[i].size(0)).reshape(values[i].sizes());
        from += m_slots[group.slots[i]].matrix.parts;
    }
    // A tall matrix moves more, so that its outputs change as much as a square one's.
    const double shape = std::sqrt(std::max(1.0, static_cast<double>(group.rows) / static_cast<double>(group.columns)));
    at::_foreach_add_(values, updates, -learningRate * shape);
}

TensorMap Muon::state() const
{
    TensorMap state;
    for (const Slot& slot : m_slots) {
        state["muon." + slot.matrix.parameter.name] = slot.momentum;
    }
    return state;
}

Result<void> Muon::restore(const TensorMap& state)
{
    at::NoGradGuard noGradients;
    for (Slot& slot : m_slots) {
        const auto found = state.find("muon." + slot.matrix.parameter.name);
        if (found == state.end() || found->second.sizes() != slot.momentum.sizes()) {
            return fail(ErrorCode::Corrupt, "The checkpoint belongs to another training run. Choose another work "
                                            "folder, or start again with --fresh (\"resume\": false).");
        }
        slot.momentum.copy_(found->second);
    }
    return {};
}

} // namespace jacobi
