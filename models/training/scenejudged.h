// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>
#include <cstddef>
#include <string_view>

namespace jacobi {

struct Scene; // sceneplan.h

/// What a judge recovers from a picture: a classifier has one head for each of these, in this order.
enum class Judged {
    Time,
    Weather,
    Terrain,
    Season,
    SunSide, ///< or the moon's
    SunHeight,
    LeftKind,
    LeftColour,
    LeftCount,
    RightKind,
    RightColour,
    RightCount
};
inline constexpr std::size_t kJudgedCount = 12;

std::string_view nameOf(Judged attribute); ///< "left colour"
int classesOf(Judged attribute);
std::string_view classNameOf(Judged attribute, int value); ///< "red"; value below classesOf

/// A class for every attribute, or kNotJudged.
using JudgedValues = std::array<int, kJudgedCount>;
inline constexpr int kNotJudged = -1;

inline constexpr JudgedValues kNothingJudged = [] {
    JudgedValues values{};
    values.fill(kNotJudged);
    return values;
}();

inline int& valueOf(JudgedValues& values, Judged attribute)
{
    return values[static_cast<std::size_t>(attribute)];
}
inline int valueOf(const JudgedValues& values, Judged attribute)
{
    return values[static_cast<std::size_t>(attribute)];
}

/// What is to be seen in a scene. kNotJudged where the attribute does not apply: no season at sea and in the desert, no
/// sun in the rain, no colour and count where there is no subject, no count of what always comes in one number.
JudgedValues judgedValuesOf(const Scene& scene);

/// What a caption says: kNotJudged where it leaves the picture free. A caption names every subject there is, so its
/// silence about a side says that the side is empty.
struct SceneClaims {
    JudgedValues values = kNothingJudged;
    /// A second place that is spoken of ("trees by a lake, mountains"), which no picture shows beside the first.
    int otherTerrain = kNotJudged;
    /// Whether it says which subject is where. If not, left and right of values may be seen the other way round.
    bool sides = true;
};

/// How many attributes a caption states, and how many of them are so in a picture.
struct ClaimScore {
    int stated = 0;
    int met = 0;

    bool isWhole() const { return met == stated; }
};

/// The values of the claims as they are best held against what a judge saw: of a caption without sides, left and right
/// exchanged where more of them are met that way.
JudgedValues claimedOf(const SceneClaims& claims, const JudgedValues& seen);

/// Scores what a judge saw; of a caption without sides, the better of both ways round.
ClaimScore scoreClaims(const SceneClaims& claims, const JudgedValues& seen);

} // namespace jacobi
