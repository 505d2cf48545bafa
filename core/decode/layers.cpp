// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/decode/layers.h"

#include "core/decode/layerkernels.h"

#include <ATen/ATen.h>
#include <ATen/Dispatch.h>
#include <torch/csrc/autograd/custom_function.h>

#include <cmath>
#include <optional>

namespace jacobi {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::Function;
using torch::autograd::Variable;
using torch::autograd::variable_list;

struct RmsNormFunction : Function<RmsNormFunction> {
    static at::Tensor forward(AutogradContext* context, const at::Tensor& input, const at::Tensor& scale)
    {
        const at::Tensor x = input.contiguous();
        const std::int64_t width = x.size(-1);
        const std::int64_t rows = x.numel() / width;
        at::Tensor y = at::empty_like(x);
        at::Tensor inverse = at::empty({rows}, x.options());
        AT_DISPATCH_FLOATING_TYPES(x.scalar_type(), "rmsNorm", [&] {
            kernels::rmsNormForward(x.const_data_ptr<scalar_t>(), scale.const_data_ptr<scalar_t>(),
                                    y.data_ptr<scalar_t>(), inverse.data_ptr<scalar_t>(), rows, width);
        });
        if (context != nullptr) {
            context->save_for_backward({x, scale, inverse});
        }
        return y;
    }

    static variable_list backward(AutogradContext* context, const variable_list& gradients)
    {
        const variable_list saved = context->get_saved_variables();
        const at::Tensor& x = saved[0];
        const at::Tensor dy = gradients[0].contiguous();
        const std::int64_t width = x.size(-1);
        at::Tensor dx = at::empty_like(x);
        at::Tensor dScale = at::empty_like(saved[1]);
        AT_DISPATCH_FLOATING_TYPES(x.scalar_type(), "rmsNorm", [&] {
            kernels::rmsNormBackward(x.const_data_ptr<scalar_t>(), saved[1].const_data_ptr<scalar_t>(),
                                     saved[2].const_data_ptr<scalar_t>(), dy.const_data_ptr<scalar_t>(),
                                     dx.data_ptr<scalar_t>(), dScale.data_ptr<scalar_t>(), x.numel() / width, width);
        });
        return {dx, dScale};
    }
};

struct SwigluFunction : Function<SwigluFunction> {
    static at::Tensor forward(AutogradContext* context, const at::Tensor& input)
    {
        const at::Tensor x = input.contiguous();
        const std::int64_t width = x.size(-1) / 2;
        std::vector<std::int64_t> shape = x.sizes().vec();
        shape.back() = width;
        at::Tensor y = at::empty(shape, x.options());
        AT_DISPATCH_FLOATING_TYPES(x.scalar_type(), "swiglu", [&] {
            kernels::swigluForward(x.const_data_ptr<scalar_t>(), y.data_ptr<scalar_t>(), y.numel() / width, width);
        });
        if (context != nullptr) {
            context->save_for_backward({x});
        }
        return y;
    }

    static variable_list backward(AutogradContext* context, const variable_list& gradients)
    {
        const at::Tensor x = context->get_saved_variables()[0];
        const at::Tensor dy = gradients[0].contiguous();
        const std::int64_t width = dy.size(-1);
        at::Tensor dx = at::empty_like(x);
        AT_DISPATCH_FLOATING_TYPES(x.scalar_type(), "swiglu", [&] {
            kernels::swigluBackward(x.const_data_ptr<scalar_t>(), dy.const_data_ptr<scalar_t>(),
                                    dx.data_ptr<scalar_t>(), dy.numel() / width, width);
        });
        return {dx};
    }
};

kernels::HeadShape headShape(const at::Tensor& qkv, const at::Tensor& cosine, std::int64_t heads)
{
    kernels::HeadShape shape;
    shape.batch = qkv.size(0);
    shape.rows = qkv.size(1);
    shape.heads = heads;
    shape.headSize = qkv.size(2) / (3 * heads);
    shape.tableStride = cosine.size(0) == 1 ? 0 : shape.rows * shape.headSize / 2;
    return shape;
}

struct SplitHeadsFunction : Function<SplitHeadsFunction> {
    static variable_list forward(AutogradContext* context, const at::Tensor& input, const at::Tensor& queryScale,
                                 const at::Tensor& keyScale, const at::Tensor& cosine, const at::Tensor& sine,
                                 std::int64_t heads)
    {
        const at::Tensor qkv = input.contiguous();
        const kernels::HeadShape shape = headShape(qkv, cosine, heads);
        const auto empty = [&] { return at::empty({shape.batch, heads, shape.rows, shape.headSize}, qkv.options()); };
        at::Tensor q = empty();
        at::Tensor k = empty();
        at::Tensor v = empty();
        AT_DISPATCH_FLOATING_TYPES(qkv.scalar_type(), "splitHeads", [&] {
            kernels::splitHeadsForward(qkv.const_data_ptr<scalar_t>(), queryScale.const_data_ptr<scalar_t>(),
                                       keyScale.const_data_ptr<scalar_t>(), cosine.const_data_ptr<scalar_t>(),
                                       sine.const_data_ptr<scalar_t>(), q.data_ptr<scalar_t>(), k.data_ptr<scalar_t>(),
                                       v.data_ptr<scalar_t>(), shape);
        });
        if (context != nullptr) {
            context->save_for_backward({qkv, queryScale, keyScale, cosine, sine});
            context->saved_data["heads"] = heads;
        }
        return {q, k, v};
    }

    static variable_list backward(AutogradContext* context, const variable_list& gradients)
    {
        const variable_list saved = context->get_saved_variables();
        const at::Tensor& qkv = saved[0];
        const kernels::HeadShape shape = headShape(qkv, saved[3], context->saved_data["heads"].toInt());
        const at::Tensor dq = gradients[0].contiguous();
        const at::Tensor dk = gradients[1].contiguous();
        const at::Tensor dv = gradients[2].contiguous();
        at::Tensor dQkv = at::empty_like(qkv);
        at::Tensor dQueryScale = at::empty_like(saved[1]);
        at::Tensor dKeyScale = at::empty_like(saved[2]);
        AT_DISPATCH_FLOATING_TYPES(qkv.scalar_type(), "splitHeads", [&] {
            kernels::splitHeadsBackward(qkv.const_data_ptr<scalar_t>(), saved[1].const_data_ptr<scalar_t>(),
                                        saved[2].const_data_ptr<scalar_t>(), saved[3].const_data_ptr<scalar_t>(),
                                        saved[4].const_data_ptr<scalar_t>(), dq.const_data_ptr<scalar_t>(),
                                        dk.const_data_ptr<scalar_t>(), dv.const_data_ptr<scalar_t>(),
                                        dQkv.data_ptr<scalar_t>(), dQueryScale.data_ptr<scalar_t>(),
                                        dKeyScale.data_ptr<scalar_t>(), shape);
        });
        return {dQkv, dQueryScale, dKeyScale, Variable(), Variable(), Variable()};
    }
};

/// Queries and keys with plain tensor operations, in the precision of the scales: qkv [batch, rows, 3, heads, headSize] ->
/// [batch, rows, 2, heads, headSize] of qkv's type. Few operations, for on a GPU each is a launch.
at::Tensor normaliseAndRotate(const at::Tensor& qkv, const at::Tensor& scales, const RotaryTable& rotary)
{
    const std::int64_t headSize = qkv.size(-1);
    const at::Tensor normal = at::rms_norm(qkv.narrow(2, 0, 2), {headSize}, std::nullopt, kernels::kNormEpsilon) *
                              scales.view({2, 1, headSize});
    // (a, b) -> (a cos - b sin, b cos + a sin): the halves change places for the second product.
    const at::Tensor cosine = at::cat({rotary.cosine, rotary.cosine}, -1).unsqueeze(2).unsqueeze(2);
    const at::Tensor sine = at::cat({-rotary.sine, rotary.sine}, -1).unsqueeze(2).unsqueeze(2);
    return at::addcmul(normal * cosine, at::roll(normal, headSize / 2, -1), sine).to(qkv.scalar_type());
}

at::Tensor project(const at::Tensor& x, const at::Tensor& matrix, const PackedMatrix& packed)
{
    return packed.defined() ? packed.multiply(x) : at::linear(x.to(matrix.scalar_type()), matrix);
}

/// transformerBlock() by fused steps.
at::Tensor fusedBlock(const at::Tensor& x, const BlockWeights& weights, const RotaryTable& rotary, std::int64_t heads,
                      std::int64_t layer, const Attend& attend)
{
    const FusedSteps& steps = *weights.steps;
    const at::Tensor qkv = at::linear(steps.rmsNorm(x, weights.attentionNorm, weights.qkv.scalar_type()), weights.qkv);
    const at::Tensor seen = attend(layer, steps.splitHeads(qkv, weights.queryScale, weights.keyScale, rotary, heads));
    const at::Tensor merged = seen.transpose(1, 2).reshape(x.sizes());
    const auto [middle, normal] = steps.sumAndNorm(x, at::linear(merged, weights.attentionOut), weights.feedNorm);
    return middle + at::linear(steps.swiglu(at::linear(normal, weights.gateUp)), weights.down);
}

/// Whether autograd wants to know about a call; the recording wrapper costs several microseconds.
bool recorded(const at::Tensor& a, const at::Tensor& b)
{
    return at::GradMode::is_enabled() && (a.requires_grad() || b.requires_grad());
}

} // namespace

at::Tensor rmsNorm(const at::Tensor& x, const at::Tensor& scale)
{
    if (!x.is_cpu()) {
        return at::rms_norm(x, {x.size(-1)}, scale, kernels::kNormEpsilon);
    }
    return recorded(x, scale) ? RmsNormFunction::apply(x, scale) : RmsNormFunction::forward(nullptr, x, scale);
}

at::Tensor swiglu(const at::Tensor& gateUp)
{
    if (!gateUp.is_cpu()) {
        const std::vector<at::Tensor> halves = gateUp.chunk(2, -1);
        return at::silu(halves[0]) * halves[1];
    }
    return recorded(gateUp, gateUp) ? SwigluFunction::apply(gateUp) : SwigluFunction::forward(nullptr, gateUp);
}

RotaryTable axialRotary(const at::Tensor& rowCoordinates, const at::Tensor& columnCoordinates, std::int64_t headSize,
                        double base, at::ScalarType type)
{
    const std::int64_t perAxis = headSize / 4;
    const auto options = rowCoordinates.options().dtype(at::kDouble);
    const at::Tensor frequencies = at::pow(base, -at::arange(perAxis, options) / static_cast<double>(perAxis));
    const at::Tensor angles = at::cat({rowCoordinates.to(at::kDouble).unsqueeze(-1) * frequencies,
                                       columnCoordinates.to(at::kDouble).unsqueeze(-1) * frequencies},
                                      -1);
    const at::Tensor batched = angles.dim() == 2 ? angles.unsqueeze(0) : angles;
    return {batched.cos().to(type).contiguous(), batched.sin().to(type).contiguous()};
}

Heads splitHeads(const at::Tensor& qkv, const at::Tensor& queryScale, const at::Tensor& keyScale,
                 const RotaryTable& rotary, std::int64_t heads)
{
    if (!qkv.is_cpu()) {
        return splitHeadsByOperations(qkv, queryScale, keyScale, rotary, heads);
    }
    variable_list out =
        recorded(qkv, queryScale)
            ? SplitHeadsFunction::apply(qkv, queryScale, keyScale, rotary.cosine, rotary.sine, heads)
            : SplitHeadsFunction::forward(nullptr, qkv, queryScale, keyScale, rotary.cosine, rotary.sine, heads);
    return {std::move(out[0]), std::move(out[1]), std::move(out[2])};
}

Heads splitHeadsByOperations(const at::Tensor& qkv, const at::Tensor& queryScale, const at::Tensor& keyScale,
                             const RotaryTable& rotary, std::int64_t heads)
{
    const at::Tensor parts = qkv.view({qkv.size(0), qkv.size(1), 3, heads, -1});
    const at::Tensor turned = normaliseAndRotate(parts, at::stack({queryScale, keyScale}), rotary);
    return {turned.select(2, 0).transpose(1, 2), turned.select(2, 1).transpose(1, 2),
            parts.select(2, 2).transpose(1, 2)};
}

at::Tensor causalAttention(const Heads& heads)
{
    return at::scaled_dot_product_attention(heads.q, heads.k, heads.v, std::nullopt, 0.0, true);
}

BlockWeights packedForDecoding(const BlockWeights& weights)
{
    BlockWeights packed = weights;
    packed.packedQkv = PackedMatrix(weights.qkv);
    packed.packedAttentionOut = PackedMatrix(weights.attentionOut);
    packed.packedGateUp = PackedMatrix(weights.gateUp);
    packed.packedDown = PackedMatrix(weights.down);
    packed.qkv = packed.attentionOut = packed.gateUp = packed.down = at::Tensor();
    return packed;
}

at::Tensor transformerBlock(const at::Tensor& x, const BlockWeights& weights, const RotaryTable& rotary,
                            std::int64_t heads, std::int64_t layer, const Attend& attend)
{
    if (weights.steps != nullptr) {
        return fusedBlock(x, weights, rotary, heads, layer, attend);
    }
    const at::Tensor qkv = project(rmsNorm(x, weights.attentionNorm), weights.qkv, weights.packedQkv);
    const at::Tensor seen = attend(layer, splitHeads(qkv, weights.queryScale, weights.keyScale, rotary, heads));
    const at::Tensor merged = seen.transpose(1, 2).reshape(x.sizes());
    const at::Tensor middle = x + project(merged, weights.attentionOut, weights.packedAttentionOut);
    const at::Tensor feed = swiglu(project(rmsNorm(middle, weights.feedNorm), weights.gateUp, weights.packedGateUp));
    return middle + project(feed, weights.down, weights.packedDown);
}

} // namespace jacobi
