// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/device/devicetransformer.h"

#include "core/cuda/hostkernels.h"
#include "core/device/randomnetwork.h"
#include "tests/testmain.h"

#include <ATen/ATen.h>
#include <c10/core/InferenceMode.h>

#include <algorithm>
#include <iterator>
#include <vector>

using namespace jacobi;

namespace {

/// What the steps of a pass were told to ask for, in their order.
std::vector<ReadAhead> asked;

/// The host's table, with the steps between products on the watch.
DeviceOps watchedOps()
{
    DeviceOps ops = hostOps();
    ops.addNorm = [](const NormJob* job, void* stream) {
        asked.push_back(job->next);
        return hostOps().addNorm(job, stream);
    };
    ops.placeHeads = [](const HeadsJob* job, void* stream) {
        asked.push_back(job->next);
        return hostOps().placeHeads(job, stream);
    };
    ops.gate = [](const GateJob* job, void* stream) {
        asked.push_back(job->next);
        return hostOps().gate(job, stream);
    };
    return ops;
}

} // namespace

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

    /// Every step names the matrix that is multiplied with after the next one, and no more of it than there is.
    void stepsAskForTheMatrixAfterTheNext()
    {
        constexpr TransformerShape kShape{2, 64, 2, 2, 32, 96, 33, RotaryPairs::Halves, 1e-6};
        constexpr std::int64_t kRows = 3, kCapacity = 8;
        constexpr std::uint64_t kAhead = 9000;
        const c10::InferenceMode inference;
        const NetworkDescription network = randomNetwork(kShape, at::TensorOptions().dtype(at::kDouble), 3);
        const DeviceOps ops = watchedOps();
        DeviceWeights weights = DeviceWeights::of(network, DevicePrecision::BFloat16, at::kCPU);
        at::Tensor logits[2];
        for (const std::uint64_t ahead : {std::uint64_t{0}, kAhead}) {
            weights.aheadBytes = ahead;
            asked.clear();
            DeviceTransformer transformer(ops, weights, network.rotary(kCapacity), {1, kRows, kCapacity});
            transformer.setPass(kRows, AttentionPath::Masked);
            transformer.input().fill_(0.5);
            at::Tensor& made = logits[ahead > 0];
            made = at::empty({kRows, kShape.codes}, at::kBFloat16);
            std::vector<at::Tensor> kept;
            QVERIFY(transformer.enqueue(at::zeros({1}, at::kInt), made, kept, nullptr).has_value());
            const auto& blocks = weights.blocks;
            const DeviceMatrix* const expected[] = {
                &blocks[0].attentionOut, &blocks[0].gateUp, &blocks[0].down, &blocks[1].qkv,
                &blocks[1].attentionOut, &blocks[1].gateUp, &blocks[1].down, &weights.head};
            QCOMPARE(asked.size(), std::size(expected) + 1);
            for (std::size_t i = 0; i < std::size(expected); ++i) {
                QCOMPARE(asked[i].bytes, std::min(ahead, expected[i]->bytes()));
                QVERIFY(ahead == 0 || asked[i].from == expected[i]->firstBytes(ahead).from);
            }
            QCOMPARE(asked.back().bytes, std::uint64_t{0}); // after the last norm only the head is left
        }
        QVERIFY(at::equal(logits[0], logits[1]));
    }
};

JACOBI_TEST(DeviceTransformerTest)
#include "tst_devicetransformer.moc"
