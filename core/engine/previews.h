// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/decode/tokenmodel.h"
#include "core/trace/trace.h"

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

namespace jacobi {

/// Whether pictures on the way that took `spentNs` together are within what a run of that length may spend on them: 3 %.
constexpr bool isWithinPreviewBudget(std::int64_t spentNs, std::int64_t elapsedNs)
{
    return spentNs <= elapsedNs / 100 * 3;
}

/// When to decode a picture of an unfinished run: when another tenth of its positions is committed, as long as all
/// previews of the run together, the next one included, cost at most 3 % of the run so far. Final pictures are not
/// counted. Keyframes that come due together are one. A value; one thread.
class PreviewPlan {
public:
    /// expectedNs: what decoding one picture costs, and what the run's sink takes for it.
    PreviewPlan(std::size_t pictures, std::uint32_t positions, std::int64_t expectedNs)
        : m_positions(positions), m_lastTenth(pictures, 0), m_expectedNs(expectedNs)
    {
    }

    bool isDue(std::size_t item, std::uint32_t committedEnd, std::int64_t elapsedNs) const;
    void made(std::size_t item, std::uint32_t committedEnd, std::int64_t costNs);

    std::int64_t spentNs() const { return m_spentNs; }
    std::int64_t expectedNs() const { return m_expectedNs; }

private:
    std::uint32_t tenth(std::uint32_t committedEnd) const;

    std::uint32_t m_positions = 0;
    std::vector<std::uint32_t> m_lastTenth; ///< [pictures]
    std::int64_t m_expectedNs = 0;
    std::int64_t m_spentNs = 0;
};

/// Decodes tokens as they stand. tokens: [<= positions], codes of the first positions; where one is missing or is no
/// code yet the picture is grey. May throw what libtorch throws. The caller fills in item, pass, committedEnd, isFinal.
Preview decodePreview(Detokenizer& detokenizer, const TraceLayout& layout, std::span<const std::int64_t> tokens);

} // namespace jacobi
