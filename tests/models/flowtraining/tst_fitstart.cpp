// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/flowtraining/fitstart.h"

#include "models/flowtraining/flowtrainer.h"
#include "tests/models/flowtraining/tinyflow.h"
#include "tests/testmain.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <cmath>

using namespace jacobi;
using namespace jacobi::test;

class FitStartTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    /// A block whose scale and shift depend on nothing is a line, and the line is found.
    void whatIsALineIsFound()
    {
        TarFlowConfig config = tinyFlow();
        TarFlowTensors tensors = startFlow(config, 1); // output projections of zeros: only the bias is left
        tensors["blocks.0.proj_out.bias"].fill_(0.5);
        const at::Tensor images = at::rand({64, 3, 8, 8}) * 2.0 - 1.0;
        fitStarts(config, tensors, images, std::vector<std::int64_t>(64, 3));
        QVERIFY(config.fittedStart);
        const at::Tensor& scale = tensors.at("blocks.0.start_scale"); // raster order; block 0 reads in it
        const at::Tensor& shift = tensors.at("blocks.0.start_shift");
        QVERIFY(((scale.narrow(0, 1, 3) - std::exp(0.5)).abs().max().item<double>() < 0.05));
        QVERIFY((shift.narrow(0, 1, 3) - 0.5).abs().max().item<double>() < 0.05);
        QVERIFY((scale.select(0, 0) - 1.0).abs().max().item<double>() < 0.05); // the first token passes through
        QVERIFY((tensors.at("blocks.1.start_scale") - 1.0).abs().max().item<double>() < 0.05);
        const std::size_t before = tensors.size();
        fitStarts(config, tensors, images, std::vector<std::int64_t>(64, 3)); // in place of the one that was there
        QCOMPARE(tensors.size(), before);
        QCOMPARE(tarflowTensors(config).size(), before);
    }

    void plantedTermsAreFound_data()
    {
        QTest::addColumn<bool>("reversed");
        QTest::newRow("raster order") << false;
        QTest::newRow("reversed") << true;
    }

    /// What a token takes over from those before it and what a label adds, row by row, is found in pairs made of it.
    void plantedTermsAreFound()
    {
        QFETCH(bool, reversed);
        const TarFlowConfig config = tinyFlow(); // 2 x 2 tokens
        const std::int64_t count = 4096;
        at::manual_seed(3);
        StartGuess planted;
        planted.scale = at::rand({4, 48}) + 0.5;
        planted.shift = at::randn({4, 48});
        planted.near = 0.1 * at::randn({StartGuess::kNear, 48, 48});
        planted.classes = at::randn({kFlowClasses, 2, 48});
        planted.classes -= planted.classes.mean(0, true);
        std::vector<std::int64_t> labels;
        for (std::int64_t i = 0; i < count; ++i) {
            labels.push_back(i % kFlowClasses);
        }
        const at::Tensor z = at::randn({count, 4, 48});
        const at::Tensor x = planted.of(z, reversed, labels) + 0.1 * at::randn({count, 4, 48});
        const StartGuess found = fitStart(z, x, reversed, labels, config);
        const auto distance = [](const at::Tensor& a, const at::Tensor& b) {
            return (a - b).abs().max().item<double>();
        };
        QVERIFY(distance(found.classes, planted.classes) < 0.15);
        QVERIFY(distance(found.near[1], planted.near[1]) < 0.05);
        QVERIFY(distance(found.near[2], planted.near[2]) < 0.05);
        const double rest = (found.of(z, reversed, labels) - x).square().mean().sqrt().item<double>();
        QVERIFY2(rest < 0.12, qPrintable(QString::number(rest))); // the noise is 0.1
        const std::vector<std::int64_t> none(static_cast<std::size_t>(count), -1);
        QVERIFY(at::equal(found.of(z, reversed, none), found.of(z, reversed, {})));
    }

    /// On pictures that were not fitted, the start is nearer to where Jacobi iteration ends than the block's input is.
    void itIsNearerThanTheInput()
    {
        TarFlowConfig config = tinyFlow();
        TrainFlowOptions options = tinyFlowOptions();
        FlowTrainer trainer(config, options, startFlow(config, 1));
        for (int i = 0; i < 60; ++i) {
            trainer.step(i, 1.0);
        }
        TarFlowTensors tensors = trainer.weights();
        const FlowPictures fitted = drawFlowPictures(1, SceneStream::FlowValidation, 0, 256, 8);
        fitStarts(config, tensors, noisyPictures(fitted.pictures, 0.07, 1), fitted.labels);
        const at::NoGradGuard noGradients;
        const TarFlowWeights weights = tarflowWeights(config, tensors);
        const FlowPictures others = drawFlowPictures(2, SceneStream::FlowValidation, 0, 64, 8);
        const TarFlowForward forward = tarflowForward(weights, noisyPictures(others.pictures, 0.07, 2), others.labels);
        for (std::size_t block = 0; block < 2; ++block) {
            const at::Tensor& x = block == 0 ? forward.tokens : forward.blocks[block - 1].z;
            const at::Tensor& z = forward.blocks[block].z;
            const double input = (z - x).square().mean().item<double>();
            const StartGuess& guess = weights.blocks[block].start;
            StartGuess line = guess; // the fit without neighbours and classes
            line.near = at::zeros_like(guess.near);
            line.classes = at::Tensor();
            const bool reversed = isReversed(static_cast<std::int64_t>(block));
            const at::Tensor own = reversed ? z.flip(1) : z;
            const at::Tensor wanted = reversed ? x.flip(1) : x;
            const auto error = [&](const StartGuess& from) {
                return (from.of(own, reversed, others.labels) - wanted).square().mean().item<double>();
            };
            const double start = error(guess);
            QVERIFY2(start < 0.9 * input, qPrintable(QString("%1 %2").arg(input).arg(start)));
            QVERIFY2(start < error(line), qPrintable(QString("%1 %2").arg(error(line)).arg(start)));
        }
    }
};

JACOBI_TEST(FitStartTest)
#include "tst_fitstart.moc"
