// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/training/adamw.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <cmath>

namespace jacobi {

AdamW::AdamW(std::vector<Parameter> parameters, const Settings& settings) : m_settings(settings)
{
    for (Parameter& parameter : parameters) {
        const at::Tensor plain = parameter.value.detach();
        m_slots.push_back({std::move(parameter), at::zeros_like(plain), at::zeros_like(plain)});
    }
}

void AdamW::step(double learningRate)
{
    at::NoGradGuard noGradients;
    ++m_steps;
    if (!m_slots.empty() && m_slots.front().mean.is_cuda()) {
        stepAtOnce(learningRate);
        return;
    }
    const double meanCorrection = 1.0 - std::pow(m_settings.beta1, static_cast<double>(m_steps));
    const double squareCorrection = std::sqrt(1.0 - std::pow(m_settings.beta2, static_cast<double>(m_steps)));
    for (Slot& slot : m_slots) {
        const at::Tensor gradient = slot.parameter.value.grad();
        if (!gradient.defined()) {
            continue;
        }
        slot.mean.lerp_(gradient, 1.0 - m_settings.beta1);
        slot.square.mul_(m_settings.beta2).addcmul_(gradient, gradient, 1.0 - m_settings.beta2);
        at::Tensor value = slot.parameter.value;
        if (m_settings.weightDecay > 0.0) {
            value.mul_(1.0 - learningRate * m_settings.weightDecay);
        }
        const at::Tensor scale = slot.square.sqrt().div_(squareCorrection).add_(m_settings.epsilon);
        value.addcdiv_(slot.mean, scale, -learningRate / meanCorrection);
    }
}

/// The same update of every parameter in one kernel: on a GPU, launching seven for each would take longer than their work.
void AdamW::stepAtOnce(double learningRate)
{
    std::vector<at::Tensor> values;
    std::vector<at::Tensor> gradients;
    std::vector<at::Tensor> means;
    std::vector<at::Tensor> squares;
    for (const Slot& slot : m_slots) {
        if (slot.parameter.value.grad().defined()) {
            values.push_back(slot.parameter.value.detach()); // shares its numbers
            gradients.push_back(slot.parameter.value.grad());
            means.push_back(slot.mean);
            squares.push_back(slot.square);
        }
    }
    if (values.empty()) {
        return;
    }
    const at::Tensor now = at::full({}, static_cast<double>(m_steps), values.front().options().dtype(at::kFloat));
    at::_fused_adamw_(values, gradients, means, squares, {}, std::vector<at::Tensor>(values.size(), now), learningRate,
                      m_settings.beta1, m_settings.beta2, m_settings.weightDecay, m_settings.epsilon, false, false);
}

TensorMap AdamW::state() const
{
    TensorMap state;
    for (const Slot& slot : m_slots) {
        state["adamw.mean." + slot.parameter.name] = slot.mean;
        state["adamw.square." + slot.parameter.name] = slot.square;
    }
    state["adamw.steps"] = at::full({1}, m_steps, at::kLong);
    return state;
}

Result<void> AdamW::restore(const TensorMap& state)
{
    const auto take = [&](const std::string& name, const at::Tensor& into) {
        const auto found = state.find(name);
        if (found == state.end() || found->second.sizes() != into.sizes()) {
            return false;
        }
        at::NoGradGuard noGradients;
        into.copy_(found->second);
        return true;
    };
    at::Tensor steps = at::zeros({1}, at::kLong);
    bool complete = take("adamw.steps", steps);
    for (Slot& slot : m_slots) {
        complete = take("adamw.mean." + slot.parameter.name, slot.mean) && complete;
        complete = take("adamw.square." + slot.parameter.name, slot.square) && complete;
    }
    if (!complete) {
        return fail(ErrorCode::Corrupt, "The checkpoint belongs to another training run. Choose another work folder, "
                                        "or start again with --fresh (\"resume\": false).");
    }
    m_steps = steps.item<std::int64_t>();
    return {};
}

} // namespace jacobi
