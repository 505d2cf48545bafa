// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/engine/flowchoicestore.h"

#include "core/base/limits.h"
#include "core/io/jsonfields.h"

#include <utility>

namespace jacobi {
namespace {

constexpr const char* kWhat = "A remembered strategy";
constexpr std::uint64_t kMostBytes = 8U << 20U;
constexpr double kMostSeconds = 1e6;
constexpr double kMostPasses = 1e9;

} // namespace

nlohmann::json flowChoiceKey(const RunRequest& request, const std::string& deviceName)
{
    return {{"model", request.modelHash},
            {"device", deviceName},
            {"software", JACOBI_VERSION},
            {"precision", request.precision},
            {"strategy", request.strategy},
            {"clip", request.clip},
            {"guidance", measuredGuidance(request.guidance)},
            {"hasClass", !request.className.empty()},
            {"schedule", request.guidanceSchedule},
            {"attentionTemperature", request.attentionTemperature},
            {"pictures", request.pictures}};
}

nlohmann::json toJson(const FlowChoice& choice)
{
    nlohmann::json blocks = nlohmann::json::array();
    for (std::size_t block = 0; block < choice.blockPasses.size(); ++block) {
        blocks.push_back({{"block", block}, {"passes", choice.blockPasses[block]}});
    }
    return {{"plan", flowStrategyToLine(choice.strategy)},
            {"passes", choice.passes},
            {"sequentialPasses", choice.sequentialPasses},
            {"seconds", choice.seconds},
            {"sequentialSeconds", choice.sequentialSeconds},
            {"error", choice.error},
            {"blocks", std::move(blocks)}};
}

Result<FlowChoice> flowChoiceFromJson(const nlohmann::json& json)
{
    FlowChoice choice;
    std::string plan;
    JsonFields fields(json, kWhat);
    fields.text("plan", plan, 1U << 20U);
    fields.number("passes", choice.passes, 0.0, kMostPasses);
    fields.number("sequentialPasses", choice.sequentialPasses, 0.0, kMostPasses);
    fields.number("seconds", choice.seconds, 0.0, kMostSeconds);
    fields.number("sequentialSeconds", choice.sequentialSeconds, 0.0, kMostSeconds);
    fields.number("error", choice.error, 0.0, kMostPasses);
    fields.list("blocks", kMaxTraceBlocks, [&](const nlohmann::json& entry) {
        JsonFields read(entry, kWhat);
        read.number("passes", choice.blockPasses.emplace_back(), 0.0, kMostPasses);
        fields.adopt(read.error());
    });
    if (fields.error()) {
        return tl::unexpected(*fields.error());
    }
    auto strategy = flowStrategyFromJson(plan, kWhat);
    if (!strategy) {
        return tl::unexpected(strategy.error());
    }
    choice.strategy = std::move(*strategy);
    return choice;
}

FlowChoiceStore::FlowChoiceStore(std::filesystem::path file) : m_file(std::move(file), kMostBytes) {}

std::optional<FlowChoice> FlowChoiceStore::find(const RunRequest& request, const std::string& deviceName) const
{
    const nlohmann::json* entry = m_file.find(flowChoiceKey(request, deviceName));
    if (entry == nullptr) {
        return std::nullopt;
    }
    auto choice = flowChoiceFromJson(*entry);
    return choice ? std::optional(std::move(*choice)) : std::nullopt;
}

Result<void> FlowChoiceStore::remember(const RunRequest& request, const std::string& deviceName,
                                       const FlowChoice& choice)
{
    return m_file.remember(flowChoiceKey(request, deviceName), toJson(choice));
}

} // namespace jacobi
