// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/decode/decoder.h"
#include "core/engine/modelfamily.h"
#include "core/engine/runheader.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace jacobi {

/// What a decoder is told of a resolved request.
DecodeSettings decodeSettings(const RunRequest& request);

/// What decoding a picture of one code costs; the first, which is slower, is not counted. Throws what libtorch throws.
std::int64_t pictureNs(Detokenizer& pictures, const TraceLayout& layout);

/// Decodes the model's codes and one picture once: fills codeColours and previewNs, and warms the detokenizer up (of a
/// flow: previewNs alone).
/// Throws what libtorch throws.
void prepareModel(LoadedModel& model, const TraceLayout& layout);

/// The run loop: prefill, then pass after pass until the decoder is done, the user cancels, or something fails. Knows
/// no model family and no method. One request at a time, worker thread only, RunControl apart. A flow's loop is
/// core/engine/flowrun.h, under the same rules.
///
/// The sink gets header, (step | preview)*, summary. A preview follows the step it shows. A cancelled run ends with a
/// final preview of the tokens as they stood, a failed one with the summary only; one cancelled before it began is a
/// summary and nothing else. Nothing is thrown.
///
/// otherNs of a step is the time from the end of the pass before it (of the prefill, for the first) to its own end,
/// less its network, its sampling and any pause: tracing and previews of a pass are counted with the next one. Pictures
/// of a batch share it equally.
class Engine {
public:
    using MakeDecoder = std::function<Result<std::unique_ptr<Decoder>>(const DecodeSettings&, TokenModel&)>;
    using Clock = std::function<std::int64_t()>; ///< nanoseconds, never backwards

    Engine();
    Engine(MakeDecoder makeDecoder, Clock clock);

    Result<RunSummary> run(LoadedModel& model, const RunContext& context, RunControl& control, TraceSink& sink) const;

private:
    MakeDecoder m_makeDecoder;
    Clock m_clock;
};

} // namespace jacobi
