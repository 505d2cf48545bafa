// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/error.h"

#include <nlohmann/json_fwd.hpp>

namespace jacobi {

inline constexpr const char* kJudgePicturesJob = "judge-pictures";

/// What pictures show of what their prompt says, in the judge's eyes. Options: "family" (of the model that made them),
/// "folders" (searched for the folder "judge"), "prompt", "pictures": [{"width", "height", "rgb": base64}]. Result:
/// {"pictures": [{"stated": n, "met": m, "missed": ["left colour", ...]}]}, in the same order.
/// Errors: Unsupported for pictures that the judge was not made for, NotFound without a judge, InvalidRequest.
Result<nlohmann::json> judgePictures(const nlohmann::json& options);

} // namespace jacobi
