// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/device/devicematrix.h"

#include "core/cuda/hostkernels.h"
#include "core/device/int8choice.h"
#include "tests/testmain.h"

#include <ATen/ATen.h>

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
            const at::Tensor result = matrix.multiply(x.to(type), out);
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
        const at::Tensor found = matrix.multiply(x, out).to(at::kDouble);
        QVERIFY(
            ((found - expected).abs() <= 0.02 * expected.abs() + 0.02 * step.squeeze(1) * 127.0).all().item<bool>());
    }

    /// In the order of our kernel a matrix is the same matrix, and is multiplied with and without the kernel.
    void int8InOwnOrderIsTheSameMatrix()
    {
        const at::Tensor weight = at::randn({48, 96}, at::kDouble);
        const DeviceMatrix plain(weight, DevicePrecision::Int8, at::kCPU);
        const DeviceMatrix own(weight, DevicePrecision::Int8, at::kCPU, 132);
        QVERIFY(own.isForOwnKernel() && !plain.isForOwnKernel());
        QVERIFY(at::equal(own.effective(), plain.effective()));
        QCOMPARE(own.bytes(), plain.bytes());
        QCOMPARE(own.rows(), std::int64_t{48});

        const at::Tensor numbers = at::randint(-127, 128, {48, 96}).to(at::kChar);
        const at::Tensor ordered = int8InOwnOrder(numbers);
        QVERIFY(at::equal(int8RowByRow(ordered), numbers));
        for (std::uint32_t row = 0; row < 48; ++row) {
            for (std::uint32_t column = 0; column < 96; ++column) {
                QCOMPARE(ordered.const_data_ptr<std::int8_t>()[int8Place(row, column, 96)],
                         numbers.const_data_ptr<std::int8_t>()[row * 96 + column]);
            }
        }

        const at::Tensor x = at::randn({5, 96}, at::kBFloat16);
        const at::Tensor expected = at::mm(x.to(at::kDouble), plain.effective().t());
        for (const DeviceOps* ops : {static_cast<const DeviceOps*>(nullptr), &hostOps()}) {
            at::Tensor out = at::empty({5, 48}, at::kBFloat16);
            const at::Tensor found = own.multiply(x, out, {ops}).to(at::kDouble);
            QVERIFY(((found - expected).abs().max() / expected.abs().max()).item<double>() < 0.02);
        }
        // What it does not take stays bfloat16.
        const at::Tensor odd = at::randn({24, 40});
        const DeviceMatrix left(odd, DevicePrecision::Int8, at::kCPU, 132);
        QVERIFY(!left.isForOwnKernel());
        QCOMPARE(left.bytes(), std::uint64_t{2 * 24 * 40});
        QVERIFY(at::equal(left.effective(), odd.to(at::kBFloat16).to(at::kDouble)));
    }

    void int8IsChosenByMeasuring()
    {
        const AttentionPlace place{&hostOps(), at::kCPU, nullptr};
        QVERIFY(int8ProductError(place).value() < 0.01);
        DeviceOps wrong = hostOps();
        wrong.multiplyInt8 = [](const Int8ProductJob* job, void* stream) {
            Int8ProductJob other = *job;
            other.in -= kInt8TileIn; // the last columns are missing
            return hostOps().multiplyInt8(&other, stream);
        };
        QVERIFY(int8ProductError({&wrong, at::kCPU, nullptr}).value() > 0.05);
        const DeviceMatrix own(at::randn({32, 64}), DevicePrecision::Int8, at::kCPU, 132);
        QVERIFY(productSeconds(own, 2, place).value() > 0.0);
        QCOMPARE(chooseInt8Product(32, 64, place).multiprocessors, 0U); // there is no GPU
    }

    void aRowOfZerosStaysZero()
    {
        const DeviceMatrix matrix(at::zeros({2, 8}), DevicePrecision::Int8, at::kCPU);
        QVERIFY(at::equal(matrix.effective(), at::zeros({2, 8}, at::kDouble)));
    }
};

JACOBI_TEST(DeviceMatrixTest)
#include "tst_devicematrix.moc"
