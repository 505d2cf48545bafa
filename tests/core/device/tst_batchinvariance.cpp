// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/cuda/hostkernels.h"
#include "core/device/devicedecoder.h"
#include "core/device/randomnetwork.h"
#include "tests/testmain.h"

#include <ATen/ATen.h>
#include <c10/core/InferenceMode.h>

using namespace jacobi;

namespace {

constexpr TransformerShape kShape{2, 96, 6, 3, 16, 160, 70, RotaryPairs::Halves, 1e-6};

/// In float32 by our own kernels.
std::unique_ptr<DeviceModel> modelOf(const NetworkDescription& network)
{
    auto model = DeviceModel::make(hostOps(), at::kCPU, DevicePrecision::Float32, network,
                                   lineLayout(5, 8, kShape.codes), ProductChoice{132, {}});
    (*model)->forcedAttention = AttentionPath::Shared;
    return *std::move(model);
}

std::vector<std::int64_t> picture(DeviceModel& model, const DecodeSettings& settings)
{
    auto decoder = makeDeviceDecoder(settings, model).value();
    if (!decoder->start({{3, 5, 7, 2}})) {
        return {};
    }
    while (!decoder->done()) {
        if (!decoder->step()) {
            return {};
        }
    }
    return decoder->tokens(0);
}

} // namespace

class BatchInvarianceTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    /// A row's result is the same bits however many rows there are, of a matrix with tails of every kind, and the formula's.
    void productsHangOnTheirRowAlone()
    {
        at::manual_seed(3);
        for (const auto& [out, in] : {std::pair(45, 116), std::pair(64, 640), std::pair(3, 4)}) {
            const at::Tensor weight = at::randn({out, in});
            const DeviceMatrix own(weight, DevicePrecision::Float32, at::kCPU, 132);
            QVERIFY(own.isForOwnKernel());
            QCOMPARE(own.partialFloats(32), std::uint64_t{0});
            QVERIFY(at::equal(own.effective(), weight.to(at::kDouble)));
            const at::Tensor x = at::randn({37, in});
            const auto made = [&](std::int64_t rows, const DeviceOps* ops) {
                return own.multiply(x.narrow(0, 0, rows), at::empty({rows, out}), {ops, nullptr}).value().y;
            };
            const at::Tensor all = made(37, &hostOps());
            for (const std::int64_t rows : {1, 8, 31}) {
                QVERIFY(at::equal(made(rows, &hostOps()), all.narrow(0, 0, rows)));
            }
            QVERIFY(
                at::allclose(all.to(at::kDouble), at::mm(x.to(at::kDouble), weight.to(at::kDouble).t()), 1e-4, 1e-4));
            QVERIFY(at::allclose(made(37, nullptr), all, 1e-4, 1e-4)); // without the kernel: libtorch's
        }
        const DeviceMatrix odd(at::randn({8, 6}), DevicePrecision::Float32, at::kCPU, 132);
        QVERIFY(!odd.isForOwnKernel()); // columns by fours
    }

    /// The place of every number is its own, and 32 rows have four columns each in 512 bytes.
    void placesAreTheirOwn()
    {
        const at::Tensor numbers = at::randn({64, 12});
        const at::Tensor ordered = inOwnOrder(numbers);
        QVERIFY(at::equal(rowByRow(ordered), numbers));
        for (std::uint32_t row = 0; row < 64; ++row) {
            for (std::uint32_t column = 0; column < 12; ++column) {
                QCOMPARE(ordered.const_data_ptr<float>()[float32Place(row, column, 12)],
                         numbers.const_data_ptr<float>()[row * 12 + column]);
            }
        }
    }

    /// The sum's order, by hand: with these numbers any other one rounds differently.
    void sumsHaveTheirOrder()
    {
        const auto one = [](std::uint32_t) { return 1.0F; };
        constexpr float kBig = 16777216.0F; // 2^24, to which 1 cannot be added
        // Warp 0 has columns 0 to 7 and 64 to 71, warp 1 has 8 to 15.
        const auto weight = [&](std::uint32_t k) {
            return k == 0 ? kBig : k == 8 ? -kBig : k == 64 ? 1.0F : k == 9 ? 1.0F : 0.0F;
        };
        QCOMPARE(invariantSum(72, one, weight), 1.0F); // 2^24 + 1 is lost, -2^24 + 1 is not
        QCOMPARE(invariantSum(12, one, [](std::uint32_t k) { return static_cast<float>(k); }), 66.0F);
    }

    void exactDrawsAreThoseOfSequentialSampling_data()
    {
        QTest::addColumn<int>("window");
        QTest::newRow("3") << 3;
        QTest::newRow("8") << 8;
        QTest::newRow("the whole picture") << 40;
    }
    /// What float32 is for: every window reads the same logits, so that no near tie can go another way.
    void exactDrawsAreThoseOfSequentialSampling()
    {
        QFETCH(const int, window);
        const c10::InferenceMode inference;
        const NetworkDescription network = randomNetwork(kShape, at::TensorOptions().dtype(at::kFloat), 4);
        const auto model = modelOf(network);
        for (const std::uint64_t seed : {1, 2, 3}) {
            DecodeSettings settings;
            settings.guidance = 2.0;
            settings.seed = seed;
            const std::vector<std::int64_t> expected = picture(*model, settings);
            settings.method = "sjd";
            settings.coupling = "gumbel-exact";
            settings.window = static_cast<std::uint32_t>(window);
            QCOMPARE(expected.size(), std::size_t{40});
            QCOMPARE(picture(*model, settings), expected);
        }
    }
};

JACOBI_TEST(BatchInvarianceTest)
#include "tst_batchinvariance.moc"
