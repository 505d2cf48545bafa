// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/training/traindenoising.h"

#include "core/decode/decoder.h"
#include "core/io/modelfile.h"
#include "models/training/exportscenes.h"
#include "models/training/scene.h"
#include "models/training/scenesdenoisingtrainer.h"
#include "models/training/trainscenes.h"
#include "tests/models/scenes/tinyscenes.h"
#include "tests/testmain.h"

#include <QFile>
#include <QTemporaryDir>

#include <ATen/Context.h>
#include <ATen/core/grad_mode.h>
#include <c10/core/InferenceMode.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <set>

using namespace jacobi;
using namespace jacobi::test;

namespace {

ScenesConfig drawnConfig()
{
    ScenesConfig config = tinyConfig();
    config.words = sceneWords();
    config.prefix = longestSceneCaption() + 1;
    return config;
}

/// A base model on disk, and options to tune it with.
struct Setup {
    Setup()
    {
        const ScenesConfig config = drawnConfig();
        std::filesystem::create_directories(path("base"));
        const auto written = exportScenes(path("base"), config, randomTensors(tokenizerTensors(config)),
                                          randomTensors(transformerTensors(config)));
        if (!written) {
            qFatal("%s", written.error().message.c_str());
        }
    }
    std::string path(const char* name) const { return folder.filePath(name).toStdString(); }
    nlohmann::json options(const char* out = "tuned") const
    {
        return {{"objective", "sjd2"},
                {"out", path(out)},
                {"work", path(out) + "-work"},
                {"initFrom", path("base")},
                {"steps", 4},
                {"batch", 4},
                {"microBatch", 2},
                {"window", 8},
                {"block", 3},
                {"validationPictures", 4},
                {"validateEvery", 2},
                {"rank", 3},
                {"hidden", 8},
                {"features", 8},
                {"mostSteps", 2}};
    }
    QTemporaryDir folder;
};

/// Asks for a stop at the n-th report; 0: never.
struct StoppingSink final : ProgressSink {
    void progress(const JobProgress&) override
    {
        if (++reports == stopAfter) {
            source.request_stop();
        }
    }
    int reports = 0;
    int stopAfter = 0;
    std::stop_source source;
};

TrainDenoisingOptions tinyOptions()
{
    TrainDenoisingOptions options;
    options.batch = 2;
    options.microBatch = 1;
    options.window = 8;
    options.block = 3;
    options.rate = 0.01;
    options.noise.rank = 4;
    options.noise.kind.mostSteps = 2;
    return options;
}

ScenesFiles baseFiles()
{
    ScenesFiles files;
    files.config = tinyConfig();
    files.tokenizer = randomTensors(tokenizerTensors(files.config));
    files.transformer = randomTensors(transformerTensors(files.config));
    return files;
}

} // namespace

class TrainDenoisingTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void init() { at::manual_seed(3); }

    void beforeTheFirstStepACleanSequenceGivesTheBasesLogits()
    {
        const ScenesFiles base = baseFiles();
        ScenesDenoisingTrainer trainer(base, tinyOptions());
        ScenesModel tuned = trainer.model();
        ScenesModel plain(base.config, base.transformer);
        const c10::InferenceMode inference;
        const at::Tensor tokens = at::randint(12, {1, 16}, at::kLong);
        const std::vector<std::vector<std::int64_t>> prompts{plain.promptOf({0, 1})};
        tuned.begin(prompts, 2, 16);
        plain.begin(prompts, 2, 16);
        QVERIFY(at::equal(tuned.forward(tokens), plain.forward(tokens))); // bit for bit
        QVERIFY(tuned.noisy() != nullptr);
        // Where noise is read, the level's encoding is still none: nothing but the noisy embedding comes in.
        const at::Tensor times = at::tensor({0.3F, 1.0F});
        QVERIFY(at::equal(encodeTimes(tinyOptions().noise, trainer.weights(), times), at::zeros({2, 4 * 32})));
    }

    void learnsToReadNoise()
    {
        const ScenesFiles base = baseFiles();
        ScenesDenoisingTrainer trainer(base, tinyOptions());
        const at::Tensor codes = at::randint(12, {1, 16}, at::kLong).repeat({2, 1});
        const at::Tensor prompts = at::tensor({0L, 1L, 4L, 4L}).view({1, 4}).repeat({2, 1});
        const double before = trainer.trainOn(0, prompts, codes, 0.0);
        double after = before;
        for (int i = 0; i < 150; ++i) {
            after = trainer.trainOn(i, prompts, codes, 1.0);
        }
        QVERIFY2(after < 0.3 * before, qPrintable(QString("%1 -> %2").arg(before).arg(after)));
        // With the picture learnt by heart, denoised drafts are right and passes few.
        ScenesModel model = trainer.model();
        const c10::InferenceMode inference;
        DecodeSettings settings;
        settings.method = "sjd2";
        settings.window = 8;
        const auto decoder = makeDecoder(settings, model).value();
        if (!decoder->start({model.promptOf({0, 1})})) {
            qFatal("the decoder did not start");
        }
        std::uint32_t passes = 0;
        while (!decoder->done()) {
            passes = decoder->step().value()->pass + 1;
        }
        std::int64_t right = 0;
        for (std::int64_t i = 0; i < 16; ++i) {
            right += decoder->tokens(0)[static_cast<std::size_t>(i)] == codes[0][i].item<std::int64_t>() ? 1 : 0;
        }
        QVERIFY2(right >= 12 && passes <= 12, qPrintable(QString("%1 right, %2 passes").arg(right).arg(passes)));
    }

    /// The network of training and that of decoding read the same noise the same way.
    void trainingReadsWhatDecodingReads()
    {
        const ScenesFiles base = baseFiles();
        const TrainDenoisingOptions options = tinyOptions();
        ScenesDenoisingTrainer trainer(base, options);
        const at::Tensor codes = at::randint(12, {2, 16}, at::kLong);
        const at::Tensor prompts = at::tensor({0L, 1L, 4L, 4L}).view({1, 4}).repeat({2, 1});
        for (int i = 0; i < 5; ++i) {
            trainer.trainOn(i, prompts, codes, 1.0); // so that the encoding is not zero
        }
        const at::NoGradGuard noGradients;
        const TensorMap now = trainer.weights();
        const TransformerWeights weights =
            transformerWeights(base.config, joinDifference(base.config, base.transformer, now));
        const at::Tensor plain = codeEmbeddings(base.config, transformerWeights(base.config, base.transformer));
        const ScenesNoisePart part{options.noise, now, embeddingScale(options.noise.normalisation, plain)};
        NoiseSegment segment;
        segment.schedule = noiseLevels(options.noise.kind, 2);
        segment.begin = 6;
        segment.levels = {1, 1, 2, 2, 2};
        const at::Tensor some = codes.narrow(0, 0, 1);
        const at::Tensor noise = at::randn({1, 5, 4 * 32});
        const at::Tensor trained = segmentLogits(base.config, weights, part, sequenceRotary(base.config, at::kFloat),
                                                 segment, prompts.narrow(0, 0, 1), some, some.narrow(1, 6, 5), noise);
        QCOMPARE(trained.size(1), 12);

        ScenesModel model = trainer.model();
        model.begin({model.promptOf({0, 1})}, 1, 12);
        at::Tensor tokens = at::zeros({1, 12}, at::kLong);
        NoisyRows noisy;
        std::vector<at::Tensor> embeddings;
        for (std::int64_t row = 1; row < 12; ++row) { // row k reads position k - 1
            tokens[0][row] = some[0][row - 1];
            if (row - 1 >= segment.begin) {
                const std::int64_t i = row - 1 - segment.begin;
                const NoiseLevel& level = segment.schedule[segment.levels[static_cast<std::size_t>(i)]];
                noisy.rows.push_back({0, row, level.time()});
                const at::Tensor clean = model.noisy()->codeEmbeddings(true)[some[0][row - 1].item<std::int64_t>()];
                embeddings.push_back(clean * level.alpha + noise[0][i] * level.sigma);
            }
        }
        noisy.embeddings = at::stack(embeddings);
        const at::Tensor decoded = model.noisy()->forwardNoisy(tokens, noisy)[0][0];
        QVERIFY2(worst(decoded, trained[0]) < 1e-3, qPrintable(QString::number(worst(decoded, trained[0]))));
    }

    void segmentsAreThoseOfAWindow()
    {
        TrainDenoisingOptions options = tinyOptions();
        options.noise.kind.mostSteps = 3;
        std::set<std::size_t> schedules;
        for (std::int64_t i = 0; i < 200; ++i) {
            const NoiseSegment segment = drawSegment(9, i, 16, options);
            schedules.insert(segment.schedule.size());
            QVERIFY(!segment.levels.empty() && segment.levels.front() == 1);
            QVERIFY(std::ranges::is_sorted(segment.levels) && segment.levels.size() <= 8);
            QVERIFY(segment.begin >= 0 && segment.end() <= 16 && segment.levels.back() < segment.schedule.size());
            QVERIFY(segment.predictedEnd(16) > segment.begin && segment.predictedEnd(16) <= 16);
        }
        QCOMPARE(schedules, (std::set<std::size_t>{2, 3, 4}));
    }

    void whatIsExportedIsLoadedAgain()
    {
        const Setup setup;
        StoppingSink sink;
        const auto figures = trainScenes(setup.options(), sink, {});
        QVERIFY2(figures, figures ? "" : (figures.error().message + figures.error().detail).c_str());
        QVERIFY(figures->contains("noisyNatsPerToken"));
        const auto manifest = readModelManifest(setup.path("tuned"));
        QVERIFY(manifest);
        QCOMPARE(manifest->baseHash, readModelManifest(setup.path("base"))->hash);
        QCOMPARE(manifest->baseModel, std::string("base"));
        QCOMPARE(manifest->baseWeights, readModelManifest(setup.path("base"))->files.front().sha256);
        QCOMPARE(manifest->mostNoiseSteps, 2);
        QCOMPARE(manifest->defaults.method, std::string("sjd2"));
        const auto files = loadScenesFiles(setup.path("tuned"), at::kFloat); // its base lies beside it
        QVERIFY2(files, files ? "" : files.error().message.c_str());
        QVERIFY(files->noise && files->noise->settings.kind.mostSteps == 2);
        const auto base = loadScenesFiles(setup.path("base"), at::kFloat);
        bool moved = false;
        for (const auto& [name, value] : files->transformer) {
            moved = moved || !at::equal(value, base->transformer.at(name));
        }
        QVERIFY(moved);
        // The same tensors as written, through the same join.
        ScenesModel model(files->config, files->transformer, files->noise);
        QVERIFY(model.noisy() != nullptr);
        QVERIFY(loadScenes(setup.path("tuned"), "float64", setup.path("base")));
    }

    void aMissingOrChangedBaseIsSaid()
    {
        const Setup setup;
        StoppingSink sink;
        QVERIFY(trainScenes(setup.options(), sink, {}));
        std::filesystem::rename(setup.path("base"), setup.path("elsewhere"));
        const auto missing = loadScenesFiles(setup.path("tuned"), at::kFloat);
        QVERIFY(!missing);
        QVERIFY(missing.error().message.find("\"base\", which was not found") != std::string::npos);
        QVERIFY(loadScenesFiles(setup.path("tuned"), at::kFloat, setup.path("elsewhere")));
        auto manifest = readModelManifest(setup.path("elsewhere"));
        manifest->name = "Another";
        manifest->defaults.window += 1;
        QVERIFY(writeModelManifest(setup.path("elsewhere"), *manifest));
        QVERIFY(loadScenesFiles(setup.path("tuned"), at::kFloat, setup.path("elsewhere"))); // its weights are the same
        const auto tuned = readModelManifest(setup.path("tuned"));
        ModelManifest old = *tuned;
        old.baseWeights.clear(); // as before they were written: only the whole model.json tells
        QVERIFY(writeModelManifest(setup.path("tuned"), old));
        const auto another = loadScenesFiles(setup.path("tuned"), at::kFloat, setup.path("elsewhere"));
        QVERIFY(!another);
        QVERIFY(another.error().message.find("the one there now is another") != std::string::npos);
        QVERIFY(writeModelManifest(setup.path("tuned"), *tuned));
        // A tuned model is no base.
        nlohmann::json again = setup.options("again");
        again["initFrom"] = setup.path("tuned");
        std::filesystem::rename(setup.path("elsewhere"), setup.path("base"));
        QVERIFY(!trainScenes(again, sink, {}));
        QVERIFY(!std::filesystem::exists(setup.path("again"))); // and what is refused leaves nothing behind
    }

    /// On threads of their own, too, batches are what they are.
    void aStoppedRunGoesOnWhereItWas()
    {
        const Setup setup;
        StoppingSink sink;
        nlohmann::json whole = setup.options("whole");
        whole["data"] = "own"; // and the other kind of pictures
        whole["ownGuesses"] = 0.5;
        QVERIFY(trainScenes(whole, sink, {}));
        nlohmann::json halves = whole;
        halves["out"] = setup.path("halves");
        halves["work"] = setup.path("halves-work");
        halves["drawAhead"] = 2;
        StoppingSink stopping;
        stopping.stopAfter = 1;
        const auto stopped = trainScenes(halves, stopping, stopping.source.get_token());
        QVERIFY(!stopped);
        QVERIFY2(stopped.error().code == ErrorCode::Cancelled, stopped.error().message.c_str());
        QVERIFY(trainScenes(halves, sink, {}));
        for (const char* name : {"whole", "halves"}) {
            QVERIFY(QFile::exists(setup.folder.filePath(QString("%1-work/denoising.csv").arg(name))));
        }
        QFile a(setup.folder.filePath("whole/difference.safetensors"));
        QFile b(setup.folder.filePath("halves/difference.safetensors"));
        QVERIFY(a.open(QIODevice::ReadOnly) && b.open(QIODevice::ReadOnly));
        QCOMPARE(a.readAll(), b.readAll());
    }

    void drawingAheadChangesNothing()
    {
        const Setup setup;
        const ScenesFiles base = loadScenesFiles(setup.path("base"), at::kFloat).value();
        TrainDenoisingOptions options = tinyOptions();
        options.ownGuesses = 0.5;
        ScenesDenoisingTrainer plain(base, options);
        options.drawAhead = 3;
        ScenesDenoisingTrainer ahead(base, options);
        for (const std::int64_t index : {0, 1, 2, 7, 8}) { // and where it goes on elsewhere
            QCOMPARE(ahead.step(index, 1.0), plain.step(index, 1.0));
        }
        // The step itself is the one on a batch at hand.
        const at::Tensor codes = at::randint(12, {2, 16}, at::kLong);
        const at::Tensor prompts = at::zeros({2, base.config.promptWords()}, at::kLong);
        QCOMPARE(ahead.trainOn(9, prompts, codes, 1.0), plain.trainOn(9, prompts, codes, 1.0));
        const TensorMap weights = plain.weights();
        for (const auto& [name, value] : ahead.weights()) {
            QVERIFY2(at::equal(value, weights.at(name)), name.c_str());
        }
    }

    void aDeviceThatIsNotThereIsSaid()
    {
        if (at::hasCUDA()) {
            QSKIP("This computer has a GPU.");
        }
        const Setup setup;
        nlohmann::json options = setup.options();
        options["device"] = "cuda:0";
        StoppingSink sink;
        const auto refused = trainScenes(options, sink, {});
        QVERIFY(!refused);
        QVERIFY2(refused.error().code == ErrorCode::NoDevice, refused.error().message.c_str());
    }

    /// What a GPU computes is what the CPU computes, but for rounding: each tensor is where it is needed.
    void aGpuLearnsTheSame()
    {
        if (!at::hasCUDA()) {
            QSKIP("This computer has no GPU.");
        }
        const Setup setup;
        const ScenesFiles base = loadScenesFiles(setup.path("base"), at::kFloat).value();
        TrainDenoisingOptions options = tinyOptions();
        ScenesDenoisingTrainer here(base, options);
        options.device = "cuda:0";
        options.drawAhead = 2;
        ScenesDenoisingTrainer there(base, options);
        const auto isNear = [](double a, double b) { return std::abs(a - b) < 1e-2; };
        QVERIFY(isNear(there.validate(), here.validate()));
        for (std::int64_t index = 0; index < 5; ++index) {
            const double loss = there.step(index, 1.0);
            const double wanted = here.step(index, 1.0);
            QVERIFY2(isNear(loss, wanted), qPrintable(QString("%1, not %2").arg(loss).arg(wanted)));
        }
        std::int64_t columns = 0;
        QVERIFY(there.sheet(columns).is_cpu());
        ScenesDenoisingTrainer again(base, options);
        QVERIFY(again.restore(there.state()));
        QVERIFY(isNear(again.validate(), here.validate()));
        nlohmann::json job = setup.options();
        job["device"] = "cuda:0";
        job["ownGuesses"] = 1.0;
        StoppingSink sink;
        const auto figures = trainScenes(job, sink, {});
        QVERIFY2(figures, figures ? "" : (figures.error().message + figures.error().detail).c_str());
        QVERIFY(loadScenesFiles(setup.path("tuned"), at::kFloat));
    }

    void wrongOptionsAreNamed()
    {
        const Setup setup;
        for (const auto& [key, value] :
             std::vector<std::pair<std::string, nlohmann::json>>{{"rate", -1},
                                                                 {"microBatch", 3},
                                                                 {"data", "old"},
                                                                 {"device", "gpu"},
                                                                 {"drawAhead", 257},
                                                                 {"initFrom", ""},
                                                                 {"out", ""},
                                                                 {"width", 32},
                                                                 {"mostSteps", 0},
                                                                 {"pair", "cosine"},
                                                                 {"objective", "pictures"}}) {
            nlohmann::json options = setup.options();
            options[key] = value;
            StoppingSink sink;
            const auto refused = trainScenes(options, sink, {});
            QVERIFY2(!refused && refused.error().code == ErrorCode::InvalidRequest, key.c_str());
            QVERIFY2(refused.error().message.find(key) != std::string::npos, refused.error().message.c_str());
        }
    }
};

JACOBI_TEST(TrainDenoisingTest)
#include "tst_traindenoising.moc"
