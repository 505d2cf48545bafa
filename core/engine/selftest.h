// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/engine/device.h"
#include "core/engine/kernelchecks.h"
#include "core/engine/kernelplugin.h"

#include <c10/core/Device.h>
#include <nlohmann/json.hpp>

#include <functional>
#include <vector>

namespace jacobi {

inline constexpr const char* kSelfTestJob = "selftest";

/// What a family checks of itself on a device that libtorch can use.
using FamilyChecks = std::function<std::vector<KernelCheck>(const DeviceOps&, at::Device)>;

/// Runs every kernel against its plain version: its own code on the CPU, lane after lane, and on a GPU where there is one
/// that can; then whole networks, and what the families check. Options: "device", as chooseDevice takes it. Result:
///
///     {"cards": [text], "gpus": [{"id": "cuda:0", "name", "capability": "9.0", "totalBytes", "freeBytes": 0: not known}],
///      "driver": text, "driverVersion": "580.159.04" or "", "driverCuda": 13000, "reason": why nothing ran on a GPU, or "",
///      "checks": [{"where": "cpu" | "cuda:0", "name", "outcome": "passed" | "failed" | "not run", "detail"}],
///      "passed": n, "failed": n, "notRun": n}
///
/// What this version has no code for yet is in the list too, as not run. Error NoDevice where a GPU was named that cannot
/// be used, InvalidRequest for a device that does not exist. Worker thread; makes a context on the GPU.
Result<nlohmann::json> selfTest(const nlohmann::json& options, const GpuProbe& probe, const KernelPlugin& plugin,
                                const FamilyChecks& families = {});

} // namespace jacobi
