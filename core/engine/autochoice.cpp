// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/engine/autochoice.h"

#include <algorithm>
#include <array>
#include <span>
#include <vector>

namespace jacobi {
namespace {

constexpr std::array kWindows{2, 4, 8, 16, 32, 64, 128, 256};
constexpr int kFirstWindow = 16;
constexpr std::array kInitialisations{"sample-left", "uniform", "sample-above"}; // copies are behind these everywhere
constexpr std::uint64_t kSeed = 0x4155544F; // its pictures are not the user's
constexpr std::size_t kFinalists = 3;
constexpr int kFinalPictures = 2;
constexpr double kNoise = 1.1;   // a step that is this much slower may be noise; a slower one ends the climb
constexpr double kMargin = 0.95; // of sequential's time: the least gain worth leaving it for

struct Candidate {
    int window = 1;
    std::string initialisation = "uniform";
    double seconds = 0.0; ///< of all runs
    double tokens = 0.0;
    double passes = 0.0;
    int runs = 0;

    double mean() const { return seconds / runs; }
    bool isSequential() const { return window == 1; }
};

/// Tells every pass, keeps nothing.
class PassListener : public TraceSink {
public:
    explicit PassListener(const std::function<void()>& onStep) : m_onStep(onStep) {}
    void header(const std::shared_ptr<const RunHeader>&) override {}
    void step(const std::shared_ptr<const Step>&) override { m_onStep(); }
    void preview(const std::shared_ptr<const Preview>&) override {}
    void summary(const RunSummary&) override {}

private:
    const std::function<void()>& m_onStep;
};

class Measurement {
public:
    Measurement(const Engine& engine, LoadedModel& model, const RunContext& context, RunControl& control,
                const std::function<void(double)>& tell)
        : m_engine(engine), m_model(model), m_context(context), m_control(control), m_tell(tell)
    {
        const RunRequest& request = context.request;
        const int positions = static_cast<int>(context.layout.positions());
        if (request.window == kAutoWindow) {
            std::ranges::copy_if(kWindows, std::back_inserter(m_windows), [=](int w) { return w <= positions; });
        }
        if (m_windows.empty()) {
            m_windows = {request.window == kAutoWindow ? 1 : request.window};
        }
        if (request.initialisation == kAutoName) {
            m_initialisations.assign(kInitialisations.begin(), kInitialisations.end());
        } else {
            m_initialisations = {request.initialisation};
        }
        // A climb looks at about four windows; then the finals.
        m_expectedRuns = static_cast<double>(m_initialisations.size() * std::min<std::size_t>(4, m_windows.size()) + 1 +
                                             kFinalPictures * (kFinalists + 3));
    }

    Result<AutoChoice> run();

private:
    Result<void> time(Candidate& candidate, std::uint64_t picture);
    Result<void> climb(const std::string& initialisation);
    void addNeighbours();

    const Engine& m_engine;
    LoadedModel& m_model;
    const RunContext& m_context;
    RunControl& m_control;
    const std::function<void(double)>& m_tell;
    std::vector<int> m_windows; ///< ascending
    std::vector<std::string> m_initialisations;
    std::vector<Candidate> m_candidates;
    double m_expectedRuns = 1.0;
    double m_runs = 0.0;
};

Result<void> Measurement::time(Candidate& candidate, std::uint64_t picture)
{
    RunContext context = m_context;
    RunRequest& request = context.request;
    request.window = candidate.window;
    request.initialisation = candidate.initialisation;
    request.method = candidate.isSequential() ? "sequential" : request.method;
    request.seed = kSeed + picture * static_cast<std::uint64_t>(request.pictures);
    double passes = 0.0;
    const std::function<void()> onStep = [&] {
        const double ofRun = std::min(1.0, ++passes / context.layout.positions());
        m_tell(std::min(0.99, (m_runs + ofRun) / m_expectedRuns));
    };
    PassListener listener(onStep);
    const Result<RunSummary> summary = m_engine.run(m_model, context, m_control, listener);
    if (!summary) {
        return tl::unexpected(summary.error());
    }
    if (summary->outcome == Outcome::Cancelled) {
        return fail(ErrorCode::Cancelled, "Stopped while the fastest window was being measured.");
    }
    candidate.seconds += summary->seconds - summary->previewSeconds;
    candidate.tokens += static_cast<double>(summary->tokens) / request.pictures;
    candidate.passes += static_cast<double>(summary->passes);
    ++candidate.runs;
    ++m_runs;
    return {};
}

Result<void> Measurement::climb(const std::string& initialisation)
{
    const auto first = std::ranges::find(m_windows, kFirstWindow);
    const auto start = first != m_windows.end() ? first - m_windows.begin() : std::ssize(m_windows) - 1;
    double best = 0.0;
    const auto measure = [&](std::ptrdiff_t at) -> Result<bool> { // whether to go on in this direction
        Candidate candidate{m_windows[static_cast<std::size_t>(at)], initialisation, 0, 0, 0, 0};
        if (auto timed = time(candidate, 0); !timed) {
            return tl::unexpected(timed.error());
        }
        const bool goOn = best == 0.0 || candidate.seconds < kNoise * best;
        best = best == 0.0 ? candidate.seconds : std::min(best, candidate.seconds);
        m_candidates.push_back(std::move(candidate));
        return goOn;
    };
    for (const std::ptrdiff_t direction : {1, -1}) {
        for (std::ptrdiff_t at = direction > 0 ? start : start - 1; at >= 0 && at < std::ssize(m_windows);
             at += direction) {
            const Result<bool> goOn = measure(at);
            if (!goOn) {
                return tl::unexpected(goOn.error());
            }
            if (!*goOn) {
                break;
            }
        }
    }
    return {};
}

/// Windows half-way to the next on both sides of the best.
void Measurement::addNeighbours()
{
    const Candidate best = m_candidates.front();
    if (m_context.request.window != kAutoWindow || best.window < 8) {
        return;
    }
    for (const int window : {best.window * 3 / 4, best.window * 3 / 2}) {
        if (window <= static_cast<int>(m_context.layout.positions())) {
            m_candidates.push_back({window, best.initialisation, 0, 0, 0, 0});
        }
    }
}

Result<AutoChoice> Measurement::run()
{
    Candidate warm; // Libraries set themselves up in the first run; it does not count.
    if (auto timed = time(warm, 0); !timed) {
        return tl::unexpected(timed.error());
    }
    for (const std::string& initialisation : m_initialisations) {
        if (auto climbed = climb(initialisation); !climbed) {
            return tl::unexpected(climbed.error());
        }
    }
    std::ranges::sort(m_candidates, {}, &Candidate::seconds);
    m_candidates.resize(std::min(kFinalists, m_candidates.size()));
    addNeighbours();
    m_candidates.push_back({}); // sequential
    for (Candidate& candidate : m_candidates) {
        candidate = {candidate.window, candidate.initialisation, 0, 0, 0, 0};
    }
    for (int picture = 1; picture <= kFinalPictures; ++picture) {
        for (Candidate& candidate : m_candidates) {
            if (auto timed = time(candidate, static_cast<std::uint64_t>(picture)); !timed) {
                return tl::unexpected(timed.error());
            }
        }
    }
    const Candidate sequential = m_candidates.back();
    m_candidates.pop_back();
    Candidate best = *std::ranges::min_element(m_candidates, {}, &Candidate::seconds);
    const bool windowIsFixed = m_context.request.window != kAutoWindow;
    if (!windowIsFixed && best.seconds > kMargin * sequential.seconds) {
        best = sequential;
        if (m_context.request.initialisation != kAutoName) {
            best.initialisation = m_context.request.initialisation;
        }
    }
    m_tell(1.0);
    return AutoChoice{best.window, best.initialisation, best.tokens / best.passes, best.mean(), sequential.mean()};
}

} // namespace

Result<AutoChoice> measureAuto(const Engine& engine, LoadedModel& model, const RunContext& context, RunControl& control,
                               const std::function<void(double fraction)>& tell)
{
    return Measurement(engine, model, context, control, tell).run();
}

} // namespace jacobi
