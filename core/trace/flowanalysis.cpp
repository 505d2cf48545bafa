// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/trace/flowanalysis.h"

#include "core/base/limits.h"
#include "core/io/atomicfile.h"
#include "core/io/inputfile.h"
#include "core/io/jsonfields.h"
#include "core/io/jsontext.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <system_error>

namespace jacobi {
namespace {

constexpr const char* kFileName = "analysis.json";
constexpr const char* kReplaced = "replaces"; // in a file: pictures of the best one that it was saved in place of
constexpr std::size_t kMaxFileBytes = 1U << 20U;

/// 1 for the smallest; equal ones share the mean of their ranks.
std::vector<double> ranksOf(const std::vector<double>& values)
{
    std::vector<std::size_t> order(values.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return values[a] < values[b]; });
    std::vector<double> ranks(values.size());
    for (std::size_t from = 0; from < order.size();) {
        std::size_t to = from;
        while (to < order.size() && values[order[to]] == values[order[from]]) {
            ++to;
        }
        for (std::size_t i = from; i < to; ++i) {
            ranks[order[i]] = 0.5 * static_cast<double>(from + 1 + to);
        }
        from = to;
    }
    return ranks;
}

std::optional<double> correlationWithPasses(const FlowAnalysis& analysis, double FlowBlockMetrics::*metric)
{
    std::vector<double> values;
    std::vector<double> passes;
    for (const FlowBlockMetrics& block : analysis.blocks) {
        values.push_back(block.*metric);
        passes.push_back(block.passes);
    }
    return rankCorrelation(values, passes);
}

nlohmann::json orNull(const std::optional<double>& value)
{
    return value ? nlohmann::json(*value) : nlohmann::json();
}

double readable(double value)
{
    return std::isnan(value) ? kMostMetric : std::clamp(value, -kMostMetric, kMostMetric);
}

} // namespace

std::optional<double> rankCorrelation(const std::vector<double>& a, const std::vector<double>& b)
{
    if (a.size() != b.size() || a.size() < 2) {
        return std::nullopt;
    }
    const std::vector<double> x = ranksOf(a);
    const std::vector<double> y = ranksOf(b);
    const double mean = 0.5 * static_cast<double>(a.size() + 1);
    double xx = 0.0;
    double yy = 0.0;
    double xy = 0.0;
    for (std::size_t i = 0; i < x.size(); ++i) {
        xx += (x[i] - mean) * (x[i] - mean);
        yy += (y[i] - mean) * (y[i] - mean);
        xy += (x[i] - mean) * (y[i] - mean);
    }
    return xx > 0.0 && yy > 0.0 ? std::optional(xy / std::sqrt(xx * yy)) : std::nullopt;
}

std::optional<double> FlowAnalysis::crmCorrelation() const
{
    return correlationWithPasses(*this, &FlowBlockMetrics::crm);
}

std::optional<double> FlowAnalysis::igmCorrelation() const
{
    return correlationWithPasses(*this, &FlowBlockMetrics::igmInput);
}

nlohmann::json toJson(const FlowAnalysis& analysis)
{
    nlohmann::json blocks = nlohmann::json::array();
    for (const FlowBlockMetrics& block : analysis.blocks) {
        blocks.push_back({{"block", block.block},
                          {"crm", readable(block.crm)},
                          {"crmPercent", readable(block.crmPercent)},
                          {"igmInput", readable(block.igmInput)},
                          {"igmZeros", readable(block.igmZeros)},
                          {"start", name(block.start())},
                          {"passes", readable(block.passes)}});
    }
    return {{"schema", 1},
            {"modelHash", analysis.modelHash},
            {"images", analysis.images},
            {"latents", analysis.latents},
            {"crmCorrelation", orNull(analysis.crmCorrelation())},
            {"igmCorrelation", orNull(analysis.igmCorrelation())},
            {"blocks", std::move(blocks)}};
}

Result<FlowAnalysis> flowAnalysisFromJson(const nlohmann::json& json, const std::string& what)
{
    FlowAnalysis analysis;
    JsonFields fields(json, what);
    int schema = 0;
    fields.whole("schema", schema, 1, 1);
    fields.text("modelHash", analysis.modelHash, 128);
    fields.whole("images", analysis.images);
    fields.whole("latents", analysis.latents);
    fields.list("blocks", kMaxTraceBlocks, [&](const nlohmann::json& entry) {
        FlowBlockMetrics block;
        JsonFields read(entry, what + ": blocks");
        const auto index = static_cast<std::uint32_t>(analysis.blocks.size());
        read.whole("block", block.block, index, index);
        read.number("crm", block.crm, -kMostMetric, kMostMetric);
        read.number("crmPercent", block.crmPercent, -kMostMetric, kMostMetric);
        read.number("igmInput", block.igmInput, 0.0, kMostMetric);
        read.number("igmZeros", block.igmZeros, 0.0, kMostMetric);
        read.number("passes", block.passes, 0.0, kMostMetric);
        fields.adopt(read.error());
        analysis.blocks.push_back(block);
    });
    if (fields.error()) {
        return tl::unexpected(*fields.error());
    }
    return analysis;
}

std::vector<std::filesystem::path> flowAnalysisPlaces(const std::filesystem::path& modelFolder,
                                                      const std::filesystem::path& cacheFolder,
                                                      const std::string& modelHash)
{
    std::vector<std::filesystem::path> places;
    if (!modelFolder.empty()) {
        places.push_back(modelFolder / kFileName);
    }
    if (!cacheFolder.empty()) {
        places.push_back(cacheFolder / "flows" / (modelHash + "-" + kFileName));
    }
    return places;
}

namespace {

/// An analysis in one of its places.
struct SavedAnalysis {
    FlowAnalysis analysis;
    std::uint32_t rank = 0; ///< pictures it counts for: its own, or those of a better one that it was to replace
    std::filesystem::file_time_type savedAt;
};

std::optional<SavedAnalysis> readSaved(const std::filesystem::path& place, const std::string& modelHash)
{
    const auto bytes = readWholeFile(place, kMaxFileBytes);
    if (!bytes) {
        return std::nullopt;
    }
    const auto json = parseJson({reinterpret_cast<const char*>(bytes->data()), bytes->size()}, "The analysis");
    auto analysis = json ? flowAnalysisFromJson(*json, "The analysis") : tl::unexpected(json.error());
    if (!analysis || analysis->modelHash != modelHash) {
        return std::nullopt;
    }
    std::uint32_t replaced = 0;
    JsonFields fields(*json, "The analysis", JsonFields::Missing::Kept);
    fields.whole(kReplaced, replaced);
    SavedAnalysis saved;
    saved.rank = std::max(analysis->images, fields.error() ? 0U : replaced);
    saved.analysis = std::move(*analysis);
    std::error_code unknown;
    saved.savedAt = std::filesystem::last_write_time(place, unknown);
    return saved;
}

} // namespace

Result<std::filesystem::path> saveFlowAnalysis(const FlowAnalysis& analysis, const std::filesystem::path& modelFolder,
                                               const std::filesystem::path& cacheFolder)
{
    const auto places = flowAnalysisPlaces(modelFolder, cacheFolder, analysis.modelHash);
    nlohmann::json json = toJson(analysis);
    std::uint32_t rank = analysis.images;
    for (const auto& place : places) {
        const auto saved = readSaved(place, analysis.modelHash);
        rank = std::max(rank, saved ? saved->rank : 0U);
    }
    if (rank > analysis.images) {
        json[kReplaced] = rank;
    }
    const std::string text = jsonText(json, 1) + "\n";
    Result<void> written = fail(ErrorCode::Io, "There is no folder to save the analysis in. Name one with --models.");
    for (const auto& place : places) {
        std::error_code ignored; // The write tells.
        std::filesystem::create_directories(place.parent_path(), ignored);
        written = writeFileAtomically(place, std::string_view(text));
        if (written) {
            return place;
        }
    }
    return tl::unexpected(written.error());
}

std::optional<FlowAnalysis> findFlowAnalysis(const std::filesystem::path& modelFolder,
                                             const std::filesystem::path& cacheFolder, const std::string& modelHash)
{
    std::optional<SavedAnalysis> best;
    for (const auto& place : flowAnalysisPlaces(modelFolder, cacheFolder, modelHash)) {
        auto saved = readSaved(place, modelHash);
        if (saved &&
            (!best || saved->rank > best->rank || (saved->rank == best->rank && saved->savedAt > best->savedAt))) {
            best = std::move(saved);
        }
    }
    return best ? std::optional(std::move(best->analysis)) : std::nullopt;
}

} // namespace jacobi
