// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/training/adamw.h"
#include "models/training/muon.h"
#include "tests/models/scenes/tinyscenes.h"
#include "tests/testmain.h"

#include <ATen/core/grad_mode.h>

using namespace jacobi;
using namespace jacobi::test;

namespace {

Parameter parameterOf(const char* name, const at::Tensor& value)
{
    return {name, value.clone().requires_grad_()};
}

/// Half the squared distance to a target; its gradient is value - target.
void pull(const Parameter& parameter, const at::Tensor& target)
{
    at::Tensor value = parameter.value;
    value.mutable_grad() = at::Tensor();
    (0.5 * (value - target).square().sum()).backward();
}

} // namespace

class TrainOptimizersTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void init() { at::manual_seed(5); }

    void adamwMatchesTheFormula()
    {
        const double rate = 0.01;
        const double decay = 0.1;
        const at::Tensor target = at::randn({4, 3}, at::kDouble);
        const Parameter parameter = parameterOf("w", at::randn({4, 3}, at::kDouble));
        AdamW adamw({parameter}, {.beta1 = 0.9, .beta2 = 0.95, .epsilon = 1e-8, .weightDecay = decay});
        at::Tensor x = parameter.value.detach().clone();
        at::Tensor m = at::zeros_like(x);
        at::Tensor v = at::zeros_like(x);
        for (int t = 1; t <= 5; ++t) {
            pull(parameter, target);
            adamw.step(rate);
            const at::Tensor g = x - target;
            m = 0.9 * m + 0.1 * g;
            v = 0.95 * v + 0.05 * g * g;
            const at::Tensor mHat = m / (1.0 - std::pow(0.9, t));
            const at::Tensor vHat = v / (1.0 - std::pow(0.95, t));
            x = x - rate * decay * x - rate * mHat / (vHat.sqrt() + 1e-8);
            QVERIFY(worst(parameter.value.detach(), x) < 1e-9);
        }
    }

    void adamwLeavesParametersWithoutGradientAlone()
    {
        const Parameter parameter = parameterOf("w", at::ones({3}));
        AdamW adamw({parameter}, {.weightDecay = 0.5});
        adamw.step(0.1);
        QVERIFY(worst(parameter.value.detach(), at::ones({3})) == 0.0);
    }

    void newtonSchulzFlattensTheSingularValues()
    {
        for (const auto& shape : std::vector<std::vector<std::int64_t>>{{2, 24, 24}, {2, 40, 16}, {2, 16, 40}}) {
            const at::Tensor x = at::randn(shape, at::kDouble);
            const at::Tensor y = orthogonalise(x);
            QCOMPARE(y.sizes().vec(), shape);
            const at::Tensor values = at::linalg_svdvals(y);
            QVERIFY(values.max().item<double>() < 1.3);
            QVERIFY(values.median().item<double>() > 0.6);
            // The directions stay: y^T x is nearly symmetric and positive.
            QVERIFY((x * y).sum().item<double>() > 0.8 * at::linalg_svdvals(x).sum().item<double>());
        }
        QVERIFY(worst(orthogonalise(at::zeros({1, 4, 4})), at::zeros({1, 4, 4})) == 0.0);
    }

    void muonTreatsThePartsOfAMergedMatrixAlone()
    {
        const at::Tensor start = at::zeros({24, 8}, at::kDouble);
        const at::Tensor target = at::randn({24, 8}, at::kDouble);
        const Parameter merged = parameterOf("qkv", start);
        Muon one({{merged, 3}});
        pull(merged, target);
        one.step(0.1);
        for (std::int64_t part = 0; part < 3; ++part) {
            const Parameter alone = parameterOf("part", start.narrow(0, 0, 8));
            Muon other({{alone, 1}});
            pull(alone, target.narrow(0, part * 8, 8));
            other.step(0.1);
            QVERIFY(worst(merged.value.detach().narrow(0, part * 8, 8), alone.value.detach()) < 1e-12);
        }
        // Whatever the gradient's size, a step is of the learning rate's size.
        QVERIFY(at::linalg_svdvals(merged.value.detach().narrow(0, 0, 8)).max().item<double>() < 0.13);
    }

    void bothReachTheTarget()
    {
        const at::Tensor target = at::randn({6, 6}, at::kDouble);
        const Parameter a = parameterOf("a", at::zeros({6, 6}, at::kDouble));
        const Parameter b = parameterOf("b", at::zeros({6, 6}, at::kDouble));
        AdamW adamw({a}, {});
        Muon muon({{b, 1}});
        for (int i = 0; i < 400; ++i) {
            const double rate = 0.1 * (1.0 - i / 400.0);
            pull(a, target);
            adamw.step(rate);
            pull(b, target);
            muon.step(rate);
        }
        QVERIFY(worst(a.value.detach(), target) < 0.02);
        QVERIFY(worst(b.value.detach(), target) < 0.05);
    }

    void restoringGoesOnExactly()
    {
        const at::Tensor target = at::randn({6, 6});
        const Parameter a = parameterOf("w", at::zeros({6, 6}));
        AdamW adamw({a}, {});
        for (int i = 0; i < 3; ++i) {
            pull(a, target);
            adamw.step(0.1);
        }
        const Parameter b = parameterOf("w", a.value.detach());
        AdamW again({b}, {});
        QVERIFY(again.restore(adamw.state()));
        pull(a, target);
        pull(b, target);
        adamw.step(0.1);
        again.step(0.1);
        QVERIFY(worst(a.value.detach(), b.value.detach()) == 0.0);
    }

    void aForeignCheckpointIsRefused()
    {
        AdamW adamw({parameterOf("w", at::zeros({3}))}, {});
        QVERIFY(!adamw.restore({}));
        QVERIFY(!adamw.restore(AdamW({parameterOf("w", at::zeros({4}))}, {}).state()));
        QVERIFY(!adamw.restore(AdamW({parameterOf("other", at::zeros({3}))}, {}).state()));
        Muon muon({{parameterOf("w", at::zeros({3, 3})), 1}});
        QVERIFY(!muon.restore({}));
        QVERIFY(!muon.restore(Muon({{parameterOf("w", at::zeros({3, 4})), 1}}).state()));
    }
};

JACOBI_TEST(TrainOptimizersTest)
#include "tst_trainoptimizers.moc"
