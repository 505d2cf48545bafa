// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/trace/trace.h"

#include <memory>
#include <string>
#include <vector>

namespace jacobi {

/// What a run needs besides the model.
struct RunContext {
    RunRequest request; ///< resolved
    TraceLayout layout;
    std::string modelName;  ///< for people
    std::string deviceName; ///< for people
    std::vector<std::string> classes{}; ///< of a flow, by label
    std::vector<std::string> prompts{}; ///< RunHeader::prompts
};

/// The header of a run that begins now.
std::shared_ptr<const RunHeader> makeRunHeader(const RunContext& context, const std::vector<CodeColours>& colours);

/// "Jacobi Studio 0.1.0, libtorch 2.11.0"
std::string softwareName();

} // namespace jacobi
