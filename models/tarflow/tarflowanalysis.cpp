// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/tarflow/tarflowanalysis.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <limits>

namespace jacobi {
namespace {

double normOf(const at::Tensor& tensor, FlowNorm norm)
{
    const at::Tensor matrix = tensor.to(at::kDouble);
    if (!at::isfinite(matrix).all().item<bool>()) {
        return std::numeric_limits<double>::infinity();
    }
    switch (norm) {
    case FlowNorm::One: return matrix.abs().sum(0).max().item<double>();
    case FlowNorm::Frobenius: return matrix.square().sum().sqrt().item<double>();
    case FlowNorm::Spectral: break;
    }
    return at::linalg_svdvals(matrix).max().item<double>();
}

/// Sum over the batch, [tokens, channels] float64.
at::Tensor sumOf(const at::Tensor& batch)
{
    return batch.sum(at::IntArrayRef{0}, false, at::kDouble);
}

/// Sum over the batch of z * exp(a(start)) + b(start) - u.
at::Tensor guessingError(const TarFlowWeights& weights, std::int64_t block, const at::Tensor& start,
                         const at::Tensor& z, const at::Tensor& u)
{
    const ScaleShift at = shiftedParameters(weights.config, blockParameters(weights, block, start, {}));
    return sumOf(z * at::exp(at.logScale) + at.shift - u);
}

void addTo(at::Tensor& sum, const at::Tensor& more)
{
    sum = sum.defined() ? sum + more : more;
}

} // namespace

TarFlowAnalyser::TarFlowAnalyser(const TarFlowWeights& weights)
    : m_weights(weights), m_sums(static_cast<std::size_t>(weights.config.blocks))
{
}

void TarFlowAnalyser::add(const at::Tensor& images)
{
    at::Tensor tokens = tokensOfImages(m_weights, images);
    for (std::int64_t block = 0; block < m_weights.config.blocks; ++block) {
        const BlockForward forward = blockForward(m_weights, block, tokens, {});
        const at::Tensor u = isReversed(block) ? tokens.flip(1) : tokens;
        const at::Tensor z = isReversed(block) ? forward.z.flip(1) : forward.z;
        at::Tensor zeros = at::zeros_like(u);
        zeros.select(1, 0).copy_(u.select(1, 0));
        const ScaleShift own = shiftedParameters(m_weights.config, forward.parameters);
        Sums& sums = m_sums[static_cast<std::size_t>(block)];
        addTo(sums.input, guessingError(m_weights, block, z, z, u));
        addTo(sums.zeros, guessingError(m_weights, block, zeros, z, u));
        addTo(sums.data, sumOf(at::exp(-own.logScale) * u));
        tokens = forward.z;
    }
    m_count += images.size(0);
}

std::vector<BlockAnalysis> TarFlowAnalyser::blocks(FlowNorm norm) const
{
    const std::int64_t channels = m_weights.config.channels();
    const auto count = static_cast<double>(m_count);
    std::vector<BlockAnalysis> result;
    double sum = 0.0;
    for (std::size_t block = 0; block < m_sums.size(); ++block) {
        BlockAnalysis& one = result.emplace_back();
        one.igmInput = normOf(m_sums[block].input / count, norm);
        one.igmZeros = normOf(m_sums[block].zeros / count, norm);
        one.dataFactor = normOf(m_sums[block].data / count, norm);
        const at::Tensor& out = m_weights.blocks[block].out.weight;
        if (m_weights.config.affine) {
            one.scaleFactor = normOf(out.narrow(0, 0, channels), norm);
        }
        one.shiftFactor = normOf(out.narrow(0, out.size(0) - channels, channels), norm);
        one.crm = one.dataFactor * one.scaleFactor + one.shiftFactor;
        sum += one.crm;
    }
    for (BlockAnalysis& block : result) {
        block.crmPercent = 100.0 * block.crm / sum;
    }
    return result;
}

std::vector<BlockAnalysis> analyseTarFlow(const TarFlowWeights& weights, const at::Tensor& images, FlowNorm norm)
{
    TarFlowAnalyser analyser(weights);
    analyser.add(images);
    return analyser.blocks(norm);
}

FlowStrategy crmStrategy(const std::vector<BlockAnalysis>& blocks, std::uint32_t tokens, std::uint32_t baseCap)
{
    FlowStrategy strategy;
    for (std::size_t i = 0; i < blocks.size(); ++i) {
        const double share = blocks[i].crmPercent;
        FlowBlockPlan plan;
        plan.block = static_cast<std::uint32_t>(i);
        plan.method = share >= 25.0 ? FlowMethod::Segments : FlowMethod::Jacobi;
        plan.segments = share >= 25.0 ? std::min(8U, tokens) : 1U;
        plan.maxPasses = share >= 25.0 ? 32U : share >= 10.0 ? 2U * baseCap : baseCap;
        plan.tolerance = 1e-6;
        plan.stop = FlowStop::Published;
        plan.start = blocks[i].start();
        strategy.blocks.push_back(plan);
    }
    return strategy;
}

} // namespace jacobi
