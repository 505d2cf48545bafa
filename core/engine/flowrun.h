// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/decode/flowdecoder.h"
#include "core/engine/modelfamily.h"
#include "core/engine/runheader.h"

#include <cstdint>
#include <functional>
#include <vector>

namespace jacobi {

/// What the decoder of a resolved request is told; its plan is read and must be there (InvalidRequest).
Result<FlowSettings> flowSettingsOf(const RunRequest& request);

/// The label of the request's class for each picture; none where it names no class. InvalidRequest where the model has no
/// such class, with those it has.
Result<std::vector<std::int64_t>> flowLabelsOf(const RunRequest& request, const std::vector<std::string>& classes);

/// Fills previewNs. Throws what libtorch throws.
void prepareFlow(LoadedModel& model);

/// The run loop of a flow, under the rules of Engine: block after block, pass after pass, then the step along the score.
/// Latents by flowLatents; the first preview of each picture shows them, whatever it costs. After that there is one now and
/// then, as long as all of them together, those of the latents and what the sink takes included, cost at most 3 % of the run; those
/// a block ends with come before the others. A cancelled run's final pictures are the iterates as they stood, without the last
/// step. What the last step and the final pictures take counts as previews' time, and not against the budget.
Result<RunSummary> runFlow(LoadedModel& model, const RunContext& context, RunControl& control, TraceSink& sink,
                           const std::function<std::int64_t()>& clock);

} // namespace jacobi
