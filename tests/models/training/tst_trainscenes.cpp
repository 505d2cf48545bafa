// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/cuda/hostkernels.h"
#include "core/device/devicesteps.h"
#include "models/scenes/loadscenes.h"
#include "models/scenes/scenestokenizer.h"
#include "models/scenes/tensorfile.h"
#include "models/training/claimhead.h"
#include "models/training/deepen.h"
#include "models/training/exportscenes.h"
#include "models/training/samplesheet.h"
#include "models/training/scene.h"
#include "models/training/scenedata.h"
#include "models/training/scenemap.h"
#include "models/training/scenestokenizertrainer.h"
#include "models/training/scenestransformertrainer.h"
#include "models/training/trainscenes.h"
#include "tests/models/scenes/tinyscenes.h"
#include "tests/testmain.h"

#include <QFile>
#include <QTemporaryDir>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <set>

using namespace jacobi;
using namespace jacobi::test;

namespace {

nlohmann::json tinyOptions(const QTemporaryDir& folder)
{
    return {{"out", folder.filePath("out").toStdString()},
            {"work", folder.filePath("work").toStdString()},
            {"seed", 3},
            {"tokenizerSteps", 3},
            {"tokenizerBatch", 2},
            {"steps", 4},
            {"batch", 4},
            {"microBatch", 2},
            {"width", 32},
            {"layers", 2},
            {"headSize", 16},
            {"feed", 32},
            {"coarse", 16},
            {"fine", 16},
            {"gridRows", 4},
            {"gridColumns", 4},
            {"validationPictures", 4},
            {"validateEvery", 2}};
}

/// The numbers of a curve apart from the seconds.
QList<QList<double>> curveOf(const QTemporaryDir& folder, const char* name)
{
    QFile file(folder.filePath(QString("work/%1.csv").arg(name)));
    QList<QList<double>> rows;
    if (!file.open(QIODevice::ReadOnly)) {
        return rows;
    }
    file.readLine();
    while (!file.atEnd()) {
        QList<double> row;
        const QList<QByteArray> cells = file.readLine().trimmed().split(',');
        for (qsizetype i = 0; i < cells.size(); ++i) {
            row.append(i == 1 ? 0.0 : cells[i].isEmpty() ? -1.0 : cells[i].toDouble());
        }
        rows.append(row);
    }
    return rows;
}

/// Asks for a stop at every n-th report; 0: never.
struct StoppingSink final : ProgressSink {
    void progress(const JobProgress& progress) override
    {
        lines.push_back(progress.line);
        if (stopAfter > 0 && static_cast<int>(lines.size()) >= stopAfter) {
            source.request_stop();
        }
    }
    int stopAfter = 0;
    std::stop_source source;
    std::vector<std::string> lines;
};

} // namespace

class TrainScenesTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void init() { at::manual_seed(3); }

    void aTinyTransformerLearnsOnePictureByHeart()
    {
        const ScenesConfig config = tinyConfig();
        TrainScenesOptions options;
        options.batch = 2;
        options.microBatch = 1;
        ScenesTransformerTrainer trainer(config, options, randomTensors(tokenizerTensors(config)),
                                         startTensors(transformerTensors(config), 1));
        const at::Tensor codes = at::randint(config.codes(), {1, 16}, at::kLong).repeat({2, 1});
        const at::Tensor prompts = at::tensor({0L, 1L, 4L, 4L}).view({1, 4}).repeat({2, 1});
        const double before = trainer.trainOn(prompts, codes, 0.0);
        QVERIFY(std::abs(before - std::log(12.0)) < 1e-4); // the head starts at zero: every code alike
        double after = before;
        for (int i = 0; i < 100; ++i) {
            after = trainer.trainOn(prompts, codes, 1.0);
        }
        QVERIFY2(after < 0.05, qPrintable(QString::number(after)));
        // And sampling with the weights it hands out gives the picture back.
        ScenesModel model(config, trainer.weights());
        const at::Tensor drawn = sampleCodes(model, {model.promptOf({0, 1})}, 1.0, 9);
        QVERIFY((drawn == codes.narrow(0, 0, 1)).sum().item<std::int64_t>() >= 15);
    }

    void microBatchesDoNotChangeTheStep()
    {
        const ScenesConfig config = tinyConfig();
        const TensorMap start = startTensors(transformerTensors(config), 1);
        const TensorMap tokenizer = randomTensors(tokenizerTensors(config));
        const at::Tensor codes = at::randint(config.codes(), {4, 16}, at::kLong);
        const at::Tensor prompts = at::randint(config.textTokens(), {4, 4}, at::kLong);
        std::vector<double> losses;
        for (const std::int64_t micro : {1, 2, 4}) {
            TrainScenesOptions options;
            options.batch = 4;
            options.microBatch = micro;
            ScenesTransformerTrainer trainer(config, options, tokenizer, start);
            for (int i = 0; i < 4; ++i) {
                losses.push_back(trainer.trainOn(prompts, codes, 1.0));
            }
        }
        for (std::size_t i = 4; i < losses.size(); ++i) {
            QVERIFY(std::abs(losses[i] - losses[i % 4]) < 2e-3);
        }
    }

    /// With fused steps training is the same; here they are the kernels' host versions.
    void fusedStepsDoNotChangeTheStep()
    {
        ScenesConfig config = tinyConfig();
        config.width = 64;
        config.headSize = 32;
        TrainScenesOptions options;
        options.batch = 2;
        options.microBatch = 2;
        const TensorMap start = startTensors(transformerTensors(config), 1);
        const TensorMap tokenizer = randomTensors(tokenizerTensors(config));
        const at::Tensor codes = at::randint(config.codes(), {2, 16}, at::kLong);
        const at::Tensor prompts = at::randint(config.textTokens(), {2, 4}, at::kLong);
        const DeviceSteps steps(hostOps());
        QVERIFY(forLearning(config, transformerWeights(config, start), &steps).blocks.front().steps == &steps);
        ScenesConfig other = config;
        other.headSize = 16;
        QVERIFY(forLearning(other, transformerWeights(config, start), &steps).blocks.front().steps == nullptr);
        ScenesTransformerTrainer plain(config, options, tokenizer, start);
        ScenesTransformerTrainer fused(config, options, tokenizer, start, &steps);
        for (int i = 0; i < 4; ++i) {
            const double expected = plain.trainOn(prompts, codes, 1.0);
            const double found = fused.trainOn(prompts, codes, 1.0);
            QVERIFY2(std::abs(found - expected) < 1e-3, qPrintable(QString("%1, not %2").arg(found).arg(expected)));
        }
    }

    /// The head reads what is in the rows; nothing claimed costs nothing.
    void claimsAreReadFromRows()
    {
        const at::Tensor claims =
            drawClaims(1, SceneStream::Transformer, 3, 6, 0.0); // of captions, so not all of them open
        QCOMPARE(claims.sizes(), at::IntArrayRef({6, 12}));
        for (std::int64_t i = 0; i < 6; ++i) {
            const SceneClaims made =
                drawSceneCaption(streamSeed(1, SceneStream::Transformer), static_cast<std::uint64_t>(3 + i), 0).claims;
            for (std::size_t a = 0; a < kJudgedCount; ++a) {
                const bool isSubject = a >= static_cast<std::size_t>(Judged::LeftKind);
                QCOMPARE(claims[i][static_cast<std::int64_t>(a)].item<std::int64_t>(),
                         isSubject && !made.sides ? kNotJudged : made.values[a]);
            }
        }
        QVERIFY((drawClaims(1, SceneStream::Transformer, 3, 6, 1.0) == kNotJudged).all().item<bool>());

        at::Tensor head = at::zeros({claimScores(), 8});
        const at::Tensor rows = at::randn({6, 5, 8});
        double expected = 0.0; // zero scores: every class alike
        double made = 0.0;
        for (std::int64_t a = 0; a < 12; ++a) {
            const auto said = (claims.select(1, a) != kNotJudged).sum().item<double>();
            expected += said * std::log(classesOf(static_cast<Judged>(a)));
            made += said;
        }
        QVERIFY(std::abs(claimLoss(head, rows, claims).item<double>() - expected / made) < 1e-4);
        QCOMPARE(claimLoss(head, rows, at::full_like(claims, kNotJudged)).item<double>(), 0.0);
        // The time of day is the first attribute: a row that points to its class is read right, however long it is.
        head.index_put_({at::tensor({2L}), at::tensor({0L})}, 20.0);
        const at::Tensor one = at::full({1, 12}, static_cast<std::int64_t>(kNotJudged), at::kLong);
        one.select(1, 0).fill_(2);
        at::Tensor row = at::zeros({1, 1, 8});
        row.select(2, 0).fill_(0.3);
        QVERIFY(claimLoss(head, row, one).item<double>() < 1e-6);
        QVERIFY(claimLoss(head, -row, one).item<double>() > 10.0);
    }

    /// Claims are learnt half way up beside the codes, and the model that is handed out is of the same tensors.
    void claimsAreLearntBesideCodes()
    {
        const ScenesConfig config = tinyConfig();
        TrainScenesOptions options;
        options.batch = 2;
        options.microBatch = 1;
        options.claims = 0.5;
        const TensorMap start = startTensors(transformerTensors(config), 1);
        const TensorMap tokenizer = randomTensors(tokenizerTensors(config));
        ScenesTransformerTrainer trainer(config, options, tokenizer, start);
        const at::Tensor codes = at::randint(config.codes(), {2, 16}, at::kLong);
        const at::Tensor prompts = at::tensor({0L, 1L, 4L, 4L, 1L, 0L, 4L, 4L}).view({2, 4});
        at::Tensor claims = at::full({2, 12}, static_cast<std::int64_t>(kNotJudged), at::kLong);
        claims.select(1, 4).copy_(at::tensor({0L, 2L}));
        const double first = trainer.trainOn(prompts, codes, 1.0, claims);
        QVERIFY(std::abs(first - std::log(12.0)) < 1e-4); // of the codes alone
        for (int i = 0; i < 60; ++i) {
            trainer.trainOn(prompts, codes, 1.0, claims);
        }
        const TensorMap state = trainer.state();
        QVERIFY(std::ranges::any_of(state, [](const auto& entry) { return entry.first.ends_with("claims"); }));
        const TensorMap weights = trainer.weights();
        QCOMPARE(weights.size(), start.size());
        for (const auto& [name, value] : weights) {
            QVERIFY2(start.contains(name), name.c_str());
        }
        ScenesTransformerTrainer again(config, options, tokenizer, start);
        QVERIFY(again.restore(state).has_value());
        QCOMPARE(again.trainOn(prompts, codes, 0.0, claims), trainer.trainOn(prompts, codes, 0.0, claims));
    }

    /// What stands where is learnt beside the codes, and no part of the model either.
    void mapsAreLearntBesideCodes()
    {
        const ScenesConfig config = tinyConfig();
        TrainScenesOptions options;
        options.batch = 2;
        options.microBatch = 1;
        options.claims = 0.0;
        options.map = 0.5;
        const TensorMap start = startTensors(transformerTensors(config), 1);
        ScenesTransformerTrainer trainer(config, options, randomTensors(tokenizerTensors(config)), start);
        const at::Tensor codes = at::randint(config.codes(), {2, 16}, at::kLong);
        const at::Tensor prompts = at::tensor({0L, 1L, 4L, 4L, 1L, 0L, 4L, 4L}).view({2, 4});
        const at::Tensor maps = at::zeros({2, static_cast<std::int64_t>(kMappedCount), 16}, at::kLong);
        maps.select(1, 3).fill_(1);
        const double first = trainer.trainOn(prompts, codes, 1.0, {}, maps);
        QVERIFY(std::abs(first - std::log(12.0)) < 1e-4); // of the codes alone
        for (int i = 0; i < 60; ++i) {
            trainer.trainOn(prompts, codes, 1.0, {}, maps);
        }
        const TensorMap state = trainer.state();
        const auto head = std::ranges::find_if(state, [](const auto& entry) {
            return entry.first.starts_with("weights.") && entry.first.ends_with("map");
        });
        QVERIFY(head != state.end());
        QVERIFY(head->second.abs().max().item<double>() > 0.01); // it moved
        QCOMPARE(trainer.weights().size(), start.size());
    }

    void aTinyTokenizerLearnsOnePicture()
    {
        ScenesConfig config = tinyConfig();
        config.coarse = 32;
        config.fine = 16;
        config.levels = {8, 8, 8};
        TrainScenesOptions options;
        ScenesTokenizerTrainer trainer(config, options, startTensors(tokenizerTensors(config), 1));
        const at::Tensor picture = drawPictures(1, SceneStream::Tokenizer, 0, 1, 32);
        const double before = trainer.trainOn(picture, 0.0);
        double after = before;
        for (int i = 0; i < 150; ++i) {
            after = trainer.trainOn(picture, 0.7);
        }
        QVERIFY2(after < 0.25 * before, qPrintable(QString("%1 -> %2").arg(before).arg(after)));
    }

    void darkDetailsWeighMore()
    {
        at::Tensor night = at::full({1, 3, 16, 16}, 0.05);
        at::Tensor both = at::cat({night, at::full({1, 3, 16, 16}, 0.8)}, 3);
        const auto lossAt = [&](std::int64_t column) {
            at::Tensor made = both.clone();
            made.select(3, column).select(2, 8) += 0.1;
            return reconstructionLoss(made, both).item<double>();
        };
        QVERIFY(lossAt(4) > 2.0 * lossAt(28));
        QVERIFY(reconstructionLoss(both, both).item<double>() == 0.0);
    }

    void streamsAreApartAndPure()
    {
        const ScenesConfig config = [] {
            ScenesConfig c = tinyConfig();
            c.words = sceneWords();
            c.prefix = longestSceneCaption() + 1;
            return c;
        }();
        const at::Tensor a = drawPictures(1, SceneStream::Transformer, 5, 2, 32);
        QVERIFY(at::equal(a, drawPictures(1, SceneStream::Transformer, 5, 2, 32)));
        QVERIFY(at::equal(a[1], drawPictures(1, SceneStream::Transformer, 6, 1, 32)[0]));
        QVERIFY(!at::equal(a, drawPictures(1, SceneStream::Validation, 5, 2, 32)));
        QVERIFY(!at::equal(a, drawPictures(2, SceneStream::Transformer, 5, 2, 32)));
        QVERIFY(a.min().item<double>() >= 0.0 && a.max().item<double>() <= 1.0);

        const at::Tensor all = drawPrompts(config, 1, SceneStream::Transformer, 0, 400, 0.1);
        const at::Tensor dropped = (all == config.nullToken()).all(1);
        const auto count = dropped.sum().item<std::int64_t>();
        QVERIFY2(count > 15 && count < 70, qPrintable(QString::number(count)));
        QVERIFY(at::equal(all.narrow(0, 100, 50), drawPrompts(config, 1, SceneStream::Transformer, 100, 50, 0.1)));
        const at::Tensor kept = drawPrompts(config, 1, SceneStream::Transformer, 0, 400, 0.0);
        QVERIFY(!(kept == config.nullToken()).any().item<bool>());
        QVERIFY((kept.select(1, 0) < config.padToken()).all().item<bool>()); // every caption has a word we know
    }

    void sheetPromptsUseKnownWordsOnly()
    {
        const std::set<std::string> words(sceneWords().begin(), sceneWords().end());
        for (const std::string& prompt : sheetPrompts()) {
            for (const QString& word : QString::fromStdString(prompt).remove(',').split(' ')) {
                QVERIFY2(words.contains(word.toStdString()), qPrintable(word));
            }
        }
    }

    /// Whatever the number of new layers, and however trained the old ones are.
    void deeperSaysTheSameAtFirst()
    {
        const ScenesConfig config = tinyConfig();
        const TensorMap tensors = randomTensors(transformerTensors(config));
        const at::Tensor codes = at::randint(config.codes(), {3, 16}, at::kLong);
        const at::Tensor prompts = at::randint(config.textTokens(), {3, 4}, at::kLong);
        const double before = validationLoss(config, tensors, prompts, codes);
        for (const std::int64_t more : {1, 2, 5}) {
            ScenesConfig deeper = config;
            const TensorMap grown = deepened(deeper, tensors, more, 7);
            QCOMPARE(deeper.layers, config.layers + more);
            QCOMPARE(grown.size(), transformerTensors(deeper).size());
            QCOMPARE(validationLoss(deeper, grown, prompts, codes), before);
            // Old layers keep their order, and the new ones are not of them.
            std::int64_t found = 0;
            for (std::int64_t layer = 0; layer < deeper.layers && found < config.layers; ++layer) {
                const auto name = [](std::int64_t n) { return "blocks." + std::to_string(n) + ".feed.down"; };
                found += at::equal(grown.at(name(layer)), tensors.at(name(found))) ? 1 : 0;
            }
            QCOMPARE(found, config.layers);
        }
    }

    void aRunGivesAModelThatLoads()
    {
        const QTemporaryDir folder;
        StoppingSink sink;
        const auto figures = trainScenes(tinyOptions(folder), sink, {});
        QVERIFY2(figures, figures ? "" : (figures.error().message + figures.error().detail).c_str());
        QCOMPARE((*figures)["transformer"]["steps"].get<int>(), 4);
        QVERIFY((*figures)["measured"]["natsPerToken"].get<double>() > 0.0);
        QVERIFY(std::isfinite((*figures)["measured"]["psnr"].get<double>()));
        const auto files = loadScenesFiles(folder.filePath("out").toStdString(), at::kFloat);
        QVERIFY2(files, files ? "" : files.error().message.c_str());
        QCOMPARE(files->config.width, 32);
        QVERIFY(!sink.lines.empty());

        // The finished model is something to start from.
        nlohmann::json more = tinyOptions(folder);
        more["initFrom"] = folder.filePath("out").toStdString();
        more["out"] = folder.filePath("out2").toStdString();
        more["resume"] = false;
        more["steps"] = 1;
        more["moreLayers"] = 1;
        const auto again = trainScenes(more, sink, {});
        QVERIFY2(again, again ? "" : (again.error().message + again.error().detail).c_str());
        const auto next = loadScenesFiles(folder.filePath("out2").toStdString(), at::kFloat);
        QVERIFY(next);
        QCOMPARE(next->config.layers, files->config.layers + 1);
        QVERIFY(at::equal(next->tokenizer.at("decoder.in.weight"), files->tokenizer.at("decoder.in.weight")));
        const double moved = worst(next->transformer.at("head"), files->transformer.at("head"));
        QVERIFY(moved > 0.0 && moved < 0.05);
    }

    void aStoppedRunGivesTheSameCurve()
    {
        const QTemporaryDir whole;
        const QTemporaryDir parts;
        StoppingSink quiet;
        QVERIFY(trainScenes(tinyOptions(whole), quiet, {}));
        bool finished = false;
        for (int attempt = 0; attempt < 12 && !finished; ++attempt) {
            StoppingSink sink;
            sink.stopAfter = 1; // a report comes after the first step of every start
            nlohmann::json options = tinyOptions(parts);
            options["drawAhead"] = 2; // nor does it matter who draws the pictures
            const auto done = trainScenes(options, sink, sink.source.get_token());
            finished = done.has_value();
            QVERIFY(finished || done.error().code == ErrorCode::Cancelled);
            QVERIFY(attempt > 0 || !finished);
        }
        QVERIFY(finished);
        for (const char* phase : {"tokenizer", "transformer"}) {
            const auto a = curveOf(whole, phase);
            const auto b = curveOf(parts, phase);
            QVERIFY(!a.isEmpty());
            QCOMPARE(a.size(), b.size());
            for (qsizetype i = 0; i < a.size(); ++i) {
                QCOMPARE(a[i].size(), b[i].size());
                for (qsizetype k = 0; k < a[i].size(); ++k) {
                    QVERIFY(std::abs(a[i][k] - b[i][k]) < 1e-5);
                }
            }
        }
    }

    /// Its pictures had subjects in other places; nothing but the missing entry tells.
    void aCheckpointOfAnEarlierVersionIsRefused()
    {
        const QTemporaryDir folder;
        StoppingSink sink;
        QVERIFY(trainScenes(tinyOptions(folder), sink, {}));
        for (const char* phase : {"transformer", "tokenizer"}) {
            QVERIFY(trainScenes(tinyOptions(folder), sink, {}));
            const std::filesystem::path path = folder.filePath(QString("work/%1.safetensors").arg(phase)).toStdString();
            auto checkpoint = readTensorFile(path);
            QVERIFY(checkpoint);
            const auto metadata = checkpoint->metadata;
            nlohmann::json recipe = nlohmann::json::parse(metadata.at("recipe"));
            QCOMPARE(recipe["placing"].get<std::string>(), std::string("composed"));
            recipe.erase("placing");
            checkpoint->metadata["recipe"] = recipe.dump();
            QVERIFY(writeTensorFile(path, checkpoint->tensors, checkpoint->metadata));
            const auto refused = trainScenes(tinyOptions(folder), sink, {});
            QVERIFY(!refused);
            QCOMPARE(refused.error().code, ErrorCode::InvalidRequest);
            const QString message = QString::fromStdString(refused.error().message);
            QVERIFY2(message.contains(phase) && message.contains("placed differently"), qPrintable(message));
            QVERIFY(writeTensorFile(path, checkpoint->tensors, metadata));
        }
    }

    void badOptionsAreNamed_data()
    {
        QTest::addColumn<QString>("key");
        QTest::addColumn<QString>("value");
        const auto row = [](const char* key, const char* value) {
            QTest::addRow("%s %s", key, value) << QString(key) << QString(value);
        };
        row("stepps", "3");
        row("steps", "\"3\"");
        row("steps", "-1");
        row("steps", "2.5");
        row("minutes", "-1");
        row("batch", "0");
        row("microBatch", "3");
        row("threads", "0");
        row("resume", "1");
        row("out", "\"\"");
        row("work", "5");
        row("width", "33");
        row("drawAhead", "257");
        row("moreLayers", "1"); // of no model
    }
    void badOptionsAreNamed()
    {
        QFETCH(QString, key);
        QFETCH(QString, value);
        const QTemporaryDir folder;
        nlohmann::json options = tinyOptions(folder);
        options[key.toStdString()] = nlohmann::json::parse(value.toStdString());
        StoppingSink sink;
        const auto done = trainScenes(options, sink, {});
        QVERIFY(!done);
        QCOMPARE(done.error().code, ErrorCode::InvalidRequest);
        if (key != "width") {
            QVERIFY2(QString::fromStdString(done.error().message).contains(key), done.error().message.c_str());
        }
    }

    void optionsSurviveTheRoundTrip()
    {
        const QTemporaryDir folder;
        const auto options = trainScenesOptionsFromJson(tinyOptions(folder));
        QVERIFY(options);
        const auto again = trainScenesOptionsFromJson(toJson(*options));
        QVERIFY(again);
        QCOMPARE(toJson(*again).dump(), toJson(*options).dump());
        QCOMPARE(again->headSize, 16);
    }
};

JACOBI_TEST(TrainScenesTest)
#include "tst_trainscenes.moc"
