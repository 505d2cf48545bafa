// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/judge/benchadherence.h"

#include "core/text/wordtokenizer.h"
#include "models/judge/adherenceoptions.h"
#include "models/judge/adherencetally.h"
#include "models/judge/judge.h"
#include "models/judge/judgestatistics.h"
#include "models/scenes/loadscenes.h"
#include "models/scenes/scenestokenizer.h"
#include "models/training/scene.h"
#include "models/training/scenedata.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <c10/core/InferenceMode.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <chrono>
#include <memory>

namespace jacobi {
namespace {

/// Captions with their drawings.
struct Batch {
    std::vector<SceneExample> examples;
    at::Tensor drawn; ///< [count, 3, 128, 128] float32
};

Batch drawBatch(std::uint64_t seed, SceneStream stream, std::int64_t first, std::int64_t count)
{
    Batch batch;
    batch.drawn = at::empty({count, 3, kJudgeSide, kJudgeSide}, at::kFloat);
    float* out = batch.drawn.data_ptr<float>();
    for (std::int64_t i = 0; i < count; ++i) {
        batch.examples.push_back(drawScene(streamSeed(seed, stream), static_cast<std::uint64_t>(first + i),
                                           static_cast<int>(kJudgeSide), SceneSet::HeldOut));
        out = std::copy(batch.examples.back().rgb.begin(), batch.examples.back().rgb.end(), out);
    }
    return batch;
}

/// What the judge saw in one kind of pictures.
class Seen {
public:
    void add(const Judge& judge, const Batch& batch, const at::Tensor& pictures)
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
          m_model(m_files.config, m_files.transformer),
          m_words(m_files.config.words),
          m_sink(sink),
          m_stop(std::move(stop))
    {
    }

    Result<nlohmann::json> go();

private:
    Result<at::Tensor> generate(const Batch& batch, std::int64_t first);
    at::Tensor tokenised(const at::Tensor& pictures) const;
    Result<at::Tensor> referenceFeatures() const;
    void tell(std::int64_t done);

    using Clock = std::chrono::steady_clock;
    AdherenceOptions m_options;
    DecodeSettings m_settings;
    ScenesFiles m_files;
    Judge m_judge;
    ScenesModel m_model;
    WordTokenizer m_words;
    ProgressSink& m_sink;
    std::stop_token m_stop;
    Clock::time_point m_begin = Clock::now();
};

/// Pictures of a batch's captions, [count, 128, 128, 3] uint8.
Result<at::Tensor> Bench::generate(const Batch& batch, std::int64_t first)
{
    const c10::InferenceMode inference;
    DecodeSettings settings = m_settings;
    settings.seed = m_options.seed + static_cast<std::uint64_t>(first);
    auto decoder = makeDecoder(settings, m_model);
    if (!decoder) {
        return tl::unexpected(decoder.error());
    }
    std::vector<std::vector<std::int64_t>> prompts;
    for (const SceneExample& example : batch.examples) {
        prompts.push_back(m_model.promptOf(m_words.encode(example.caption).ids));
    }
    if (auto started = (*decoder)->start(prompts); !started) {
        return tl::unexpected(started.error());
    }
    while (!(*decoder)->done()) {
        if (m_stop.stop_requested()) {
            return stopped();
        }
        if (auto step = (*decoder)->step(); !step) {
            return tl::unexpected(step.error());
        }
    }
    at::Tensor codes = at::empty({static_cast<std::int64_t>(prompts.size()), m_files.config.positions()}, at::kLong);
    std::int64_t* out = codes.data_ptr<std::int64_t>();
    for (std::size_t item = 0; item < prompts.size(); ++item) {
        const std::vector<std::int64_t>& tokens = (*decoder)->tokens(item);
        out = std::copy(tokens.begin(), tokens.end(), out);
    }
    const at::Tensor scalars = scalarsOfCodes(m_files.config, codes, at::kFloat);
    return bytesOfPictures(decodeScalars(m_files.config, m_files.tokenizer, scalars));
}

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
        const Batch batch =
            drawBatch(m_options.seed, SceneStream::BenchReference, from, std::min(kAtOnce, m_options.reference - from));
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

Result<nlohmann::json> Bench::go()
{
    Seen generated;
    Seen through;
    Seen drawn;
    double seconds = 0.0;
    for (std::int64_t from = 0; from < m_options.captions; from += m_options.batch) {
        tell(from);
        const Batch batch =
            drawBatch(m_options.seed, SceneStream::Bench, from, std::min(m_options.batch, m_options.captions - from));
        const Clock::time_point before = Clock::now();
        const Result<at::Tensor> pictures = generate(batch, from);
        if (!pictures) {
            return tl::unexpected(pictures.error());
        }
        seconds += std::chrono::duration<double>(Clock::now() - before).count();
        generated.add(m_judge, batch, *pictures);
        through.add(m_judge, batch, tokenised(batch.drawn));
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
    Result<ScenesFiles> files = loadScenesFiles(parsed->modelFolder, at::kFloat);
    if (!files) {
        return tl::unexpected(files.error());
    }
    if (files->config.pictureRows() != kJudgeSide || files->config.pictureColumns() != kJudgeSide) {
        return fail(ErrorCode::Unsupported,
                    "The judge reads pictures of 128 x 128 pixels, and this model makes others. "
                    "Choose another model.");
    }
    Bench bench(std::move(*parsed), std::move(*settings), std::move(*files), std::move(*judge), sink, std::move(stop));
    Result<nlohmann::json> record = bench.go();
    if (record) {
        (*record)["model_hash"] = manifest->hash;
    }
    return record;
}

} // namespace jacobi
