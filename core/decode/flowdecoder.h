// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/error.h"
#include "core/decode/flowmodel.h"
#include "core/trace/flowstrategy.h"
#include "core/trace/step.h"

#include <ATen/core/Tensor.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

namespace jacobi {

/// What a flow decoder is told.
struct FlowSettings {
    FlowStrategy strategy;             ///< a plan for every block
    double guidance = 0.0;             ///< 0: the labels alone
    bool guideScale = true;            ///< push the log-scales away from the unguided branch
    bool guideShift = true;            ///< push the shifts away from it
    bool annealed = true;              ///< guidance grows with the token, from 0 to its value; otherwise constant
    double attentionTemperature = 1.0; ///< of the unguided branch
    double clip = 0.0;     ///< Jacobi and segments cut iterates to [-clip, clip]; 3 as published, 0 for exactness
    bool together = false; ///< a batch stays in one block also where its pictures could go on by themselves
};

/// Whether the pictures of a batch go on by themselves: each stops iterating when it is there itself and goes on to its next
/// block, whichever the others are in, so that it is the picture it would be in a batch of its own. Where the model can
/// (FlowModel::twin), unless the plan's stop is the published one, which is of a batch, or a block reads so few tokens in a
/// pass that pictures gain more by sharing the reading of weights.
bool goesApart(const FlowSettings& settings, const FlowModel& model);

/// How one run of tokens of one block went.
struct FlowSegmentReport {
    std::uint32_t block = 0;
    std::uint32_t segment = 0;
    std::uint32_t begin = 0; ///< tokens [begin, end), block order
    std::uint32_t end = 0;
    std::uint32_t passes = 0;
    double residual = 0.0;      ///< change in the last pass, measured as the plan's stop
    std::uint64_t replaced = 0; ///< values of iterates that were not finite and were set back to the start
    bool fellBack = false;      ///< Jacobi ended with such values, so the tokens were inverted one by one
    std::uint32_t item = 0;     ///< of pictures that go on by themselves; 0 where a batch stays together
};

struct FlowReport {
    std::uint64_t passes = 0;                ///< one after the other; in each, every picture that is not done takes one
    std::uint64_t rows = 0;                  ///< tokens read in all passes, of one picture, on average
    std::vector<FlowSegmentReport> segments; ///< of an item in the order they were worked on, the current one last
};

/// Turns latents into pictures' tokens, block after block from the last to the first, one network pass a call (one for each
/// picture, where they go on by themselves: goesApart): pausing, stepping and cancelling are "do not call it again". The
/// method of each block is its plan's (core/trace/flowstrategy.h); whatever it is, at tolerance 0 and without a clip the
/// result is that of the sequential inverse, and
/// no method needs more passes than that. Blocks may overlap (core/decode/flowoverlap.h). One thread at a time; the model must outlive it; the caller holds a
/// c10::InferenceMode guard around start and step.
class FlowDecoder {
public:
    virtual ~FlowDecoder() = default;

    /// latent [batch, tokens, channels], any real type, raster order, a sample of the standard normal law. labels: one
    /// a picture, or empty. InvalidRequest for labels the model does not have or a strategy that does not fit it.
    virtual Result<void> start(const at::Tensor& latent, const std::vector<std::int64_t>& labels) = 0;

    /// The next completed step: one pass of a block as one picture saw it; where blocks overlap, a pass of the run is one
    /// of each of them, from the last to the first, under the same number. lane: block; segment: within the block; positions are
    /// in block order (FlowLayout::reversed); residual: a token's change (RMS over its numbers, or the largest where
    /// the plan stops by that), NaN where it was not read. Must not be called once done().
    /// Errors: Numeric where the sequential inverse itself leaves the finite numbers.
    virtual Result<std::shared_ptr<Step>> step() = 0;
    virtual bool done() const = 0;
    /// Steps of the last pass that step() has not handed out yet.
    virtual std::size_t waiting() const = 0;

    /// [batch, tokens, channels], raster order: of each picture the iterate of the block being inverted (where blocks
    /// overlap, of the one nearest the picture), from its first pass on; before that what the last block gave. A copy.
    virtual at::Tensor state() const = 0;

    /// [tokens, channels], raster order: what a block made of one picture in the last pass; undefined where it was not at
    /// work. A copy.
    virtual at::Tensor stateOf(std::int64_t item, std::uint32_t block) const = 0;

    virtual const FlowReport& report() const = 0;
};

std::unique_ptr<FlowDecoder> makeFlowDecoder(const FlowSettings& settings, FlowModel& model);

} // namespace jacobi
