// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/app/studio/fakebackend.h"

#include "tests/widgets/flowstage.h"

#include <QThread>

namespace jacobi::test {
namespace {

class FakeBackend final : public Backend {
public:
    FakeBackend(std::shared_ptr<FakePlan> plan, std::string device) : m_plan(std::move(plan)), m_asked(std::move(device)) {}

    DeviceInfo device() const override
    {
        const std::vector<std::string> present{"cuda:0: NVIDIA Test.", "NVIDIA driver 580.159.04."};
        if (m_plan->hasGpu && m_asked != "cpu" && !m_gaveUp) {
            return {"cuda:0", "NVIDIA Test", "This is a test of a GPU.", present};
        }
        return {"cpu", "CPU, 1 thread", m_gaveUp ? kNoKernels : "This is a test.", present};
    }
    std::vector<ModelInfo> models() override { return {fakeModel(), fakeFlowModel()}; }

    Result<ResolvedRequest> resolve(const RunRequest& request) override
    {
        const bool isFlow = request.modelId == fakeFlowModel().id;
        if (request.prompt.empty() && !isFlow) {
            return fail(ErrorCode::InvalidRequest, "The prompt is empty. Describe the picture in a few words.");
        }
        m_gaveUp = m_gaveUp || (m_plan->hasGpu && m_plan->gpuHasNoKernels && m_asked != "cpu");
        ResolvedRequest resolved;
        resolved.request = request;
        resolved.request.device = device().id;
        const bool onGpu = resolved.request.device != "cpu";
        if (!onGpu && (request.precision == "bfloat16" || request.precision == "int8")) {
            return fail(ErrorCode::InvalidRequest, "The precision \"" + request.precision + "\" is for GPUs.");
        }
        if (request.precision == kAutoName) {
            resolved.request.precision = onGpu && !isFlow ? "bfloat16" : "float32";
        }
        if (m_gaveUp) {
            resolved.notes.push_back(kNoKernels);
        }
        if (request.hasAuto() && m_plan->knowsTheWindow) {
            resolved.request.window = request.window == kAutoWindow ? kMeasuredWindow : request.window;
            resolved.request.initialisation = "sample-left";
        }
        if (request.prompt.find("zebra") != std::string::npos) {
            resolved.unknownWords = {"zebra"};
            resolved.wordsNote = "The model never saw \"zebra\".";
            resolved.notes.push_back(resolved.wordsNote);
        }
        if (request.method == "sjd2") {
            resolved.methodNote = "SJD2 is lossless only with respect to the fine-tuned model.";
            resolved.notes.push_back(resolved.methodNote);
        }
        if (!m_plan->note.empty()) {
            resolved.notes.push_back(m_plan->note);
        }
        return resolved;
    }

    Result<RunSummary> run(const RunRequest& request, RunControl& control, TraceSink& sink) override
    {
        m_plan->lastRequest = request;
        ++m_plan->runs;
        const bool isFlow = request.modelId == fakeFlowModel().id;
        const Trace trace = isFlow ? makeFlowTrace() : makeTrace(m_plan->trace);
        auto header = std::make_shared<RunHeader>(*trace.header);
        header->request = request;
        if (isFlow) {
            header->request.plan = trace.header->request.plan;
        }
        RunSummary summary;
        std::int64_t pausedNs = 0;
        if (m_plan->failsToRun) {
            summary.outcome = Outcome::Failed;
            sink.summary(summary);
            return fail(ErrorCode::Numeric, "The model produced a value that is not a number.");
        }
        if (m_plan->isFull && m_plan->lastDevice != "cpu") {
            summary.outcome = Outcome::Failed;
            sink.summary(summary);
            return failOnGpu(ErrorCode::OutOfMemory, "The GPU ran out of memory. Choose fewer pictures.");
        }
        sink.header(header);
        for (const auto& step : trace.steps) {
            if (!control.waitForTurn(pausedNs)) {
                summary.outcome = Outcome::Cancelled;
                break;
            }
            QThread::msleep(static_cast<unsigned long>(m_plan->passMs.load()));
            for (int item = 0; item < request.pictures; ++item) {
                auto own = std::make_shared<Step>(*step);
                own->item = static_cast<std::uint32_t>(item);
                sink.step(own);
            }
            ++m_plan->passesMade;
            ++summary.passes;
            summary.tokens = step->committedEnd;
        }
        if (isFlow) {
            for (const auto& picture : trace.previews) {
                sink.preview(picture);
            }
        } else if (!trace.previews.empty() && summary.passes > 0) {
            for (int item = 0; item < request.pictures; ++item) {
                auto picture = std::make_shared<Preview>(*trace.previews.back());
                picture->item = static_cast<std::uint32_t>(item);
                picture->pass = static_cast<std::uint32_t>(summary.passes - 1);
                picture->committedEnd = static_cast<std::uint32_t>(summary.tokens);
                sink.preview(picture);
            }
        }
        sink.summary(summary);
        return summary;
    }

    Result<nlohmann::json> job(const std::string& verb, const nlohmann::json& options, ProgressSink& sink,
                               std::stop_token stop) override
    {
        if (verb == kAnalyseFlowJob) {
            ++m_plan->analyses;
            sink.progress({0.5, -1.0, "Analysing", {}});
            while (m_plan->analysesAreLong) {
                if (stop.stop_requested()) {
                    ++m_plan->analysesStopped;
                    return fail(ErrorCode::Cancelled, "Stopped.");
                }
                QThread::msleep(1);
            }
            return nlohmann::json::object();
        }
        if (verb == "judge-pictures") {
            nlohmann::json found = nlohmann::json::array();
            for (const auto& picture : options.at("pictures")) {
                const bool isFirst = found.empty();
                found.push_back({{"stated", picture.at("width")},
                                 {"met", isFirst ? picture.at("width").get<int>() : 1},
                                 {"missed", isFirst ? nlohmann::json::array() : nlohmann::json{"left colour"}}});
            }
            return nlohmann::json{{"pictures", found}};
        }
        if (verb != kMeasureAutoJob) {
            return fail(ErrorCode::Unsupported, "The fake has no such job.");
        }
        ++m_plan->measurings;
        constexpr int kParts = 50;
        for (int part = 0; part < kParts; ++part) {
            if (stop.stop_requested()) {
                return fail(ErrorCode::Cancelled, "Stopped.");
            }
            QThread::msleep(static_cast<unsigned long>(m_plan->measureMs / kParts));
            sink.progress({part / double(kParts), -1.0, "Measuring", {}});
        }
        m_plan->knowsTheWindow = true;
        return nlohmann::json{{"window", kMeasuredWindow}};
    }

private:
    std::shared_ptr<FakePlan> m_plan;
    std::string m_asked; ///< the device of the options
    bool m_gaveUp = false; ///< its GPU
};

} // namespace

ModelInfo fakeModel()
{
    ModelInfo model;
    model.id = "tiny";
    model.name = "Tiny";
    model.family = "tiny";
    model.parameters = 3'000'000;
    model.layout = {8, 8, 64, 8};
    model.width = model.height = 64;
    model.maxPromptWords = 6;
    model.vocabulary = {"a", "blue", "boat", "house", "red", "sea"};
    model.defaults.modelId = "tiny";
    model.defaults.window = 12;
    model.builtIn = true;
    return model;
}

ModelInfo fakeFlowModel()
{
    ModelInfo model;
    model.id = "tinyflow";
    model.name = "Tiny flow";
    model.family = "tarflow";
    model.hash = "f";
    model.layout = makeFlowTrace().header->layout;
    model.width = model.height = 16;
    model.classes = {"dawn, sea", "night, hills"};
    model.strategies = {kAutoTime, kAutoPasses, kAutoBlocks, kCrm, "published"};
    model.defaults.modelId = model.id;
    model.defaults.method = "gs-jacobi";
    model.defaults.strategy = kAutoTime;
    model.defaults.coupling.clear();
    model.defaults.initialisation.clear();
    model.defaults.guidance = 0.0;
    return model;
}

BackendSource fakeSource(const std::shared_ptr<FakePlan>& plan)
{
    BackendSource source;
    source.findModels = [](const std::vector<std::string>&) { return std::vector{fakeModel(), fakeFlowModel()}; };
    source.open = [plan](const BackendOptions& options) -> Result<std::unique_ptr<Backend>> {
        plan->lastDevice = options.device;
        if (!plan->opens && options.device != "cpu") {
            return failOnGpu(ErrorCode::NoDevice, "There is no NVIDIA driver on this machine.");
        }
        ++plan->opened;
        return std::make_unique<FakeBackend>(plan, options.device);
    };
    return source;
}

} // namespace jacobi::test
