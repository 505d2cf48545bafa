// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/engine/guard.h"

#include "core/cuda/devicememory.h"

#include <c10/util/Exception.h>

#include <algorithm>
#include <array>
#include <new>
#include <string>
#include <string_view>

namespace jacobi {
namespace {

Error outOfMemory(std::string detail)
{
    if (detail.find("CUDA") != std::string::npos) {
        return {ErrorCode::OutOfMemory,
                "The GPU ran out of memory. Close other programs that use it, or choose fewer pictures or a smaller "
                "window.",
                std::move(detail), true};
    }
    return {ErrorCode::OutOfMemory,
            "The computer ran out of memory. Close other programs, or choose a smaller window, and try again.",
            std::move(detail)};
}

// libtorch's own allocator reports exhaustion as a plain c10::Error.
bool saysOutOfMemory(std::string_view what)
{
    return what.find("can't allocate memory") != std::string_view::npos ||
           what.find("not enough memory") != std::string_view::npos ||
           what.find("out of memory") != std::string_view::npos;
}

// What leaves a GPU of no use to this program until it starts anew.
bool saysDeviceLost(std::string_view what)
{
    constexpr std::array<std::string_view, 7> kLost{
        "illegal memory access", "illegal instruction", "misaligned address",       "unspecified launch failure",
        "device-side assert",    "uncorrectable ECC",   "CUDA error: unknown error"};
    return std::ranges::any_of(kLost, [&](std::string_view lost) { return what.find(lost) != std::string_view::npos; });
}

Error internal(std::string detail)
{
    return {ErrorCode::Internal,
            "The network's library reported an error, so the work was stopped. Please try again; "
            "if it happens again, report it together with the detail.",
            std::move(detail)};
}

} // namespace

Error errorOfException(const std::exception_ptr& thrown)
{
    try {
        std::rethrow_exception(thrown);
    } catch (const c10::OutOfMemoryError& error) {
        return outOfMemory(error.what_without_backtrace());
    } catch (const c10::Error& error) {
        const std::string what = error.what_without_backtrace();
        return saysOutOfMemory(what) ? outOfMemory(what) : saysDeviceLost(what) ? deviceLost(what) : internal(what);
    } catch (const std::bad_alloc& error) {
        return outOfMemory(error.what());
    } catch (const std::exception& error) {
        return internal(error.what());
    } catch (...) {
        return internal("an exception of an unknown type");
    }
}

} // namespace jacobi
