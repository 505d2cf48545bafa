// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/device/devicesteps.h"

#include "core/decode/layerkernels.h"
#include "core/device/devicestream.h"
#include "core/device/devicetransformer.h"
#include "core/device/expectdone.h"

#include <ATen/ATen.h>
#include <torch/csrc/autograd/custom_function.h>

#include <algorithm>
#include <optional>

namespace jacobi {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::Function;
using torch::autograd::Variable;
using torch::autograd::variable_list;

constexpr std::int64_t kMostTeams = 512; ///< some blocks for each of a GPU's processors
constexpr const char* kOps = "ops";

/// What a gradient needs of the table; a context keeps plain values only.
void keep(AutogradContext* context, const DeviceOps* ops)
{
    context->saved_data[kOps] = reinterpret_cast<std::int64_t>(ops);
}
const DeviceOps& keptIn(AutogradContext* context)
{
    return *reinterpret_cast<const DeviceOps*>(context->saved_data[kOps].toInt());
}

std::uint32_t small(std::int64_t number)
{
    return static_cast<std::uint32_t>(number);
}

std::int64_t teamsFor(std::int64_t items)
{
    return std::clamp<std::int64_t>(items, 1, kMostTeams);
}

float* floats(const at::Tensor& tensor)
{
    return tensor.mutable_data_ptr<float>();
}
const float* constFloats(const at::Tensor& tensor)
{
    return tensor.const_data_ptr<float>();
}

struct SumNormFunction : Function<SumNormFunction> {
    /// Returns the normalised rows, and with something to add the sum.
    static variable_list forward(AutogradContext* context, const DeviceOps* ops, const at::Tensor& input,
                                 const std::optional<at::Tensor>& added, const at::Tensor& scale, at::ScalarType type)
    {
        const at::Tensor x = input.contiguous();
        const at::Tensor delta = added ? added->contiguous() : at::Tensor();
        const std::int64_t width = x.size(-1);
        const std::int64_t rows = x.numel() / width;
        const at::Tensor sum = delta.defined() ? at::empty_like(x) : x;
        const at::Tensor y = at::empty(x.sizes(), x.options().dtype(type));
        const at::Tensor inverse = at::empty({rows}, x.options());
        SumNormJob job;
        job.type = numberTypeOf(type);
        job.x = constFloats(x);
        job.scale = constFloats(scale);
        if (delta.defined()) {
            job.delta = delta.const_data_ptr();
            job.sum = floats(sum);
        }
        job.y = y.mutable_data_ptr();
        job.inverse = floats(inverse);
        job.rows = small(rows);
        job.width = small(width);
        job.epsilon = kernels::kNormEpsilon;
        expectDone(*ops, ops->sumNorm(&job, currentStream(x.device())), "normalise");
        context->save_for_backward({sum, inverse, scale});
        context->saved_data["added"] = delta.defined();
        keep(context, ops);
        return delta.defined() ? variable_list{y, sum} : variable_list{y};
    }

    static variable_list backward(AutogradContext* context, const variable_list& gradients)
    {
        const variable_list saved = context->get_saved_variables();
        const DeviceOps& ops = keptIn(context);
        const at::Tensor& sum = saved[0];
        const bool isAdded = context->saved_data["added"].toBool();
        const std::int64_t width = sum.size(-1);
        const std::int64_t rows = sum.numel() / width;
        const std::int64_t teams = teamsFor(rows);
        const at::Tensor dy = gradients[0].contiguous();
        const at::Tensor dSum = isAdded && gradients[1].defined() ? gradients[1].contiguous() : at::Tensor();
        const at::Tensor dx = at::empty_like(sum);
        const at::Tensor dDelta = isAdded ? at::empty(sum.sizes(), dy.options()) : at::Tensor();
        const at::Tensor parts = at::empty({teams, width}, sum.options());
        SumNormBackJob job;
        job.type = numberTypeOf(dy.scalar_type());
        job.sum = constFloats(sum);
        job.inverse = constFloats(saved[1]);
        job.scale = constFloats(saved[2]);
        job.dy = dy.const_data_ptr();
        job.dSum = dSum.defined() ? constFloats(dSum) : nullptr;
        job.dx = floats(dx);
        job.dDelta = isAdded ? dDelta.mutable_data_ptr() : nullptr;
        job.dScale = floats(parts);
        job.rows = small(rows);
        job.width = small(width);
        job.teams = small(teams);
        expectDone(ops, ops.sumNormBack(&job, currentStream(sum.device())), "find a normalisation's gradient");
        return {Variable(), dx, dDelta, parts.sum(0), Variable()};
    }
};

SplitHeadsJob splitJob(const at::Tensor& qkv, const variable_list& others, std::int64_t heads)
{
    SplitHeadsJob job;
    job.type = numberTypeOf(qkv.scalar_type());
    job.qkv = qkv.const_data_ptr();
    job.queryScale = constFloats(others[0]);
    job.keyScale = constFloats(others[1]);
    job.cosine = constFloats(others[2]);
    job.sine = constFloats(others[3]);
    job.lanes = small(qkv.size(0));
    job.rows = small(qkv.size(1));
    job.heads = small(heads);
    job.headSize = small(qkv.size(2) / (3 * heads));
    job.hasTables = others[2].size(0) > 1 ? 1 : 0;
    job.epsilon = kernels::kNormEpsilon;
    return job;
}

/// A gradient [lanes, rows, heads, headSize] as a kernel can read it where it lies.
at::Tensor readable(const at::Tensor& gradient)
{
    constexpr std::int64_t kFour = 4;
    bool isReadable = gradient.stride(3) == 1 && reinterpret_cast<std::uintptr_t>(gradient.const_data_ptr()) % 16 == 0;
    for (const std::int64_t dimension : {0, 1, 2}) {
        isReadable = isReadable && gradient.stride(dimension) % kFour == 0;
    }
    return isReadable ? gradient : gradient.contiguous();
}

struct SplitHeadsFunction : Function<SplitHeadsFunction> {
    static variable_list forward(AutogradContext* context, const DeviceOps* ops, const at::Tensor& input,
                                 const at::Tensor& queryScale, const at::Tensor& keyScale, const at::Tensor& cosine,
                                 const at::Tensor& sine, std::int64_t heads)
    {
        const at::Tensor qkv = input.contiguous();
        SplitHeadsJob job = splitJob(qkv, {queryScale, keyScale, cosine, sine}, heads);
        const auto empty = [&] { return at::empty({qkv.size(0), qkv.size(1), heads, job.headSize}, qkv.options()); };
        const at::Tensor q = empty();
        const at::Tensor k = empty();
        const at::Tensor v = empty();
        job.q = q.mutable_data_ptr();
        job.k = k.mutable_data_ptr();
        job.v = v.mutable_data_ptr();
        expectDone(*ops, ops->splitHeads(&job, currentStream(qkv.device())), "split heads");
        context->save_for_backward({qkv, queryScale, keyScale, cosine, sine});
        context->saved_data["heads"] = heads;
        keep(context, ops);
        return {q, k, v};
    }

    static variable_list backward(AutogradContext* context, const variable_list& gradients)
    {
        const variable_list saved = context->get_saved_variables();
        const DeviceOps& ops = keptIn(context);
        const at::Tensor& qkv = saved[0];
        SplitHeadsBackJob job;
        job.forward = splitJob(qkv, {saved.begin() + 1, saved.end()}, context->saved_data["heads"].toInt());
        const std::int64_t headSize = job.forward.headSize;
        const std::int64_t teams = teamsFor(qkv.numel() / (3 * headSize));
        variable_list coming;
        for (std::size_t part = 0; part < 3; ++part) {
            coming.push_back(readable(gradients[part]));
            job.strides[part] = {coming[part].stride(0), coming[part].stride(1), coming[part].stride(2)};
        }
        const at::Tensor dQkv = at::empty_like(qkv);
        const at::Tensor parts = at::empty({teams, 2, headSize}, saved[1].options());
        job.dq = coming[0].const_data_ptr();
        job.dk = coming[1].const_data_ptr();
        job.dv = coming[2].const_data_ptr();
        job.dQkv = dQkv.mutable_data_ptr();
        job.dScales = floats(parts);
        job.teams = small(teams);
        expectDone(ops, ops.splitHeadsBack(&job, currentStream(qkv.device())), "find the heads' gradient");
        const at::Tensor scales = parts.sum(0);
        return {Variable(), dQkv, scales[0], scales[1], Variable(), Variable(), Variable()};
    }
};

struct GateFunction : Function<GateFunction> {
    static at::Tensor forward(AutogradContext* context, const DeviceOps* ops, const at::Tensor& input)
    {
        const at::Tensor gateUp = input.contiguous();
        std::vector<std::int64_t> shape = gateUp.sizes().vec();
        shape.back() /= 2;
        const at::Tensor y = at::empty(shape, gateUp.options());
        GateJob job;
        job.type = numberTypeOf(gateUp.scalar_type());
        job.gateUp = gateUp.const_data_ptr();
        job.y = y.mutable_data_ptr();
        job.width = small(shape.back());
        job.rows = small(y.numel() / shape.back());
        expectDone(*ops, ops->gate(&job, currentStream(gateUp.device())), "gate");
        context->save_for_backward({gateUp});
        keep(context, ops);
        return y;
    }

    static variable_list backward(AutogradContext* context, const variable_list& gradients)
    {
        const at::Tensor gateUp = context->get_saved_variables()[0];
        const DeviceOps& ops = keptIn(context);
        const at::Tensor dy = gradients[0].contiguous();
        const at::Tensor dGateUp = at::empty_like(gateUp);
        GateBackJob job;
        job.type = numberTypeOf(gateUp.scalar_type());
        job.gateUp = gateUp.const_data_ptr();
        job.dy = dy.const_data_ptr();
        job.dGateUp = dGateUp.mutable_data_ptr();
        job.width = small(dy.size(-1));
        job.rows = small(dy.numel() / dy.size(-1));
        expectDone(ops, ops.gateBack(&job, currentStream(gateUp.device())), "find a gate's gradient");
        return {Variable(), dGateUp};
    }
};

} // namespace

bool DeviceSteps::take(std::int64_t width, std::int64_t headSize) const
{
    constexpr std::int64_t kWidest = 1024;
    return width % 4 == 0 && width <= kWidest && (headSize == 32 || headSize == 64 || headSize == 128);
}

at::Tensor DeviceSteps::rmsNorm(const at::Tensor& x, const at::Tensor& scale, at::ScalarType type) const
{
    return SumNormFunction::apply(m_ops, x, std::optional<at::Tensor>(), scale, type)[0];
}

FusedSteps::SumAndNorm DeviceSteps::sumAndNorm(const at::Tensor& x, const at::Tensor& delta,
                                               const at::Tensor& scale) const
{
    const variable_list made =
        SumNormFunction::apply(m_ops, x, std::optional<at::Tensor>(delta), scale, delta.scalar_type());
    return {made[1], made[0]};
}

Heads DeviceSteps::splitHeads(const at::Tensor& qkv, const at::Tensor& queryScale, const at::Tensor& keyScale,
                              const RotaryTable& rotary, std::int64_t heads) const
{
    const variable_list made =
        SplitHeadsFunction::apply(m_ops, qkv, queryScale, keyScale, rotary.cosine, rotary.sine, heads);
    return {made[0].transpose(1, 2), made[1].transpose(1, 2), made[2].transpose(1, 2)};
}

at::Tensor DeviceSteps::swiglu(const at::Tensor& gateUp) const
{
    return GateFunction::apply(m_ops, gateUp);
}

} // namespace jacobi
