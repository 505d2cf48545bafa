// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/judge/benchadherence.h"

#include "models/judge/adherenceoptions.h"
#include "models/judge/adherencetally.h"
#include "models/judge/benchpictures.h"
#include "models/judge/judge.h"
#include "models/judge/judgestatistics.h"
#include "models/scenes/loadscenes.h"
#include "models/scenes/scenestokenizer.h"
#include "models/training/completecaption.h"
#include "models/training/samplesheet.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <chrono>
#include <memory>

namespace jacobi {
namespace {

/// What the judge saw in one kind of pictures.
class Seen {
public:
    void add(const Judge& judge, const BenchBatch& batch, const at::Tensor& pictures)
    {
        const std::vector<JudgedValues> values = judge.values(pictures);
        for (std::size_t i = 0; i < values.size(); ++i) {
            m_tally.add(batch.examples[i].claims, values[i]);
        }
        m_features.push_back(judge.features(pictures));
    }
    nlohmann::json toJson(const at::Tensor& reference) const
    {
        nlohmann::json json = m_tally.toJson();
        // In units in which the reference varies by 1 in a feature on average: a judge's own scale says nothing.
        const at::Tensor scale = reference.var(0).mean().sqrt().clamp_min(1e-12);
        json["frechet"] = frechetDistance(at::cat(m_features) / scale, reference / scale);
        return json;
    }

private:
    AdherenceTally m_tally;
    std::vector<at::Tensor> m_features;
};

tl::unexpected<Error> stopped()
{
    return fail(ErrorCode::Cancelled, "The bench was stopped.");
}

/// Everything a run of the bench works with.
class Bench {
public:
    Bench(AdherenceOptions options, DecodeSettings settings, ScenesFiles files, Judge judge, ProgressSink& sink,
          std::stop_token stop)
        : m_options(std::move(options)),
          m_settings(std::move(settings)),
          m_files(std::move(files)),
          m_judge(std::move(judge)),
          m_generator(m_files),
          m_sink(sink),
          m_stop(std::move(stop))
    {
    }

    Result<nlohmann::json> go();

private:
    at::Tensor tokenised(const at::Tensor& pictures) const;
    Result<at::Tensor> referenceFeatures() const;
    void tell(std::int64_t done);
    void keepForSheet(const BenchBatch& batch, const at::Tensor& pictures, const at::Tensor& tokenised);
    Result<void> writeSheets() const;

    using Clock = std::chrono::steady_clock;
    AdherenceOptions m_options;
    DecodeSettings m_settings;
    ScenesFiles m_files;
    Judge m_judge;
    BenchGenerator m_generator;
    ProgressSink& m_sink;
    std::stop_token m_stop;
    Clock::time_point m_begin = Clock::now();
    std::vector<at::Tensor> m_sheet;                   ///< the first pictures
    std::vector<at::Tensor> m_tokenisedSheet;          ///< the drawings of the same captions
    nlohmann::json m_looked = nlohmann::json::array(); ///< caption of each, and what it misses
};

at::Tensor Bench::tokenised(const at::Tensor& pictures) const
{
    const at::NoGradGuard noGradients;
    const at::Tensor scalars = quantise(m_files.config, encodePictures(m_files.config, m_files.tokenizer, pictures));
    return bytesOfPictures(decodeScalars(m_files.config, m_files.tokenizer, scalars));
}

Result<at::Tensor> Bench::referenceFeatures() const
{
    constexpr std::int64_t kAtOnce = 64;
    std::vector<at::Tensor> features;
    for (std::int64_t from = 0; from < m_options.reference; from += kAtOnce) {
        if (m_stop.stop_requested()) {
            return stopped();
        }
        const BenchBatch batch =
            drawBenchBatch(m_options.seed, SceneStream::BenchReference, from,
                           std::min(kAtOnce, m_options.reference - from), m_files.config.pictureRows());
        features.push_back(m_judge.features(bytesOfPictures(batch.drawn)));
    }
    return at::cat(features);
}

void Bench::tell(std::int64_t done)
{
    const double seconds = std::chrono::duration<double>(Clock::now() - m_begin).count();
    JobProgress progress;
    progress.fraction = static_cast<double>(done) / static_cast<double>(m_options.captions);
    progress.etaSeconds = done > 0 ? seconds / progress.fraction - seconds : -1.0;
    progress.line = "picture " + std::to_string(done) + " of " + std::to_string(m_options.captions);
    progress.data = {{"pictures", done}};
    m_sink.progress(progress);
}

void Bench::keepForSheet(const BenchBatch& batch, const at::Tensor& pictures, const at::Tensor& tokenised)
{
    const auto kept = static_cast<std::int64_t>(m_looked.size());
    const std::int64_t count = std::min(kSheetPictures - kept, pictures.size(0));
    if (count <= 0 || (m_options.sheet.empty() && m_options.tokenisedSheet.empty())) {
        return;
    }
    m_tokenisedSheet.push_back(tokenised.narrow(0, 0, count));
    m_sheet.push_back(pictures.narrow(0, 0, count).clone());
    const std::vector<JudgedValues> values = m_judge.values(m_sheet.back());
    for (std::size_t i = 0; i < values.size(); ++i) {
        m_looked.push_back({{"caption", batch.examples[i].caption},
                            {"missed", AdherenceTally::missed(batch.examples[i].claims, values[i])}});
    }
}

Result<void> Bench::writeSheets() const
{
    constexpr std::int64_t kInARow = 8;
    for (const auto& [path, pictures] :
         {std::pair{&m_options.sheet, &m_sheet}, std::pair{&m_options.tokenisedSheet, &m_tokenisedSheet}}) {
        if (!path->empty()) {
            if (auto written = writeSampleSheet(*path, at::cat(*pictures), kInARow); !written) {
                return written;
            }
        }
    }
    return {};
}

Result<nlohmann::json> Bench::go()
{
    Seen generated;
    Seen through;
    Seen drawn;
    double seconds = 0.0;
    for (std::int64_t from = 0; from < m_options.captions; from += m_options.batch) {
        tell(from);
        const BenchBatch batch =
            drawBenchBatch(m_options.seed, SceneStream::Bench, from,
                           std::min(m_options.batch, m_options.captions - from), m_files.config.pictureRows());
        const Clock::time_point before = Clock::now();
        DecodeSettings settings = m_settings;
        settings.seed = m_options.seed + static_cast<std::uint64_t>(from);
        const auto made = m_generator.make(settings, batch, m_stop, m_options.completesPrompt.value_or(false));
        if (!made) {
            return tl::unexpected(made.error());
        }
        seconds += std::chrono::duration<double>(Clock::now() - before).count();
        generated.add(m_judge, batch, made->pictures);
        const at::Tensor atBest = tokenised(batch.drawn);
        through.add(m_judge, batch, atBest);
        keepForSheet(batch, made->pictures, atBest);
        drawn.add(m_judge, batch, bytesOfPictures(batch.drawn));
    }
    const Result<at::Tensor> reference = referenceFeatures();
    if (!reference) {
        return tl::unexpected(reference.error());
    }
    const bool drafts = m_settings.method != "sequential";
    nlohmann::json record{{"suite", "adherence"},
                          {"model", m_options.model},
                          {"judge_hash", m_judge.hash()},
                          {"method", m_settings.method},
                          {"coupling", drafts ? m_settings.coupling : ""},
                          {"initialisation", drafts ? m_settings.initialisation : ""},
                          {"window", m_settings.window},
                          {"guidance", m_settings.guidance},
                          {"temperature", m_settings.temperature},
                          {"top_k", m_settings.topK},
                          {"top_p", m_settings.topP},
                          {"min_p", m_settings.minP},
                          {"completes_prompt", m_options.completesPrompt.value_or(false)},
                          {"device", "cpu"},
                          {"precision", "float32"},
                          {"seed", m_options.seed},
                          {"captions", m_options.captions},
                          {"reference", m_options.reference},
                          {"batch", m_options.batch},
                          {"seconds", seconds},
                          {"generated", generated.toJson(*reference)},
                          {"tokenised", through.toJson(*reference)},
                          {"drawn", drawn.toJson(*reference)}};
    if (m_settings.method == "sjd2") {
        record["noise_steps"] = m_settings.noiseSteps;
    }
    if (auto written = writeSheets(); !written) {
        return tl::unexpected(written.error());
    }
    if (!m_options.sheet.empty()) {
        record["sheet"] = std::move(m_looked);
    }
    return record;
}

} // namespace

Result<nlohmann::json> benchAdherence(const nlohmann::json& options, ProgressSink& sink, std::stop_token stop)
{
    Result<AdherenceOptions> parsed = adherenceOptionsFromJson(options);
    if (!parsed) {
        return tl::unexpected(parsed.error());
    }
    Result<Judge> judge = Judge::load(parsed->judge);
    if (!judge) {
        return tl::unexpected(judge.error());
    }
    const Result<ModelManifest> manifest = readModelManifest(parsed->modelFolder);
    if (!manifest) {
        return tl::unexpected(manifest.error());
    }
    Result<DecodeSettings> settings = adherenceSettings(options, manifest->defaults);
    if (!settings) {
        return tl::unexpected(settings.error());
    }
    Result<ScenesFiles> files = loadScenesFiles(parsed->modelFolder, at::kFloat, parsed->baseFolder);
    if (!files) {
        return tl::unexpected(files.error());
    }
    if (auto read = checkJudgeReads(files->config); !read) {
        return tl::unexpected(read.error());
    }
    if (auto checked = checkBenchWindow(settings->window, files->config); !checked) {
        return tl::unexpected(checked.error());
    }
    parsed->completesPrompt = parsed->completesPrompt.value_or(manifest->defaults.completesPrompt) &&
                              completesCaptions(files->config.words, files->config.promptWords());
    Bench bench(std::move(*parsed), std::move(*settings), std::move(*files), std::move(*judge), sink, std::move(stop));
    Result<nlohmann::json> record = bench.go();
    if (record) {
        (*record)["model_hash"] = manifest->hash;
    }
    return record;
}

} // namespace jacobi
