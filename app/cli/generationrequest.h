// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/cli/generation.h"
#include "core/base/error.h"
#include "core/engine/backend.h"
#include "core/trace/runrequest.h"

#include <string>

namespace jacobi::cli {

// From the options of `jacobi generate` to a request, and what can be refused before anything is computed.

/// The model's defaults, where it is there, overridden by what was said.
RunRequest requestOf(const GenerateOptions& options);

/// The file of picture i of a run: NAME.png where there is one, else NAME-i.png; without a name, that of its own seed.
std::string picturePath(const GenerateOptions& options, const RunRequest& request, int i);

/// Whether the files can be written: of pictures and of the trace.
Result<void> checkTargets(const GenerateOptions& options, const RunRequest& request);

/// Asked before the model is loaded: all but flows, which take a class, need to be told what the picture shows.
Result<void> checkPrompt(const GenerateOptions& options);

/// Whether a strategy can have an effect; which there are is the engine's to say.
Result<void> checkStrategy(Backend& backend, const GenerateOptions& options, const RunRequest& asked);

} // namespace jacobi::cli
