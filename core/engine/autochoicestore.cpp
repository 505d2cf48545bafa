// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/engine/autochoicestore.h"

#include "core/io/atomicfile.h"
#include "core/io/jsonfields.h"
#include "core/io/jsontext.h"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <system_error>

namespace jacobi {
namespace {

constexpr std::size_t kMostChoices = 500;
constexpr std::uintmax_t kMostBytes = 4U << 20U;
constexpr double kMostSeconds = 1e6;

nlohmann::json toJson(const nlohmann::json& key, const AutoChoice& choice)
{
    return {{"for", key},
            {"window", choice.window},
            {"initialisation", choice.initialisation},
            {"tokensPerPass", choice.tokensPerPass},
            {"seconds", choice.seconds},
            {"sequentialSeconds", choice.sequentialSeconds}};
}

} // namespace

nlohmann::json autoChoiceKey(const RunRequest& request, const std::string& deviceName)
{
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
    if (request.method == "sjd2") {
        key["noiseSteps"] = request.noiseSteps;
    }
    return key;
}

AutoChoiceStore::AutoChoiceStore(std::filesystem::path file) : m_file(std::move(file))
{
    std::error_code error;
    if (m_file.empty() || !std::filesystem::is_regular_file(m_file, error) ||
        std::filesystem::file_size(m_file, error) > kMostBytes) {
        return;
    }
    std::ifstream in(m_file, std::ios::binary);
    const std::string text((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
    const Result<nlohmann::json> json = parseJson(text, "The remembered windows");
    if (!json) {
        return;
    }
    JsonFields fields(*json, "The remembered windows");
    fields.list("choices", kMostChoices, [&](const nlohmann::json& entry) {
        AutoChoice choice;
        nlohmann::json key;
        JsonFields read(entry, "A remembered window");
        read.object("for", [&key](const nlohmann::json& object) { key = object; });
        read.whole("window", choice.window, 1, 1 << 20);
        read.text("initialisation", choice.initialisation, 64);
        read.number("tokensPerPass", choice.tokensPerPass, 0.0, kMostSeconds);
        read.number("seconds", choice.seconds, 0.0, kMostSeconds);
        read.number("sequentialSeconds", choice.sequentialSeconds, 0.0, kMostSeconds);
        if (!read.error()) {
            m_choices.emplace_back(std::move(key), std::move(choice));
        }
    });
}

std::optional<AutoChoice> AutoChoiceStore::find(const RunRequest& request, const std::string& deviceName) const
{
    const nlohmann::json key = autoChoiceKey(request, deviceName);
    const auto found = std::ranges::find(m_choices, key, &std::pair<nlohmann::json, AutoChoice>::first);
    return found == m_choices.end() ? std::nullopt : std::optional(found->second);
}

Result<void> AutoChoiceStore::remember(const RunRequest& request, const std::string& deviceName,
                                       const AutoChoice& choice)
{
    const nlohmann::json key = autoChoiceKey(request, deviceName);
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
        all.push_back(toJson(what, chosen));
    }
    std::error_code ignored; // The write tells.
    std::filesystem::create_directories(m_file.parent_path(), ignored);
    return writeFileAtomically(m_file, nlohmann::json{{"schema", 1}, {"choices", all}}.dump(1) + "\n");
}

} // namespace jacobi
