// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/generationwords.h"

#include "app/cli/progressline.h"
#include "core/base/printable.h"
#include "core/trace/requestsettings.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstdint>
#include <cstdio>

namespace jacobi::cli {
namespace {

constexpr std::size_t kMostReadBytes = 1000; ///< of a prompt, on the terminal

/// How a flow is inverted, and what it shows.
void announceFlow(const RunRequest& request)
{
    if (request.method == "front") {
        std::fprintf(stderr, " (window %d, tolerance %g)", request.window, request.tolerance);
    } else if (request.method == "jacobi") {
        std::fprintf(stderr, " (tolerance %g)", request.tolerance);
    } else if (request.method == "gs-jacobi" && request.strategy.empty()) {
        std::fprintf(stderr, " (%d segments, tolerance %g)", request.segments, request.tolerance);
    } else if (request.method == "gs-jacobi") {
        std::fprintf(stderr, " (%s)", request.strategy.c_str());
    }
    std::fprintf(stderr, ", %s", request.className.empty() ? "no class" : request.className.c_str());
}

double tokensPerPass(const RunSummary& summary)
{
    return summary.passes > 0 ? static_cast<double>(summary.tokens) / static_cast<double>(summary.passes) : 0.0;
}

} // namespace

void announce(const RunRequest& request, const RunRequest& asked, const DeviceInfo& device)
{
    std::fprintf(stderr, "%s, %s", request.modelId.c_str(), request.method.c_str());
    const bool isFlow = !request.plan.empty();
    if (isFlow) {
        announceFlow(request);
    } else if (request.method != "sequential") {
        std::fprintf(stderr, " (%s, window %d%s, drafts %s%s)", request.coupling.c_str(), request.window,
                     asked.window == kAutoWindow ? " by auto" : "", request.initialisation.c_str(),
                     asked.initialisation == kAutoName ? " by auto" : "");
    }
    if (request.method == "sjd2") {
        std::fprintf(stderr, ", %d noise step%s", request.noiseSteps, request.noiseSteps == 1 ? "" : "s");
    }
    if (request.pictures > 1) {
        std::fprintf(stderr, ", %d pictures", request.pictures);
    }
    std::fprintf(stderr, ", guidance %g", request.guidance);
    if (!isFlow) {
        std::fprintf(stderr, ", temperature %g", request.temperature);
    }
    if (request.topK > 0) {
        std::fprintf(stderr, ", top-k %d", request.topK);
    }
    if (request.topP < 1.0 && !isFlow) {
        std::fprintf(stderr, ", top-p %g", request.topP);
    }
    if (request.minP > 0.0) {
        std::fprintf(stderr, ", min-p %g", request.minP);
    }
    std::fprintf(stderr, ", seed %llu, on %s.%s%s\n", static_cast<unsigned long long>(request.seed),
                 device.name.c_str(), device.reason.empty() ? "" : " ", device.reason.c_str());
}

void printJson(const ResolvedRequest& resolved, const RunSummary& summary, const Made& made)
{
    nlohmann::json json{{"request", toJson(resolved.request)},
                        {"unknown_words", resolved.unknownWords},
                        {"complete", summary.outcome == Outcome::Complete},
                        {"method", resolved.request.method},
                        {"coupling", usesCoupling(resolved.request) ? resolved.request.coupling : ""},
                        {"seed", resolved.request.seed},
                        {"tokens", summary.tokens},
                        {"passes", summary.passes},
                        {"tokens_per_pass", tokensPerPass(summary)},
                        {"tokens_per_pass_per_picture", made.tokensPerPassPerPicture},
                        {"seconds", summary.seconds},
                        {"forward_seconds", summary.forwardSeconds},
                        {"sampling_seconds", summary.samplingSeconds},
                        {"preview_seconds", summary.previewSeconds},
                        {"near_ties", summary.nearTies},
                        {"non_finite", summary.nonFinite},
                        {"fallbacks", summary.fallbacks},
                        {"prompts_read", made.prompts},
                        {"picture_count", resolved.request.pictures},
                        {"pictures", made.pictures}};
    json["picture"] = made.pictures.empty() ? nlohmann::json() : nlohmann::json(made.pictures.front());
    json["trace"] = made.trace.empty() ? nlohmann::json() : nlohmann::json(made.trace);
    std::printf("%s\n", json.dump(2, ' ', false, nlohmann::json::error_handler_t::replace).c_str());
}

void printSummary(const ResolvedRequest& resolved, const RunSummary& summary, const Made& made)
{
    const auto pictures = static_cast<std::uint32_t>(std::max(1, resolved.request.pictures));
    const std::string perPass = tokensPerPassText(tokensPerPass(summary), made.tokensPerPassPerPicture, pictures);
    std::printf("%llu tokens in %llu passes, tokens per pass: %s, %.2f seconds, seed %llu\n",
                static_cast<unsigned long long>(summary.tokens), static_cast<unsigned long long>(summary.passes),
                perPass.c_str(), summary.seconds, static_cast<unsigned long long>(resolved.request.seed));
    if (summary.fallbacks > 0) {
        std::printf("%llu runs of tokens left the range of numbers and were inverted one by one.\n",
                    static_cast<unsigned long long>(summary.fallbacks));
    }
    for (const std::string& prompt : made.prompts) {
        std::printf("Read as: %s\n", printable(prompt, kMostReadBytes).c_str());
    }
    for (const std::string& picture : made.pictures) {
        std::printf("Picture: %s\n", picture.c_str());
    }
    if (!made.trace.empty()) {
        std::printf("Trace:   %s\n", made.trace.c_str());
    }
}

} // namespace jacobi::cli
