// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/training/traindecoder.h"

#include "models/scenes/loadscenes.h"
#include "models/scenes/scenestokenizer.h"
#include "models/training/deepen.h"
#include "models/training/exportscenes.h"
#include "models/training/scene.h"
#include "models/training/scenedata.h"
#include "models/training/sceneplan.h"
#include "models/training/scenestokenizertrainer.h"
#include "models/training/trainscenes.h"
#include "tests/models/scenes/tinyscenes.h"
#include "tests/testmain.h"

#include <QTemporaryDir>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <filesystem>
#include <numeric>
#include <set>

using namespace jacobi;
using namespace jacobi::test;

namespace {

struct Quiet final : ProgressSink {
    void progress(const JobProgress&) override {}
};

ScenesConfig smallConfig()
{
    ScenesConfig config = tinyConfig();
    config.words = sceneWords();
    config.prefix = longestSceneCaption() + 1;
    config.coarse = 16;
    config.fine = 16;
    return config;
}

} // namespace

class TrainDecoderTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void init() { at::manual_seed(3); }

    void moreBlocksMakeTheSamePictureAtFirst()
    {
        const ScenesConfig config = smallConfig();
        const TensorMap tensors = randomTensors(tokenizerTensors(config));
        const at::Tensor scalars = at::rand({2, 2, 4, 4}) * 2.0 - 1.0;
        ScenesConfig deeper = config;
        const TensorMap grown = withMoreDecoder(deeper, tensors, 2, 7);
        QCOMPARE(deeper.decoderMore, std::int64_t{2});
        QCOMPARE(grown.size(), tokenizerTensors(deeper).size());
        QVERIFY(at::equal(decodeScalars(deeper, grown, scalars), decodeScalars(config, tensors, scalars)));
        // And blocks that say something are listened to.
        TensorMap changed = grown;
        changed[moreDecoderName(1) + ".second.weight"] =
            at::randn(changed.at(moreDecoderName(1) + ".second.weight").sizes());
        QVERIFY(!at::equal(decodeScalars(deeper, changed, scalars), decodeScalars(config, tensors, scalars)));
        // More of them again go behind those.
        const TensorMap again = withMoreDecoder(deeper, changed, 1, 8);
        QCOMPARE(deeper.decoderMore, std::int64_t{3});
        QVERIFY(at::equal(again.at(moreDecoderName(1) + ".second.weight"),
                          changed.at(moreDecoderName(1) + ".second.weight")));
    }

    void onlyTheDecoderLearns()
    {
        const ScenesConfig config = smallConfig();
        const TensorMap start = startTensors(tokenizerTensors(config), 1);
        ScenesTokenizerTrainer trainer(config, {}, start, TokenizerPart::Decoder);
        const at::Tensor picture = drawPictures(1, SceneStream::Tokenizer, 0, 1, 32);
        const double before = trainer.trainOn(picture, 0.0);
        double after = before;
        for (int i = 0; i < 60; ++i) {
            after = trainer.trainOn(picture, 0.7);
        }
        QVERIFY2(after < 0.6 * before, qPrintable(QString("%1 -> %2").arg(before).arg(after)));
        for (const auto& [name, value] : trainer.weights()) {
            if (name.starts_with("encoder.")) {
                QVERIFY2(at::equal(value, start.at(name)), name.c_str());
            }
        }
        QVERIFY(!at::equal(trainer.weights().at("decoder.out.weight"), start.at("decoder.out.weight")));
        // Its checkpoint is of use to the same codes only.
        const TensorMap state = trainer.state();
        ScenesTokenizerTrainer same(config, {}, start, TokenizerPart::Decoder);
        QVERIFY(same.restore(state).has_value());
        ScenesTokenizerTrainer other(config, {}, startTensors(tokenizerTensors(config), 2), TokenizerPart::Decoder);
        QCOMPARE(other.restore(state).error().code, ErrorCode::Corrupt);
    }

    void codesAndTransformerStayWhatTheyAre()
    {
        const QTemporaryDir folder;
        const ScenesConfig config = smallConfig();
        std::filesystem::create_directory(folder.filePath("base").toStdString());
        QVERIFY(exportScenes(folder.filePath("base").toStdString(), config, startTensors(tokenizerTensors(config), 1),
                             randomTensors(transformerTensors(config))));
        const nlohmann::json options{{"objective", "decoder"},
                                     {"initFrom", folder.filePath("base").toStdString()},
                                     {"out", folder.filePath("out").toStdString()},
                                     {"work", folder.filePath("work").toStdString()},
                                     {"tokenizerSteps", 4},
                                     {"tokenizerBatch", 2},
                                     {"moreDecoder", 1},
                                     {"hard", 0.5},
                                     {"validationPictures", 4}};
        Quiet sink;
        const auto figures = trainScenes(options, sink, {});
        QVERIFY2(figures, figures ? "" : (figures.error().message + figures.error().detail).c_str());
        QCOMPARE((*figures)["decoder"]["pictures"].get<int>(), 8);
        QVERIFY((*figures)["before"]["psnr"] != (*figures)["measured"]["psnr"]);
        const auto before = loadScenesFiles(folder.filePath("base").toStdString(), at::kFloat);
        const auto after = loadScenesFiles(folder.filePath("out").toStdString(), at::kFloat);
        QVERIFY2(after, after ? "" : after.error().message.c_str());
        QCOMPARE(after->config.decoderMore, std::int64_t{1});
        for (const auto& [name, value] : before->transformer) {
            QVERIFY2(at::equal(value, after->transformer.at(name)), name.c_str());
        }
        const at::Tensor pictures = drawPictures(1, SceneStream::Validation, 0, 3, 32);
        QVERIFY(at::equal(encodePictures(before->config, before->tokenizer, pictures),
                          encodePictures(after->config, after->tokenizer, pictures)));
    }

    void whatCannotBeIsRefused()
    {
        const QTemporaryDir folder;
        nlohmann::json options{{"objective", "decoder"},
                               {"out", folder.filePath("out").toStdString()},
                               {"work", folder.filePath("work").toStdString()}};
        Quiet sink;
        const auto ofNothing = trainScenes(options, sink, {});
        QCOMPARE(ofNothing.error().code, ErrorCode::InvalidRequest);
        QVERIFY(ofNothing.error().message.find("initFrom") != std::string::npos);
        options["initFrom"] = folder.filePath("nowhere").toStdString();
        QVERIFY(!trainScenes(options, sink, {}));
        options["moreDecoder"] = 1;
        options["objective"] = "tokens";
        const auto ofAnother = trainScenes(options, sink, {});
        QCOMPARE(ofAnother.error().code, ErrorCode::InvalidRequest);
        QVERIFY(ofAnother.error().message.find("moreDecoder") != std::string::npos);
    }

    void aShareOfABatchIsHard()
    {
        const auto scenesOf = [](std::uint64_t first, double hard) {
            std::vector<std::uint64_t> numbers;
            for (const ExampleRun& run : examplesOfBatch(5, SceneStream::Transformer, first, 40, hard)) {
                for (std::int64_t i = 0; i < run.count; ++i) {
                    numbers.push_back(run.first + static_cast<std::uint64_t>(i));
                }
            }
            return numbers;
        };
        const auto hardOf = [](const std::vector<std::uint64_t>& numbers) {
            return std::ranges::count_if(numbers, [](std::uint64_t number) {
                return isHard(planScene(streamSeed(5, SceneStream::Transformer), number));
            });
        };
        std::vector<std::uint64_t> plain(40);
        std::iota(plain.begin(), plain.end(), 80);
        QCOMPARE(scenesOf(80, 0.0), plain);
        QCOMPARE(scenesOf(80, 0.5).size(), 40U);
        QVERIFY(hardOf(scenesOf(80, 0.5)) >= 20);
        QCOMPARE(hardOf(scenesOf(80, 1.0)), 40);
        const auto chance = hardOf(plain);
        QVERIFY2(chance > 3 && chance < 25, qPrintable(QString::number(chance)));
        // Batches share no example.
        std::set<std::uint64_t> seen;
        for (std::uint64_t batch = 0; batch < 10; ++batch) {
            const auto numbers = scenesOf(batch * 40, 0.3);
            seen.insert(numbers.begin(), numbers.end());
        }
        QCOMPARE(seen.size(), 400U);
    }

    void hardIsFineOrVeiled()
    {
        Scene scene;
        QVERIFY(!isHard(scene));
        scene.weather = Weather::Fog;
        QVERIFY(!isHard(scene)); // nothing stands in it
        scene.left.kind = SubjectKind::House;
        QVERIFY(isHard(scene));
        scene.weather = Weather::Clouds;
        QVERIFY(!isHard(scene));
        scene.right.kind = SubjectKind::Windmill;
        QVERIFY(isHard(scene));
        for (const SubjectKind animal : {SubjectKind::Horse, SubjectKind::Deer}) {
            scene.right.kind = animal;
            QVERIFY(isHard(scene));
        }
        scene.right.kind = SubjectKind::None;
        scene.season = Season::Winter;
        QVERIFY(!isHard(scene)); // at sea, where no season is to be seen
        scene.terrain = Terrain::Hills;
        QVERIFY(isHard(scene));
    }
};

JACOBI_TEST(TrainDecoderTest)
#include "tst_traindecoder.moc"
