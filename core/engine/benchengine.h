// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/engine/backend.h"
#include "core/engine/benchparts.h"
#include "core/engine/device.h"
#include "core/engine/kernelplugin.h"

#include <nlohmann/json.hpp>

#include <stop_token>

namespace jacobi {

inline constexpr const char* kBenchEngineJob = "bench-engine";

/// Measures the engine on a device with networks of known shapes and random weights: the device's ceilings, passes by window
/// and cache, sampling by vocabulary, a whole picture with recorded acceptance and without each thing that makes it fast, with
/// a trace and previews, what a run takes before its first pass, codes becoming pixels, loading, what a precision costs in exactness, memory. Options: "device" as
/// chooseDevice takes it; "shapes": names, or none for all that fit ("tiny" alone on the CPU, where this measures nothing but
/// that it works); "precision": float32 | bfloat16 | int8; "attention": shared | flash | masked | auto; "only": some of
/// kBenchGroups; "pictures": false leaves out theirs.
///
/// Result: {"device": text, "reason", "kernels": kernelCodeText(), "precision", "records": [{"case", "shape"?, what was varied,
/// "median", "low", "high", "unit", "of_floor"?}]}; median, lower and upper quartile of at least 20 samples (5 of loading, up to 3
/// of pictures and of memory, between the extremes; rows of logits for an error); of_floor: the least time that the bytes and products can take,
/// by the ceilings of the same run, over the median. A record that has "not_run" instead says why. Errors: as selfTest(); Io where
/// temporary files have no room; Cancelled.
Result<nlohmann::json> benchEngine(const nlohmann::json& options, const GpuProbe& probe, const KernelPlugin& plugin,
                                   const BenchParts& parts, ProgressSink& sink, const std::stop_token& stop);

} // namespace jacobi
