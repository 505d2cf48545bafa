// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/training/sceneplan.h"

namespace jacobi {

std::string_view nameOf(SceneTime time)
{
    constexpr std::array<std::string_view, 4> names = {"day", "sunset", "dawn", "night"};
    return names[static_cast<std::size_t>(time)];
}

std::string_view nameOf(SunSide side)
{
    constexpr std::array<std::string_view, 3> names = {"left", "middle", "right"};
    return names[static_cast<std::size_t>(side)];
}

std::string_view nameOf(SunHeight height)
{
    return height == SunHeight::Low ? "low" : "high";
}

std::string_view nameOf(Terrain terrain)
{
    constexpr std::array<std::string_view, 4> names = {"sea", "hills", "mountains", "desert"};
    return names[static_cast<std::size_t>(terrain)];
}

std::string_view nameOf(Weather weather)
{
    constexpr std::array<std::string_view, 5> names = {"clear", "clouds", "rain", "fog", "snowfall"};
    return names[static_cast<std::size_t>(weather)];
}

std::string_view nameOf(Season season)
{
    constexpr std::array<std::string_view, 4> names = {"spring", "summer", "autumn", "winter"};
    return names[static_cast<std::size_t>(season)];
}

std::string_view nameOf(SubjectKind kind)
{
    constexpr std::array<std::string_view, 15> names = {"none",       "house",   "tree",     "pine",  "boat",
                                                        "lighthouse", "cactus",  "windmill", "tower", "bridge",
                                                        "balloon",    "flowers", "deer",     "horse", "birds"};
    return names[static_cast<std::size_t>(kind)];
}

std::string_view nameOf(SubjectColour colour)
{
    constexpr std::array<std::string_view, 11> names = {"red",  "yellow", "blue",  "white", "green", "orange",
                                                        "pink", "purple", "brown", "grey",  "black"};
    return names[static_cast<std::size_t>(colour)];
}

} // namespace jacobi
