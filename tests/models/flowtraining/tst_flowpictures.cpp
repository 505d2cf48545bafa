// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/flowtraining/flowpictures.h"
#include "models/flowtraining/flowstart.h"
#include "models/training/scene.h"
#include "tests/testmain.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>
#include <set>

using namespace jacobi;

class FlowPicturesTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void aPictureIsItsDrawingSeenFromFurtherAway()
    {
        const FlowPictures batch = drawFlowPictures(1, SceneStream::Flow, 5, 3, 32);
        QCOMPARE(batch.pictures.sizes().vec(), (std::vector<std::int64_t>{3, 3, 32, 32}));
        QCOMPARE(batch.labels.size(), std::size_t{3});
        const SceneExample example =
            drawScene(streamSeed(1, SceneStream::Flow), 7, kDrawnSide, SceneSet::Training, Placing::Free);
        double sum = 0.0; // of the square of 4 x 4 pixels in row 2, column 3, of green
        for (std::size_t y = 8; y < 12; ++y) {
            for (std::size_t x = 12; x < 16; ++x) {
                sum += example.rgb[(kDrawnSide + y) * kDrawnSide + x];
            }
        }
        QVERIFY(std::abs(batch.pictures[2][1][2][3].item<double>() - sum / 16.0) < 1e-5);
        QCOMPARE(batch.labels[2], flowLabelOf(example.values));
        QVERIFY(!at::equal(batch.pictures, drawFlowPictures(1, SceneStream::FlowValidation, 5, 3, 32).pictures));
    }

    void classesAreNamedAndAllThere()
    {
        const std::vector<std::string> names = flowClassNames();
        QCOMPARE(names.size(), static_cast<std::size_t>(kFlowClasses));
        QCOMPARE(std::set<std::string>(names.begin(), names.end()).size(), names.size());
        QCOMPARE(names.front(), std::string("sea by day"));
        QCOMPARE(names[5], std::string("hills at sunset"));
        QCOMPARE(names.back(), std::string("desert by night"));
        JudgedValues values = kNothingJudged;
        valueOf(values, Judged::Time) = 2;
        valueOf(values, Judged::Terrain) = 1;
        QCOMPARE(names[static_cast<std::size_t>(flowLabelOf(values))], std::string("hills at dawn"));
    }

    void aShareOfTheLabelsIsDropped()
    {
        const std::vector<std::int64_t> labels(2000, 3);
        const auto drop = [&](std::uint64_t index, double share) {
            return withDropped(labels, 1, SceneStream::Flow, index, share);
        };
        const std::vector<std::int64_t> some = drop(0, 0.15);
        const auto dropped = std::count(some.begin(), some.end(), -1);
        QVERIFY2(dropped > 240 && dropped < 360, qPrintable(QString::number(dropped)));
        QCOMPARE(std::count(some.begin(), some.end(), 3), 2000 - dropped);
        const std::vector<std::int64_t> later = drop(500, 0.15); // which ones hangs on the picture, not on the batch
        QVERIFY(std::equal(some.begin() + 500, some.end(), later.begin()));
        QCOMPARE(std::ranges::count(drop(0, 0.0), -1), 0);
        QCOMPARE(std::ranges::count(drop(0, 1.0), -1), 2000);
    }

    void noiseIsOfItsSizeAndRepeats()
    {
        const at::Tensor pictures = at::full({4, 3, 32, 32}, 0.25, at::kFloat);
        const at::Tensor noisy = noisyPictures(pictures, 0.07, 5);
        QVERIFY(at::equal(noisy, noisyPictures(pictures, 0.07, 5)));
        QVERIFY(!at::equal(noisy, noisyPictures(pictures, 0.07, 6)));
        QVERIFY(std::abs(noisy.mean().item<double>() + 0.5) < 0.003);
        QVERIFY(std::abs(noisy.std().item<double>() - 0.07) < 0.003);
    }

    void theBasisIsOrthonormalAndGathersAPatch()
    {
        for (const std::int64_t colours : {1, 3}) {
            const at::Tensor basis = patchBasis(4, colours);
            QVERIFY((at::mm(basis, basis.t()) - at::eye(16 * colours)).abs().max().item<double>() < 1e-6);
            const at::Tensor flat = at::mv(basis, at::ones({16 * colours}));
            QVERIFY(std::abs(flat[0].item<double>() - std::sqrt(16.0 * static_cast<double>(colours))) < 1e-5);
            QVERIFY(flat.narrow(0, 1, flat.size(0) - 1).abs().max().item<double>() < 1e-5);
        }
    }

    void aFreshFlowIsTheIdentity()
    {
        TarFlowConfig config;
        config.blocks = 2;
        config.layers = 1;
        config.width = 64;
        config.grid = config.patch = 4;
        config.classes = kFlowClasses;
        config.droppedRow = config.basis = true;
        const TarFlowTensors start = startFlow(config, 1);
        const TarFlowWeights weights = tarflowWeights(config, start);
        const at::Tensor images = at::rand({2, 3, 16, 16});
        const TarFlowForward forward = tarflowForward(weights, images, {3, -1});
        QVERIFY((forward.z - forward.tokens).abs().max().item<double>() < 1e-6);
        QVERIFY(at::equal(start.at("blocks.1.pos_embed"), startFlow(config, 1).at("blocks.1.pos_embed")));
        QVERIFY(!at::equal(start.at("blocks.1.pos_embed"), startFlow(config, 2).at("blocks.1.pos_embed")));
    }
};

JACOBI_TEST(FlowPicturesTest)
#include "tst_flowpictures.moc"
