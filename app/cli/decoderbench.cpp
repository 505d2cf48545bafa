// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/decoderbench.h"

#include "core/trace/memorytrace.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>

namespace jacobi::cli {
namespace {

/// One picture by one method.
struct Made {
    RunSummary summary;
    std::shared_ptr<const RunHeader> header;
    std::vector<std::int32_t> tokens;
};

/// The tokens as they stood in the end: the last one written to each position.
std::vector<std::int32_t> finalTokens(const Trace& trace)
{
    std::vector<std::int32_t> tokens(trace.header->layout.positions(), -1);
    for (const auto& step : trace.steps) {
        for (std::size_t i = 0; i < step->token.size(); ++i) {
            tokens[step->begin + i] = step->token[i];
        }
    }
    return tokens;
}

class TellingSink : public ProgressSink {
public:
    explicit TellingSink(const std::function<void(const std::string&)>& tell) : m_tell(tell) {}
    void progress(const JobProgress& progress) override
    {
        if (const long percent = std::lround(progress.fraction * 100); percent >= m_told + 10) {
            m_told = percent;
            m_tell(progress.line + ": " + std::to_string(percent) + " %");
        }
    }

private:
    const std::function<void(const std::string&)>& m_tell;
    long m_told = -10;
};

RunRequest requestOf(const BenchSetup& setup, const BenchMethod& method, std::uint64_t picture)
{
    RunRequest request = setup.base;
    request.method = method.method;
    request.coupling = method.coupling;
    request.initialisation = method.initialisation;
    request.window = method.window;
    request.noiseSteps = method.noiseSteps;
    request.prompt = setup.prompts[picture % setup.prompts.size()];
    request.seed = setup.base.seed + picture;
    return request;
}

Result<Made> make(Backend& backend, const RunRequest& request, RunControl& control)
{
    MemoryTrace trace;
    const Result<RunSummary> summary = backend.run(request, control, trace);
    if (!summary) {
        return tl::unexpected(summary.error());
    }
    if (summary->outcome == Outcome::Cancelled) {
        return fail(ErrorCode::Cancelled, "The bench was stopped.");
    }
    return Made{*summary, trace.trace().header, finalTokens(trace.trace())};
}

double tokensPerPass(const RunSummary& summary)
{
    return static_cast<double>(summary.tokens) / static_cast<double>(summary.passes);
}

/// A row, and what its standard error will come from.
struct Gathered {
    BenchRow row;
    double squares = 0.0; ///< of the deviations of tokens a pass from their mean
};

void add(Gathered& gathered, const Made& made, const Made& sequential)
{
    BenchRow& row = gathered.row;
    row.deviceName = made.header->deviceName;
    row.software = made.header->software;
    row.pictures += 1;
    row.tokens += made.summary.tokens;
    row.passes += made.summary.passes;
    row.seconds += made.summary.seconds;
    row.forwardSeconds += made.summary.forwardSeconds;
    row.pictureSeconds += made.summary.previewSeconds;
    row.identical += made.tokens == sequential.tokens ? 1.0 : 0.0;
    // Welford's running mean and sum of squared deviations.
    const double each = tokensPerPass(made.summary);
    const double delta = each - row.tokensPerPass;
    row.tokensPerPass += delta / static_cast<double>(row.pictures);
    gathered.squares += delta * (each - row.tokensPerPass);
}

BenchRow finished(const Gathered& gathered, const BenchRow& sequential)
{
    BenchRow row = gathered.row;
    const auto n = static_cast<double>(row.pictures);
    if (row.pictures > 1) {
        row.tokensPerPassError = std::sqrt(gathered.squares / (n - 1.0) / n);
    }
    row.identical /= n;
    row.passRatio = static_cast<double>(sequential.passes) / static_cast<double>(row.passes);
    row.wallRatio = sequential.seconds / row.seconds;
    const auto forwardOfPass = [](const BenchRow& r) { return r.forwardSeconds / static_cast<double>(r.passes); };
    row.forwardCostRatio = forwardOfPass(row) / forwardOfPass(sequential);
    row.overheadShare = 1.0 - row.forwardSeconds / (row.seconds - row.pictureSeconds);
    row.pictureShare = row.pictureSeconds / row.seconds;
    return row;
}

/// Those that are measured, in order: with fewer pictures than prompts the last ones are not.
std::vector<std::string> promptsOf(const BenchSetup& setup)
{
    const auto used = static_cast<std::ptrdiff_t>(std::min<std::uint64_t>(setup.prompts.size(), setup.pictures));
    return {setup.prompts.begin(), setup.prompts.begin() + used};
}

/// Every prompt has to be possible: the first that is not would be found after minutes of those before it.
Result<void> checkPrompts(Backend& backend, const BenchSetup& setup, const BenchMethod& method,
                          const std::function<void(const std::string&)>& tell)
{
    std::vector<std::string> told;
    for (std::uint64_t picture = 0; picture < promptsOf(setup).size(); ++picture) {
        const Result<ResolvedRequest> resolved = backend.resolve(requestOf(setup, method, picture));
        if (!resolved) {
            return tl::unexpected(resolved.error());
        }
        for (const std::string& sentence : resolved->notes) {
            if (std::ranges::find(told, sentence) == told.end()) {
                told.push_back(sentence);
                tell("note: " + sentence);
            }
        }
    }
    return {};
}

} // namespace

std::vector<BenchMethod> usualBenchMethods(int mostNoiseSteps)
{
    std::vector<BenchMethod> methods;
    for (const int window : {16, 32, 64}) {
        for (const char* coupling : {"independent", "maximal", "gumbel-exact", "gumbel-spec"}) {
            methods.push_back({"sjd", coupling, "uniform", window});
        }
        methods.push_back({"sjd", "maximal", "sample-left", window});
        for (int steps = 1; steps <= mostNoiseSteps; ++steps) {
            methods.push_back({"sjd2", "independent", "uniform", window, steps});
            methods.push_back({"sjd2", "maximal", "uniform", window, steps});
        }
    }
    methods.push_back({"sjd", "maximal", "sample-above", 64});
    methods.push_back({"sjd", "maximal", kAutoName, kAutoWindow});
    return methods;
}

std::vector<std::string> usualBenchPrompts()
{
    return {"a red house on the left by the sea at sunset, low sun on the right",
            "a green tree on green hills at noon, clouds",
            "snowy mountains at dawn, a yellow house on the right, sun in the middle",
            "a blue lighthouse on the right by the sea at night, moon on the left, stars",
            "a green cactus in the desert in the evening, the sun low on the left",
            "a white boat on the ocean on a bright day, the high sun in the middle, some clouds",
            "a pink tree on the left and a blue house on the right in the hills in the morning",
            "midnight over snowy hills, a red house, clear sky with stars"};
}

Result<std::vector<BenchRow>> benchDecoders(Backend& backend, const BenchSetup& setup, RunControl& control,
                                            const std::stop_token& stop,
                                            const std::function<void(const std::string&)>& tell)
{
    TellingSink sink(tell);
    std::vector<BenchMethod> methods = setup.methods;
    methods.insert(methods.begin(), {"sequential", "independent", "uniform", 1});
    if (auto checked = checkPrompts(backend, setup, methods.front(), tell); !checked) {
        return tl::unexpected(checked.error());
    }
    std::vector<Gathered> gathered(methods.size());
    for (std::size_t i = 0; i < methods.size(); ++i) {
        const RunRequest asked = requestOf(setup, methods[i], 0);
        const Result<ResolvedRequest> resolved = settle(backend, asked, sink, stop);
        if (!resolved) {
            return tl::unexpected(resolved.error());
        }
        gathered[i].row.request = resolved->request;
        gathered[i].row.automatic = asked.hasAuto();
        gathered[i].row.prompts = promptsOf(setup);
        methods[i].initialisation = resolved->request.initialisation;
        methods[i].window = resolved->request.window;
    }
    // The first run pays for loading and for caches; it does not count.
    if (const Result<Made> warm = make(backend, requestOf(setup, methods[0], 0), control); !warm) {
        return tl::unexpected(warm.error());
    }
    for (std::uint64_t picture = 0; picture < setup.pictures; ++picture) {
        tell("picture " + std::to_string(picture + 1) + " of " + std::to_string(setup.pictures));
        Made sequential;
        for (std::size_t i = 0; i < methods.size(); ++i) {
            Result<Made> made = make(backend, requestOf(setup, methods[i], picture), control);
            if (!made) {
                return tl::unexpected(made.error());
            }
            if (i == 0) {
                sequential = *made;
            }
            add(gathered[i], *made, sequential);
        }
    }
    std::vector<BenchRow> rows;
    for (const Gathered& one : gathered) {
        rows.push_back(finished(one, gathered.front().row));
    }
    return rows;
}

nlohmann::json toJson(const BenchRow& row)
{
    const RunRequest& request = row.request;
    const bool drafts = request.method != "sequential"; // which has no coupling and no new drafts
    const auto orNull = [](const auto& value, bool is) { return is ? nlohmann::json(value) : nlohmann::json(); };
    nlohmann::json json{{"suite", "decoders"},
                        {"model", request.modelId},
                        {"model_hash", request.modelHash},
                        {"method", request.method},
                        {"coupling", orNull(request.coupling, drafts)},
                        {"initialisation", orNull(request.initialisation, drafts)},
                        {"window", request.window},
                        {"automatic", row.automatic},
                        {"guidance", request.guidance},
                        {"temperature", request.temperature},
                        {"top_k", request.topK},
                        {"top_p", request.topP},
                        {"min_p", request.minP},
                        {"completes_prompt", request.completesPrompt},
                        {"prompts", row.prompts},
                        {"seed", request.seed},
                        {"precision", request.precision},
                        {"device", request.device},
                        {"device_name", row.deviceName},
                        {"software", row.software},
                        {"pictures", row.pictures},
                        {"tokens", row.tokens},
                        {"passes", row.passes},
                        {"tokens_per_pass", row.tokensPerPass},
                        {"tokens_per_pass_se", orNull(row.tokensPerPassError.value_or(0.0), row.pictures > 1)},
                        {"pass_ratio", row.passRatio},
                        {"seconds", row.seconds},
                        {"wall_ratio", row.wallRatio},
                        {"forward_cost_ratio", row.forwardCostRatio},
                        {"overhead_share", row.overheadShare},
                        {"picture_share", row.pictureShare},
                        {"identical", row.identical}};
    if (request.method == "sjd2") {
        json["noise_steps"] = request.noiseSteps;
    }
    return json;
}

} // namespace jacobi::cli
