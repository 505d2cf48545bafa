// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/decode/decoder.h"
#include "tests/core/decode/stepchecker.h"
#include "tests/core/decode/tablemodel.h"

#include <QString>
#include <c10/core/InferenceMode.h>

#include <cstdint>
#include <memory>
#include <vector>

namespace jacobi::test {

/// One run of a decoder from start to end.
struct DecoderRun {
    QString wrong;                                 ///< what broke an invariant or failed; empty: nothing
    ErrorCode code = ErrorCode::Cancelled;         ///< of the failure
    std::vector<std::vector<std::int64_t>> tokens; ///< [items][positions]
    std::vector<std::size_t> lengths;              ///< [items] committed
    std::vector<std::shared_ptr<Step>> steps;
    std::uint64_t nearTies = 0;
};

inline DecoderRun runDecoder(const DecodeSettings& settings, TableModel& model, std::size_t items = 1)
{
    const c10::InferenceMode guard;
    DecoderRun run;
    const auto made = makeDecoder(settings, model);
    if (!made) {
        run.wrong = QString::fromStdString(made.error().message);
        run.code = made.error().code;
        return run;
    }
    Decoder& decoder = **made;
    if (const auto started = decoder.start(std::vector<std::vector<std::int64_t>>(items, {1, 2})); !started) {
        run.wrong = QString::fromStdString(started.error().message);
        run.code = started.error().code;
        return run;
    }
    const std::uint32_t window = settings.method == "sequential" ? 1 : settings.window;
    const bool speculative = settings.method == "sequential" || settings.coupling != "gumbel-exact";
    std::vector<StepChecker> checkers(items, StepChecker(model.layout(), window, speculative));
    while (!decoder.done() && run.wrong.isEmpty()) {
        const auto step = decoder.step();
        if (!step) {
            run.wrong = QString::fromStdString(step.error().message);
            run.code = step.error().code;
            return run;
        }
        run.wrong = checkers.at((*step)->item).check(**step, decoder.tokens((*step)->item));
        if ((*step)->entropy.size() != (*step)->token.size()) {
            run.wrong += "the entropy column has the wrong length";
        }
        run.steps.push_back(*step);
    }
    for (std::size_t item = 0; item < items; ++item) {
        run.tokens.push_back(decoder.tokens(item));
        run.lengths.push_back(checkers[item].committed());
        if (run.wrong.isEmpty() && !checkers[item].ended() && run.lengths[item] != model.layout().positions()) {
            run.wrong = "it stopped too early";
        }
    }
    run.nearTies = decoder.nearTies();
    if (run.wrong.isEmpty() && !model.protocolHeld()) {
        run.wrong = "the model was called against its rules";
    }
    return run;
}

} // namespace jacobi::test
