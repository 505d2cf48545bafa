// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/engine/flowchoicestore.h"

#include "core/base/limits.h"
#include "core/io/atomicfile.h"
#include "core/io/inputfile.h"
#include "core/io/jsonfields.h"
#include "core/io/jsontext.h"

#include <algorithm>
#include <system_error>

namespace jacobi {
namespace {

constexpr const char* kWhat = "A remembered strategy";
constexpr std::size_t kMostChoices = 500;
constexpr std::size_t kMostBytes = 8U << 20U;
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

FlowChoiceStore::FlowChoiceStore(std::filesystem::path file) : m_file(std::move(file))
{
    if (m_file.empty()) {
        return;
    }
    const auto bytes = readWholeFile(m_file, kMostBytes);
    if (!bytes) {
        return;
    }
    const auto json =
        parseJson({reinterpret_cast<const char*>(bytes->data()), bytes->size()}, "The remembered strategies");
    if (!json) {
        return;
    }
    JsonFields fields(*json, "The remembered strategies");
    fields.list("choices", kMostChoices, [&](const nlohmann::json& entry) {
        nlohmann::json key;
        JsonFields read(entry, kWhat);
        read.object("for", [&key](const nlohmann::json& object) { key = object; });
        auto choice = flowChoiceFromJson(entry);
        if (!read.error() && choice) {
            m_choices.emplace_back(std::move(key), std::move(*choice));
        }
    });
}

std::optional<FlowChoice> FlowChoiceStore::find(const RunRequest& request, const std::string& deviceName) const
{
    const nlohmann::json key = flowChoiceKey(request, deviceName);
    const auto found = std::ranges::find(m_choices, key, &std::pair<nlohmann::json, FlowChoice>::first);
    return found == m_choices.end() ? std::nullopt : std::optional(found->second);
}

Result<void> FlowChoiceStore::remember(const RunRequest& request, const std::string& deviceName,
                                       const FlowChoice& choice)
{
    const nlohmann::json key = flowChoiceKey(request, deviceName);
    std::erase_if(m_choices, [&key](const auto& entry) { return entry.first == key; });
    m_choices.emplace_back(key, choice);
    if (m_choices.size() > kMostChoices) {
        m_choices.erase(m_choices.begin());
    }
    if (m_file.empty()) {
        return {};
    }
    nlohmann::json all = nlohmann::json::array();
    for (const auto& [what, chosen] : m_choices) {
        nlohmann::json entry = toJson(chosen);
        entry["for"] = what;
        all.push_back(std::move(entry));
    }
    std::error_code ignored; // The write tells.
    std::filesystem::create_directories(m_file.parent_path(), ignored);
    return writeFileAtomically(m_file, jsonText({{"schema", 1}, {"choices", std::move(all)}}, 1) + "\n");
}

} // namespace jacobi
