// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>

namespace jacobi {

/// What a number of a request may be, whatever the model, and the words for one that it may not. A value; any thread.
struct RequestLimit {
    const char* what;
    double least;
    double most;
    const char* hint = "";     ///< ends the sentence: what an end of the range does
    bool isAboveLeast = false; ///< the least itself is not allowed

    /// False for NaN.
    constexpr bool allows(double value) const
    {
        return (isAboveLeast ? value > least : value >= least) && value <= most;
    }

    /// The sentence that refuses a value. said: the value as the user wrote it.
    std::string refusal(const std::string& said) const;
    std::string refusal(double value) const;
};

inline constexpr RequestLimit kGuidanceLimit{"guidance", 0.0, 30.0, " (1 switches it off)"};
inline constexpr RequestLimit kTemperatureLimit{"temperature", 0.0, 10.0, " (0 always takes the most probable token)"};
inline constexpr RequestLimit kTopPLimit{"top-p", 0.0, 1.0, " (1 keeps every code)", true};
inline constexpr RequestLimit kMinPLimit{"min-p", 0.0, 1.0, " (0 keeps every code)"};

// Of a flow.
inline constexpr RequestLimit kFlowGuidanceLimit{"guidance", 0.0, kGuidanceLimit.most, " (0 switches it off)"};
inline constexpr RequestLimit kToleranceLimit{"tolerance", 0.0, 1000.0, " (0: until exact)"};
inline constexpr RequestLimit kClipLimit{"clip", 0.0, 1000.0, " (0 switches it off, 3 is the published one)"};
inline constexpr RequestLimit kDenoiseLimit{"denoising", 0.0, 10.0, " (0 switches it off, 1 is the model's own noise)"};
inline constexpr RequestLimit kAttentionTemperatureLimit{"attention temperature", 0.01, 100.0,
                                                         " (1 leaves it as it is)"};

} // namespace jacobi
