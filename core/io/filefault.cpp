// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/io/filefault.h"

#include <utility>

namespace jacobi {
namespace {

thread_local FileFault installed;

} // namespace

ScopedFileFault::ScopedFileFault(FileFault fault)
{
    installed = std::move(fault);
}

ScopedFileFault::~ScopedFileFault()
{
    installed = nullptr;
}

int injectedFault(FileCall call)
{
    return installed ? installed(call) : 0;
}

} // namespace jacobi
