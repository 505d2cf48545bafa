// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/engine/enginebackend.h"

#include "core/engine/autochoicestore.h"
#include "core/engine/flowmeasures.h"
#include "core/engine/gpuhost.h"
#include "core/engine/guard.h"
#include "core/engine/keptmodel.h"
#include "core/engine/resolve.h"
#include "core/engine/resolveflow.h"
#include "core/io/jsonfields.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>

#include <algorithm>
#include <utility>

namespace jacobi {
namespace {

class EngineBackend final : public Backend {
public:
    EngineBackend(BackendParts parts, BackendOptions options, DeviceInfo device, int threads)
        : m_parts(std::move(parts)),
          m_options(std::move(options)),
          m_device(std::move(device)),
          m_cpu(cpuInfo(threads)),
          m_threads(threads),
          m_gpu(m_parts.gpuOps, m_parts.gpuType),
          m_autoChoices(m_options.cacheFolder.empty() ? std::filesystem::path()
                                                      : std::filesystem::path(m_options.cacheFolder) / "windows.json"),
          m_flowMeasures(m_options.cacheFolder),
          m_kept(m_gpu)
    {
    }

    DeviceInfo device() const override { return m_device; }
    std::vector<ModelInfo> models() override;
    Result<ResolvedRequest> resolve(const RunRequest& request) override;
    Result<RunSummary> run(const RunRequest& request, RunControl& control, TraceSink& sink) override;
    Result<nlohmann::json> job(const std::string& verb, const nlohmann::json& options, ProgressSink& sink,
                               std::stop_token stop) override;

private:
    Result<ModelInfo> findModel(const std::string& id);
    const ModelFamily* findFamily(const std::string& name) const;
    Result<RunTarget> target(const RunRequest& request);
    Result<void> lookForKernels();
    Result<nlohmann::json> measure(const nlohmann::json& options, ProgressSink& sink, const std::stop_token& stop);
    Result<nlohmann::json> measureFlow(const RunTarget& target, ProgressSink& sink, const std::stop_token& stop);
    Result<nlohmann::json> analyse(const nlohmann::json& options, ProgressSink& sink, const std::stop_token& stop);
    void takeMeasured(RunTarget& target) const;

    BackendParts m_parts;
    BackendOptions m_options;
    DeviceInfo m_device; ///< of what a GPU can run
    DeviceInfo m_cpu;    ///< of everything else
    int m_threads = 1;
    GpuHost m_gpu;
    AutoChoiceStore m_autoChoices;
    FlowMeasures m_flowMeasures;
    KeptModel m_kept;
};

std::vector<ModelInfo> EngineBackend::models()
{
    std::vector<ModelInfo> models = m_parts.findModels(m_options.modelFolders);
    for (ModelInfo& model : models) {
        if (model.problem.empty() && findFamily(model.family) == nullptr) {
            model.problem = "It is of the family \"" + model.family + "\", which this version does not know.";
        }
        if (model.problem.empty() && model.layout.isFlow()) {
            const std::vector<std::string> presets = findFamily(model.family)->presetNames(model);
            model.strategies.insert(model.strategies.end(), presets.begin(), presets.end());
        }
    }
    return models;
}

const ModelFamily* EngineBackend::findFamily(const std::string& name) const
{
    const auto found = std::find_if(m_parts.families.begin(), m_parts.families.end(),
                                    [&](const auto& family) { return family->name() == name; });
    return found == m_parts.families.end() ? nullptr : found->get();
}

Result<ModelInfo> EngineBackend::findModel(const std::string& id)
{
    const std::vector<ModelInfo> all = models();
    const auto found = std::find_if(all.begin(), all.end(), [&](const ModelInfo& model) { return model.id == id; });
    if (found != all.end()) {
        if (!found->problem.empty()) {
            return fail(ErrorCode::Corrupt, "The model \"" + id + "\" cannot be used. " + found->problem,
                        found->folder);
        }
        return *found;
    }
    std::string known;
    for (const ModelInfo& model : all) {
        known += (known.empty() ? "" : ", ") + model.id;
    }
    std::string places;
    for (const std::string& folder : m_options.modelFolders) {
        places += (places.empty() ? "" : ", ") + folder;
    }
    return fail(ErrorCode::NotFound,
                (id.empty() ? "No model is chosen. " : "There is no model \"" + id + "\". ") +
                    (known.empty() ? "No model was found in: " + places + "." : "These were found: " + known + "."));
}

Result<RunTarget> EngineBackend::target(const RunRequest& request)
{
    Result<ModelInfo> model = findModel(request.modelId);
    if (!model) {
        return tl::unexpected(model.error());
    }
    if (!request.modelHash.empty() && request.modelHash != model->hash) {
        return fail(ErrorCode::InvalidRequest,
                    "The model \"" + request.modelId +
                        "\" is not the one this request was made for; its files have changed. "
                        "Start again with the model as it is now.",
                    request.modelHash + " was asked for, " + model->hash + " is there");
    }
    const bool wantsGpu = m_gpu.runs(request, *model);
    if (auto looked = wantsGpu ? lookForKernels() : Result<void>(); !looked) {
        return tl::unexpected(looked.error());
    }
    if (const auto device = chooseDevice(request.device, m_parts.gpu, m_threads); !device) {
        return tl::unexpected(device.error());
    }
    RunTarget target;
    target.family = findFamily(model->family);
    target.device = wantsGpu ? m_device : m_cpu;
    Result<ResolvedRequest> resolved = model->layout.isFlow()
                                           ? resolveFlowRequest(request, *model, *target.family, target.device)
                                           : resolveRequest(request, *model, *target.family, target.device);
    if (!resolved) {
        return tl::unexpected(resolved.error());
    }
    target.model = std::move(*model);
    target.resolved = std::move(*resolved);
    if (wantsGpu && m_device.id == "cpu" && !m_parts.gpu.cardProblems.empty()) { // which the start knew nothing of
        target.resolved.notes.push_back(m_device.reason);
    }
    if (target.resolved.request.hasAuto()) {
        takeMeasured(target);
    }
    return target;
}

/// Whether the kernels were compiled for a card is looked at when a run wants it, and not before, for it takes memory there. Where
/// they were not, "auto" goes on to the next card, and at last to the CPU.
Result<void> EngineBackend::lookForKernels()
{
    while (const std::optional<int> card = gpuNumber(m_device.id)) {
        Result<std::string> why = m_gpu.whyNoKernels(*card);
        if (!why) {
            return tl::unexpected(why.error());
        }
        if (why->empty()) {
            return {};
        }
        m_parts.gpu.cardProblems[*card] = std::move(*why);
        Result<DeviceInfo> other = chooseDevice(m_options.device, m_parts.gpu, m_threads);
        if (!other) {
            return tl::unexpected(other.error());
        }
        m_device = std::move(*other);
    }
    return {};
}

/// Fills in what was measured before, where it still can be run: the file may have been edited.
void EngineBackend::takeMeasured(RunTarget& target) const
{
    RunRequest settled = target.resolved.request;
    if (target.model.layout.isFlow()) {
        const auto strategy = m_flowMeasures.find(settled, target.device.name, target.model, *target.family);
        if (!strategy) {
            return;
        }
        settled.plan = flowStrategyToLine(*strategy);
        if (auto checked = resolveFlowRequest(settled, target.model, *target.family, target.device)) {
            target.resolved.request = std::move(checked->request);
        }
        return;
    }
    const std::optional<AutoChoice> known = m_autoChoices.find(settled, target.device.name);
    if (!known) {
        return;
    }
    settled.window = known->window;
    settled.initialisation = known->initialisation;
    if (!settled.hasAuto() && resolveRequest(settled, target.model, *target.family, target.device)) {
        target.resolved.request = std::move(settled);
    }
}

Result<ResolvedRequest> EngineBackend::resolve(const RunRequest& request)
{
    return guarded([&]() -> Result<ResolvedRequest> {
        Result<RunTarget> found = target(request);
        if (!found) {
            return tl::unexpected(found.error());
        }
        return std::move(found->resolved);
    });
}

Result<RunSummary> EngineBackend::run(const RunRequest& request, RunControl& control, TraceSink& sink)
{
    at::set_num_threads(m_threads); // OpenMP keeps the number for each calling thread.
    RunContext context;
    const Result<LoadedModel*> model = guarded([&]() -> Result<LoadedModel*> {
        const Result<RunTarget> found = target(request);
        if (!found) {
            return tl::unexpected(found.error());
        }
        if (found->resolved.request.hasAuto()) {
            return fail(ErrorCode::InvalidRequest, found->model.layout.isFlow()
                                                       ? "The strategy was not measured yet. Choose another one, or "
                                                         "generate again."
                                                       : "The fastest window was not measured yet. Choose one, or "
                                                         "generate again.");
        }
        context = {found->resolved.request, found->model.layout, found->model.name, found->device.name,
                   found->model.classes};
        return m_kept.load(*found);
    });
    if (!model) {
        RunSummary summary;
        summary.outcome = Outcome::Failed;
        summary.message = model.error().message;
        sink.summary(summary);
        return tl::unexpected(model.error());
    }
    return m_kept.work([&] { return m_parts.engine.run(**model, context, control, sink); });
}

Result<nlohmann::json> EngineBackend::measure(const nlohmann::json& options, ProgressSink& sink,
                                              const std::stop_token& stop)
{
    at::set_num_threads(m_threads);
    const Result<RunRequest> request = runRequestFromJson(options);
    if (!request) {
        return tl::unexpected(request.error());
    }
    const Result<RunTarget> found = target(*request);
    if (!found) {
        return tl::unexpected(found.error());
    }
    const RunRequest& resolved = found->resolved.request;
    if (found->model.layout.isFlow()) {
        return measureFlow(*found, sink, stop);
    }
    AutoChoice choice{resolved.window, resolved.initialisation, 0.0, 0.0, 0.0};
    nlohmann::json result;
    if (resolved.hasAuto()) {
        const Result<LoadedModel*> model = m_kept.load(*found);
        if (!model) {
            return tl::unexpected(model.error());
        }
        RunControl control;
        const std::stop_callback cancel(stop, [&control] { control.cancel(); });
        const RunContext context{resolved, found->model.layout, found->model.name, found->device.name, {}};
        const auto tell = [&sink](double fraction) {
            sink.progress({fraction, -1.0, "Finding the fastest window for this computer, once", {}});
        };
        Result<AutoChoice> measured =
            m_kept.work([&] { return measureAuto(m_parts.engine, **model, context, control, tell); });
        if (!measured) {
            return tl::unexpected(measured.error());
        }
        choice = std::move(*measured);
        if (const auto kept = m_autoChoices.remember(resolved, found->device.name, choice); !kept) {
            result["note"] = "The fastest window could not be remembered. " + kept.error().message;
        }
    }
    result["window"] = choice.window;
    result["initialisation"] = choice.initialisation;
    result["tokensPerPass"] = choice.tokensPerPass;
    result["seconds"] = choice.seconds;
    result["sequentialSeconds"] = choice.sequentialSeconds;
    return result;
}

Result<nlohmann::json> EngineBackend::measureFlow(const RunTarget& target, ProgressSink& sink,
                                                  const std::stop_token& stop)
{
    const RunRequest& resolved = target.resolved.request;
    if (!resolved.hasAuto()) {
        return m_flowMeasures.known(resolved, target.device.name);
    }
    const Result<LoadedModel*> model = m_kept.load(target);
    if (!model) {
        return tl::unexpected(model.error());
    }
    const RunContext context{resolved, target.model.layout, target.model.name, target.device.name,
                             target.model.classes};
    return m_kept.work(
        [&] { return m_flowMeasures.measure(**model, context, target.model, *target.family, sink, stop); });
}

Result<nlohmann::json> EngineBackend::analyse(const nlohmann::json& options, ProgressSink& sink,
                                              const std::stop_token& stop)
{
    at::set_num_threads(m_threads);
    std::uint32_t images = kUsualImages;
    RunRequest request;
    JsonFields fields(options, "The analysis", JsonFields::Missing::Kept, ErrorCode::InvalidRequest);
    fields.text("model", request.modelId);
    fields.whole("images", images, 2U, 100'000U);
    bool replaces = false;
    fields.boolean("replace", replaces);
    if (fields.error()) {
        return tl::unexpected(*fields.error());
    }
    request.method = "sequential";
    const Result<ModelInfo> model = findModel(request.modelId);
    if (!model) {
        return tl::unexpected(model.error());
    }
    if (!model->layout.isFlow()) {
        return fail(ErrorCode::InvalidRequest, "The model \"" + model->id +
                                                   "\" is no normalizing flow, which alone has "
                                                   "these metrics. Choose a flow, see: jacobi models");
    }
    const Result<RunTarget> found = target(request);
    if (!found) {
        return tl::unexpected(found.error());
    }
    const Result<LoadedModel*> loaded = m_kept.load(*found);
    if (!loaded) {
        return tl::unexpected(loaded.error());
    }
    return m_kept.work(
        [&] { return m_flowMeasures.analyse(**loaded, found->model, *found->family, images, replaces, sink, stop); });
}

Result<nlohmann::json> EngineBackend::job(const std::string& verb, const nlohmann::json& options, ProgressSink& sink,
                                          std::stop_token stop)
{
    if (verb == kMeasureAutoJob) {
        return guarded([&] { return measure(options, sink, stop); });
    }
    if (verb == kAnalyseFlowJob) {
        return guarded([&] { return analyse(options, sink, stop); });
    }
    const auto found = m_parts.jobs.find(verb);
    if (found == m_parts.jobs.end()) {
        return fail(ErrorCode::Unsupported, "This version has no job \"" + verb + "\".");
    }
    at::set_num_threads(m_threads);
    if (!m_parts.lightJobs.contains(verb)) {
        m_kept.free(); // Jobs need the memory more.
    }
    return guarded([&] { return found->second(options, sink, stop); });
}

} // namespace

Result<std::unique_ptr<Backend>> makeBackend(BackendParts parts, const BackendOptions& options)
{
    const int threads = chooseThreads(options.threads);
    Result<DeviceInfo> device = chooseDevice(options.device, parts.gpu, threads);
    if (!device) {
        return tl::unexpected(device.error());
    }
    return guarded([&]() -> Result<std::unique_ptr<Backend>> {
        at::set_num_threads(threads);
        return std::make_unique<EngineBackend>(std::move(parts), options, std::move(*device), threads);
    });
}

} // namespace jacobi
