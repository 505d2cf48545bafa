// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/trace/tracestats.h"

#include "core/trace/passtally.h"
#include "core/trace/requestsettings.h"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace jacobi {
namespace {

std::string stateOf(const Trace& trace)
{
    if (trace.isDamaged) {
        return "damaged";
    }
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
        stats.isFlow = trace.header->layout.isFlow();
        stats.request = request;
        if (!stats.isFlow && usesCoupling(request)) {
            stats.coupling = request.coupling;
        }
        stats.device = trace.header->deviceName;
        stats.seed = request.seed;
        stats.pictures = static_cast<std::uint32_t>(std::max(1, request.pictures));
        stats.prompt = request.prompt;
        stats.prompts = trace.header->prompts;
        stats.className = request.className;
        stats.strategy = request.strategy;
    }
    PassTally tally;
    double otherSeconds = 0.0;
    for (const auto& step : trace.steps) {
        tally.add(*step);
        stats.forwardSeconds += seconds(step->forwardNs);
        stats.samplingSeconds += seconds(step->samplingNs);
        otherSeconds += seconds(step->otherNs);
    }
    stats.histogram = tally.passesByTokens();
    stats.passes = tally.passes();
    stats.tokens = tally.tokens();
    stats.tokensPerPass = tally.tokensPerPass();
    stats.tokensPerPassPerPicture = tally.tokensPerPassPerPicture();
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
            {"tokens_per_pass_per_picture", stats.tokensPerPassPerPicture},
            {"seconds", stats.seconds},
            {"forward_seconds", stats.forwardSeconds},
            {"sampling_seconds", stats.samplingSeconds},
            {"non_finite", stats.nonFinite},
            {"near_ties", stats.nearTies},
            {"fallbacks", stats.fallbacks},
            {"picture_count", stats.pictures},
            {"passes_by_tokens", stats.histogram},
            {"request", usedRequest(stats.request, stats.isFlow)}};
}

} // namespace jacobi
