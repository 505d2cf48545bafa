// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/decode/decoder.h"

#include "core/decode/sequential.h"
#include "core/decode/sjd.h"
#include "core/decode/sjd2.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace jacobi {

Result<std::unique_ptr<Decoder>> makeDecoder(const DecodeSettings& settings, TokenModel& model)
{
    constexpr std::array<std::string_view, 4> kMethods{"sequential", "sjd", "sjd2", "jacobi"};
    if (std::ranges::find(kMethods, settings.method) == kMethods.end()) {
        return fail(ErrorCode::InvalidRequest, "Use the method \"sequential\", \"sjd\", \"sjd2\" or \"jacobi\".",
                    settings.method);
    }
    if (settings.method == "sequential") {
        return makeSequentialDecoder(settings, model);
    }
    if (settings.method == "jacobi" && settings.temperature != 0.0) {
        return fail(ErrorCode::InvalidRequest,
                    "Jacobi iteration takes the most probable token always: set the temperature to 0, or use the method "
                    "\"sjd\".");
    }
    if (settings.method == "sjd2") {
        if (auto readable = checkNoise(settings, model); !readable) {
            return tl::unexpected(readable.error());
        }
    }
    if (std::unique_ptr<Decoder> decoder =
            settings.method == "sjd2" ? makeSjd2Decoder(settings, model) : makeSjdDecoder(settings, model)) {
        return decoder;
    }
    return fail(ErrorCode::InvalidRequest, "There is no such coupling or initialisation.",
                settings.coupling + " / " + settings.initialisation);
}

} // namespace jacobi
