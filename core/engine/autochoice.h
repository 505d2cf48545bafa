// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/engine/engine.h"

#include <functional>
#include <string>

namespace jacobi {

/// What the "auto" of a request stands for here.
struct AutoChoice {
    int window = 1;
    std::string initialisation = "uniform";
    double tokensPerPass = 1.0;     ///< of the pictures it was measured with
    double seconds = 0.0;           ///< one run with the choice
    double sequentialSeconds = 0.0; ///< the same run by sequential sampling

    bool operator==(const AutoChoice&) const = default;
};

/// Finds the fastest window and initialisation for the model on this device by decoding pictures of its own seeds with
/// the prompt at hand: first one picture a candidate, the window climbing from 16 in both directions as long as it
/// helps, then the best few and their neighbours again on further pictures beside sequential sampling. What does not
/// beat sequential sampling by 5 % is not chosen: the window is 1 then.
///
/// Only what the request leaves to "auto" is varied. `context.request` is a checked request of a method with drafts.
/// `tell` gets the share that is done, 0..1, after every pass. Errors: Cancelled, and what a run can fail with. Worker
/// thread only.
Result<AutoChoice> measureAuto(const Engine& engine, LoadedModel& model, const RunContext& context, RunControl& control,
                               const std::function<void(double fraction)>& tell);

} // namespace jacobi
