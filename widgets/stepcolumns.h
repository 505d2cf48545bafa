// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/trace/step.h"

#include <vector>

namespace jacobi {

/// The entry of a position in a step's column, null where there is none. A column of the wrong length counts as absent.
template <class T>
const T* entry(const Step& step, const std::vector<T>& column, int position)
{
    const auto at = static_cast<std::uint32_t>(position);
    if (at < step.begin || at >= step.end || column.size() != step.end - step.begin) {
        return nullptr;
    }
    return &column[at - step.begin];
}

template <class T>
T entryOr(const Step& step, const std::vector<T>& column, int position, T otherwise)
{
    const T* value = entry(step, column, position);
    return value != nullptr ? *value : otherwise;
}

} // namespace jacobi
