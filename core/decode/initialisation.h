// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>
#include <optional>
#include <string_view>

namespace jacobi {

/// Where a new draft comes from (SJD, 2410.01699, section 4.3), and so what its label is. Where there is no such
/// neighbour, or it belongs to another kind of position, a draft is uniform.
enum class Initialisation {
    Uniform,     ///< any legal code; label: uniform
    Left,        ///< the token at its left; label: that token for certain
    Above,       ///< the token above it; label: that token for certain
    SampleLeft,  ///< drawn from the law of the token at its left; label: that law
    SampleAbove, ///< drawn from the law of the token above it; label: that law
};

struct InitialisationName {
    Initialisation initialisation;
    std::string_view name;
};

inline constexpr std::array<InitialisationName, 5> kInitialisations = {{
    {Initialisation::Uniform, "uniform"},
    {Initialisation::Left, "left"},
    {Initialisation::Above, "above"},
    {Initialisation::SampleLeft, "sample-left"},
    {Initialisation::SampleAbove, "sample-above"},
}};

constexpr std::optional<Initialisation> initialisationOf(std::string_view name)
{
    for (const InitialisationName& known : kInitialisations) {
        if (known.name == name) {
            return known.initialisation;
        }
    }
    return std::nullopt;
}

} // namespace jacobi
