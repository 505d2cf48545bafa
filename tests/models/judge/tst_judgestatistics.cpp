// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/judge/judgestatistics.h"
#include "tests/testmain.h"

#include <ATen/ATen.h>

#include <cmath>

using namespace jacobi;

namespace {

/// 2 * dimension vectors whose mean is `mean` and whose covariance is exactly diagonal with these variances.
at::Tensor exactly(const std::vector<double>& mean, const std::vector<double>& variances)
{
    const auto dimension = static_cast<std::int64_t>(mean.size());
    at::Tensor vectors = at::zeros({2 * dimension, dimension}, at::kDouble);
    for (std::int64_t i = 0; i < dimension; ++i) {
        const double reach =
            std::sqrt(variances[static_cast<std::size_t>(i)] * (static_cast<double>(2 * dimension) - 1.0) / 2.0);
        vectors[2 * i][i] = reach;
        vectors[2 * i + 1][i] = -reach;
    }
    return vectors + at::tensor(mean, at::kDouble);
}

bool close(double a, double b, double tolerance)
{
    return std::abs(a - b) < tolerance;
}

} // namespace

class JudgeStatisticsTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void init() { at::manual_seed(5); }

    void wilsonAgainstKnownValues_data()
    {
        QTest::addColumn<int>("right");
        QTest::addColumn<int>("asked");
        QTest::addColumn<double>("low");
        QTest::addColumn<double>("high");
        // Newcombe 1998, table I, and the closed forms z^2 / (n + z^2) at the ends.
        const double square = 1.959963984540054 * 1.959963984540054;
        QTest::newRow("81 of 263") << 81 << 263 << 0.2553 << 0.3662;
        QTest::newRow("15 of 148") << 15 << 148 << 0.0624 << 0.1605;
        QTest::newRow("none of 20") << 0 << 20 << 0.0 << square / (20.0 + square);
        QTest::newRow("1 of 29") << 1 << 29 << 0.0061 << 0.1718;
        QTest::newRow("all of 10") << 10 << 10 << 10.0 / (10.0 + square) << 1.0;
        QTest::newRow("nothing asked") << 0 << 0 << 0.0 << 1.0;
    }
    void wilsonAgainstKnownValues()
    {
        QFETCH(int, right);
        QFETCH(int, asked);
        QFETCH(double, low);
        QFETCH(double, high);
        const Interval interval = wilsonInterval(right, asked);
        QVERIFY2(close(interval.low, low, 6e-5), qPrintable(QString::number(interval.low)));
        QVERIFY2(close(interval.high, high, 6e-5), qPrintable(QString::number(interval.high)));
    }

    void aSetIsNowhereFromItself()
    {
        const at::Tensor some = at::rand({40, 8});
        QVERIFY(frechetDistance(some, some) < 1e-9);
        QVERIFY(frechetDistance(some, some.flip(0)) < 1e-9);
        QVERIFY(frechetDistance(at::ones({3, 8}), at::ones({5, 8})) < 1e-12); // no spread at all
    }

    void twoKnownNormals()
    {
        // Of diagonal covariances: |m1 - m2|^2 + the sum of (s1 - s2)^2.
        const at::Tensor a = exactly({0.0, 1.0, 2.0}, {1.0, 4.0, 0.25});
        const at::Tensor b = exactly({3.0, 1.0, 1.0}, {4.0, 4.0, 2.25});
        const double expected = 9.0 + 0.0 + 1.0 + 1.0 + 0.0 + 1.0;
        QVERIFY(close(frechetDistance(a, b), expected, 1e-9));
        QVERIFY(close(frechetDistance(b, a), expected, 1e-9));
    }

    void turningBothChangesNothing()
    {
        // Covariances that are not diagonal, and do not commute.
        const at::Tensor a = at::randn({200, 5}, at::kDouble) * at::tensor({1.0, 2.0, 0.5, 1.0, 3.0}, at::kDouble);
        const at::Tensor b = at::matmul(at::randn({300, 5}, at::kDouble), at::randn({5, 5}, at::kDouble)) + 0.5;
        const auto [turn, rest] = at::linalg_qr(at::randn({5, 5}, at::kDouble));
        const double before = frechetDistance(a, b);
        QVERIFY(before > 0.1);
        QVERIFY(close(frechetDistance(at::matmul(a, turn), at::matmul(b, turn)), before, 1e-8 * before));
        QVERIFY(close(frechetDistance(2.0 * a, 2.0 * b), 4.0 * before, 1e-8 * before));
    }

    void aMoveIsItsSquare()
    {
        const at::Tensor a = at::randn({50, 4}, at::kDouble);
        QVERIFY(close(frechetDistance(a, a + at::tensor({1.0, 0.0, -2.0, 0.0}, at::kDouble)), 5.0, 1e-9));
    }
};

JACOBI_TEST(JudgeStatisticsTest)
#include "tst_judgestatistics.moc"
