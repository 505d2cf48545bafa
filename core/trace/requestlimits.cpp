// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/trace/requestlimits.h"

#include <cstdio>

namespace jacobi {
namespace {

std::string numberText(double value)
{
    char text[40];
    std::snprintf(text, sizeof text, "%g", value);
    return text;
}

} // namespace

std::string RequestLimit::refusal(const std::string& said) const
{
    const std::string range = isAboveLeast ? "above " + numberText(least) + " and at most " + numberText(most)
                                           : "between " + numberText(least) + " and " + numberText(most);
    return "The " + std::string(what) + " is " + said + ", but must be " + range + hint + ".";
}

std::string RequestLimit::refusal(double value) const
{
    return refusal(numberText(value));
}

} // namespace jacobi
