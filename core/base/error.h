// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <tl/expected.hpp>
#include <utility>

namespace jacobi {

/// What kind of trouble it was; the command line maps it to an exit code, tests compare it.
enum class ErrorCode {
    InvalidRequest, ///< the user asked for something that cannot be (empty prompt, window 0, ...)
    NotFound,       ///< a file, model, or device that is not there
    Io,             ///< the operating system refused: permission, full disk, short read
    Corrupt,        ///< a file that lies or was cut
    Unsupported,    ///< well-formed, but not something this program reads or does
    OutOfMemory,    ///< host or device memory
    NoDevice,       ///< the GPU that was asked for cannot be used
    Numeric,        ///< NaN or infinity where a number was needed
    Cancelled,      ///< the user stopped it; never shown as an error
    Internal,       ///< a library threw; the detail says what
};

/// The world misbehaved. `message` is for the user (plain, one sentence that says what to do),
/// `detail` for the log. An Error is shown once or returned once.
struct Error {
    ErrorCode code = ErrorCode::Internal;
    std::string message;
    std::string detail;
    /// A GPU was asked for what the CPU would do as well. The message says nothing of that: each program has its own way to
    /// choose the CPU, and its own words for it.
    bool cpuWouldDo = false;
};

template <class T>
using Result = tl::expected<T, Error>;

/// `return fail(ErrorCode::Io, "The disk is full. ...");`
inline tl::unexpected<Error> fail(ErrorCode code, std::string message, std::string detail = {})
{
    return tl::unexpected<Error>(Error{code, std::move(message), std::move(detail)});
}

/// The same of a GPU, where the CPU would do instead.
inline tl::unexpected<Error> failOnGpu(ErrorCode code, std::string message, std::string detail = {})
{
    return tl::unexpected<Error>(Error{code, std::move(message), std::move(detail), true});
}

} // namespace jacobi
