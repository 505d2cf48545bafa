// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/decode/decoder.h"

#include "core/decode/sequential.h"
#include "core/decode/sjd.h"

namespace jacobi {

Result<std::unique_ptr<Decoder>> makeDecoder(const DecodeSettings& settings, TokenModel& model)
{
    if (settings.method == "sequential") {
        return makeSequentialDecoder(settings, model);
    }
    if (settings.method == "jacobi" && settings.temperature != 0.0) {
        return fail(ErrorCode::InvalidRequest,
                    "Jacobi iteration takes the most probable token always: set the temperature to 0, or use the method "
                    "\"sjd\".");
    }
    if (settings.method == "sjd" || settings.method == "jacobi") {
        if (std::unique_ptr<Decoder> decoder = makeSjdDecoder(settings, model)) {
            return decoder;
        }
        return fail(ErrorCode::InvalidRequest, "There is no such coupling or initialisation.",
                    settings.coupling + " / " + settings.initialisation);
    }
    return fail(ErrorCode::InvalidRequest, "Use the method \"sequential\", \"sjd\" or \"jacobi\".", settings.method);
}

} // namespace jacobi
