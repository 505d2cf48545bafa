// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/engine/modelfamily.h"

#include <ATen/ATen.h>

namespace jacobi {
namespace {

tl::unexpected<Error> notOnGpu(const ModelInfo& model)
{
    return failOnGpu(ErrorCode::Unsupported, "The model \"" + model.name + "\" cannot run on a GPU yet.");
}

tl::unexpected<Error> noFlow(const ModelInfo& model)
{
    return fail(ErrorCode::InvalidRequest, "The model \"" + model.name +
                                               "\" is no normalizing flow, which this needs. "
                                               "Choose another model.");
}

} // namespace

Result<FlowAnalysis> ModelFamily::analyse(const ModelInfo& model, const LoadedModel&, std::uint32_t,
                                          const std::stop_token&) const
{
    return noFlow(model);
}

Result<FlowStrategy> ModelFamily::crmStrategy(const ModelInfo& model, const FlowAnalysis&) const
{
    return noFlow(model);
}

Result<void> ModelFamily::placeFlow(const ModelInfo& model, const DeviceOps&, at::Device, LoadedModel&) const
{
    return notOnGpu(model);
}

Result<NetworkDescription> ModelFamily::describeNetwork(const ModelInfo& model) const
{
    return notOnGpu(model);
}

Result<DeviceSizes> ModelFamily::deviceSizes(const ModelInfo& model) const
{
    return notOnGpu(model);
}

at::Tensor bytesOfValues(const at::Tensor& values)
{
    const at::Tensor coloured = values.size(1) == 1 ? values.expand({-1, 3, -1, -1}) : values;
    const at::Tensor scaled = at::nan_to_num(coloured.to(at::kFloat) * 127.5 + 127.5, 0.0, 255.0, 0.0);
    return scaled.clamp(0.0, 255.0).round().to(at::kByte).permute({0, 2, 3, 1}).contiguous().cpu();
}

} // namespace jacobi
