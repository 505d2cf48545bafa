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

/// The residual of a pass of that trace, of every position that it computed.
double flowResidual(int block, int iteration);

/// That trace in a model, and what reads it.
struct FlowStage {
    FlowStage()
    {
        selection.attach(&model);
        model.setTrace(makeFlowTrace());
    }
    TraceModel model;
    FlowTrace flow{&model};
    Selection selection;
};

} // namespace jacobi::test
