// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/trace/trace.h"

#include <cstdint>

namespace jacobi::test {

/// What the made-up run looks like.
struct MadeTrace {
    std::uint32_t rows = 8;
    std::uint32_t columns = 8;
    std::uint32_t patchPixels = 8;
    std::uint32_t codes = 64;
    std::uint32_t window = 12;
    std::uint32_t seed = 1;
    double acceptance = 0.75;       ///< chance of each draft to be accepted
    int maxPasses = 1 << 30;        ///< the run is cut there
    bool withTopK = true;
    bool withEntropy = true;
    int previewEvery = 10;          ///< passes; 0: none
};

/// A trace such as speculative Jacobi decoding leaves: drafts enter a sliding window, the longest accepted prefix is
/// committed, the rest is kept or redrawn. The picture it tends to is a small landscape. Deterministic.
Trace makeTrace(const MadeTrace& made);

} // namespace jacobi::test
