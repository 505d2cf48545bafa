// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/decode/flowkernels.h"

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <memory>
#include <vector>

namespace jacobi {

class FlowModel;

/// How passes change an iterate: UpdateShape without the rows of one pass.
using FlowUpdate = kernels::UpdateShape;

/// A pass reads tokens [first, first + count) and rewrites tokens [from, first + count], from > first.
struct FlowRange {
    std::int64_t first = 0;
    std::int64_t count = 0;
    std::int64_t from = 0;
    bool operator==(const FlowRange&) const = default;
};

/// The pass that will most likely follow, so that a device need not wait for the host: it will not where the one before it set
/// nothing back to the start, and its changes were at most `largest`, or their squares summed up to at most `squares`, over the
/// tokens it rewrote of all pictures. Both below 0: it will in any case.
struct FlowNext {
    FlowRange range;
    double largest = -1.0;
    double squares = -1.0;
};

/// The numbers of one block while it is inverted, where the model keeps them, and the pass that rewrites them: the network
/// reads a run of tokens, and x[t] = z[t] * exp(a[t - 1]) + b[t - 1]. On the CPU by the kernels (flowkernels.h); a model
/// on a device brings its own (FlowModel::iterate). Thread rule: FlowModel.
class FlowIterate {
public:
    /// [batch, tokens]; of the whole block.
    using Changes = std::vector<kernels::TokenChange>;

    virtual ~FlowIterate() = default;

    /// [batch, tokens, channels], block order, on the model's device; what stands there after the last pass. To be read,
    /// and before the next pass.
    virtual at::Tensor numbers() const = 0;

    /// One pass. Entries of `changes` for the tokens it rewrote are set, the others left alone. next: or null; what it is says
    /// nothing about results.
    virtual void evaluate(const FlowRange& range, const FlowNext* next, Changes& changes) = 0;

    /// Cuts token 0, which no pass rewrites, to the update's clip, and sets its changes.
    virtual void clipFirst(Changes& changes) = 0;

    /// Another z for the passes that follow, as the first was; token 0 of the numbers becomes its token 0, cut to the update's
    /// clip, which changed it as returned. [batch]. For models that have twins (FlowModel::twin).
    virtual Changes receive(const at::Tensor& z);

    /// Where passes of several blocks are one (FlowChain::joins): the next evaluate() will be over this range, and where
    /// `receives`, after its z became what the block before it has now; token 0 moves as by receive(), and its changes are set
    /// by evaluate(). All blocks that take part are told before the first of them evaluates.
    virtual void join(const FlowRange& range, bool receives);

    /// What the last pass took up to the network's results; of a device, until its results were here.
    virtual std::int64_t forwardNs() const = 0;
};

/// On the CPU, of a model there. z, start: [batch, tokens, channels], block order, contiguous; start is what x begins with
/// and what a value that cannot stand is set back to.
std::unique_ptr<FlowIterate> makeHostIterate(FlowModel& model, const FlowUpdate& update, const at::Tensor& z,
                                             const at::Tensor& start);

/// Sets token 0 of x [batch, tokens, channels], on any device, to `to` [batch, channels]. Returns by how much it changed.
/// [batch]
FlowIterate::Changes setFirstToken(const at::Tensor& x, const at::Tensor& to);

/// clipFirst() for x [batch, tokens, channels], on any device.
void clipFirstToken(const at::Tensor& x, double clip, FlowIterate::Changes& changes);

} // namespace jacobi
