// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/decode/flowdecoder.h"
#include "core/engine/modelfamily.h"

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <stop_token>
#include <vector>

namespace jacobi {

/// The sequential inverse of one batch of latents, block by block.
struct ExactRun {
    std::vector<std::int64_t> labels;
    std::vector<at::Tensor> inputs;  ///< [blocks] of [batch, tokens, channels], raster order: what each block was given
    std::vector<at::Tensor> outputs; ///< the same: what it made of that
    at::Tensor picture;              ///< [batch, colours, height, width]
    std::vector<double> seconds;     ///< [blocks]
};

/// One way to invert one block, tried on an exact input.
struct BlockTrial {
    double passes = 0.0;
    double seconds = 0.0;
    double error = 0.0; ///< largest difference from the exact output
    at::Tensor output;  ///< raster order
};

/// Plain Jacobi's iterates on an exact input, as each picture of the batch saw them.
struct BlockTrajectory {
    std::vector<std::vector<double>> change; ///< [passes][batch] largest change in each pass
    std::vector<std::vector<double>> error;  ///< [passes][batch] largest difference from the exact output after it
    std::vector<at::Tensor> iterates;        ///< [passes], raster order
};

/// One picture of a run whose blocks overlap, pass by pass.
struct OverlapCurve {
    std::vector<double> change; ///< [passes] the largest of any block; infinite while a block has not begun
    std::vector<double> error;  ///< [passes] largest difference from the sequential inverse's picture after it
};

/// Whole runs and single blocks of a flow, as measuring needs them: no trace, no pictures on the way. Every call looks at
/// the stop token between passes (Cancelled). Worker thread; may throw what libtorch throws.
class FlowTrials {
public:
    /// settings: guidance, clip and the like; the strategy is not used. classes: pictures get them in turn, by their seeds;
    /// 0: no label. The model must outlive it.
    FlowTrials(LoadedModel& model, FlowSettings settings, std::uint32_t classes, std::int64_t batch,
               std::stop_token stop);

    /// seed: of the first picture of the batch.
    Result<ExactRun> exact(std::uint64_t seed);

    Result<BlockTrial> block(const ExactRun& run, const FlowBlockPlan& plan);
    Result<BlockTrajectory> trajectory(const ExactRun& run, std::uint32_t block, FlowStart start);

    /// Largest difference in each picture when a block gives `output` instead and the blocks after it are exact.
    Result<std::vector<double>> pictureErrors(const ExactRun& run, std::uint32_t block, const at::Tensor& output);

    struct Whole {
        std::vector<double> blockPasses; ///< [blocks] that a picture took in it, mean
        double passes = 0.0;             ///< one after the other
        double seconds = 0.0;
        at::Tensor picture; ///< [batch, colours, height, width]
    };
    Result<Whole> whole(std::uint64_t seed, const FlowStrategy& strategy);

    /// A whole run with a strategy that overlaps and measures changes by their largest. [batch]
    Result<std::vector<OverlapCurve>> overlapped(std::uint64_t seed, const FlowStrategy& strategy);

    /// Whether pictures go on by themselves in whole runs; in trials of a block they never do.
    bool goesApart(const FlowStrategy& strategy) const;
    bool canOverlap() const; ///< whether the model's blocks can

    std::uint32_t blocks() const { return m_layout.blocks; }
    bool hasFittedStart() const { return m_layout.fittedStart; }
    std::uint32_t tokens() const { return m_layout.tokens(); }

private:
    /// Starts the model for passes of any width.
    void begin(const std::vector<std::int64_t>& labels);
    std::vector<std::int64_t> labelsOf(std::uint64_t seed) const;

    LoadedModel& m_model;
    const FlowLayout& m_layout;
    FlowSettings m_settings;
    std::uint32_t m_classes;
    std::int64_t m_batch;
    std::stop_token m_stop;
};

double largestDifference(const at::Tensor& a, const at::Tensor& b);
std::vector<double> largestDifferences(const at::Tensor& a, const at::Tensor& b); ///< [batch]

} // namespace jacobi
