// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/engine/backend.h"
#include "core/trace/trace.h"

#include <string>
#include <vector>

namespace jacobi::cli {

// What `jacobi generate` says of a run before and after it.

/// What was made.
struct Made {
    std::vector<std::string> pictures; ///< those written
    std::string trace;
    std::vector<std::string> prompts; ///< as they were read, where they were completed
    double tokensPerPassPerPicture = 0.0;
};

/// On stderr. asked: what was left to "auto".
void announce(const RunRequest& request, const RunRequest& asked, const DeviceInfo& device);

/// On stdout.
void printJson(const ResolvedRequest& resolved, const RunSummary& summary, const Made& made);
void printSummary(const ResolvedRequest& resolved, const RunSummary& summary, const Made& made);

} // namespace jacobi::cli
