// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/device/flownetwork.h"
#include "models/tarflow/tarflownetwork.h"

#include <cstdint>
#include <vector>

namespace jacobi {

/// A TarFlow on a device that makes one pass of all blocks at once (FlowNetwork::stacked): DeviceTarFlow's pass, with products of
/// batches of matrices, one a block. Thread rule: FlowNetwork.
class DeviceTarFlowStack final : public FlowNetwork {
public:
    /// All weights on one device, of one real type, in blocks of one size; layers are copied.
    explicit DeviceTarFlowStack(TarFlowWeights weights);

    const FlowLayout& layout() const override { return m_layout; }
    at::ScalarType realType() const override { return m_weights.variance.scalar_type(); }
    at::Device device() const override { return m_weights.variance.device(); }
    at::Tensor scaledLatent(const at::Tensor& latent) const override;
    at::Tensor fittedStart(std::int64_t block, const at::Tensor& z) const override;
    void makeRoom(const FlowRoom& room) override;
    void setCondition(const FlowCondition& condition) override;
    void enterBlock(std::int64_t block) override;
    at::Tensor enqueue(const at::Tensor& x, const FlowRows& rows) override;

private:
    /// A linear layer or a layer norm of every block.
    struct Stack {
        at::Tensor weight; ///< [blocks, inputs, outputs], or [blocks, 1, width]
        at::Tensor bias;   ///< [blocks, 1, outputs]
    };
    struct Layer {
        Stack attentionNorm, qkv, proj, feedNorm, up, down;
    };
    /// of: the layer of a block.
    template <class Of>
    Stack stackOf(Of of) const;
    at::Tensor attend(const at::Tensor& qkv, std::size_t layer, const FlowRows& rows);

    TarFlowWeights m_weights; ///< of what is no layer
    FlowLayout m_layout;
    std::int64_t m_blocks;
    Stack m_in, m_out;
    std::vector<Layer> m_layers;
    FlowRoom m_room; ///< of a block
    FlowCondition m_condition;

    std::vector<at::Tensor> m_keys, m_values; ///< a layer: [blocks * lanes, heads, places, 64]
    at::Tensor m_scales;                      ///< [blocks * lanes, 1, 1, 1] of queries
    at::Tensor m_positions; ///< [blocks, places, width], each block's order, bias of the input projection included
    at::Tensor m_classes;   ///< [blocks, branches, batch, 1, width]; zeros: without labels
};

} // namespace jacobi
