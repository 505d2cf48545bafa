// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/trace/step.h"

#include <cstdint>
#include <map>
#include <set>
#include <utility>
#include <vector>

namespace jacobi {

/// Passes and tokens of a run, counted from its steps, which may come in any order of pictures and blocks. One thread at a
/// time.
class PassTally {
public:
    void add(const Step& step);

    /// Of the network. Pictures of a batch share a pass, whichever block of a flow each is in, and so do blocks that overlap:
    /// there are as many as the slowest picture took.
    std::uint64_t passes() const;
    std::uint64_t tokens() const; ///< of all pictures; of a flow in every block

    double tokensPerPass() const; ///< of all pictures together; 0 without passes
    /// Mean over the pictures of each one's tokens over the passes that it took itself, as it would have alone.
    double tokensPerPassPerPicture() const;

    /// [k]: how many passes of a picture committed exactly k tokens.
    std::vector<std::uint64_t> passesByTokens() const;

private:
    using Pair = std::pair<std::uint32_t, std::uint32_t>;
    std::map<std::uint32_t, std::set<std::uint32_t>> m_passes; ///< of an item
    std::map<Pair, std::uint32_t> m_committed;                 ///< of item and lane
    std::map<Pair, std::size_t> m_gained;                      ///< of item and pass
};

} // namespace jacobi
