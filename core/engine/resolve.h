// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/engine/modelfamily.h"

#include <string>

namespace jacobi {

/// Checks a request against its model and fills in what was left open: the model's hash, the device, the
/// precision (auto: bfloat16 on a GPU, else float32), and window 1 for sequential sampling. Pure, needs no weights. An error is a sentence that names the value and what is allowed.
/// model: usable (problem empty). family: the model's. device: what the run is made on.
Result<ResolvedRequest> resolveRequest(const RunRequest& request, const ModelInfo& model, const ModelFamily& family,
                                       const DeviceInfo& device);

/// True for well-formed UTF-8 without NUL: other bytes could not be written into the trace.
bool isText(std::string_view bytes);

} // namespace jacobi
