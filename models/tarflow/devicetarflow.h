// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/device/flownetwork.h"
#include "models/tarflow/tarflownetwork.h"

#include <cstdint>
#include <memory>
#include <vector>

namespace jacobi {

/// The same weights on a device; their tensors are shared where they are there already.
TarFlowWeights placedOn(const TarFlowWeights& weights, at::Device device);

/// A TarFlow on a device: a pass as operations of libtorch against a cache of keys and values (TarFlow, sections 2.3 and
/// 2.6). The branches of guidance are lanes of one batch; they differ in the class term and, where the unguided branch has
/// an attention temperature, in the scale of its queries. Thread rule: FlowNetwork.
class DeviceTarFlow final : public FlowNetwork {
public:
    /// All weights on one device, of one real type.
    explicit DeviceTarFlow(TarFlowWeights weights);

    const FlowLayout& layout() const override { return m_layout; }
    at::ScalarType realType() const override { return m_weights.variance.scalar_type(); }
    at::Device device() const override { return m_weights.variance.device(); }
    at::Tensor scaledLatent(const at::Tensor& latent) const override;
    at::Tensor fittedStart(std::int64_t block, const at::Tensor& z) const override;
    std::unique_ptr<FlowNetwork> stacked() const override;
    bool canStack() const override { return true; }
    void makeRoom(const FlowRoom& room) override;
    void setCondition(const FlowCondition& condition) override;
    void enterBlock(std::int64_t block) override;
    at::Tensor enqueue(const at::Tensor& x, const FlowRows& rows) override;

private:
    at::Tensor attend(const at::Tensor& qkv, std::size_t layer, const FlowRows& rows);

    TarFlowWeights m_weights;
    FlowLayout m_layout;
    FlowRoom m_room;
    FlowCondition m_condition;
    const TarFlowBlock* m_block = nullptr;

    std::vector<at::Tensor> m_keys, m_values; ///< a layer: [lanes, heads, places, 64]
    at::Tensor m_scales;                      ///< [lanes, 1, 1, 1] of queries
    at::Tensor m_positions; ///< [places, width] of the block, its order, bias of the input projection included
    at::Tensor m_classes;   ///< [lanes, 1, width] of the block; zeros: without labels
};

} // namespace jacobi
