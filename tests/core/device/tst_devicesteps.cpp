// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/device/devicesteps.h"

#include "core/cuda/hostkernels.h"
#include "tests/testmain.h"

#include <ATen/ATen.h>

#include <functional>
#include <vector>

using namespace jacobi;

namespace {

at::Tensor normal(std::vector<std::int64_t> shape, double spread = 1.0)
{
    return (at::randn(shape) * spread).requires_grad_();
}

/// What a function gives, and the gradients of a weighted sum of it.
struct Outcome {
    std::vector<at::Tensor> made;
    std::vector<at::Tensor> gradients;
};
Outcome outcomeOf(const std::vector<at::Tensor>& inputs, const std::function<std::vector<at::Tensor>()>& function)
{
    Outcome outcome;
    outcome.made = function();
    at::manual_seed(7);
    at::Tensor total = at::zeros({});
    for (const at::Tensor& each : outcome.made) {
        total = total + (each.to(at::kFloat) * at::randn(each.sizes())).sum();
    }
    total.backward();
    for (const at::Tensor& each : inputs) {
        outcome.gradients.push_back(each.grad().clone());
        each.mutable_grad() = at::Tensor();
    }
    return outcome;
}

void compare(const std::vector<at::Tensor>& found, const std::vector<at::Tensor>& expected, double allowed)
{
    QCOMPARE(found.size(), expected.size());
    for (std::size_t i = 0; i < found.size(); ++i) {
        QCOMPARE(found[i].sizes().vec(), expected[i].sizes().vec());
        QCOMPARE(found[i].scalar_type(), expected[i].scalar_type());
        const at::Tensor wanted = expected[i].to(at::kDouble);
        const double error = ((found[i].to(at::kDouble) - wanted).norm() / (wanted.norm() + 1e-9)).item<double>();
        QVERIFY2(error <= allowed, qPrintable(QString("%1: relative error %2").arg(i).arg(error)));
    }
}

void compare(const Outcome& found, const Outcome& expected, double allowed)
{
    compare(found.made, expected.made, allowed);
    compare(found.gradients, expected.gradients, allowed);
}

constexpr double kFloatError = 2e-6;

} // namespace

class DeviceStepsTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void init() { at::manual_seed(1); }

    void normalisesAsTheCpu()
    {
        const at::Tensor x = normal({2, 301, 40});
        const at::Tensor scale = normal({40});
        compare(outcomeOf({x, scale}, [&] { return std::vector{m_steps.rmsNorm(x, scale, at::kFloat)}; }),
                outcomeOf({x, scale}, [&] { return std::vector{rmsNorm(x, scale)}; }), kFloatError);
    }

    void addsAndNormalises()
    {
        const at::Tensor x = normal({3, 5, 1024});
        const at::Tensor delta = normal({3, 5, 1024});
        const at::Tensor scale = normal({1024});
        compare(outcomeOf({x, delta, scale},
                          [&] {
                              const auto [sum, norm] = m_steps.sumAndNorm(x, delta, scale);
                              return std::vector{sum, norm};
                          }),
                outcomeOf({x, delta, scale},
                          [&] {
                              const at::Tensor sum = x + delta;
                              return std::vector{sum, rmsNorm(sum, scale)};
                          }),
                kFloatError);
    }

    void aSumThatNobodyReadsHasAGradient()
    {
        const at::Tensor x = normal({1, 3, 8});
        const at::Tensor delta = normal({1, 3, 8});
        const at::Tensor scale = normal({8});
        compare(outcomeOf({x, delta, scale}, [&] { return std::vector{m_steps.sumAndNorm(x, delta, scale).norm}; }),
                outcomeOf({x, delta, scale}, [&] { return std::vector{rmsNorm(x + delta, scale)}; }), kFloatError);
    }

    void splitsHeads_data()
    {
        QTest::addColumn<int>("headSize");
        QTest::addColumn<bool>("hasTables");
        for (const int size : {32, 64, 128}) {
            QTest::addRow("%d", size) << size << false;
            QTest::addRow("%d, angles of each", size) << size << true;
        }
    }
    void splitsHeads()
    {
        QFETCH(int, headSize);
        QFETCH(bool, hasTables);
        constexpr std::int64_t kBatch = 2, kRows = 7, kHeads = 3;
        const at::Tensor qkv = normal({kBatch, kRows, 3 * kHeads * headSize});
        const at::Tensor queryScale = normal({headSize});
        const at::Tensor keyScale = normal({headSize});
        const at::Tensor places = hasTables ? at::randint(0, 9, {kBatch, kRows}) : at::arange(kRows);
        const RotaryTable rotary = axialRotary(places, places + 2, headSize, 100.0, at::kFloat);
        const auto listed = [](const Heads& heads) { return std::vector{heads.q, heads.k, heads.v}; };
        compare(outcomeOf({qkv, queryScale, keyScale},
                          [&] { return listed(m_steps.splitHeads(qkv, queryScale, keyScale, rotary, kHeads)); }),
                outcomeOf({qkv, queryScale, keyScale},
                          [&] { return listed(splitHeads(qkv, queryScale, keyScale, rotary, kHeads)); }),
                kFloatError);
    }

    void gates()
    {
        const at::Tensor gateUp = normal({2, 9, 2 * 20}, 3.0);
        compare(outcomeOf({gateUp}, [&] { return std::vector{m_steps.swiglu(gateUp)}; }),
                outcomeOf({gateUp}, [&] { return std::vector{swiglu(gateUp)}; }), kFloatError);
    }

    /// A whole block: float32 to rounding; bfloat16 as near as bfloat16 is.
    void aBlockIsTheSame()
    {
        constexpr std::int64_t kWidth = 64, kFeed = 96, kHeads = 2, kRows = 11;
        BlockWeights weights;
        weights.attentionNorm = normal({kWidth});
        weights.qkv = normal({3 * kWidth, kWidth}, 0.1);
        weights.queryScale = normal({32});
        weights.keyScale = normal({32});
        weights.attentionOut = normal({kWidth, kWidth}, 0.1);
        weights.feedNorm = normal({kWidth});
        weights.gateUp = normal({2 * kFeed, kWidth}, 0.1);
        weights.down = normal({kWidth, kFeed}, 0.1);
        const at::Tensor x = normal({2, kRows, kWidth});
        const RotaryTable rotary = axialRotary(at::arange(kRows), at::arange(kRows), 32, 100.0, at::kFloat);
        const auto attend = [](std::int64_t, const Heads& heads) { return causalAttention(heads); };
        const auto block = [&](const FusedSteps* steps, at::ScalarType type) {
            return [&, steps, type] {
                BlockWeights typed = weights;
                typed.steps = steps;
                for (at::Tensor* matrix : {&typed.qkv, &typed.attentionOut, &typed.gateUp, &typed.down}) {
                    *matrix = matrix->to(type);
                }
                return std::vector{transformerBlock(x, typed, rotary, kHeads, 0, attend)};
            };
        };
        const std::vector<at::Tensor> inputs{x,
                                             weights.attentionNorm,
                                             weights.qkv,
                                             weights.queryScale,
                                             weights.keyScale,
                                             weights.attentionOut,
                                             weights.feedNorm,
                                             weights.gateUp,
                                             weights.down};
        const Outcome plain = outcomeOf(inputs, block(nullptr, at::kFloat));
        compare(outcomeOf(inputs, block(&m_steps, at::kFloat)), plain, 2e-5);
        compare(outcomeOf(inputs, block(&m_steps, at::kBFloat16)), plain, 0.03);
    }

    void whatItTakes()
    {
        QVERIFY(m_steps.take(192, 32));
        QVERIFY(m_steps.take(1024, 128));
        QVERIFY(!m_steps.take(2048, 128));
        QVERIFY(!m_steps.take(66, 32));
        QVERIFY(!m_steps.take(192, 48));
        const at::Tensor x = normal({2, 6});
        const at::Tensor scale = normal({6});
        QVERIFY_THROWS_EXCEPTION(std::exception, m_steps.rmsNorm(x, scale, at::kFloat));
    }

private:
    DeviceSteps m_steps{hostOps()};
};

JACOBI_TEST(DeviceStepsTest)
#include "tst_devicesteps.moc"
