// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/cuda/hostkernels.h"
#include "core/device/attentiontiming.h"
#include "core/device/deviceattention.h"
#include "tests/testmain.h"

#include <ATen/ATen.h>

using namespace jacobi;

class DeviceAttentionTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void pathsAreTheFormula_data()
    {
        QTest::addColumn<int>("lanes");
        QTest::addColumn<int>("rows");
        QTest::addColumn<int>("heads");
        QTest::addColumn<int>("keyHeads");
        QTest::newRow("one row") << 1 << 1 << 3 << 3;
        QTest::newRow("lanes of several lengths") << 4 << 5 << 3 << 3;
        QTest::newRow("grouped queries") << 2 << 7 << 6 << 2;
        QTest::newRow("as many rows as the cache has") << 2 << 24 << 2 << 2;
    }
    void pathsAreTheFormula()
    {
        QFETCH(int, lanes);
        QFETCH(int, rows);
        QFETCH(int, heads);
        QFETCH(int, keyHeads);
        const AttentionShape shape{lanes, rows, heads, keyHeads, 16, 24};
        for (const AttentionPath path : {AttentionPath::Masked, AttentionPath::Shared}) {
            const auto error = [&](at::ScalarType type) {
                return attentionError(shape, path, type, {&hostOps(), at::kCPU, nullptr}).value();
            };
            QVERIFY2(error(at::kDouble) <
                         (path == AttentionPath::Masked ? 1e-12 : 1e-6), // the job's scale is a float32
                     qPrintable(QString::number(error(at::kDouble))));
            QVERIFY2(error(at::kFloat) < 1e-5, qPrintable(QString::number(error(at::kFloat))));
            QVERIFY2(error(at::kBFloat16) < 0.03, qPrintable(QString::number(error(at::kBFloat16))));
        }
    }

    /// By hand: a lane that holds two rows sees three with its first new row and four with its second.
    void rowsSeeWhatIsBeforeThem()
    {
        const AttentionShape shape{1, 2, 1, 1, 1, 6};
        const at::Tensor q = at::zeros({2, 1}); // all places that are seen count alike
        const at::Tensor keys = at::ones({1, 6, 1, 1});
        const at::Tensor values = at::tensor({3.0F, 6.0F, 9.0F, 2.0F, 100.0F, 100.0F}).view({1, 6, 1, 1});
        const at::Tensor lengths = at::tensor({2}, at::kInt);
        DeviceAttention attention(hostOps(), shape, AttentionPath::Masked, q.scalar_type(), at::kCPU);
        attention.prepare(lengths);
        std::vector<at::Tensor> kept;
        const at::Tensor found = attention.attend(q, keys, values, kept, nullptr).value();
        QCOMPARE(found[0].item<float>(), 6.0F);
        QCOMPARE(found[1].item<float>(), 5.0F);
        QVERIFY(at::allclose(plainAttention(shape, q, keys, values, lengths), found.to(at::kDouble)));
    }

    void pathsCanBeTimed()
    {
        for (const AttentionPath path : {AttentionPath::Masked, AttentionPath::Shared}) {
            const auto seconds =
                attentionSeconds({2, 3, 4, 2, 16, 40}, path, at::kFloat, {&hostOps(), at::kCPU, nullptr});
            QVERIFY(seconds);
            QVERIFY(*seconds > 0.0 && std::isfinite(*seconds));
        }
    }

    void aProcessorHasNoneButTheMask()
    {
        const AttentionChoice choice =
            chooseAttention({1, 1, 1, 1, 64, 8}, at::kBFloat16, {&hostOps(), at::kCPU, nullptr});
        QCOMPARE(choice.path, AttentionPath::Masked);
        QVERIFY(!choice.reason.empty());
    }
};

JACOBI_TEST(DeviceAttentionTest)
#include "tst_deviceattention.moc"
