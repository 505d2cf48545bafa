// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/error.h"

#include <string>
#include <string_view>

namespace jacobi::cli {

/// What the program returns to the shell; the table in --help (exitCodeHelp) says the same.
enum class ExitCode : int {
    Ok = 0,
    Failure = 1,     ///< anything without a number of its own
    Usage = 2,       ///< the command line, or a request that cannot be
    File = 3,        ///< a file, folder or model that is missing, damaged or cannot be written
    Device = 4,      ///< the GPU asked for cannot be used
    Memory = 5,      ///< not enough memory
    Interrupted = 130,
};

ExitCode exitCodeOf(ErrorCode code);
std::string exitCodeHelp();

/// Prints "jacobi: <message>" once on stderr and returns the exit code that belongs to it. Where the CPU would do what a GPU
/// did not, its option follows. A detail is added in brackets where the message is about a failure of ours or of a library.
ExitCode report(const Error& error);

/// A remark that does not stop anything: "note: ..." on stderr.
void note(std::string_view text);

/// Flushes stdout; what could not be written there (a full disk, a closed pipe) is reported.
ExitCode finishOutput();

} // namespace jacobi::cli
