// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/decode/packedmatrix.h"
#include "tests/testmain.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>

#include <QtTest>

using namespace jacobi;

class PackedMatrixTest : public QObject {
    Q_OBJECT

    static double worst(const at::Tensor& a, const at::Tensor& b) { return (a - b).abs().max().item<double>(); }

private Q_SLOTS:
    void init() { at::manual_seed(1); }
    void cleanup() { at::set_num_threads(1); }

    void everyCountOfRowsGivesTheProduct_data()
    {
        QTest::addColumn<int>("outputs");
        QTest::addColumn<int>("inputs");
        QTest::newRow("whole panels") << 64 << 24;
        QTest::newRow("the last panel sticks out") << 37 << 19;
        QTest::newRow("less than a panel") << 3 << 5;
        QTest::newRow("one number") << 1 << 1;
    }
    void everyCountOfRowsGivesTheProduct()
    {
        QFETCH(int, outputs);
        QFETCH(int, inputs);
        for (const at::ScalarType type : {at::kFloat, at::kDouble}) {
            const at::Tensor matrix = at::randn({outputs, inputs}, type);
            const PackedMatrix packed(matrix);
            for (int rows = 1; rows <= 20; ++rows) {
                const at::Tensor x = at::randn({rows, inputs}, type);
                const at::Tensor y = packed.multiply(x);
                QVERIFY(y.sizes() == at::IntArrayRef({rows, outputs}));
                QVERIFY(worst(y, at::linear(x, matrix)) < (type == at::kFloat ? 2e-5 : 1e-13));
            }
        }
    }

    // What lets a window, or another picture of the batch, leave a row's numbers alone.
    void aRowDoesNotDependOnTheOthers()
    {
        const PackedMatrix packed(at::randn({45, 33}));
        const at::Tensor x = at::randn({19, 33});
        const at::Tensor whole = packed.multiply(x);
        for (int count = 1; count <= 19; ++count) {
            for (int first = 0; first + count <= 19; ++first) {
                QVERIFY(at::equal(packed.multiply(x.narrow(0, first, count)), whole.narrow(0, first, count)));
            }
        }
    }

    void threadsChangeNothing()
    {
        const PackedMatrix packed(at::randn({300, 700}));
        const at::Tensor x = at::randn({40, 700});
        const at::Tensor one = packed.multiply(x);
        at::set_num_threads(2);
        QVERIFY(at::equal(packed.multiply(x), one));
    }

    void leadingDimensionsAndStridesAreKept()
    {
        const at::Tensor matrix = at::randn({10, 6});
        const PackedMatrix packed(matrix.t().contiguous().t()); // stored by columns
        const at::Tensor x = at::randn({6, 3, 4}).permute({2, 1, 0});
        const at::Tensor y = packed.multiply(x);
        QVERIFY(y.sizes() == at::IntArrayRef({4, 3, 10}));
        QVERIFY(worst(y, at::linear(x, matrix)) < 1e-5);
        QCOMPARE(packed.multiply(at::empty({0, 6})).numel(), 0);
        QVERIFY_THROWS_EXCEPTION(c10::Error, packed.multiply(at::randn({2, 5})));
    }
};

JACOBI_TEST(PackedMatrixTest)
#include "tst_packedmatrix.moc"
