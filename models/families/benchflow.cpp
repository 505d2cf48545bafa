// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/families/benchflow.h"

#include "core/decode/flowblock.h"
#include "core/decode/flowlatents.h"
#include "core/engine/flowrun.h"
#include "core/engine/gpuhost.h"
#include "core/engine/modelfamily.h"
#include "core/io/jsonfields.h"
#include "core/trace/requestlimits.h"
#include "models/families/tarflowfamily.h"
#include "models/flowtraining/flowdistance.h"
#include "models/flowtraining/flowpictures.h"

#include <ATen/ATen.h>
#include <c10/core/InferenceMode.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <chrono>
#include <map>
#include <optional>

namespace jacobi {
namespace {

constexpr std::uint64_t kRenderSeed = 0x42454E43;
constexpr std::int64_t kDenoisedAtOnce = 16;

double now()
{
    return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

double median(std::vector<double> values)
{
    std::sort(values.begin(), values.end());
    return values[values.size() / 2];
}

struct Row {
    std::string method;
    std::string strategy;
    std::string plan;
    std::uint32_t batch = 1;
    double guidance = 0.0;
    double clip = 0.0;

    std::vector<double> seconds;      ///< of each batch
    std::vector<at::Tensor> pictures; ///< of each batch, before the last step
    double passes = 0.0;
    double rows = 0.0; ///< tokens read, of one picture
    std::uint64_t fallbacks = 0;
    std::vector<double> blockPasses;
    double frechet = 0.0;
};

struct Options {
    std::string modelFolder;
    std::string judge;
    std::string device = "cpu";
    std::uint32_t pictures = 64;
    std::uint64_t seed = 0;
    double denoise = 1.0;
    bool onlyCheck = false; ///< whether a bench of such rows can be
    std::vector<Row> rows;
};

Result<Options> optionsOf(const nlohmann::json& json)
{
    Options options;
    JsonFields fields(json, "The bench", JsonFields::Missing::Kept, ErrorCode::InvalidRequest);
    fields.text("modelFolder", options.modelFolder);
    fields.text("judge", options.judge);
    fields.text("device", options.device);
    fields.whole("pictures", options.pictures, 1U, 1U << 20U);
    fields.whole("seed", options.seed);
    fields.number("denoise", options.denoise, kDenoiseLimit.least, kDenoiseLimit.most);
    fields.boolean("onlyCheck", options.onlyCheck);
    fields.list("rows", 10'000, [&](const nlohmann::json& entry) {
        Row row;
        JsonFields read(entry, "The bench: rows", JsonFields::Missing::Kept, ErrorCode::InvalidRequest);
        read.text("method", row.method);
        read.text("strategy", row.strategy);
        read.text("plan", row.plan, 1U << 20U);
        read.whole("batch", row.batch, 1U, static_cast<std::uint32_t>(kMostPictures));
        read.number("guidance", row.guidance, kFlowGuidanceLimit.least, kFlowGuidanceLimit.most);
        read.number("clip", row.clip, kClipLimit.least, kClipLimit.most);
        fields.adopt(read.error());
        options.rows.push_back(std::move(row));
    });
    if (fields.error()) {
        return tl::unexpected(*fields.error());
    }
    return options;
}

/// Of one pass among many of the same range.
double passSeconds(FlowBlock& block, const FlowRange& range)
{
    constexpr int kRepeats = 7;
    constexpr int kInRow = 6; // the first repeat, which does not count, is enough for a device to record the pass
    std::vector<double> seconds;
    for (int repeat = 0; repeat <= kRepeats; ++repeat) {
        const double from = now();
        for (int pass = 1; pass <= kInRow; ++pass) {
            block.evaluate(range, pass < kInRow ? std::optional(FlowNext{range}) : std::nullopt);
        }
        if (repeat > 0) {
            seconds.push_back((now() - from) / kInRow);
        }
    }
    return median(std::move(seconds));
}

class FlowBench {
public:
    FlowBench(Options options, LoadedModel model, std::optional<Judge> judge, std::size_t classes, ProgressSink& sink,
              std::stop_token stop)
        : m_options(std::move(options)),
          m_model(std::move(model)),
          m_judge(std::move(judge)),
          m_classes(classes),
          m_sink(sink),
          m_stop(std::move(stop))
    {
    }

    Result<nlohmann::json> go();

private:
    Result<void> sample(Row& row, std::uint32_t batch);
    Result<void> distances();
    Result<nlohmann::json> passCosts();
    nlohmann::json record(const Row& row) const;
    const Row& baseline(const Row& row) const;
    std::vector<std::int64_t> labelsOf(std::uint64_t first, std::int64_t count) const;
    Result<void> tell(const std::string& line);

    Options m_options;
    LoadedModel m_model;
    std::optional<Judge> m_judge;
    std::size_t m_classes;
    ProgressSink& m_sink;
    std::stop_token m_stop;
    double m_done = 0.0;
    double m_expected = 1.0;
};

std::vector<std::int64_t> FlowBench::labelsOf(std::uint64_t first, std::int64_t count) const
{
    std::vector<std::int64_t> labels;
    for (std::int64_t i = 0; m_classes > 0 && i < count; ++i) {
        labels.push_back(static_cast<std::int64_t>((first + static_cast<std::uint64_t>(i)) % m_classes));
    }
    return labels;
}

Result<void> FlowBench::tell(const std::string& line)
{
    if (m_stop.stop_requested()) {
        return fail(ErrorCode::Cancelled, "The bench was stopped.");
    }
    m_sink.progress({std::min(0.99, m_done / m_expected), -1.0, line, {}});
    return {};
}

/// Batch number `batch` of a row.
Result<void> FlowBench::sample(Row& row, std::uint32_t batch)
{
    const c10::InferenceMode inference;
    RunRequest request;
    request.plan = row.plan;
    request.guidance = row.guidance;
    request.clip = row.clip;
    const Result<FlowSettings> settings = flowSettingsOf(request);
    if (!settings) {
        return tl::unexpected(settings.error());
    }
    const std::uint64_t first = std::uint64_t{batch} * row.batch;
    const at::Tensor latents = flowLatents(m_model.flow->layout(), m_options.seed + first, row.batch);
    const std::vector<std::int64_t> labels = labelsOf(first, row.batch);
    const double from = now();
    const std::unique_ptr<FlowDecoder> decoder = makeFlowDecoder(*settings, *m_model.flow);
    if (auto started = decoder->start(latents, labels); !started) {
        return started;
    }
    row.blockPasses.resize(m_model.flow->layout().blocks);
    const double share = static_cast<double>(row.batch) / m_options.pictures;
    while (!decoder->done()) {
        const Result<std::shared_ptr<Step>> step = decoder->step();
        if (!step) {
            return tl::unexpected(step.error());
        }
        row.blockPasses[(*step)->lane] += share / row.batch; // of a picture, on average
    }
    row.seconds.push_back(now() - from);
    row.passes += share * static_cast<double>(decoder->report().passes);
    row.rows += share * static_cast<double>(decoder->report().rows);
    for (const FlowSegmentReport& segment : decoder->report().segments) {
        row.fallbacks += segment.fellBack ? 1 : 0;
    }
    row.pictures.push_back(m_model.flowRenderer->values(decoder->state()).to(at::kCPU).clone());
    m_done += row.batch;
    return {};
}

const Row& FlowBench::baseline(const Row& row) const
{
    return *std::find_if(m_options.rows.begin(), m_options.rows.end(), [&](const Row& other) {
        return other.method == "sequential" && other.batch == row.batch && other.guidance == row.guidance;
    });
}

Result<void> FlowBench::distances()
{
    if (!m_judge) {
        return {};
    }
    const std::int64_t side = m_options.rows.front().pictures.front().size(2);
    const FlowPictures renders =
        drawFlowPictures(kRenderSeed, SceneStream::BenchReference, 0, m_options.pictures, side);
    const FlowPictures others = drawFlowPictures(kRenderSeed, SceneStream::Bench, 0, m_options.pictures, side);
    for (Row& row : m_options.rows) {
        const at::Tensor all = at::cat(row.pictures);
        FlowPictures sampled{{}, labelsOf(0, all.size(0))};
        sampled.labels.resize(static_cast<std::size_t>(all.size(0)), 0);
        std::vector<at::Tensor> clean;
        for (std::int64_t i = 0; i < all.size(0); i += kDenoisedAtOnce) {
            if (auto told = tell("Comparing the pictures"); !told) {
                return told;
            }
            const std::int64_t count = std::min(kDenoisedAtOnce, all.size(0) - i);
            const at::Tensor some = all.narrow(0, i, count).clone().to(m_model.flow->device());
            clean.push_back(m_options.denoise > 0.0
                                ? m_model.flowRenderer->denoised(some, labelsOf(static_cast<std::uint64_t>(i), count),
                                                                 m_options.denoise)
                                : some);
            clean.back() = clean.back().to(at::kCPU);
        }
        sampled.pictures = (at::cat(clean).to(at::kFloat) * 0.5 + 0.5).clamp(0.0, 1.0).expand({-1, 3, -1, -1});
        row.frechet = flowDistance(*m_judge, sampled, renders, others).sampled;
        m_done += 0.2 * m_options.pictures;
    }
    return {};
}

/// What one pass of block 0 costs, by how many tokens it reads, with everything before them cached: of several in a row, as
/// decoders make them, after some that do not count.
Result<nlohmann::json> FlowBench::passCosts()
{
    const c10::InferenceMode inference;
    const FlowLayout& layout = m_model.flow->layout();
    nlohmann::json costs = nlohmann::json::array();
    for (const Row& row : m_options.rows) {
        if (row.method != "sequential") {
            continue;
        }
        if (auto told = tell("Timing passes"); !told) {
            return tl::unexpected(told.error());
        }
        FlowCondition condition;
        condition.labels = labelsOf(0, row.batch);
        condition.guided = row.guidance != 0.0;
        m_model.flow->begin(row.batch, condition, layout.tokens());
        FlowSettings settings;
        settings.guidance = row.guidance;
        FlowBlock block(*m_model.flow, settings, FlowBlockPlan{},
                        flowLatents(layout, 0, row.batch).to(m_model.flow->device(), m_model.flow->realType()));
        block.evaluate({0, block.tokens() - 1, 1});
        for (std::int64_t width = 1; width < 2 * block.tokens() - 2; width *= 2) {
            const std::int64_t rows = std::min(width, block.tokens() - 1);
            const std::int64_t first = (block.tokens() - rows) / 2; // in the middle of the tokens
            costs.push_back({{"batch", row.batch},
                             {"guidance", row.guidance},
                             {"width", rows},
                             {"milliseconds", 1e3 * passSeconds(block, {first, rows, first + 1})}});
        }
    }
    return costs;
}

nlohmann::json FlowBench::record(const Row& row) const
{
    const Row& sequential = baseline(row);
    double most = 0.0;
    double sum = 0.0;
    for (std::size_t i = 0; i < row.pictures.size(); ++i) {
        const at::Tensor difference = (row.pictures[i] - sequential.pictures[i]).abs();
        most = std::max(most, difference.max().item().toDouble());
        sum += difference.mean().item().toDouble();
    }
    const auto orNull = [&](double value) { return m_judge ? nlohmann::json(value) : nlohmann::json(); };
    return {{"method", row.method},
            {"strategy", row.strategy},
            {"batch", row.batch},
            {"guidance", row.guidance},
            {"clip", row.clip},
            {"pictures", m_options.pictures},
            {"serial_passes", row.passes},
            {"token_evaluations", row.rows},
            {"pass_ratio", sequential.passes / row.passes},
            {"seconds", median(row.seconds)},
            {"wall_ratio", median(sequential.seconds) / median(row.seconds)},
            {"max_difference", most},
            {"mean_difference", sum / static_cast<double>(row.pictures.size())},
            {"fallbacks", row.fallbacks},
            {"frechet", orNull(row.frechet)},
            {"frechet_ratio", orNull(row.frechet / sequential.frechet)},
            {"block_passes", row.blockPasses}};
}

Result<nlohmann::json> FlowBench::go()
{
    std::map<std::uint32_t, std::vector<Row*>> byBatch;
    for (Row& row : m_options.rows) {
        byBatch[row.batch].push_back(&row);
    }
    m_expected = 1.2 * m_options.pictures * static_cast<double>(m_options.rows.size());
    for (auto& [batch, rows] : byBatch) {
        for (Row* row : rows) { // Libraries set themselves up in the first run; it does not count.
            Row warm = *row;
            if (auto sampled = sample(warm, 0); !sampled) {
                return tl::unexpected(sampled.error());
            }
            m_done -= row->batch;
        }
        for (std::uint32_t i = 0; i < m_options.pictures / batch; ++i) {
            for (Row* row : rows) {
                const std::string line = row->method + (row->strategy.empty() ? "" : " " + row->strategy) + ", " +
                                         std::to_string(batch) + " at once";
                if (auto told = tell(line); !told) {
                    return tl::unexpected(told.error());
                }
                if (auto sampled = sample(*row, i); !sampled) {
                    return tl::unexpected(sampled.error());
                }
            }
        }
    }
    if (auto compared = distances(); !compared) {
        return tl::unexpected(compared.error());
    }
    auto costs = passCosts();
    if (!costs) {
        return costs;
    }
    nlohmann::json records = nlohmann::json::array();
    for (const Row& row : m_options.rows) {
        records.push_back(record(row));
    }
    return nlohmann::json{{"records", std::move(records)}, {"pass_cost", std::move(*costs)}};
}

Result<void> checkRows(const Options& options)
{
    for (const Row& row : options.rows) {
        const auto same = [&](const Row& other) {
            return other.method == "sequential" && other.batch == row.batch && other.guidance == row.guidance;
        };
        if (options.pictures % row.batch != 0) {
            return fail(ErrorCode::InvalidRequest, "The number of pictures must be a multiple of every batch. "
                                                   "Choose another number of pictures, or other batches.");
        }
        if (std::none_of(options.rows.begin(), options.rows.end(), same)) {
            return fail(ErrorCode::InvalidRequest, "The bench needs a sequential row for every batch and guidance.");
        }
    }
    return options.rows.empty() ? Result<void>(fail(ErrorCode::InvalidRequest, "The bench has no rows."))
                                : Result<void>();
}

/// With room for the largest row.
Result<void> placeOnGpu(const Options& options, const ModelInfo& info, GpuHost* gpu, LoadedModel& model)
{
    RunRequest largest;
    largest.device = options.device;
    largest.denoise = options.denoise;
    for (const Row& row : options.rows) {
        largest.pictures = std::max(largest.pictures, static_cast<int>(row.batch));
        largest.guidance = std::max(largest.guidance, row.guidance);
    }
    if (gpu == nullptr || !gpu->runs(largest, info)) {
        return failOnGpu(ErrorCode::NoDevice, "There is no GPU here that could run the flow.");
    }
    return gpu->placeFlow(largest, options.device, info, TarFlowFamily(), model);
}

} // namespace

Result<nlohmann::json> benchFlow(const nlohmann::json& json, ProgressSink& sink, std::stop_token stop, GpuHost* gpu)
{
    Result<Options> options = optionsOf(json);
    if (!options) {
        return tl::unexpected(options.error());
    }
    if (auto checked = checkRows(*options); !checked) {
        return tl::unexpected(checked.error());
    }
    std::optional<Judge> judge;
    if (!options->judge.empty()) {
        auto loaded = Judge::load(options->judge);
        if (!loaded) {
            return tl::unexpected(loaded.error());
        }
        judge = std::move(*loaded);
    }
    if (options->onlyCheck) {
        return nlohmann::json::object();
    }
    const std::filesystem::path folder = options->modelFolder;
    const std::vector<ModelInfo> models = findModels({folder.parent_path().string()});
    const auto info = std::find_if(models.begin(), models.end(),
                                   [&](const ModelInfo& model) { return model.folder == options->modelFolder; });
    if (info == models.end()) {
        return fail(ErrorCode::NotFound, "There is no flow in \"" + options->modelFolder + "\". See: jacobi models");
    }
    auto model = TarFlowFamily().load(*info, at::kFloat);
    if (!model) {
        return tl::unexpected(model.error());
    }
    if (options->device != "cpu") {
        if (auto placed = placeOnGpu(*options, *info, gpu, *model); !placed) {
            return tl::unexpected(placed.error());
        }
    }
    return FlowBench(std::move(*options), std::move(*model), std::move(judge), info->classes.size(), sink,
                     std::move(stop))
        .go();
}

} // namespace jacobi
