// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/error.h"
#include "core/trace/flowstrategy.h"

#include <cstdint>
#include <filesystem>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

namespace jacobi {

/// What sample pictures say about how hard a block is to invert in parallel (Liu & Qin 2025, "Accelerate TarFlow sampling
/// with GS-Jacobi iteration", section 4), and what it really took.
struct FlowBlockMetrics {
    std::uint32_t block = 0;
    double crm = 0.0;          ///< convergence ranking metric; compares blocks of one model only
    double crmPercent = 0.0;   ///< its share of the sum over the blocks
    double igmInput = 0.0;     ///< initial guessing metric: error after one inverse step from the block's input ...
    double igmZeros = 0.0;     ///< ... and from zeros; kMostMetric where it left the finite numbers
    double passes = 0.0;       ///< measured: of plain Jacobi from the input, until the block's output is within
                               ///< kMeasuredError of the exact one; mean over latents; 0: not measured

    FlowStart start() const { return igmZeros < igmInput ? FlowStart::Zeros : FlowStart::Input; }

    bool operator==(const FlowBlockMetrics&) const = default;
};

inline constexpr double kMostMetric = 1e300;
inline constexpr double kMeasuredError = 1e-2;
inline constexpr std::uint32_t kFewImages = 32; ///< with fewer the metrics change from one choice of pictures to another

struct FlowAnalysis {
    std::string modelHash; ///< SHA-256 of model.json
    std::uint32_t images = 0;  ///< pictures the metrics were computed from
    std::uint32_t latents = 0; ///< latents the passes were measured on
    std::vector<FlowBlockMetrics> blocks; ///< ascending

    /// Spearman's rank correlation of a metric with the measured passes over the blocks, -1..1: whether it ranks them
    /// rightly. Empty where nothing was measured or all blocks tie.
    std::optional<double> crmCorrelation() const;
    std::optional<double> igmCorrelation() const; ///< of igmInput, the start the passes were measured from

    bool operator==(const FlowAnalysis&) const = default;
};

/// Of two lists of one length; ties share their mean rank. Empty where a list is constant or has fewer than two entries.
std::optional<double> rankCorrelation(const std::vector<double>& a, const std::vector<double>& b);

/// {"schema": 1, "modelHash", "images", "latents", "crmCorrelation", "igmCorrelation", "blocks": [{"block", "crm",
/// "crmPercent", "igmInput", "igmZeros", "start", "passes"}]}; the correlations and starts are for readers and follow
/// from the rest.
nlohmann::json toJson(const FlowAnalysis& analysis);
Result<FlowAnalysis> flowAnalysisFromJson(const nlohmann::json& json, const std::string& what);

/// Where an analysis is saved: in the model's folder, or where that cannot be written in the cache folder.
std::vector<std::filesystem::path> flowAnalysisPlaces(const std::filesystem::path& modelFolder,
                                                      const std::filesystem::path& cacheFolder,
                                                      const std::string& modelHash);

/// Writes it to the first place that takes it and returns that. It is the one that is found from then on: where another place
/// has one of more pictures, their number stands in the file ("replaces").
Result<std::filesystem::path> saveFlowAnalysis(const FlowAnalysis& analysis, const std::filesystem::path& modelFolder,
                                               const std::filesystem::path& cacheFolder);

/// The saved analysis of exactly this model: of those in its places the one of most pictures (its own, or what it says it
/// replaces), of equals the newest. Nothing where there is none that can be read. cacheFolder may be empty.
std::optional<FlowAnalysis> findFlowAnalysis(const std::filesystem::path& modelFolder,
                                             const std::filesystem::path& cacheFolder, const std::string& modelHash);

} // namespace jacobi
