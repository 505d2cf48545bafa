// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/device/devicematrix.h"

#include "core/cuda/hostkernels.h"
#include "core/device/productchoice.h"
#include "tests/testmain.h"

#include <ATen/ATen.h>

#include <cmath>

using namespace jacobi;

class DeviceMatrixTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void init() { at::manual_seed(5); }

    void namesArePrecisions()
    {
        QCOMPARE(devicePrecisionOf("bfloat16"), std::optional(DevicePrecision::BFloat16));
        QCOMPARE(devicePrecisionOf("int8"), std::optional(DevicePrecision::Int8));
        QVERIFY(!devicePrecisionOf("float16"));
    }

    void productsAreThoseOfTheMatrix()
    {
        const at::Tensor weight = at::randn({24, 40}, at::kDouble);
        const at::Tensor x = at::randn({5, 40}, at::kDouble);
        for (const auto precision : {DevicePrecision::Float64, DevicePrecision::Float32}) {
            const DeviceMatrix matrix(weight, precision, at::kCPU);
            const at::ScalarType type = realTypeOf(precision);
            at::Tensor out = at::empty({5, 24}, type);
            const at::Tensor result = matrix.multiply(x.to(type), out).value().y;
            QVERIFY(result.is_same(out));
            QVERIFY(at::allclose(out.to(at::kDouble), at::mm(x, weight.t()), 1e-4, 1e-4));
            QCOMPARE(matrix.rows(), std::int64_t{24});
            QCOMPARE(matrix.bytes(), std::uint64_t{24 * 40} * c10::elementSize(type));
        }
    }

    /// Every number within half a step of its row's scale, half the memory of bfloat16, and products of what is kept.
    void int8KeepsRowsWithinHalfAStep()
    {
        const at::Tensor weight =
            at::randn({16, 64}, at::kDouble) * at::linspace(0.01, 4.0, 16, at::kDouble).unsqueeze(1);
        const DeviceMatrix matrix(weight, DevicePrecision::Int8, at::kCPU);
        // Rounding to a step, and the scale's own rounding to bfloat16.
        const at::Tensor step = weight.abs().amax(1, true) / 127.0;
        const at::Tensor error = (matrix.effective() - weight).abs();
        QVERIFY((error <= 0.5 * step + weight.abs() / 256.0 + 1e-12).all().item<bool>());
        QVERIFY(error.max().item<double>() > 0.0);
        QCOMPARE(matrix.bytes(), std::uint64_t{16 * 64 + 16 * 2});

        const at::Tensor x = at::randn({3, 64}, at::kBFloat16);
        at::Tensor out = at::empty({3, 16}, at::kBFloat16);
        const at::Tensor expected = at::mm(x.to(at::kDouble), matrix.effective().t());
        const at::Tensor found = matrix.multiply(x, out).value().y.to(at::kDouble);
        QVERIFY(
            ((found - expected).abs() <= 0.02 * expected.abs() + 0.02 * step.squeeze(1) * 127.0).all().item<bool>());
    }

    void inOwnOrderIsTheSameMatrix_data()
    {
        QTest::addColumn<int>("precision");
        QTest::newRow("bfloat16") << static_cast<int>(DevicePrecision::BFloat16);
        QTest::newRow("int8") << static_cast<int>(DevicePrecision::Int8);
    }

    /// In the order of our kernel a matrix is the same matrix, and is multiplied with and without the kernel.
    void inOwnOrderIsTheSameMatrix()
    {
        QFETCH(const int, precision);
        const auto kind = static_cast<DevicePrecision>(precision);
        const at::Tensor weight = at::randn({45, 1120}, at::kDouble); // its last tile is not whole
        const DeviceMatrix plain(weight, kind, at::kCPU);
        const DeviceMatrix own(weight, kind, at::kCPU, 132);
        QVERIFY(own.isForOwnKernel() && !plain.isForOwnKernel());
        QVERIFY(at::equal(own.effective(), plain.effective()));
        QCOMPARE(own.rows(), std::int64_t{45});
        QCOMPARE(own.columns(), std::int64_t{1120});

        const at::Tensor x = at::randn({5, 1120}, at::kBFloat16);
        const at::Tensor partials = at::empty({static_cast<std::int64_t>(own.partialFloats(5))}, at::kFloat);
        QVERIFY(partials.size(0) > 0);
        const at::Tensor expected = at::mm(x.to(at::kDouble), plain.effective().t());
        for (const DeviceOps* ops : {static_cast<const DeviceOps*>(nullptr), &hostOps()}) {
            for (const bool mayStayInParts : {false, true}) {
                const MadeProduct made =
                    own.multiply(x, at::empty({5, 45}, at::kBFloat16), {ops, nullptr, partials, mayStayInParts})
                        .value();
                QCOMPARE(made.y.defined(), ops == nullptr || !mayStayInParts);
                QCOMPARE(made.sums.parts != nullptr, !made.y.defined());
                at::Tensor found = at::empty({5, 45}, at::kDouble);
                for (std::int64_t i = 0; i < found.numel(); ++i) {
                    found.mutable_data_ptr<double>()[i] =
                        made.y.defined() ? made.y.view({-1})[i].item<double>()
                                         : static_cast<double>(numberOf(made.sums, static_cast<std::uint64_t>(i / 45),
                                                                        static_cast<std::uint32_t>(i % 45)));
                }
                QVERIFY(((found - expected).abs().max() / expected.abs().max()).item<double>() < 0.02);
            }
        }
        // What it does not take stays bfloat16, row by row.
        const at::Tensor odd = at::randn({24, 40});
        const DeviceMatrix left(odd, kind, at::kCPU, 132);
        QVERIFY(!left.isForOwnKernel());
        QCOMPARE(left.bytes(), std::uint64_t{2 * 24 * 40});
        QVERIFY(at::equal(left.effective(), odd.to(at::kBFloat16).to(at::kDouble)));
    }

    void ordersAreThoseOfTheKernel()
    {
        const at::Tensor numbers = at::randint(-127, 128, {48, 96});
        const at::Tensor bytes = numbers.to(at::kChar), halves = numbers.to(at::kBFloat16);
        const at::Tensor orderedBytes = inOwnOrder(bytes), orderedHalves = inOwnOrder(halves);
        QVERIFY(at::equal(rowByRow(orderedBytes), bytes));
        QVERIFY(at::equal(rowByRow(orderedHalves), halves));
        for (std::uint32_t row = 0; row < 48; ++row) {
            for (std::uint32_t column = 0; column < 96; ++column) {
                const auto number = bytes.const_data_ptr<std::int8_t>()[row * 96 + column];
                QCOMPARE(orderedBytes.const_data_ptr<std::int8_t>()[int8Place(row, column, 96)], number);
                QCOMPARE(
                    static_cast<float>(orderedHalves.const_data_ptr<at::BFloat16>()[bfloat16Place(row, column, 96)]),
                    static_cast<float>(number));
            }
        }
    }

    /// A result hangs on its own row alone, and many rows need no more memory for their parts.
    void resultsDoNotHangOnTheNumberOfRows()
    {
        const DeviceMatrix own(at::randn({64, 640}), DevicePrecision::BFloat16, at::kCPU, 132);
        const at::Tensor x = at::randn({32, 640}, at::kBFloat16);
        const at::Tensor partials = at::empty({static_cast<std::int64_t>(own.partialFloats(32))}, at::kFloat);
        const auto made = [&](std::int64_t rows) {
            return own
                .multiply(x.narrow(0, 0, rows), at::empty({rows, 64}, at::kBFloat16), {&hostOps(), nullptr, partials})
                .value()
                .y;
        };
        QVERIFY(at::equal(made(2), made(32).narrow(0, 0, 2)));
        QVERIFY(own.partialFloats(4096) <= 2 * own.partialFloats(128));
    }

    void productsAreChosenByMeasuring()
    {
        constexpr TransformerShape kShape{2, 128, 4, 4, 32, 192, 96, RotaryPairs::Halves, 1e-6};
        DeviceOps ops = hostOps();
        ops.describe = [](int device, DeviceDescription* out) {
            const int code = hostOps().describe(device, out);
            out->multiprocessors = 132; // so that columns are shared out
            return code;
        };
        const AttentionPlace place{&ops, at::kCPU, nullptr};
        DeviceOps wrong = ops;
        wrong.multiply = [](const ProductJob* job, void* stream) {
            if (job->kind == ProductWeights::Float32) { // another number with more rows
                const int code = hostOps().multiply(job, stream);
                auto* const y = static_cast<float*>(job->y);
                *y = job->rows > 10 ? std::nextafter(*y, 1e9F) : *y;
                return code;
            }
            const auto* const x = static_cast<const BFloat16*>(job->x);
            std::vector<BFloat16> less(x, x + std::size_t{job->rows} * job->in);
            for (std::size_t i = 0; i < less.size(); ++i) {
                less[i] = i % job->in < 32 ? BFloat16{} : less[i]; // deaf to the first columns
            }
            ProductJob other = *job;
            other.x = less.data();
            return hostOps().multiply(&other, stream);
        };
        const AttentionPlace wrongPlace{&wrong, at::kCPU, nullptr};
        DeviceOps broken = ops;
        broken.multiply = [](const ProductJob*, void*) { return kDeviceOutOfMemory; };
        for (const DevicePrecision precision : {DevicePrecision::BFloat16, DevicePrecision::Int8}) {
            QVERIFY(ownProductError(precision, place).value() < 0.01);
            QVERIFY(ownPassError(kShape, precision, place).value() < 0.06);
            QVERIFY(ownProductError(precision, wrongPlace).value() > 0.05);
            QVERIFY(ownPassError(kShape, precision, wrongPlace).value() > 0.06);
            const auto none = ownPassError(kShape, precision, {&broken, at::kCPU, nullptr});
            QVERIFY(!none && none.error().code == ErrorCode::OutOfMemory);
            QCOMPARE(chooseProducts(kShape, precision, place).multiprocessors, 0U); // there is no GPU
        }
        QVERIFY(ownProductError(DevicePrecision::Float32, place).value() < 1e-6);
        QVERIFY(ownPassError(kShape, DevicePrecision::Float32, place).value() < 1e-5);
        QVERIFY(std::isinf(ownProductError(DevicePrecision::Float32, wrongPlace).value()));
        QCOMPARE(chooseProducts(kShape, DevicePrecision::Float32, place).multiprocessors, 0U);
        QVERIFY(chooseProducts(kShape, DevicePrecision::Float64, place).reason.empty()); // nothing to choose
    }

    void aRowOfZerosStaysZero()
    {
        const DeviceMatrix matrix(at::zeros({2, 8}), DevicePrecision::Int8, at::kCPU);
        QVERIFY(at::equal(matrix.effective(), at::zeros({2, 8}, at::kDouble)));
    }
};

JACOBI_TEST(DeviceMatrixTest)
#include "tst_devicematrix.moc"
