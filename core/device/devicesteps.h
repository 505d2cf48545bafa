// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/cuda/deviceops.h"
#include "core/decode/layers.h"

namespace jacobi {

/// FusedSteps by the kernels of DeviceOps (core/cuda/learnjobs.h): a GPU's, or their host versions on the CPU. Gradients are
/// found by kernels as well; those of scales and matrices are float32.
class DeviceSteps final : public FusedSteps {
public:
    /// The table must outlive it and every gradient that is asked for through it.
    explicit DeviceSteps(const DeviceOps& ops) : m_ops(&ops) {}

    bool take(std::int64_t width, std::int64_t headSize) const override;
    at::Tensor rmsNorm(const at::Tensor& x, const at::Tensor& scale, at::ScalarType type) const override;
    SumAndNorm sumAndNorm(const at::Tensor& x, const at::Tensor& delta, const at::Tensor& scale) const override;
    Heads splitHeads(const at::Tensor& qkv, const at::Tensor& queryScale, const at::Tensor& keyScale,
                     const RotaryTable& rotary, std::int64_t heads) const override;
    at::Tensor swiglu(const at::Tensor& gateUp) const override;

private:
    const DeviceOps* m_ops;
};

} // namespace jacobi
