// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/error.h"

#include <exception>
#include <functional>
#include <type_traits>

namespace jacobi {

/// What was thrown, as an Error. A DeviceFailure is the Error it carries; of what a library threw, running out of memory and
/// a GPU that stopped working are told apart, by their codes where it says them, and everything else is Internal with the
/// library's own words in the detail. Call it from a catch block.
Error errorOfException(const std::exception_ptr& thrown);

/// Runs work() and turns whatever it throws (c10::Error, std::bad_alloc, any std::exception, anything else) into an
/// Error. The one place where libtorch's exceptions end: everything that calls the network goes through it.
template <class Work>
std::invoke_result_t<Work> guarded(Work&& work)
{
    try {
        return std::invoke(std::forward<Work>(work));
    } catch (...) {
        return tl::unexpected<Error>(errorOfException(std::current_exception()));
    }
}

} // namespace jacobi
