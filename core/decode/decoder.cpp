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
    if (settings.method == "sjd") {
        if (std::unique_ptr<Decoder> decoder = makeSjdDecoder(settings, model)) {
            return decoder;
        }
        return fail(ErrorCode::InvalidRequest, "Use the coupling \"independent\" and the initialisation \"uniform\".",
                    settings.coupling + " / " + settings.initialisation);
    }
    return fail(ErrorCode::InvalidRequest, "Use the method \"sequential\" or \"sjd\".", settings.method);
}

} // namespace jacobi
