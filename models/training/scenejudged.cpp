// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/training/scenejudged.h"

#include "models/training/sceneplan.h"

namespace jacobi {
namespace {

constexpr std::size_t kLeft = static_cast<std::size_t>(Judged::LeftKind);
constexpr std::size_t kRight = static_cast<std::size_t>(Judged::RightKind);
constexpr std::size_t kSideLength = kRight - kLeft;

void judgeSide(JudgedValues& values, std::size_t first, const Subject& subject)
{
    values[first] = static_cast<int>(subject.kind);
    if (subject.kind == SubjectKind::None)
        return;
    values[first + 1] = static_cast<int>(subject.colour);
    if (mostOf(subject.kind) > 1)
        values[first + 2] = subject.count - 1;
}

ClaimScore scoreAsItIs(const JudgedValues& claimed, const JudgedValues& seen)
{
    ClaimScore score;
    for (std::size_t i = 0; i < kJudgedCount; ++i) {
        if (claimed[i] == kNotJudged)
            continue;
        ++score.stated;
        score.met += claimed[i] == seen[i] ? 1 : 0;
    }
    return score;
}

} // namespace

std::string_view nameOf(Judged attribute)
{
    constexpr std::array<std::string_view, kJudgedCount> names = {
        "time",      "weather",     "terrain",    "season",     "sun side",     "sun height",
        "left kind", "left colour", "left count", "right kind", "right colour", "right count"};
    return names[static_cast<std::size_t>(attribute)];
}

int classesOf(Judged attribute)
{
    constexpr std::array<int, kJudgedCount> classes = {4, 5, 4, 4, 3, 2, 15, 11, 3, 15, 11, 3};
    return classes[static_cast<std::size_t>(attribute)];
}

std::string_view classNameOf(Judged attribute, int value)
{
    constexpr std::array<std::string_view, 3> counts = {"one", "two", "three"};
    switch (attribute) {
    case Judged::Time: return nameOf(static_cast<SceneTime>(value));
    case Judged::Weather: return nameOf(static_cast<Weather>(value));
    case Judged::Terrain: return nameOf(static_cast<Terrain>(value));
    case Judged::Season: return nameOf(static_cast<Season>(value));
    case Judged::SunSide: return nameOf(static_cast<SunSide>(value));
    case Judged::SunHeight: return nameOf(static_cast<SunHeight>(value));
    case Judged::LeftKind:
    case Judged::RightKind: return nameOf(static_cast<SubjectKind>(value));
    case Judged::LeftColour:
    case Judged::RightColour: return nameOf(static_cast<SubjectColour>(value));
    case Judged::LeftCount:
    case Judged::RightCount: break;
    }
    return counts[static_cast<std::size_t>(value)];
}

JudgedValues judgedValuesOf(const Scene& scene)
{
    JudgedValues values = kNothingJudged;
    valueOf(values, Judged::Time) = static_cast<int>(scene.time);
    valueOf(values, Judged::Weather) = static_cast<int>(scene.weather);
    valueOf(values, Judged::Terrain) = static_cast<int>(scene.terrain);
    if (scene.hasSeason())
        valueOf(values, Judged::Season) = static_cast<int>(scene.season);
    if (scene.hasSun()) {
        valueOf(values, Judged::SunSide) = static_cast<int>(scene.sunSide);
        valueOf(values, Judged::SunHeight) = static_cast<int>(scene.sunHeight);
    }
    judgeSide(values, kLeft, scene.left);
    judgeSide(values, kRight, scene.right);
    return values;
}

JudgedValues claimedOf(const SceneClaims& claims, const JudgedValues& seen)
{
    if (claims.sides)
        return claims.values;
    JudgedValues swapped = claims.values;
    for (std::size_t i = 0; i < kSideLength; ++i)
        std::swap(swapped[kLeft + i], swapped[kRight + i]);
    return scoreAsItIs(swapped, seen).met > scoreAsItIs(claims.values, seen).met ? swapped : claims.values;
}

ClaimScore scoreClaims(const SceneClaims& claims, const JudgedValues& seen)
{
    ClaimScore score = scoreAsItIs(claimedOf(claims, seen), seen);
    if (claims.otherTerrain != kNotJudged) {
        ++score.stated;
        score.met += claims.otherTerrain == valueOf(seen, Judged::Terrain) ? 1 : 0;
    }
    return score;
}

} // namespace jacobi
