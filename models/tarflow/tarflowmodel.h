// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/decode/flowmodel.h"
#include "core/decode/packedmatrix.h"
#include "models/tarflow/tarflownetwork.h"

#include <cstdint>
#include <memory>
#include <vector>

namespace jacobi {

/// A TarFlow's layout as decoders see it.
FlowLayout tarflowLayout(const TarFlowConfig& config);

/// A TarFlow as decoders see it: passes of a block's network over a run of tokens against a preallocated cache of keys
/// and values, on the CPU. The branches of guidance run side by side; they differ in the class term and, where the
/// unguided branch has an attention temperature, in the scale of its scores (TarFlow, section 2.6). What a pass needs
/// is allocated by begin(). Layers up to a million weights are kept a second time as PackedMatrix: a token's numbers are
/// then the same, bit for bit, in every window and batch. Thread rule: FlowModel.
class TarFlowModel final : public FlowModel {
public:
    explicit TarFlowModel(TarFlowWeights weights);

    const TarFlowWeights& weights() const { return m_weights; }

    const FlowLayout& layout() const override { return m_layout; }
    at::ScalarType realType() const override { return m_type; }
    at::Tensor scaledLatent(const at::Tensor& latent) const override;
    std::unique_ptr<FlowModel> twin() const override;
    void begin(std::int64_t batch, const FlowCondition& condition, std::int64_t maxRows) override;
    void enterBlock(std::int64_t block) override;
    at::Tensor fittedStart(std::int64_t block, const at::Tensor& z) const override;
    at::Tensor pass(const at::Tensor& x, std::int64_t first, std::int64_t count) override;

private:
    /// A layer's matrix for passes of few rows; undefined where the layer is large.
    struct PackedLayer {
        PackedMatrix qkv, proj, up, down;
    };
    struct PackedBlock {
        PackedMatrix in, out;
        std::vector<PackedLayer> layers;
    };
    TarFlowModel(TarFlowWeights weights, std::vector<PackedBlock> packed);

    template <class Real>
    void project(const at::Tensor& x, const WeightBias& layer, const PackedMatrix& packed, at::Tensor& out,
                 std::int64_t rows);
    template <class Real>
    void addProduct(const at::Tensor& x, const WeightBias& layer, const PackedMatrix& packed, std::int64_t rows);
    template <class Real>
    void run(const at::Tensor& x, std::int64_t first, std::int64_t count);
    template <class Real>
    void embed(const at::Tensor& x, std::int64_t first, std::int64_t count);
    template <class Real>
    void attend(std::int64_t layer, std::int64_t first, std::int64_t count);

    TarFlowWeights m_weights;
    std::vector<PackedBlock> m_packed;
    FlowLayout m_layout;
    at::ScalarType m_type;

    std::int64_t m_batch = 0;
    std::int64_t m_branches = 1;
    std::int64_t m_maxRows = 0;
    FlowCondition m_condition;
    const TarFlowBlock* m_block = nullptr;
    const PackedBlock* m_fast = nullptr; ///< of the same block

    at::Tensor m_keys;      ///< [layers, lanes, heads, tokens, 64]
    at::Tensor m_values;    ///< the same
    at::Tensor m_scales;    ///< [lanes] of attention scores
    at::Tensor m_mask;      ///< [maxRows, tokens + maxRows]: 0 up to column tokens + row, -inf after; made when needed
    at::Tensor m_positions; ///< [tokens, width] of the block, its order, bias of the input projection included
    at::Tensor m_classes;   ///< [lanes, width] of the block; undefined: without labels
    at::Tensor m_input;     ///< [lanes * maxRows, channels]
    at::Tensor m_hidden;    ///< [lanes * maxRows, width]
    at::Tensor m_product;   ///< [lanes * maxRows, width]
    at::Tensor m_normal;    ///< [lanes * maxRows, width]
    at::Tensor m_qkv;       ///< [lanes * maxRows, 3 * width]
    at::Tensor m_feed;      ///< [lanes * maxRows, 4 * width]
    at::Tensor m_output;    ///< [lanes * maxRows, outputs]
};

} // namespace jacobi
