// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/testmain.h"
#include "widgets/scalarmap.h"

#include <cmath>
#include <limits>

using namespace jacobi;

namespace {

// CIE lightness, 0 .. 100.
double lightness(const QColor& colour)
{
    const auto linear = [](double channel) {
        return channel <= 0.04045 ? channel / 12.92 : std::pow((channel + 0.055) / 1.055, 2.4);
    };
    const double y =
        0.2126 * linear(colour.redF()) + 0.7152 * linear(colour.greenF()) + 0.0722 * linear(colour.blueF());
    return y > 0.008856 ? 116.0 * std::cbrt(y) - 16.0 : 903.3 * y;
}

} // namespace

class ScalarMapTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void itsEndsAreThePublishedOnes()
    {
        QCOMPARE(scalarColour(0.0), QColor(0, 34, 78));
        QCOMPARE(scalarColour(0.5), QColor(124, 123, 120));
        QCOMPARE(scalarColour(1.0), QColor(254, 232, 56));
    }

    void anythingElseIsClampedAndNoNumberIsTransparent()
    {
        const double endless = std::numeric_limits<double>::infinity();
        QCOMPARE(scalarColour(-0.5), scalarColour(0.0));
        QCOMPARE(scalarColour(-endless), scalarColour(0.0));
        QCOMPARE(scalarColour(7.0), scalarColour(1.0));
        QCOMPARE(scalarColour(endless), scalarColour(1.0));
        QCOMPARE(scalarColour(std::numeric_limits<double>::quiet_NaN()).alpha(), 0);
        QCOMPARE(scalarColour(0.3).alpha(), 255);
    }

    void moreIsLighterEverywhereAndEvenly()
    {
        constexpr int kSteps = 100;
        const double whole = lightness(scalarColour(1.0)) - lightness(scalarColour(0.0));
        double before = lightness(scalarColour(0.0));
        for (int step = 1; step <= kSteps; ++step) {
            const double now = lightness(scalarColour(static_cast<double>(step) / kSteps));
            QVERIFY(now > before - 0.3); // 8-bit rounding
            QVERIFY(now - before < 3.0 * whole / kSteps);
            before = now;
        }
        QVERIFY(whole > 70.0);
    }
};

JACOBI_TEST(ScalarMapTest)
#include "tst_scalarmap.moc"
