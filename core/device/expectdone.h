// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/error.h"
#include "core/cuda/devicememory.h"

#include <stdexcept>
#include <utility>

namespace jacobi {

/// An Error on its way through code that throws: where libtorch's operations and those of DeviceOps are mixed, both do.
/// The guard around them (core/engine/guard.h) gives that very Error back.
class DeviceFailure final : public std::runtime_error {
public:
    explicit DeviceFailure(Error error)
        : std::runtime_error(error.message + " [" + error.detail + "]"), m_error(std::move(error))
    {
    }
    const Error& error() const { return m_error; }

private:
    Error m_error;
};

inline void expectDone(const Result<void>& done)
{
    if (!done) {
        throw DeviceFailure(done.error());
    }
}

inline void expectDone(const DeviceOps& ops, int code, const char* doing)
{
    if (code != 0) {
        throw DeviceFailure(deviceError(ops, code, doing));
    }
}

} // namespace jacobi
