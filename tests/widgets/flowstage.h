// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "tests/widgets/stage.h"
#include "widgets/flowtrace.h"

namespace jacobi::test {

/// A flow of three blocks over 4 x 4 positions; odd blocks read from the end. Block 2 is inverted by Jacobi in five
/// passes, block 1 one by one in fifteen, block 0 by a front of eight in six. The run has a picture after each block, one
/// more in the middle of block 2, and the final one.
Trace makeFlowTrace();

/// The same flow whose passes come `times` times: of so many, one is less than a pixel wide.
Trace makeLongFlowTrace(int times);

/// The same flow where blocks overlap: of ten passes, block 2 takes part in 0 to 5, block 1 in 2 to 8 and block 0 in 4 to 9.
/// Block 2 is final after pass 5, the others with the end. There are pictures of the blocks after passes 3, 5, 7 and 9.
Trace makeOverlappingTrace();

/// The residual of a pass of that trace, of every position that it computed.
double flowResidual(int block, int iteration);

/// That trace in a model, and what reads it.
struct FlowStage {
    explicit FlowStage(const Trace& trace = makeFlowTrace())
    {
        selection.attach(&model);
        model.setTrace(trace);
    }
    TraceModel model;
    FlowTrace flow{&model};
    Selection selection;
};

} // namespace jacobi::test
