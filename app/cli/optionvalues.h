// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/trace/requestlimits.h"

#include <CLI/CLI.hpp>

#include <charconv>
#include <cstdint>
#include <string>
#include <vector>

namespace jacobi::cli {

// Refuses what no model could take, also where the option has no effect: the engine looks only at what a request uses, and
// a value that is no number could not be written into a trace. What depends on the model is the engine's to say.

/// Decimal only: the parser's own reading takes 0x10 for 16, which whole numbers here are not.
inline bool readNumber(const std::string& text, double& value)
{
    return text.find_first_of("xX") == std::string::npos && CLI::detail::lexical_cast(text, value);
}

/// Any number: for what every model looks at, so that the engine refuses it, in words that fit the model.
inline CLI::Validator number(const std::string& what)
{
    const auto check = [=](std::string& text) -> std::string {
        double value = 0.0;
        return readNumber(text, value) ? std::string()
                                                      : "The " + what + " is \"" + text + "\", which is no number.";
    };
    return CLI::Validator(check, "");
}

/// A number within the limit, neither infinite nor NaN (which CLI::Range lets through), refused in the engine's words.
inline CLI::Validator numberFrom(const RequestLimit& limit)
{
    const auto check = [limit](std::string& text) -> std::string {
        double value = 0.0;
        if (!readNumber(text, value)) {
            return "The " + std::string(limit.what) + " is \"" + text + "\", which is no number.";
        }
        return limit.allows(value) ? std::string() : limit.refusal(text);
    };
    return CLI::Validator(check, "");
}

/// A whole number of at least `least`; hint: what that means, as the engine says it.
inline CLI::Validator wholeFrom(const std::string& what, std::int64_t least, const std::string& hint = {})
{
    const auto check = [=](std::string& text) -> std::string {
        std::int64_t value = 0;
        const char* end = text.data() + text.size();
        const auto [stopped, error] = std::from_chars(text.data(), end, value);
        if (error != std::errc() || stopped != end) {
            return "The " + what + " is \"" + text + "\", which is no whole number.";
        }
        return value >= least ? std::string()
                              : "The " + what + " is " + text + ", but must be at least " + std::to_string(least) + hint + ".";
    };
    return CLI::Validator(check, "");
}

/// One of some names.
inline CLI::Validator oneOf(const std::string& what, const std::vector<std::string>& names)
{
    const auto check = [=](std::string& text) -> std::string {
        std::string listed;
        for (std::size_t i = 0; i < names.size(); ++i) {
            if (names[i] == text) {
                return {};
            }
            listed += (i == 0 ? "" : i + 1 == names.size() ? " or " : ", ") + names[i];
        }
        return "There is no " + what + " \"" + text + "\". Choose " + listed + ".";
    };
    return CLI::Validator(check, "");
}

} // namespace jacobi::cli
