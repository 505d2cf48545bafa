// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/decode/flowmodel.h"

#include <cstdint>
#include <memory>

namespace jacobi {

/// All blocks of a flow at once, for a decoder whose blocks overlap (core/decode/flowoverlap.h): each with a cache and numbers of
/// its own. Thread rule: FlowModel; but blocks whose passes are their own (joins() is false) may be at work on one thread each.
class FlowChain {
public:
    virtual ~FlowChain() = default;

    virtual const FlowLayout& layout() const = 0;

    /// Whether a pass is one of all blocks that take part in it (FlowIterate::join). Otherwise each makes its own
    /// (FlowIterate::receive).
    virtual bool joins() const = 0;

    /// FlowModel::begin, of all blocks.
    virtual void begin(std::int64_t batch, const FlowCondition& condition, std::int64_t maxRows) = 0;

    /// FlowModel::fittedStart.
    virtual at::Tensor fittedStart(std::int64_t block, const at::Tensor& z) const = 0;

    /// FlowModel::enterBlock and FlowModel::iterate; one of each block at a time.
    virtual std::unique_ptr<FlowIterate> iterate(std::int64_t block, const FlowUpdate& update, const at::Tensor& z,
                                                 const at::Tensor& start) = 0;
};

/// A twin of the model for each block; null where it has none.
std::shared_ptr<FlowChain> makeTwinChain(const FlowModel& model);

} // namespace jacobi
