// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/cli/generation.h"
#include "core/trace/runrequest.h"

#include <string>
#include <vector>

namespace jacobi::cli {

/// A sentence for each option that was given and that the request, resolved, does not use.
std::vector<std::string> unusedOptions(const GenerateOptions& options, const RunRequest& request, bool isFlow);

} // namespace jacobi::cli
