// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <chrono>
#include <functional>

namespace jacobi {

/// Time since an arbitrary moment, never going back. Passed in, so that tests can turn it.
using Clock = std::function<std::chrono::nanoseconds()>;

/// The machine's own steady clock.
inline Clock steadyClock()
{
    return [] { return std::chrono::nanoseconds(std::chrono::steady_clock::now().time_since_epoch()); };
}

} // namespace jacobi
