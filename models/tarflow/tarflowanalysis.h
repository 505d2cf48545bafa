// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/trace/flowstrategy.h"
#include "models/tarflow/tarflownetwork.h"

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace jacobi {

/// Of a matrix: its largest singular value, largest absolute column sum, or Frobenius norm.
enum class FlowNorm : std::uint8_t { Spectral, One, Frobenius };

/// What one pass of sample images says about a block (GS-Jacobi, section 4).
struct BlockAnalysis {
    double igmInput = 0.0;    ///< initial guessing metric: error after one inverse step from the block's input ...
    double igmZeros = 0.0;    ///< ... and from zeros; a huge or infinite one warns of overflow
    double dataFactor = 0.0;  ///< norm of the batch's mean of exp(-a) * u
    double scaleFactor = 0.0; ///< norm of the output projection's log-scale rows
    double shiftFactor = 0.0; ///< norm of its shift rows
    double crm = 0.0;         ///< convergence ranking metric: dataFactor * scaleFactor + shiftFactor
    double crmPercent = 0.0;  ///< share of the sum over the blocks

    /// The start with the smaller metric.
    FlowStart start() const { return igmZeros < igmInput ? FlowStart::Zeros : FlowStart::Input; }
};

/// The metrics from pictures that come a few at a time: what is kept does not grow with their number. CRM ranks the blocks
/// of one model and says nothing across models; on some trained models it is wrong about the tough blocks, so measure before
/// trusting it.
class TarFlowAnalyser {
public:
    /// weights: must outlive it.
    explicit TarFlowAnalyser(const TarFlowWeights& weights);

    /// images [count, colours, side, side] in [-1, 1], without noise; no labels.
    void add(const at::Tensor& images);

    /// Of all pictures added, at least one. Blocks ascending.
    std::vector<BlockAnalysis> blocks(FlowNorm norm) const;

private:
    /// Sums over the pictures, [tokens, channels] float64.
    struct Sums {
        at::Tensor input; ///< errors of the guesses
        at::Tensor zeros;
        at::Tensor data; ///< exp(-a) * u
    };

    const TarFlowWeights& m_weights;
    std::vector<Sums> m_sums; ///< a block each
    std::int64_t m_count = 0;
};

/// The same of pictures that are all there. Pure; any thread.
std::vector<BlockAnalysis> analyseTarFlow(const TarFlowWeights& weights, const at::Tensor& images, FlowNorm norm);

/// The rule `crm`: a share of a quarter or more of the sum means 8 segments of up to 32 passes, a tenth or more plain
/// Jacobi of up to twice baseCap passes, less plain Jacobi of up to baseCap; starts by IGM; the published stop.
FlowStrategy crmStrategy(const std::vector<BlockAnalysis>& blocks, std::uint32_t tokens, std::uint32_t baseCap = 10);

} // namespace jacobi
