// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/checkedmath.h"
#include "tests/testmain.h"

#include <cstdint>
#include <limits>

using namespace jacobi;

namespace {

constexpr std::uint64_t kMost = std::numeric_limits<std::uint64_t>::max();
constexpr std::int32_t kLeastInt = std::numeric_limits<std::int32_t>::min();
constexpr std::int32_t kMostInt = std::numeric_limits<std::int32_t>::max();

} // namespace

class CheckedMathTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void productsThatFit()
    {
        QVERIFY(checkedMultiply<std::uint64_t>(0, kMost) == 0U);
        QVERIFY(checkedMultiply<std::uint64_t>(1, kMost) == kMost);
        QVERIFY(checkedMultiply<std::uint64_t>(3, kMost / 3) == kMost);
        QVERIFY(checkedMultiply<std::int32_t>(kLeastInt, 1) == kLeastInt);
        QVERIFY(checkedMultiply<std::uint8_t>(15, 17) == 255);
    }

    void productsThatDoNot()
    {
        QVERIFY(!checkedMultiply<std::uint64_t>(2, kMost / 2 + 1));
        QVERIFY(!checkedMultiply<std::uint64_t>(std::uint64_t{1} << 32U, std::uint64_t{1} << 32U));
        QVERIFY(!checkedMultiply<std::uint64_t>(kMost, kMost));
        QVERIFY(!checkedMultiply<std::int32_t>(kLeastInt, -1));
        QVERIFY(!checkedMultiply<std::uint8_t>(16, 16));
    }

    void sums()
    {
        QVERIFY(checkedAdd<std::uint64_t>(kMost, 0) == kMost);
        QVERIFY(!checkedAdd<std::uint64_t>(kMost, 1));
        QVERIFY(checkedAdd<std::int32_t>(kMostInt, kLeastInt) == -1);
        QVERIFY(!checkedAdd<std::int32_t>(kMostInt, 1));
        QVERIFY(!checkedAdd<std::int32_t>(kLeastInt, -1));
    }

    void worksAtCompileTime()
    {
        static_assert(checkedMultiply(6, 7) == 42);
        static_assert(!checkedAdd(kMostInt, 1));
    }
};

JACOBI_TEST(CheckedMathTest)
#include "tst_checkedmath.moc"
