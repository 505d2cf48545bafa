// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/console.h"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <unistd.h>

namespace jacobi::cli {

ExitCode exitCodeOf(ErrorCode code)
{
    switch (code) {
    case ErrorCode::InvalidRequest: return ExitCode::Usage;
    case ErrorCode::NotFound:
    case ErrorCode::Io:
    case ErrorCode::Corrupt:
    case ErrorCode::Unsupported: return ExitCode::File;
    case ErrorCode::NoDevice: return ExitCode::Device;
    case ErrorCode::OutOfMemory: return ExitCode::Memory;
    case ErrorCode::Cancelled: return ExitCode::Interrupted;
    case ErrorCode::Numeric:
    case ErrorCode::Internal: break;
    }
    return ExitCode::Failure;
}

std::string exitCodeHelp()
{
    return "Exit codes: 0 done; 1 failed; 2 wrong use or a request that cannot be; 3 a file, folder or model is\n"
           "missing, damaged or cannot be written; 4 the GPU asked for cannot be used; 5 not enough memory;\n"
           "130 interrupted (Ctrl+C).";
}

ExitCode report(const Error& error)
{
    const bool addDetail = error.code == ErrorCode::Internal && !error.detail.empty();
    std::fprintf(stderr, "jacobi: %s%s%s%s%s\n", error.message.c_str(),
                 error.cpuWouldDo ? " To use the CPU instead: --device cpu." : "", addDetail ? " [" : "",
                 addDetail ? error.detail.c_str() : "", addDetail ? "]" : "");
    return exitCodeOf(error.code);
}

void note(std::string_view text)
{
    std::fprintf(stderr, "note: %.*s\n", static_cast<int>(text.size()), text.data());
}

namespace {

std::string outputFault(int error)
{
    switch (error) {
    case 0: return "a part of it was lost. Try again";
    case EPIPE:
    case EBADF: return "the output was closed";
    case ENOSPC:
    case EDQUOT: return "the disk is full. Free some space and try again";
    case EFBIG: return "it would become larger than this disk or account allows. Choose another place";
    default: return std::strerror(error);
    }
}

} // namespace

ExitCode finishOutput()
{
    errno = 0;
    if (std::fflush(stdout) == 0 && std::ferror(stdout) == 0) {
        return ExitCode::Ok;
    }
    // Where an earlier write failed, its reason is gone with what it should have written; one more byte brings it back.
    int error = errno;
    if (error == 0 && ::write(STDOUT_FILENO, "\n", 1) < 0) {
        error = errno;
    }
    return report({ErrorCode::Io, "The output could not be written: " + outputFault(error) + ".", {}});
}

} // namespace jacobi::cli
