// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/trace/flowanalysis.h"

namespace jacobi::cli {

/// Prints a flow's metrics block by block, as they are sampled, and how well they rank the blocks.
void printAnalysis(const FlowAnalysis& analysis);

} // namespace jacobi::cli
