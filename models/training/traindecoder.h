// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/error.h"
#include "core/engine/backend.h"

#include <nlohmann/json_fwd.hpp>
#include <stop_token>

namespace jacobi {

/// `jacobi train scenes --objective decoder`: lets the part of a finished model's tokenizer that makes pictures of codes
/// learn on, for options.tokenizerSteps or tokenizerMinutes, after giving it options.moreDecoder blocks more. The encoder,
/// so every picture's codes, and the transformer stay what they are. options, stopping and what is returned: as of
/// trainScenes(); initFrom must be given, and what is set for the transformer has no effect.
Result<nlohmann::json> trainDecoder(const nlohmann::json& options, ProgressSink& sink, std::stop_token stop);

} // namespace jacobi
