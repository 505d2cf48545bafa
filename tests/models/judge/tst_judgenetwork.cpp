// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/judge/judgenetwork.h"
#include "tests/models/scenes/tinyscenes.h"
#include "tests/testmain.h"

#include <ATen/ATen.h>

#include <cmath>

using namespace jacobi;
using namespace jacobi::test;

namespace {

std::vector<at::Tensor> randomLogits(std::int64_t items)
{
    std::vector<at::Tensor> logits;
    for (std::size_t i = 0; i < kJudgedCount; ++i) {
        logits.push_back(at::randn({items, classesOf(static_cast<Judged>(i))}));
    }
    return logits;
}

} // namespace

class JudgeNetworkTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void init() { at::manual_seed(5); }

    void itsSizes()
    {
        const TensorMap weights = randomTensors(judgeTensors());
        const at::Tensor features = judgeFeatures(weights, at::rand({3, 3, kJudgeSide, kJudgeSide}));
        QCOMPARE(features.sizes().vec(), (std::vector<std::int64_t>{3, kJudgeFeatures}));
        const std::vector<at::Tensor> logits = judgeLogits(weights, features);
        QCOMPARE(logits.size(), kJudgedCount);
        for (std::size_t i = 0; i < kJudgedCount; ++i) {
            QCOMPARE(logits[i].sizes().vec(), (std::vector<std::int64_t>{3, classesOf(static_cast<Judged>(i))}));
        }
        QVERIFY(parameterCount(judgeTensors()) * 2 < 2'000'000); // bytes in float16
    }

    void everyTensorMatters()
    {
        TensorMap weights = randomTensors(judgeTensors());
        const at::Tensor pictures = at::rand({2, 3, kJudgeSide, kJudgeSide});
        for (auto& [name, tensor] : weights) {
            tensor.requires_grad_();
        }
        at::Tensor sum = at::zeros({});
        for (const at::Tensor& logits : judgeLogits(weights, judgeFeatures(weights, pictures))) {
            sum = sum + logits.square().sum();
        }
        sum.backward();
        for (const auto& [name, tensor] : weights) {
            QVERIFY2(tensor.grad().defined() && tensor.grad().abs().sum().item<double>() > 0.0, name.c_str());
        }
    }

    void bothSidesAreReadAlike()
    {
        // A map whose halves are the same: every side feature then appears twice.
        const TensorMap weights = randomTensors(judgeTensors());
        at::Tensor features = at::rand({1, kJudgeFeatures});
        features.narrow(1, kJudgeWholeFeatures + kJudgeSideFeatures, kJudgeSideFeatures)
            .copy_(features.narrow(1, kJudgeWholeFeatures, kJudgeSideFeatures));
        const std::vector<at::Tensor> logits = judgeLogits(weights, features);
        const auto of = [&](Judged attribute) { return logits[static_cast<std::size_t>(attribute)]; };
        QVERIFY(at::equal(of(Judged::LeftKind), of(Judged::RightKind)));
        QVERIFY(at::equal(of(Judged::LeftColour), of(Judged::RightColour)));
        QVERIFY(at::equal(of(Judged::LeftCount), of(Judged::RightCount)));
    }

    void leftAndRightAreToldApart()
    {
        const TensorMap weights = randomTensors(judgeTensors());
        at::Tensor picture = at::full({1, 3, kJudgeSide, kJudgeSide}, 0.5);
        picture.narrow(3, 8, 24).narrow(2, 64, 32).fill_(0.9);
        const at::Tensor there = judgeFeatures(weights, picture);
        const at::Tensor turned = judgeFeatures(weights, picture.flip(3));
        QVERIFY(worst(there, turned) > 1e-3);
    }

    void theLossIsTheMeanOverWhatApplies()
    {
        const std::vector<at::Tensor> logits = randomLogits(4);
        at::Tensor labels = at::full({4, static_cast<std::int64_t>(kJudgedCount)}, kNotJudged, at::kLong);
        QCOMPARE(judgeLoss(logits, labels).item<double>(), 0.0); // nothing applies
        labels[1][0] = 2;
        labels[3][0] = 1;
        labels[2][5] = 1;
        const auto nats = [&](std::size_t attribute, std::int64_t item, std::int64_t value) {
            return -logits[attribute][item].log_softmax(0)[value].item<double>();
        };
        const double expected = 0.5 * (nats(0, 1, 2) + nats(0, 3, 1)) + nats(5, 2, 1);
        QVERIFY(std::abs(judgeLoss(logits, labels).item<double>() - expected) < 1e-5);
    }

    void whatDoesNotApplyGivesNoGradient()
    {
        std::vector<at::Tensor> logits = randomLogits(2);
        for (at::Tensor& one : logits) {
            one.requires_grad_();
        }
        at::Tensor labels = at::zeros({2, static_cast<std::int64_t>(kJudgedCount)}, at::kLong);
        labels[0].fill_(kNotJudged);
        judgeLoss(logits, labels).backward();
        for (const at::Tensor& one : logits) {
            QCOMPARE(one.grad()[0].abs().sum().item<double>(), 0.0);
            QVERIFY(one.grad()[1].abs().sum().item<double>() > 0.0);
        }
    }
};

JACOBI_TEST(JudgeNetworkTest)
#include "tst_judgenetwork.moc"
