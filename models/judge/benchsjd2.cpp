// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/judge/benchsjd2.h"

#include "core/io/jsonfields.h"
#include "core/trace/requestlimits.h"
#include "models/judge/adherencetally.h"
#include "models/judge/benchpictures.h"
#include "models/judge/judge.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <optional>
#include <set>
#include <tuple>

namespace jacobi {
namespace {

struct Options {
    std::string model;
    std::string modelFolder;
    std::string baseFolder;
    std::string judge;
    std::string plainModelFolder;
    std::string plainBaseFolder; ///< empty: baseFolder
    std::int64_t captions = 64;
    std::int64_t batch = 8;
    std::uint64_t seed = 0;
    double guidance = 3.0;
    std::uint32_t window = 64;
    std::vector<std::uint32_t> windows{16, 32};
    std::vector<std::uint32_t> noiseSteps;
};

void readList(JsonFields& fields, const nlohmann::json& json, const char* key, std::uint32_t least, std::uint32_t most,
              std::vector<std::uint32_t>& values)
{
    if (!json.contains(key)) {
        return;
    }
    values.clear();
    fields.list(key, 64, [&](const nlohmann::json& entry) {
        if (entry.is_number_integer() && entry.get<std::int64_t>() >= least && entry.get<std::int64_t>() <= most) {
            values.push_back(entry.get<std::uint32_t>());
        } else {
            fields.refuse(key, "must hold whole numbers from " + std::to_string(least) + " to " + std::to_string(most));
        }
    });
}

Result<Options> optionsFromJson(const nlohmann::json& json)
{
    static const std::set<std::string> keys = {
        "model", "modelFolder", "baseFolder", "judge",  "plainModelFolder", "plainBaseFolder", "captions",
        "batch", "seed",        "guidance",   "window", "windows",          "noiseSteps"};
    Options options;
    JsonFields fields(json, "The options of the bench", JsonFields::Missing::Kept, ErrorCode::InvalidRequest);
    fields.text("model", options.model);
    fields.text("modelFolder", options.modelFolder);
    fields.text("baseFolder", options.baseFolder);
    fields.text("judge", options.judge);
    fields.text("plainModelFolder", options.plainModelFolder);
    fields.text("plainBaseFolder", options.plainBaseFolder);
    fields.whole("captions", options.captions, std::int64_t{2}, std::int64_t{1'000'000});
    fields.whole("batch", options.batch, std::int64_t{1}, std::int64_t{256});
    fields.whole("seed", options.seed);
    fields.number("guidance", options.guidance, kGuidanceLimit.least, kGuidanceLimit.most);
    fields.whole("window", options.window, 1U, 4096U);
    if (!fields.error()) {
        readList(fields, json, "windows", 1, 4096, options.windows);
        readList(fields, json, "noiseSteps", 1, 1000, options.noiseSteps);
        for (const auto& [key, value] : json.items()) {
            if (!keys.contains(key)) {
                fields.refuse(key, "is not known");
            }
        }
        if (options.modelFolder.empty() || options.judge.empty()) {
            fields.refuse(options.modelFolder.empty() ? "modelFolder" : "judge", "names a folder and must be given");
        }
    }
    if (fields.error()) {
        return tl::unexpected(*fields.error());
    }
    return options;
}

/// One way of decoding, and what it gave.
struct Row {
    std::string name;
    DecodeSettings settings;
    bool plain = false;                ///< by the model that was tuned without normalisation
    std::vector<double> tokensPerPass; ///< of each picture
    AdherenceTally tally;
};

/// Mean and its standard error.
std::pair<double, double> meanOf(const std::vector<double>& values)
{
    const auto n = static_cast<double>(values.size());
    double mean = 0.0;
    for (const double value : values) {
        mean += value / n;
    }
    double squares = 0.0;
    for (const double value : values) {
        squares += (value - mean) * (value - mean);
    }
    return {mean, n > 1.0 ? std::sqrt(squares / (n - 1.0) / n) : 0.0};
}

/// Everything a run of the bench works with.
class Bench {
public:
    Bench(Options options, const ScenesFiles& files, const ScenesFiles* plain, Judge judge, ProgressSink& sink,
          std::stop_token stop)
        : m_options(std::move(options)),
          m_positions(files.config.positions()),
          m_judge(std::move(judge)),
          m_tuned(files),
          m_sink(sink),
          m_stop(std::move(stop))
    {
        if (plain != nullptr) {
            m_plain.emplace(*plain);
        }
        if (m_options.noiseSteps.empty()) {
            for (int steps = 1; steps <= files.noise->settings.kind.mostSteps; ++steps) {
                m_options.noiseSteps.push_back(static_cast<std::uint32_t>(steps));
            }
        }
    }

    Result<nlohmann::json> go();

private:
    void add(std::string name, const char* method, const char* coupling, std::uint32_t window, std::uint32_t steps = 1,
             Sjd2Variant variant = {}, bool plain = false);
    void addRows();
    Result<void> measure(std::int64_t from);
    nlohmann::json toJson(const Row& row) const;
    const Row* maximalOf(std::uint32_t window) const;

    Options m_options;
    std::int64_t m_positions;
    Judge m_judge;
    BenchGenerator m_tuned;
    std::optional<BenchGenerator> m_plain;
    ProgressSink& m_sink;
    std::stop_token m_stop;
    std::vector<Row> m_rows;
};

void Bench::add(std::string name, const char* method, const char* coupling, std::uint32_t window, std::uint32_t steps,
                Sjd2Variant variant, bool plain)
{
    Row row;
    row.name = std::move(name);
    row.settings.method = method;
    row.settings.coupling = coupling;
    row.settings.window = window;
    row.settings.noiseSteps = steps;
    row.settings.variant = variant;
    row.settings.guidance = m_options.guidance;
    row.plain = plain;
    m_rows.push_back(std::move(row));
}

void Bench::addRows()
{
    const std::uint32_t window = m_options.window;
    const std::uint32_t first = m_options.noiseSteps.front();
    add("sequential", "sequential", "maximal", 1);
    for (const char* coupling : {"independent", "maximal", "gumbel-spec"}) {
        add("SJD", "sjd", coupling, window);
        for (const std::uint32_t steps : m_options.noiseSteps) {
            add("SJD2", "sjd2", coupling, window, steps);
        }
    }
    for (const char* coupling : {"independent", "maximal"}) {
        add("SJD2, no refinement", "sjd2", coupling, window, first, {true, false});
        add(m_plain ? "SJD2, tuned without normalisation" : "SJD2, no normalisation", "sjd2", coupling, window, first,
            {m_plain.has_value(), true}, m_plain.has_value());
    }
    for (const std::uint32_t other : m_options.windows) {
        add("SJD", "sjd", "maximal", other);
        for (const std::uint32_t steps : m_options.noiseSteps) {
            add("SJD2", "sjd2", "maximal", other, steps);
        }
    }
}

Result<void> Bench::measure(std::int64_t from)
{
    const BenchBatch batch =
        drawBenchBatch(m_options.seed, SceneStream::Bench, from, std::min(m_options.batch, m_options.captions - from),
                       m_tuned.config().pictureRows());
    for (Row& row : m_rows) {
        row.settings.seed = m_options.seed + static_cast<std::uint64_t>(from);
        const auto made = (row.plain ? *m_plain : m_tuned).make(row.settings, batch, m_stop);
        if (!made) {
            return tl::unexpected(made.error());
        }
        const std::vector<JudgedValues> values = m_judge.values(made->pictures);
        for (std::size_t i = 0; i < values.size(); ++i) {
            row.tally.add(batch.examples[i].claims, values[i]);
            row.tokensPerPass.push_back(static_cast<double>(m_positions) / static_cast<double>(made->passes[i]));
        }
    }
    return {};
}

const Row* Bench::maximalOf(std::uint32_t window) const
{
    const auto found = std::ranges::find_if(m_rows, [&](const Row& row) {
        return row.settings.method == "sjd" && row.settings.coupling == "maximal" && row.settings.window == window;
    });
    return found == m_rows.end() ? nullptr : &*found;
}

nlohmann::json Bench::toJson(const Row& row) const
{
    const auto [mean, error] = meanOf(row.tokensPerPass);
    const nlohmann::json seen = row.tally.toJson();
    const DecodeSettings& s = row.settings;
    nlohmann::json json{{"name", row.name},
                        {"method", s.method},
                        {"coupling", s.method == "sequential" ? "" : s.coupling},
                        {"window", s.window},
                        {"noise_steps", s.method == "sjd2" ? s.noiseSteps : 0},
                        {"normalises", s.variant.normalises && !row.plain},
                        {"refines", s.variant.refines},
                        {"tokens_per_pass", mean},
                        {"tokens_per_pass_se", error},
                        {"to_sequential", mean}, // which commits one token a pass
                        {"adherence", seen["together"]["share"]},
                        {"all_right", seen["all_right"]["share"]}};
    if (const Row* maximal = maximalOf(s.window)) {
        std::vector<double> ratios;
        for (std::size_t i = 0; i < row.tokensPerPass.size(); ++i) {
            ratios.push_back(row.tokensPerPass[i] / maximal->tokensPerPass[i]);
        }
        std::tie(json["to_maximal"], json["to_maximal_se"]) = meanOf(ratios);
    }
    return json;
}

Result<nlohmann::json> Bench::go()
{
    addRows();
    for (std::int64_t from = 0; from < m_options.captions; from += m_options.batch) {
        m_sink.progress({static_cast<double>(from) / static_cast<double>(m_options.captions),
                         -1.0,
                         "picture " + std::to_string(from) + " of " + std::to_string(m_options.captions),
                         {}});
        if (auto measured = measure(from); !measured) {
            return tl::unexpected(measured.error());
        }
    }
    nlohmann::json rows = nlohmann::json::array();
    for (const Row& row : m_rows) {
        rows.push_back(toJson(row));
    }
    const DecodeSettings& same = m_rows.front().settings; // in all rows
    return nlohmann::json{{"suite", "sjd2-ablation"},
                          {"model", m_options.model},
                          {"captions", m_options.captions},
                          {"completes_prompt", false},
                          {"seed", m_options.seed},
                          {"guidance", same.guidance},
                          {"temperature", same.temperature},
                          {"top_k", same.topK},
                          {"top_p", same.topP},
                          {"min_p", same.minP},
                          {"initialisation", same.initialisation},
                          {"device", "cpu"},
                          {"precision", "float32"},
                          {"judge_hash", m_judge.hash()},
                          {"rows", rows}};
}

/// Every row has to be possible: the first that is not would be found after minutes of those before it.
Result<void> checkRows(const Options& options, const ScenesFiles& files)
{
    std::vector<std::uint32_t> windows = options.windows;
    windows.push_back(options.window);
    for (const std::uint32_t window : windows) {
        if (auto checked = checkBenchWindow(window, files.config); !checked) {
            return checked;
        }
    }
    const auto most = static_cast<std::uint32_t>(files.noise->settings.kind.mostSteps);
    for (const std::uint32_t steps : options.noiseSteps) {
        if (steps > most) {
            return fail(ErrorCode::InvalidRequest, "The number of noise steps is " + std::to_string(steps) +
                                                       ", but must be between 1 and " + std::to_string(most) +
                                                       ", the most this model was trained for.");
        }
    }
    return {};
}

/// Whether the model tuned without normalisation can make its rows beside the other's.
Result<void> checkPlain(const Options& options, const ScenesFiles& plain, const ScenesFiles& files)
{
    if (!plain.noise) {
        return fail(ErrorCode::Unsupported,
                    "The model tuned without normalisation was not trained to read noise. Choose one that was, or tune "
                    "one with: jacobi train scenes --objective sjd2 --set normalisation=none.");
    }
    if (plain.config.positions() != files.config.positions() ||
        plain.config.pictureRows() != files.config.pictureRows()) {
        return fail(ErrorCode::Unsupported, "The model tuned without normalisation makes pictures of another size. "
                                            "Choose one that was tuned from the same model.");
    }
    const auto most = static_cast<std::uint32_t>(plain.noise->settings.kind.mostSteps);
    const std::uint32_t first = options.noiseSteps.empty() ? 1 : options.noiseSteps.front();
    if (first > most) { // its rows have the first of the steps
        return fail(ErrorCode::InvalidRequest, "The model tuned without normalisation reads up to " +
                                                   std::to_string(most) + " noise steps. Put one of these first.");
    }
    return {};
}

} // namespace

Result<nlohmann::json> benchSjd2(const nlohmann::json& options, ProgressSink& sink, std::stop_token stop)
{
    Result<Options> parsed = optionsFromJson(options);
    if (!parsed) {
        return tl::unexpected(parsed.error());
    }
    Result<Judge> judge = Judge::load(parsed->judge);
    if (!judge) {
        return tl::unexpected(judge.error());
    }
    const Result<ScenesFiles> files = loadScenesFiles(parsed->modelFolder, at::kFloat, parsed->baseFolder);
    if (!files) {
        return tl::unexpected(files.error());
    }
    if (!files->noise) {
        return fail(ErrorCode::Unsupported, "The model was not trained to read noise. Choose one that was, or tune one "
                                            "with: jacobi train scenes --objective sjd2.");
    }
    if (auto read = checkJudgeReads(files->config); !read) {
        return tl::unexpected(read.error());
    }
    if (auto checked = checkRows(*parsed, *files); !checked) {
        return tl::unexpected(checked.error());
    }
    std::optional<ScenesFiles> plain;
    if (!parsed->plainModelFolder.empty()) {
        const std::string& base = parsed->plainBaseFolder.empty() ? parsed->baseFolder : parsed->plainBaseFolder;
        Result<ScenesFiles> other = loadScenesFiles(parsed->plainModelFolder, at::kFloat, base);
        if (!other) {
            return tl::unexpected(other.error());
        }
        if (auto checked = checkPlain(*parsed, *other, *files); !checked) {
            return tl::unexpected(checked.error());
        }
        plain = std::move(*other);
    }
    Bench bench(std::move(*parsed), *files, plain ? &*plain : nullptr, std::move(*judge), sink, std::move(stop));
    Result<nlohmann::json> record = bench.go();
    if (record) {
        (*record)["model_hash"] = files->hash;
    }
    return record;
}

} // namespace jacobi
