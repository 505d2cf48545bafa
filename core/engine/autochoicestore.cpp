// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/engine/autochoicestore.h"

#include "core/io/jsonfields.h"

#include <cmath>
#include <utility>

namespace jacobi {
namespace {

constexpr std::uint64_t kMostBytes = 4U << 20U;
constexpr double kMostSeconds = 1e6;

nlohmann::json toJson(const AutoChoice& choice)
{
    return {{"window", choice.window},
            {"initialisation", choice.initialisation},
            {"tokensPerPass", choice.tokensPerPass},
            {"seconds", choice.seconds},
            {"sequentialSeconds", choice.sequentialSeconds}};
}

} // namespace

namespace {

/// The steps in which settings of the law count: within one, the tokens that a pass gains hardly differ.
long stepOf(double value, double step)
{
    return std::lround(value / step);
}

/// 0 for all codes; otherwise the doublings.
long stepOfTopK(int topK)
{
    return topK <= 0 ? 0 : 1 + std::lround(std::log2(topK));
}

} // namespace

nlohmann::json autoChoiceKey(const RunRequest& request, const std::string& deviceName)
{
    constexpr double kTemperature = 0.25, kTopP = 0.1, kMinP = 0.05;
    nlohmann::json key{{"model", request.modelHash},
                       {"device", deviceName},
                       {"software", JACOBI_VERSION},
                       {"precision", request.precision},
                       {"method", request.method},
                       {"coupling", request.coupling},
                       {"initialisation", request.initialisation},
                       {"window", request.window},
                       {"guided", request.guidance != 1.0},
                       {"greedy", request.temperature == 0.0},
                       {"pictures", request.pictures}};
    if (request.temperature != 0.0) { // greedy, nothing but the most probable code counts
        key["temperature"] = stepOf(request.temperature, kTemperature);
        key["topK"] = stepOfTopK(request.topK);
        key["topP"] = stepOf(request.topP, kTopP);
        key["minP"] = stepOf(request.minP, kMinP);
    }
    if (request.method == "sjd2") {
        key["noiseSteps"] = request.noiseSteps;
    }
    return key;
}

AutoChoiceStore::AutoChoiceStore(std::filesystem::path file) : m_file(std::move(file), kMostBytes) {}

std::optional<AutoChoice> AutoChoiceStore::find(const RunRequest& request, const std::string& deviceName) const
{
    const nlohmann::json* entry = m_file.find(autoChoiceKey(request, deviceName));
    if (entry == nullptr) {
        return std::nullopt;
    }
    AutoChoice choice;
    JsonFields read(*entry, "A remembered window");
    read.whole("window", choice.window, 1, 1 << 20);
    read.text("initialisation", choice.initialisation, 64);
    read.number("tokensPerPass", choice.tokensPerPass, 0.0, kMostSeconds);
    read.number("seconds", choice.seconds, 0.0, kMostSeconds);
    read.number("sequentialSeconds", choice.sequentialSeconds, 0.0, kMostSeconds);
    return read.error() ? std::nullopt : std::optional(std::move(choice));
}

Result<void> AutoChoiceStore::remember(const RunRequest& request, const std::string& deviceName,
                                       const AutoChoice& choice)
{
    return m_file.remember(autoChoiceKey(request, deviceName), toJson(choice));
}

} // namespace jacobi
