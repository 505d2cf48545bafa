// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/engine/flowchoicestore.h"
#include "core/engine/modelfamily.h"
#include "core/engine/runheader.h"

#include <cstdint>
#include <filesystem>
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <stop_token>
#include <string>

namespace jacobi {

inline constexpr std::uint32_t kUsualImages = 256; ///< a flow is analysed with, where nothing else is said

/// What is measured for flows: strategies and metrics, remembered in the cache folder (strategies.json) and beside the
/// models (core/trace/flowanalysis.h). Worker thread only; may throw what libtorch throws.
class FlowMeasures {
public:
    /// An empty folder remembers until the program ends.
    explicit FlowMeasures(std::filesystem::path cacheFolder);

    /// The remembered strategy for a request with a measured one, on the device of that name; nothing where it has to be
    /// measured.
    std::optional<FlowStrategy> find(const RunRequest& request, const std::string& deviceName, const ModelInfo& model,
                                     const ModelFamily& family) const;

    /// kMeasureAutoJob for a request that is open. context.request: resolved.
    Result<nlohmann::json> measure(LoadedModel& loaded, const RunContext& context, const ModelInfo& model,
                                   const ModelFamily& family, ProgressSink& sink, const std::stop_token& stop);

    /// The same for one that is not: what is known of it, and its plan.
    nlohmann::json known(const RunRequest& request, const std::string& deviceName) const;

    /// kAnalyseFlowJob. replaces: also a saved analysis of more pictures, which is the better one.
    Result<nlohmann::json> analyse(LoadedModel& loaded, const ModelInfo& model, const ModelFamily& family,
                                   std::uint32_t images, bool replaces, ProgressSink& sink,
                                   const std::stop_token& stop);

private:
    /// Of this session, or saved.
    std::optional<FlowAnalysis> known(const ModelInfo& model) const;
    nlohmann::json keep(const FlowAnalysis& analysis, const ModelInfo& model, bool replaces);

    std::filesystem::path m_cacheFolder;
    FlowChoiceStore m_choices;
    std::map<std::string, FlowAnalysis> m_analyses; ///< by model hash, of this session
};

} // namespace jacobi
