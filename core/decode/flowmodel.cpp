// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/decode/flowmodel.h"

#include "core/decode/flowchain.h"

#include <ATen/ATen.h>

namespace jacobi {

at::Tensor FlowModel::fittedStart(std::int64_t, const at::Tensor&) const
{
    return {};
}

std::unique_ptr<FlowModel> FlowModel::twin() const
{
    return nullptr;
}

std::shared_ptr<FlowChain> FlowModel::chain()
{
    return makeTwinChain(*this);
}

bool FlowModel::hasChain() const
{
    return twin() != nullptr;
}

std::unique_ptr<FlowIterate> FlowModel::iterate(const FlowUpdate& update, const at::Tensor& z, const at::Tensor& start)
{
    return makeHostIterate(*this, update, z, start);
}

at::Tensor inBlockOrder(const FlowLayout& layout, std::int64_t block, const at::Tensor& x)
{
    return layout.reversed[static_cast<std::size_t>(block)] ? x.flip(1) : x;
}

} // namespace jacobi
