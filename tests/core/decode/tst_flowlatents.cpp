// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/decode/flowlatents.h"

#include "tests/testmain.h"

#include <ATen/ATen.h>

#include <cmath>

using namespace jacobi;

namespace {

FlowLayout layoutOf(std::uint32_t rows, std::uint32_t columns, std::uint32_t channels)
{
    FlowLayout layout;
    layout.rows = rows;
    layout.columns = columns;
    layout.channels = channels;
    return layout;
}

} // namespace

class FlowLatentsTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void aPictureIsThatOfItsSeed()
    {
        const FlowLayout layout = layoutOf(3, 4, 7);
        const at::Tensor batch = flowLatents(layout, 40, 3);
        QVERIFY(batch.sizes() == at::IntArrayRef({3, 12, 7}));
        for (int i = 0; i < 3; ++i) {
            QVERIFY(at::equal(batch[i], flowLatents(layout, static_cast<std::uint64_t>(40 + i), 1)[0]));
        }
        QVERIFY(!at::equal(batch[0], batch[1]));
    }

    void channelsBeyondFourGoOn()
    {
        const at::Tensor wide = flowLatents(layoutOf(2, 2, 8), 1, 1);
        const at::Tensor narrow = flowLatents(layoutOf(2, 2, 5), 1, 1);
        QVERIFY(at::equal(wide.narrow(2, 0, 5), narrow));
    }

    void theLawIsNormal()
    {
        const at::Tensor x = flowLatents(layoutOf(32, 32, 48), 3, 4); // 196,608 numbers
        QVERIFY(at::isfinite(x).all().item<bool>());
        const double n = static_cast<double>(x.numel());
        QVERIFY(std::abs(x.mean().item<double>()) < 5.0 / std::sqrt(n));
        QVERIFY(std::abs(x.square().mean().item<double>() - 1.0) < 5.0 * std::sqrt(2.0 / n));
        QVERIFY(std::abs(x.pow(4).mean().item<double>() - 3.0) < 5.0 * std::sqrt(96.0 / n));
        QVERIFY(std::abs((x.abs() > 2.0).to(at::kDouble).mean().item<double>() - 0.0455) < 0.003);
        const at::Tensor pairs = x.view({-1, 2});
        QVERIFY(std::abs((pairs.select(1, 0) * pairs.select(1, 1)).mean().item<double>()) < 5.0 / std::sqrt(n / 2));
    }
};

JACOBI_TEST(FlowLatentsTest)
#include "tst_flowlatents.moc"
