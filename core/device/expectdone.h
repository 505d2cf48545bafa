// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/error.h"
#include "core/cuda/devicememory.h"

#include <c10/util/Exception.h>

#include <utility>

namespace jacobi {

// Where libtorch's operations and those of DeviceOps are mixed, both throw: as c10::Error.

inline void expectDone(const Result<void>& done)
{
    TORCH_CHECK(done, done.error().message, " [", done.error().detail, "]");
}

inline void expectDone(const DeviceOps& ops, int code, const char* doing)
{
    if (code != 0) {
        expectDone(tl::unexpected(deviceError(ops, code, doing)));
    }
}

} // namespace jacobi
