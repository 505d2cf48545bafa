// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/decode/flowdecoder.h"

#include <memory>

namespace jacobi {

/// A flow decoder whose pictures go on by themselves (goesApart): each by a decoder of its own, over twins of the model. In a
/// pass every picture that is not done takes one pass, of the block it is in; none of them waits for another's result, so a
/// run takes as many passes one after the other as its slowest picture. The rules are FlowDecoder's; where there are as many
/// pictures as threads, they run side by side.
std::unique_ptr<FlowDecoder> makeFlowDecoderApart(const FlowSettings& settings, FlowModel& model);

} // namespace jacobi
