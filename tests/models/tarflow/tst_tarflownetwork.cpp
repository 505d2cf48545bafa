// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
// ctest-labels: unit golden
#include "models/tarflow/tarflownetwork.h"
#include "tests/models/tarflow/goldendata.h"
#include "tests/testmain.h"

#include <c10/core/InferenceMode.h>

using namespace jacobi;
using namespace jacobi::test;

namespace {

constexpr double kTolerance = 2e-5;

} // namespace

class TarFlowNetworkTest : public QObject {
    Q_OBJECT

private:
    double m_largest = 0.0;

    void compare(const at::Tensor& ours, const TarFlowTensors& golden, const std::string& name)
    {
        const double error = distance(ours, golden.at(name), kTolerance);
        m_largest = std::max(m_largest, error);
        QVERIFY2(error <= kTolerance, (name + " " + std::to_string(error)).c_str());
    }

    void compareForward(const TarFlowForward& ours, const TarFlowTensors& golden, const std::string& pass)
    {
        compare(ours.tokens, golden, pass + ".patches");
        for (std::size_t i = 0; i < ours.blocks.size(); ++i) {
            const std::string block = pass + ".b" + std::to_string(i);
            compare(ours.blocks[i].parameters, golden, block + ".proj_out_raw");
            compare(ours.blocks[i].z, golden, block + ".z");
            compare(ours.blocks[i].logDeterminant, golden, block + ".logdet");
        }
        compare(ours.z, golden, pass + ".z");
        compare(ours.logDeterminants, golden, pass + ".logdets");
        compare(ours.loss, golden, pass + ".loss");
    }

private Q_SLOTS:
    void forward_data()
    {
        QTest::addColumn<QString>("pass");
        QTest::addColumn<QString>("labels");
        QTest::newRow("labelled") << "labelled" << "labels";
        QTest::newRow("one label dropped") << "dropped" << "labels_dropped";
        QTest::newRow("without labels") << "unlabelled" << "";
    }
    void forward()
    {
        QFETCH(QString, pass);
        QFETCH(QString, labels);
        const TarFlowTensors golden = goldenTensors("forward.safetensors");
        const std::vector<std::int64_t> given =
            labels.isEmpty() ? std::vector<std::int64_t>() : numbersOf(golden.at(labels.toStdString()));
        for (const at::ScalarType type : {at::kFloat, at::kDouble}) {
            const at::Tensor image = golden.at("image").to(type);
            compareForward(tarflowForward(goldenWeights(type), image, given), golden, pass.toStdString());
            if (QTest::currentTestFailed()) {
                return;
            }
        }
        qInfo("largest error beyond the relative part: %.2g", m_largest);
    }

    void aDroppedLabelIsNoLabel()
    {
        const TarFlowWeights weights = goldenWeights(at::kDouble);
        const at::Tensor image = goldenTensors("forward.safetensors").at("image").to(at::kDouble);
        const at::Tensor none = tarflowForward(weights, image, {}).z;
        QVERIFY(distance(tarflowForward(weights, image, {-1, -1, -1}).z, none) < 1e-12);
        QVERIFY(distance(tarflowForward(weights, image, {1, -1, -1}).z, none) > 1e-3);
    }

    void aTrainedRowTakesThePlaceOfTheMean()
    {
        TarFlowWeights weights = goldenWeights(at::kDouble);
        const at::Tensor image = goldenTensors("forward.safetensors").at("image").to(at::kDouble);
        for (TarFlowBlock& block : weights.blocks) {
            block.dropped = block.classes.narrow(0, 4, 1) * 1.0;
        }
        const at::Tensor none = tarflowForward(weights, image, {}).z;
        QVERIFY(distance(tarflowForward(weights, image, {4, 4, 4}).z, none) < 1e-12);
        QVERIFY(distance(tarflowForward(weights, image, {-1, -1, -1}).z, none) < 1e-12);
        QVERIFY(distance(tarflowForward(goldenWeights(at::kDouble), image, {}).z, none) > 1e-3);
    }

    void aBasisTurnsTokensAndBack()
    {
        TarFlowWeights weights = goldenWeights(at::kDouble);
        const at::Tensor images = at::rand({2, 3, 16, 16}, at::kDouble);
        const at::Tensor plain = tokensOfImages(weights, images);
        // Number 0 of a token becomes number 5 of its patch, turned round.
        weights.basis = at::eye(12, at::kDouble).roll({5}, {1}) * -1.0;
        const at::Tensor tokens = tokensOfImages(weights, images);
        QCOMPARE(tokens[1][9][0].item<double>(), -plain[1][9][5].item<double>());
        QVERIFY(distance(imagesOfTokens(weights, tokens), images) < 1e-12);
        QVERIFY(distance(tarflowForward(weights, images, {}).tokens, tokens) < 1e-12);
    }

    void imagesAndTokensAreTheSameNumbers()
    {
        const TarFlowWeights weights = goldenWeights();
        const at::Tensor images = at::rand({2, 3, 16, 16});
        const at::Tensor tokens = tokensOfImages(weights, images);
        QVERIFY(imagesOfTokens(weights, tokens).equal(images));
        // Token 9 is the patch at row 1, column 1; number 7 of it: colour 1, row 1, column 1.
        QCOMPARE(tokens[1][9][7].item<float>(), images[1][1][3][3].item<float>());
    }

    void tokenZeroIsUnchangedAndTokensSeeOnlyEarlierOnes()
    {
        const TarFlowWeights weights = goldenWeights(at::kDouble);
        const at::Tensor x = at::randn({1, 64, 12}, at::kDouble);
        for (std::int64_t block = 0; block < 3; ++block) {
            const at::Tensor z = blockForward(weights, block, x, {}).z;
            const std::int64_t first = isReversed(block) ? 63 : 0;
            QVERIFY(z.select(1, first).equal(x.select(1, first)));
            at::Tensor other = x.clone();
            other.select(1, 20).add_(1.0);
            const at::Tensor moved = (blockForward(weights, block, other, {}).z - z).abs().amax({0, 2});
            QVERIFY(moved[20].item<double>() > 1e-6);
            QVERIFY(moved[isReversed(block) ? 19 : 21].item<double>() > 1e-9);
            const at::Tensor before = isReversed(block) ? moved.narrow(0, 21, 43) : moved.narrow(0, 0, 20);
            QCOMPARE(before.max().item<double>(), 0.0);
        }
    }

    void denoising_data()
    {
        QTest::addColumn<QString>("name");
        QTest::addColumn<double>("noise");
        QTest::addColumn<double>("multiplier");
        QTest::newRow("0.05") << "std005" << 0.05 << 1.0;
        QTest::newRow("0.15") << "std015" << 0.15 << 0.9;
    }
    void denoising()
    {
        QFETCH(QString, name);
        QFETCH(double, noise);
        QFETCH(double, multiplier);
        const TarFlowTensors golden = goldenTensors("denoise.safetensors");
        const std::string at = name.toStdString();
        const TarFlowWeights weights = goldenWeights();
        const c10::InferenceMode guard; // as the engine holds it around a run
        const Denoised ours =
            denoise(weights, golden.at(at + ".input"), numbersOf(golden.at("labels")), noise, multiplier);
        compare(ours.loss, golden, at + ".loss");
        compare(ours.gradient, golden, at + ".grad");
        compare(ours.images, golden, at + ".output");
        compare(at::full({1}, ours.step, at::kDouble), golden, at + ".step");
        QVERIFY(distance(ours.images, golden.at(at + ".input")) > 1e-4); // it did something
    }

    void shiftOnly()
    {
        const TarFlowTensors golden = goldenTensors("volume_preserving.safetensors");
        TarFlowTensors tensors;
        for (const auto& [name, tensor] : golden) {
            if (name.starts_with("weights.")) {
                tensors[name.substr(8)] = tensor;
            }
        }
        const auto weights = tarflowFromTensors(tensors, at::kFloat, "golden");
        QVERIFY2(weights, weights ? "" : weights.error().message.c_str());
        QVERIFY(!weights->config.affine);
        QCOMPARE(weights->config.classes, 0);
        compareForward(tarflowForward(*weights, golden.at("image"), {}), golden, "forward");
    }
};

JACOBI_TEST(TarFlowNetworkTest)
#include "tst_tarflownetwork.moc"
