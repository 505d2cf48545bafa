// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/io/modelfile.h"
#include "models/flowtraining/exportflow.h"
#include "models/flowtraining/flowdistance.h"
#include "models/flowtraining/flowtrainer.h"
#include "models/flowtraining/sampleflow.h"
#include "models/scenes/scenesweights.h"
#include "models/tarflow/loadtarflow.h"
#include "tests/models/flowtraining/tinyflow.h"
#include "tests/testmain.h"

#include <QTemporaryDir>

#include <ATen/ATen.h>

#include <cmath>

using namespace jacobi;
using namespace jacobi::test;

namespace {

TarFlowWeights weightsOf(const FlowTrainer& trainer)
{
    return tarflowWeights(tinyFlow(), trainer.weights());
}

/// The loss of noise alone, which is all that a flat picture known by heart leaves.
double entropyOf(double noise)
{
    return 0.5 + std::log(noise);
}

} // namespace

class FlowTrainerTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void itLearnsWhichClassLooksHow()
    {
        // Two classes of flat pictures, dark and light: what is left to say of one is its noise.
        TrainFlowOptions options = tinyFlowOptions();
        options.noise = 0.1;
        FlowTrainer trainer(tinyFlow(), options, startFlow(tinyFlow(), 1));
        const std::vector<std::int64_t> labels{0, 1, 0, 1, 0, 1, 0, 1};
        const at::Tensor pictures = at::tensor({0.2F, 0.8F}).repeat({4}).view({8, 1, 1, 1}).expand({8, 3, 8, 8});
        double loss = 0.0;
        for (int i = 0; i < 250; ++i) {
            loss = trainer.trainOn(noisyPictures(pictures, options.noise, static_cast<std::uint64_t>(i)), labels,
                                   i < 150 ? 1.0 : 0.2);
        }
        // Below the entropy only by chance; how near it comes is a matter of steps.
        QVERIFY2(loss < -1.0 && loss > entropyOf(options.noise) - 0.05, qPrintable(QString::number(loss)));
        // The first token tells the class to those after it, so that a wrong label costs on few of the 192 numbers: still
        // several nats a picture.
        const double right = flowLoss(weightsOf(trainer), pictures, labels, options.noise, 9);
        const double wrong = flowLoss(weightsOf(trainer), pictures, {1, 0, 1, 0, 1, 0, 1, 0}, options.noise, 9);
        QVERIFY2(192.0 * (wrong - right) > 3.0, qPrintable(QString("%1 %2").arg(right).arg(wrong)));
    }

    void itLearnsFromDrawings()
    {
        const TrainFlowOptions options = tinyFlowOptions();
        FlowTrainer trainer(tinyFlow(), options, startFlow(tinyFlow(), 1));
        const double before = trainer.validate();
        for (int i = 0; i < 60; ++i) {
            trainer.step(i, 1.0);
        }
        const double after = trainer.validate();
        QVERIFY2(after < before - 0.5, qPrintable(QString("%1 -> %2").arg(before).arg(after)));
    }

    void adamwAloneLearnsToo()
    {
        TrainFlowOptions options = tinyFlowOptions();
        options.muon = false;
        FlowTrainer trainer(tinyFlow(), options, startFlow(tinyFlow(), 1));
        const double before = trainer.validate();
        for (int i = 0; i < 40; ++i) {
            trainer.step(i, 1.0);
        }
        QVERIFY(trainer.validate() < before - 0.3);
        QVERIFY(!trainer.state().contains("muon.blocks.0.attn_blocks.0.attention.qkv.weight"));
    }

    void onlyDroppedLabelsTrainTheirRow()
    {
        const TarFlowTensors start = startFlow(tinyFlow(), 1);
        const at::Tensor pictures = at::rand({2, 3, 8, 8});
        const auto moved = [&](const std::vector<std::int64_t>& labels, const char* name) {
            FlowTrainer trainer(tinyFlow(), tinyFlowOptions(), start);
            trainer.trainOn(pictures, labels, 1.0);
            trainer.trainOn(pictures, labels, 1.0); // the first step only moves the output projections off zero
            // Weight decay alone takes no more than a millionth.
            return !at::allclose(trainer.weights().at(name), start.at(name), 1e-5, 1e-8);
        };
        QVERIFY(moved({-1, 3}, "blocks.0.class_embed_dropped"));
        QVERIFY(!moved({3, 3}, "blocks.0.class_embed_dropped"));
        QVERIFY(moved({3, 3}, "blocks.0.class_embed"));
        QVERIFY(!moved({-1, -1}, "blocks.0.class_embed")); // with the mean in its place they would move
        QVERIFY(!moved({-1, 3}, "basis") && !moved({-1, 3}, "var"));
    }

    void aRestoredTrainerGoesOnAsIfNothingWere()
    {
        const TrainFlowOptions options = tinyFlowOptions();
        FlowTrainer straight(tinyFlow(), options, startFlow(tinyFlow(), 1));
        FlowTrainer again(tinyFlow(), options, startFlow(tinyFlow(), 2));
        for (int i = 0; i < 3; ++i) {
            straight.step(i, 1.0);
        }
        TensorMap kept;
        for (const auto& [name, value] : straight.state()) {
            kept[name] = value.clone();
        }
        const auto restored = again.restore(kept);
        QVERIFY2(restored, restored ? "" : restored.error().message.c_str());
        for (int i = 3; i < 6; ++i) {
            QCOMPARE(again.step(i, 0.5), straight.step(i, 0.5));
        }
        for (const auto& [name, value] : straight.weights()) {
            QVERIFY2(at::equal(value, again.weights().at(name)), name.c_str());
        }
        kept.erase("weights.blocks.1.pos_embed");
        QVERIFY(!again.restore(kept));
    }

    void samplesAreTheirOwnSeedsAlone()
    {
        FlowTrainer trainer(tinyFlow(), tinyFlowOptions(), startFlow(tinyFlow(), 1));
        for (int i = 0; i < 5; ++i) {
            trainer.step(i, 1.0);
        }
        const auto three = sampleFlow(weightsOf(trainer), {2, 7, 7}, 4, 0.07);
        const auto last = sampleFlow(weightsOf(trainer), {7}, 6, 0.07);
        QVERIFY(three && last);
        QCOMPARE(three->sizes().vec(), (std::vector<std::int64_t>{3, 3, 8, 8}));
        QVERIFY(((*three)[2] - (*last)[0]).abs().max().item<double>() < 1e-4);
        QVERIFY(!at::equal((*three)[1], (*three)[2]));
        std::int64_t columns = 0;
        const at::Tensor sheet = trainer.sheet(columns);
        QCOMPARE(columns, kFlowClasses);
        QCOMPARE(sheet.sizes().vec(), (std::vector<std::int64_t>{64, 8, 8, 3}));
    }

    void lossesInTheUnitsPeopleCompare()
    {
        QVERIFY(std::abs(natsPerNumber(-2.044) - -1.1251) < 1e-3);
        QVERIFY(std::abs(bitsPerNumber(-2.044) - 5.371) < 1e-3);
    }

    void exportedAndLoadedItIsTheSameFlow()
    {
        const QTemporaryDir folder;
        const std::filesystem::path place = folder.path().toStdString();
        FlowTrainer trainer(tinyFlow(), tinyFlowOptions(), startFlow(tinyFlow(), 1));
        for (int i = 0; i < 5; ++i) {
            trainer.step(i, 1.0);
        }
        const TarFlowTensors rounded = roundedFlow(trainer.weights());
        QVERIFY(!at::equal(rounded.at("blocks.0.pos_embed"), trainer.weights().at("blocks.0.pos_embed")));
        const auto written = exportFlow(place, tinyFlow(), rounded, 0.07);
        QVERIFY2(written, written ? "" : written.error().message.c_str());
        const auto file = findTarFlowFile(place);
        QVERIFY(file);
        const auto weights = loadTarFlow(*file, at::kFloat);
        QVERIFY2(weights, weights ? "" : weights.error().message.c_str());
        QVERIFY(weights->config == tinyFlow());
        const at::Tensor images = at::rand({2, 3, 8, 8});
        QVERIFY(at::equal(tarflowForward(*weights, images, {5, -1}).z,
                          tarflowForward(tarflowWeights(tinyFlow(), rounded), images, {5, -1}).z));
        const auto manifest = readModelManifest(place);
        QVERIFY2(manifest, manifest ? "" : manifest.error().message.c_str());
        QCOMPARE(manifest->family, std::string("tarflow"));
        QCOMPARE(manifest->config["classes"].size(), static_cast<std::size_t>(kFlowClasses));
        QCOMPARE(manifest->config["noise"].get<double>(), 0.07);
        QCOMPARE(manifest->width, 8U);
        QVERIFY(verifyFiles(place, *manifest, kFlowWeightsFile));
    }

    void distancesTellPicturesFromNoise()
    {
        const Judge judge(startTensors(judgeTensors(), 1));
        const auto draw = [](std::uint64_t first) {
            return drawFlowPictures(1, SceneStream::FlowValidation, first, 48, 32);
        };
        const FlowPictures renders = draw(0);
        FlowPictures noise = draw(100);
        const FlowDistance same = flowDistance(judge, noise, renders, noise);
        QCOMPARE(same.sampled, same.floor);
        noise.pictures = at::rand(noise.pictures.sizes());
        const FlowDistance other = flowDistance(judge, noise, renders, draw(100));
        QCOMPARE(other.floor, same.floor);
        QVERIFY2(other.sampled > 3.0 * other.floor, qPrintable(QString("%1 %2").arg(other.sampled).arg(other.floor)));
        QVERIFY(other.rightTime >= 0.0 && other.rightTime <= 1.0);
    }
};

JACOBI_TEST(FlowTrainerTest)
#include "tst_flowtrainer.moc"
