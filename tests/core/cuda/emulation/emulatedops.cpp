// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/core/cuda/emulation/emulatedops.h"

#include "core/cuda/hostkernels.h"
#include "core/cuda/kerneltable.h"
#include "tests/core/cuda/emulation/block.h"

namespace jacobi::test {
namespace {

int asItIs(int code)
{
    return code;
}

} // namespace

DeviceOps emulatedOps(int sharedBytes)
{
    emulation::setSharedBytes(sharedBytes);
    DeviceOps ops = hostOps();
    ops.describe = [](int device, DeviceDescription* out) {
        constexpr std::uint32_t kMultiprocessors = 132;
        const int code = hostOps().describe(device, out);
        out->multiprocessors = kMultiprocessors;
        out->cacheBytes = std::uint64_t{50} << 20;
        return code;
    };
    setKernels<asItIs>(ops);
    return ops;
}

} // namespace jacobi::test
