// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/error.h"
#include "core/trace/runrequest.h"
#include "core/trace/trace.h"

#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <nlohmann/json.hpp>
#include <stop_token>
#include <string>
#include <vector>

namespace jacobi {

/// What the user may do to a running request. Any thread; the engine looks between passes.
class RunControl {
public:
    void cancel();
    void pause();
    void resume();
    /// While paused: lets exactly one pass through, then stays paused. While running: pauses after the next pass.
    void step();
    bool isPaused() const;
    bool isCancelled() const;

    /// Engine only. Blocks while paused; returns false once cancelled. Adds the time spent waiting to pausedNs.
    bool waitForTurn(std::int64_t& pausedNs);

private:
    mutable std::mutex m_mutex;
    std::condition_variable m_changed;
    bool m_paused = false;
    bool m_cancelled = false;
    int m_turns = 0; ///< passes still allowed while paused
};

/// One model that was found, usable or not.
struct ModelInfo {
    std::string id;        ///< folder name
    std::string name;      ///< "Scenes"
    std::string family;    ///< "scenes"
    std::string hash;      ///< SHA-256 of model.json
    std::string folder;
    std::string problem;   ///< empty, or why it cannot be used
    std::uint64_t parameters = 0;
    TraceLayout layout;
    std::uint32_t width = 0, height = 0;   ///< pixels of a picture
    std::uint32_t maxPromptWords = 0;
    int mostNoiseSteps = 0;                ///< of sjd2; 0: it was not trained to read noise
    std::string baseFolder;                ///< of the model whose weights this one is a difference to, or empty
    std::vector<std::string> vocabulary;   ///< words the model knows; empty where it takes any text
    std::vector<std::string> classes;      ///< of a flow (layout.isFlow()), by label: what RunRequest::className names
    std::vector<std::string> strategies;   ///< of a flow: names RunRequest::strategy may have besides a file's path; the
                                           ///< measured ones first. Presets come with Backend::models only
    RunRequest defaults;
    bool builtIn = false;
};

struct DeviceInfo {
    std::string id;     ///< "cpu", "cuda:0"
    std::string name;
    std::string reason; ///< why it is this one and no other: "No NVIDIA driver was found, so the CPU is used."
    std::vector<std::string> present{}; ///< what could be chosen beside the CPU, a line each, as deviceLines() says it
};

/// The models in these folders, in the order of the folders, by name within each. Folders that are not there and
/// folders without a model.json are passed over; of two models with one id the first is kept. Reads model.json files
/// and checks that their weights are there; needs no libtorch, and every program is linked with it. Any thread.
std::vector<ModelInfo> findModels(const std::vector<std::string>& folders);

/// What a request means for a model, before anything is run.
struct ResolvedRequest {
    /// Every "auto" replaced by what will be used; where hasAuto() it was not measured yet (kMeasureAutoJob).
    RunRequest request;
    std::vector<std::string> unknownWords;  ///< words of the prompt the model never saw, in order
    std::vector<std::string> notes;         ///< sentences worth showing
    // Those of them that say what a program may show of a request anyway; empty where there is no such note.
    std::string wordsNote;  ///< of the unknown words
    std::string methodNote; ///< of what the method is exact to
};

struct JobProgress {
    double fraction = 0.0;      ///< 0..1
    double etaSeconds = -1.0;   ///< < 0: unknown
    std::string line;           ///< one line for people
    nlohmann::json data;        ///< the same as numbers
};
class ProgressSink {
public:
    virtual ~ProgressSink() = default;
    virtual void progress(const JobProgress& progress) = 0;
};

struct BackendOptions {
    std::string device = "auto";
    std::vector<std::string> modelFolders; ///< searched first, in order
    int threads = 0;                       ///< 0: chosen for this machine
    std::string cacheFolder;               ///< where what was measured is remembered; empty: nowhere
};

/// The job that finds what the "auto" of a request stands for on this device, and remembers it. Options: the request as
/// JSON; result: {"window", "initialisation", "tokensPerPass", "seconds", "sequentialSeconds"}, for a flow {"plan",
/// "passes", "sequentialPasses", "seconds", "sequentialSeconds", "blocks": [{"block", "passes"}]}, and, where it could not
/// be kept for the next start, "note", a sentence. Seconds of work: ask for it where resolve() leaves an "auto".
inline constexpr const char* kMeasureAutoJob = "measure-auto";

/// The job that computes a flow's convergence metrics and saves them. Options: {"model": id, "images": count,
/// "replace": whether a saved one of more pictures is replaced}; result: a FlowAnalysis as JSON (core/trace/flowanalysis.h)
/// with "file", where it was saved; or "keptImages", the pictures of the saved one that is kept instead; and perhaps "note", a
/// sentence. A
/// saved one is found by findFlowAnalysis, without a backend.
inline constexpr const char* kAnalyseFlowJob = "analyse-flow";

/// Owns libtorch, the models and the device. Every call on one worker thread, RunControl apart.
class Backend {
public:
    virtual ~Backend() = default;
    virtual DeviceInfo device() const = 0;
    virtual std::vector<ModelInfo> models() = 0;
    /// Checks a request against its model; an error is a sentence that says what to change.
    virtual Result<ResolvedRequest> resolve(const RunRequest& request) = 0;
    /// Loads the model where needed and runs to the end, cancel or failure; blocks. The request must be resolved.
    /// The summary also reaches the sink; on failure the sink gets a summary with Outcome::Failed, then the error returns.
    /// Where it fails before the run begins (bad request, model that does not load) that summary is all the sink gets.
    virtual Result<RunSummary> run(const RunRequest& request, RunControl& control, TraceSink& sink) = 0;
    /// Longer work by name ("train-scenes", ...); options and result are JSON.
    virtual Result<nlohmann::json> job(const std::string& verb, const nlohmann::json& options, ProgressSink& sink,
                                       std::stop_token stop) = 0;
};

/// The request resolved with every "auto" settled: measures (kMeasureAutoJob) where nothing is remembered, which `sink`
/// hears of. The backend's thread.
Result<ResolvedRequest> settle(Backend& backend, const RunRequest& request, ProgressSink& sink, std::stop_token stop);

/// The one symbol jacobi_backend exports: returns a new Backend, or null with *error filled.
using CreateBackendFunction = Backend* (*)(const BackendOptions& options, Error* error);
inline constexpr const char* kCreateBackendSymbol = "jacobiCreateBackend";

} // namespace jacobi
