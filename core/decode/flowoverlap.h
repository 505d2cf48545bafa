// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/decode/flowdecoder.h"

#include <memory>

namespace jacobi {

/// A flow decoder whose blocks overlap (FlowStrategy::lag): Jacobi iteration over the tokens of all blocks at once. A pass is
/// one of every block that has begun, over all its tokens, from what the pass before left of the block itself and of the one
/// before it; none waits for another's result, so they are one pass after the others, not several.
///
/// Token t of a block depends on its own tokens before t and on the output of the block before, so the whole is as
/// triangular as one block: T - 1 passes after a block's input is final its output is exact from any iterate, which makes
/// blocks * (T - 1) passes at most, what the sequential inverse takes. The run ends with the first pass that
/// changes no block by more than its tolerance; at tolerance 0 that is a fixed point, and so the sequential inverse's result.
/// A block whose input is final and that hardly changes any more is left earlier, which saves work and no pass. Where such a
/// block still holds values that are not finite after T - 1 passes, its tokens are inverted one by one.
///
/// Needs FlowModel::chain: on the CPU blocks run side by side on threads, each in a model of its own; on a device a pass is one of
/// a network that holds the weights of all.
std::unique_ptr<FlowDecoder> makeFlowDecoderOverlapped(const FlowSettings& settings, FlowModel& model);

} // namespace jacobi
