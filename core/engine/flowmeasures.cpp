// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/engine/flowmeasures.h"

#include <nlohmann/json.hpp>

namespace jacobi {

FlowMeasures::FlowMeasures(std::filesystem::path cacheFolder)
    : m_cacheFolder(std::move(cacheFolder)),
      m_choices(m_cacheFolder.empty() ? std::filesystem::path() : m_cacheFolder / "strategies.json")
{
}

std::optional<FlowStrategy> FlowMeasures::find(const RunRequest& request, const std::string& deviceName,
                                               const ModelInfo& model, const ModelFamily& family) const
{
    if (request.strategy != kCrm) {
        auto choice = m_choices.find(request, deviceName);
        return choice ? std::optional(std::move(choice->strategy)) : std::nullopt;
    }
    const auto analysis = known(model);
    if (!analysis) {
        return std::nullopt;
    }
    auto strategy = family.crmStrategy(model, *analysis);
    return strategy ? std::optional(std::move(*strategy)) : std::nullopt;
}

std::optional<FlowAnalysis> FlowMeasures::known(const ModelInfo& model) const
{
    const auto made = m_analyses.find(model.hash);
    return made != m_analyses.end() ? std::optional(made->second)
                                    : findFlowAnalysis(model.folder, m_cacheFolder, model.hash);
}

nlohmann::json FlowMeasures::known(const RunRequest& request, const std::string& deviceName) const
{
    const auto choice = m_choices.find(request, deviceName);
    nlohmann::json result = choice ? toJson(*choice) : nlohmann::json::object();
    result["plan"] = request.plan;
    return result;
}

Result<nlohmann::json> FlowMeasures::measure(LoadedModel& loaded, const RunContext& context, const ModelInfo& model,
                                             const ModelFamily& family, ProgressSink& sink, const std::stop_token& stop)
{
    const RunRequest& request = context.request;
    if (request.strategy == kCrm) {
        auto result = analyse(loaded, model, family, kUsualImages, false, sink, stop);
        if (!result) {
            return result;
        }
        const auto strategy = family.crmStrategy(model, m_analyses.at(model.hash));
        if (!strategy) {
            return tl::unexpected(strategy.error());
        }
        (*result)["plan"] = flowStrategyToLine(*strategy);
        return result;
    }
    const char* line = request.strategy == kAutoTime
                           ? "Finding the fastest strategy for this computer, once for these settings"
                           : "Finding the strategy of fewest passes, once for these settings";
    const Result<FlowChoice> measured = measureFlow(loaded, context, stop, [&](double fraction) {
        sink.progress({fraction, -1.0, line, {}});
    });
    if (!measured) {
        return tl::unexpected(measured.error());
    }
    nlohmann::json result = toJson(*measured);
    if (const auto kept = m_choices.remember(request, context.deviceName, *measured); !kept) {
        result["note"] = "The strategy could not be remembered. " + kept.error().message;
    }
    return result;
}

Result<nlohmann::json> FlowMeasures::analyse(LoadedModel& loaded, const ModelInfo& model, const ModelFamily& family,
                                             std::uint32_t images, bool replaces, ProgressSink& sink,
                                             const std::stop_token& stop)
{
    constexpr std::uint32_t kLatents = 4;
    sink.progress({0.0, -1.0, "Computing the metrics", {}});
    Result<FlowAnalysis> analysis = family.analyse(model, loaded, images, stop);
    if (!analysis) {
        return tl::unexpected(analysis.error());
    }
    sink.progress({0.5, -1.0, "Counting each block's passes", {}});
    const auto passes = measureBlockPasses(loaded, kLatents, stop);
    if (!passes) {
        return tl::unexpected(passes.error());
    }
    analysis->modelHash = model.hash;
    analysis->images = images;
    analysis->latents = kLatents;
    for (std::size_t block = 0; block < analysis->blocks.size(); ++block) {
        analysis->blocks[block].passes = passes->at(block);
    }
    nlohmann::json result = keep(*analysis, model, replaces);
    sink.progress({1.0, -1.0, "Counting each block's passes", {}});
    return result;
}

/// What the strategy crm makes of a model must not change because somebody looked at a few pictures.
nlohmann::json FlowMeasures::keep(const FlowAnalysis& analysis, const ModelInfo& model, bool replaces)
{
    nlohmann::json result = toJson(analysis);
    const std::optional<FlowAnalysis> better = replaces ? std::nullopt : known(model);
    if (better && better->images > analysis.images) {
        m_analyses[model.hash] = *better;
        result["keptImages"] = better->images;
        result["note"] = "The saved analysis of " + std::to_string(better->images) +
                         " pictures is kept, because this one is of " + std::to_string(analysis.images) + " only.";
        return result;
    }
    m_analyses[model.hash] = analysis;
    if (const auto saved = saveFlowAnalysis(analysis, model.folder, m_cacheFolder)) {
        result["file"] = saved->string();
    } else {
        result["note"] = "The analysis could not be saved. " + saved.error().message;
    }
    return result;
}

} // namespace jacobi
