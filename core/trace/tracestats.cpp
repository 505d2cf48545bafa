// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/trace/tracestats.h"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <utility>

namespace jacobi {
namespace {

std::string stateOf(const Trace& trace)
{
    if (!trace.summary || !trace.damage.empty()) {
        return "cut";
    }
    switch (trace.summary->outcome) {
    case Outcome::Complete: return "complete";
    case Outcome::Cancelled: return "cancelled";
    case Outcome::Failed: return "failed";
    }
    return "failed";
}

double seconds(std::int64_t nanoseconds)
{
    return static_cast<double>(nanoseconds) * 1e-9;
}

} // namespace

TraceStats traceStats(const Trace& trace)
{
    TraceStats stats;
    if (trace.header) {
        const RunRequest& request = trace.header->request;
        stats.model = request.modelId;
        stats.method = request.method;
        stats.coupling = request.coupling;
        stats.device = trace.header->deviceName;
        stats.seed = request.seed;
        stats.pictures = static_cast<std::uint32_t>(std::max(1, request.pictures));
        stats.prompt = request.prompt;
        stats.prompts = trace.header->prompts;
        stats.className = request.className;
        stats.strategy = request.strategy;
    }
    // Pictures of a batch share a pass, whichever block of a flow each is in, and so do blocks that overlap: there are as
    // many as the slowest picture took.
    std::map<std::uint32_t, std::set<std::uint32_t>> passes;                    // of an item
    std::map<std::pair<std::uint32_t, std::uint32_t>, std::uint32_t> committed; // of item and lane
    std::map<std::pair<std::uint32_t, std::uint32_t>, std::size_t> gained;      // of item and pass
    double otherSeconds = 0.0;
    for (const auto& step : trace.steps) {
        passes[step->item].insert(step->pass);
        auto& end = committed[{step->item, step->lane}];
        end = std::max(end, step->committedEnd);
        gained[{step->item, step->pass}] += step->committedEnd - step->begin;
        stats.forwardSeconds += seconds(step->forwardNs);
        stats.samplingSeconds += seconds(step->samplingNs);
        otherSeconds += seconds(step->otherNs);
    }
    constexpr std::size_t kMostTokens = 1U << 20; // of a pass: a damaged trace may say anything
    for (const auto& [pass, claimed] : gained) {
        const std::size_t tokens = std::min(claimed, kMostTokens);
        stats.histogram.resize(std::max(stats.histogram.size(), tokens + 1));
        ++stats.histogram[tokens];
    }
    for (const auto& [item, own] : passes) {
        stats.passes = std::max<std::uint64_t>(stats.passes, own.size());
    }
    for (const auto& [lane, end] : committed) {
        stats.tokens += end;
    }
    stats.tokensPerPass =
        stats.passes == 0 ? 0.0 : static_cast<double>(stats.tokens) / static_cast<double>(stats.passes);
    stats.seconds = stats.forwardSeconds + stats.samplingSeconds + otherSeconds;
    stats.state = stateOf(trace);
    stats.message = trace.damage;
    if (trace.summary) {
        stats.seconds = trace.summary->seconds;
        stats.nonFinite = trace.summary->nonFinite;
        stats.nearTies = trace.summary->nearTies;
        stats.fallbacks = trace.summary->fallbacks;
        stats.message = trace.damage.empty() ? trace.summary->message : trace.damage;
    }
    return stats;
}

nlohmann::json toJson(const TraceStats& stats)
{
    return {{"model", stats.model},
            {"method", stats.method},
            {"coupling", stats.coupling},
            {"device", stats.device},
            {"seed", stats.seed},
            {"prompt", stats.prompt},
            {"prompts_read", stats.prompts},
            {"class", stats.className},
            {"strategy", stats.strategy},
            {"state", stats.state},
            {"complete", stats.complete()},
            {"message", stats.message},
            {"tokens", stats.tokens},
            {"passes", stats.passes},
            {"tokens_per_pass", stats.tokensPerPass},
            {"seconds", stats.seconds},
            {"forward_seconds", stats.forwardSeconds},
            {"sampling_seconds", stats.samplingSeconds},
            {"non_finite", stats.nonFinite},
            {"near_ties", stats.nearTies},
            {"fallbacks", stats.fallbacks},
            {"pictures", stats.pictures},
            {"accepted_per_pass", stats.histogram}};
}

} // namespace jacobi
