// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "models/training/scenejudged.h"

#include <array>
#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

namespace jacobi {

/// How many of the things that captions say are to be seen in their pictures.
class AdherenceTally {
public:
    void add(const SceneClaims& claims, const JudgedValues& seen);

    /// Names of what a caption states and a picture does not show.
    static std::vector<std::string> missed(const SceneClaims& claims, const JudgedValues& seen);

    struct Count {
        std::int64_t stated = 0;
        std::int64_t met = 0;
    };
    const Count& of(Judged attribute) const { return m_counts[static_cast<std::size_t>(attribute)]; }
    Count together() const; ///< of all attributes
    std::int64_t pictures() const { return m_pictures; }
    std::int64_t whole() const { return m_whole; } ///< pictures of which everything stated is so

    /// {"attributes": {"time": {"stated", "met", "share", "low", "high"}, ...}, "together": {"stated", "met", "share"},
    /// "all_right": {"pictures", "right", "share", "low", "high"}}; low and high are Wilson's 95 % interval. What was
    /// not stated at all has no share (null).
    nlohmann::json toJson() const;

private:
    std::array<Count, kJudgedCount> m_counts{};
    std::int64_t m_pictures = 0;
    std::int64_t m_whole = 0;
};

} // namespace jacobi
