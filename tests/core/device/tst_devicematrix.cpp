// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/device/devicematrix.h"
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

    void aRowOfZerosStaysZero()
    {
        const DeviceMatrix matrix(at::zeros({2, 8}), DevicePrecision::Int8, at::kCPU);
        QVERIFY(at::equal(matrix.effective(), at::zeros({2, 8}, at::kDouble)));
    }
};

JACOBI_TEST(DeviceMatrixTest)
#include "tst_devicematrix.moc"
