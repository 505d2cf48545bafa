// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/decode/noisytokenmodel.h"
#include "tests/core/decode/tablemodel.h"

namespace jacobi::test {

/// A TableModel that reads noise: a noisy row counts as the code whose embedding is nearest, so that pure noise is a
/// random token and the row is as causal as any other. Embeddings are normalised random vectors.
class NoisyTableModel : public TableModel, private NoisyTokenModel {
public:
    static constexpr std::int64_t kSize = 6; // not a multiple of four: noise comes four numbers at a time

    NoisyTableModel(TokenTable table, TokenLayout layout, NoiseKind kind = {})
        : TableModel(std::move(table), std::move(layout)), m_kind(kind)
    {
        const auto codes = static_cast<std::int64_t>(this->layout().codes);
        at::Tensor raw = at::empty({codes, kSize}, at::kDouble);
        for (std::int64_t i = 0; i < raw.numel(); ++i) {
            raw.mutable_data_ptr<double>()[i] =
                CounterRandom{91}.uniform(static_cast<std::uint32_t>(i), 0, Purpose::Draw) * 3.0;
        }
        m_raw = raw;
        m_normal = ((raw - raw.mean(0)) / raw.std(0, false)).contiguous();
    }

    NoisyTokenModel* noisy() override { return this; }
    std::uint32_t noisyPasses() const { return m_noisyPasses; }
    /// Times of each noisy pass' rows of picture 0, in order.
    const std::vector<std::vector<double>>& times() const { return m_times; }

private:
    const NoiseKind& noise() const override { return m_kind; }
    const at::Tensor& codeEmbeddings(bool normalised) const override { return normalised ? m_normal : m_raw; }

    at::Tensor forwardNoisy(const at::Tensor& tokens, const NoisyRows& noisy) override
    {
        ++m_noisyPasses;
        at::Tensor mixed = tokens.clone();
        const at::Tensor& codes = codeEmbeddings(noisy.normalised);
        m_times.emplace_back();
        for (std::size_t i = 0; i < noisy.rows.size(); ++i) {
            const auto& row = noisy.rows[i];
            const double* e = noisy.embeddings.const_data_ptr<double>() + static_cast<std::int64_t>(i) * kSize;
            mixed.mutable_data_ptr<std::int64_t>()[row.item * tokens.size(1) + row.row] = nearest(codes, e);
            if (row.item == 0) {
                m_times.back().push_back(row.time);
            }
        }
        return forward(mixed);
    }

    static std::int64_t nearest(const at::Tensor& codes, const double* e)
    {
        std::int64_t best = 0;
        double least = std::numeric_limits<double>::infinity();
        const double* code = codes.const_data_ptr<double>();
        for (std::int64_t v = 0; v < codes.size(0); ++v, code += kSize) {
            double distance = 0.0;
            for (std::int64_t i = 0; i < kSize; ++i) {
                distance += (code[i] - e[i]) * (code[i] - e[i]);
            }
            if (distance < least) {
                least = distance;
                best = v;
            }
        }
        return best;
    }

    NoiseKind m_kind;
    at::Tensor m_raw;
    at::Tensor m_normal;
    std::uint32_t m_noisyPasses = 0;
    std::vector<std::vector<double>> m_times;
};

} // namespace jacobi::test
