// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/device/devicetransformer.h"

#include "core/cuda/hostkernels.h"
#include "core/device/randomnetwork.h"
#include "tests/testmain.h"

#include <ATen/ATen.h>
#include <c10/core/InferenceMode.h>

#include <vector>

using namespace jacobi;

class DeviceTransformerTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void passesWithOwnProductsAreTheSame_data()
    {
        QTest::addColumn<int>("precision");
        QTest::newRow("bfloat16") << static_cast<int>(DevicePrecision::BFloat16);
        QTest::newRow("int8") << static_cast<int>(DevicePrecision::Int8);
    }

    /// A pass whose matrices lie in the order of our kernel, and whose products stay in parts, is that of matrices that lie row by
    /// row.
    void passesWithOwnProductsAreTheSame()
    {
        QFETCH(const int, precision);
        constexpr TransformerShape kShape{2, 512, 8, 4, 64, 768, 101, RotaryPairs::Halves, 1e-6};
        constexpr std::int64_t kLanes = 2, kRows = 5, kCapacity = 16;
        const c10::InferenceMode inference;
        const NetworkDescription network = randomNetwork(kShape, at::TensorOptions().dtype(at::kDouble), 3);
        at::Tensor logits[2];
        for (const bool isOwn : {false, true}) {
            const DeviceWeights weights =
                DeviceWeights::of(network, static_cast<DevicePrecision>(precision), at::kCPU, isOwn ? 132U : 0U);
            QCOMPARE(weights.blocks[1].down.isForOwnKernel(), isOwn);
            QCOMPARE(weights.partialFloats(kLanes * kRows) > 0, isOwn);
            DeviceTransformer transformer(hostOps(), weights, network.rotary(kCapacity), {kLanes, kRows, kCapacity});
            transformer.setPass(kRows, AttentionPath::Masked);
            at::manual_seed(5);
            transformer.input().copy_(at::randn({kLanes * kRows, kShape.width}));
            logits[isOwn] = at::empty({kLanes * kRows, kShape.codes}, at::kBFloat16);
            std::vector<at::Tensor> kept;
            QVERIFY(transformer.enqueue(at::zeros({kLanes}, at::kInt), logits[isOwn], kept, nullptr).has_value());
        }
        const at::Tensor plain = logits[0].to(at::kDouble);
        QVERIFY(((logits[1].to(at::kDouble) - plain).abs().max() / plain.abs().max()).item<double>() < 0.03);
    }
};

JACOBI_TEST(DeviceTransformerTest)
#include "tst_devicetransformer.moc"
