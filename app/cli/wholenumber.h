// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <CLI/CLI.hpp>

#include <charconv>
#include <cstdint>
#include <string>

namespace jacobi::cli {

/// Refuses what is no whole number of 64 bits: left to itself the parser takes -1 for a very large one.
inline CLI::Validator wholeNumber()
{
    const auto check = [](std::string& text) -> std::string {
        std::uint64_t value = 0;
        const char* end = text.data() + text.size();
        const auto [stopped, error] = std::from_chars(text.data(), end, value);
        return error == std::errc() && stopped == end
                   ? std::string()
                   : "\"" + text + "\" is no whole number from 0 to " + std::to_string(UINT64_MAX);
    };
    return CLI::Validator(check, "");
}

/// A whole number, or "auto".
inline CLI::Validator wholeOrAuto()
{
    const auto check = [](std::string& text) -> std::string {
        int value = 0;
        const char* end = text.data() + text.size();
        const auto [stopped, error] = std::from_chars(text.data(), end, value);
        return text == "auto" || (error == std::errc() && stopped == end && value >= 0)
                   ? std::string()
                   : "\"" + text + "\" is neither a whole number nor auto";
    };
    return CLI::Validator(check, "");
}

} // namespace jacobi::cli
