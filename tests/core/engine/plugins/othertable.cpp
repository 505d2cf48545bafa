// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/cuda/deviceops.h"

// A plug-in of another version: its table has the next number.
extern "C" __attribute__((visibility("default"))) const jacobi::DeviceOps* jacobiDeviceOps()
{
    static jacobi::DeviceOps table{};
    table.abi = jacobi::kDeviceOpsAbi + 1;
    return &table;
}
