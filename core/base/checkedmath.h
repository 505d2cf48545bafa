// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <type_traits>

namespace jacobi {

/// a * b, or nothing where the type cannot hold it. For every size that a file names.
template <class T>
requires std::is_integral_v<T>
[[nodiscard]] constexpr std::optional<T> checkedMultiply(T a, T b)
{
    T result{};
    return __builtin_mul_overflow(a, b, &result) ? std::nullopt : std::optional<T>(result);
}

/// a + b, or nothing where the type cannot hold it.
template <class T>
requires std::is_integral_v<T>
[[nodiscard]] constexpr std::optional<T> checkedAdd(T a, T b)
{
    T result{};
    return __builtin_add_overflow(a, b, &result) ? std::nullopt : std::optional<T>(result);
}

} // namespace jacobi
