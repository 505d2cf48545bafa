// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/checkedmath.h"
#include "core/base/limits.h"
#include "tests/testmain.h"

#include <limits>

using namespace jacobi;

// What the code that uses the limits relies on, whatever they are changed to.
class LimitsTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void safetensorsHeadersAreCappedAsTheFormatSays()
    {
        QCOMPARE(kMaxSafetensorsHeaderBytes, std::uint64_t{100'000'000});
    }

    void countsFitTheIntegersTheyAreKeptIn()
    {
        constexpr std::uint64_t kMostInt = std::numeric_limits<int>::max();
        QVERIFY(kMaxTracePositions <= kMostInt);
        QVERIFY(kMaxTraceCodes <= kMostInt);
        QVERIFY(kMaxPngTexts <= kMostInt);
        QVERIFY(kMaxTraceRecordBytes <= kMostInt);
        QVERIFY(kMaxPngTextBytes <= kMostInt);
    }

    void sizesOfTheLargestPictureDoNotOverflow()
    {
        QVERIFY(checkedMultiply<std::uint64_t>(kMaxPicturePixels, 3));
        QVERIFY(kMaxPicturePixels * 3 <= kMaxPictureFileBytes);
        QVERIFY(std::uint64_t{kMaxPictureSide} * kMaxPictureSide >= kMaxPicturePixels);
        QVERIFY(checkedMultiply<std::uint32_t>(kMaxPictureSide, 8));
        QVERIFY(checkedMultiply<std::uint32_t>(kMaxTracePositions, kMaxTracePatchPixels));
    }

    void partsFitTheirWhole()
    {
        QVERIFY(kMaxTraceRecordBytes < kMaxTraceFileBytes);
        QVERIFY(kMaxPngTexts * std::uint64_t{kMaxPngTextBytes} <= std::numeric_limits<std::uint32_t>::max());
        QVERIFY(kMaxTensorRank > 0 && kMaxJsonDepth > 3);
    }
};

JACOBI_TEST(LimitsTest)
#include "tst_limits.moc"
