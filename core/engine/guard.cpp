// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/engine/guard.h"

#include "core/cuda/devicememory.h"
#include "core/device/expectdone.h"

#include <c10/util/Exception.h>

#include <algorithm>
#include <initializer_list>
#include <new>
#include <string>
#include <string_view>

namespace jacobi {
namespace {

bool saysOneOf(std::string_view what, std::initializer_list<std::string_view> texts)
{
    return std::ranges::any_of(texts, [&](std::string_view text) { return what.find(text) != std::string_view::npos; });
}

Error outOfMemory(std::string detail)
{
    if (detail.find("CUDA") != std::string::npos) {
        return deviceOutOfMemory(std::move(detail));
    }
    return {ErrorCode::OutOfMemory,
            "The computer ran out of memory. Close other programs, or choose a smaller window, and try again.",
            std::move(detail)};
}

// libtorch's own allocator reports exhaustion as a plain c10::Error.
bool saysOutOfMemory(std::string_view what)
{
    return saysOneOf(what, {"can't allocate memory", "not enough memory", "out of memory"});
}

// cuBLAS and cuDNN take memory of their own; libtorch passes their statuses on by name.
bool saysDeviceOutOfMemory(std::string_view what)
{
    return saysOneOf(what, {"CUBLAS_STATUS_ALLOC_FAILED", "CUDNN_STATUS_ALLOC_FAILED",
                            "CUDNN_STATUS_INTERNAL_ERROR_DEVICE_ALLOCATION_FAILED"});
}

// The codes of isDeviceLost() where libtorch passes on their texts alone, as it does of the driver's.
bool saysDeviceLost(std::string_view what)
{
    return saysOneOf(what, {"illegal memory access", "illegal instruction", "misaligned address",
                            "unspecified launch failure", "launch timed out", "hardware stack error",
                            "invalid program counter", "not supported on global/shared address space",
                            "device-side assert", "uncorrectable ECC", "CUDA error: unknown error"});
}

Error internal(std::string detail)
{
    return {ErrorCode::Internal,
            "The network's library reported an error, so the work was stopped. Please try again; "
            "if it happens again, report it together with the detail.",
            std::move(detail)};
}

Error errorOfText(const std::string& what)
{
    return saysDeviceOutOfMemory(what) ? deviceOutOfMemory(what)
           : saysOutOfMemory(what)     ? outOfMemory(what)
           : saysDeviceLost(what)      ? deviceLost(what)
                                       : internal(what);
}

} // namespace

Error errorOfException(const std::exception_ptr& thrown)
{
    try {
        std::rethrow_exception(thrown);
    } catch (const DeviceFailure& failure) {
        return failure.error();
    } catch (const c10::OutOfMemoryError& error) {
        return outOfMemory(error.what_without_backtrace());
    } catch (const c10::AcceleratorError& error) {
        return deviceError(error.get_error_code(), error.what_without_backtrace());
    } catch (const c10::Error& error) {
        return errorOfText(error.what_without_backtrace());
    } catch (const std::bad_alloc& error) {
        return outOfMemory(error.what());
    } catch (const std::exception& error) {
        return internal(error.what());
    } catch (...) {
        return internal("an exception of an unknown type");
    }
}

} // namespace jacobi
