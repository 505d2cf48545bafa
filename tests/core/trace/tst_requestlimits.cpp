// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/trace/requestlimits.h"

#include "core/trace/runrequest.h"
#include "tests/testmain.h"

#include <limits>

using namespace jacobi;

class RequestLimitsTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void endsAreAllowedAndBeyondThemNothing()
    {
        constexpr double nan = std::numeric_limits<double>::quiet_NaN();
        constexpr double infinity = std::numeric_limits<double>::infinity();
        for (const RequestLimit& limit : {kGuidanceLimit, kTemperatureLimit, kTopPLimit, kMinPLimit, kFlowGuidanceLimit,
                                          kToleranceLimit, kClipLimit, kDenoiseLimit, kAttentionTemperatureLimit}) {
            QCOMPARE(limit.allows(limit.least), !limit.isAboveLeast);
            QVERIFY(limit.allows(limit.most));
            for (const double value : {limit.least - 0.001, limit.most + 0.001, nan, infinity, -infinity}) {
                QVERIFY2(!limit.allows(value), limit.what);
            }
        }
        QVERIFY(!kTopPLimit.allows(0.0));
        QVERIFY(kTopPLimit.allows(1e-9));
    }

    void defaultsAreAllowed()
    {
        const RunRequest defaults;
        QVERIFY(kGuidanceLimit.allows(defaults.guidance) && kTemperatureLimit.allows(defaults.temperature));
        QVERIFY(kTopPLimit.allows(defaults.topP) && kMinPLimit.allows(defaults.minP));
        QVERIFY(kToleranceLimit.allows(defaults.tolerance) && kClipLimit.allows(defaults.clip));
        QVERIFY(kDenoiseLimit.allows(defaults.denoise));
        QVERIFY(kAttentionTemperatureLimit.allows(defaults.attentionTemperature));
    }

    void refusalsNameValueRangeAndWhatItsEndsDo()
    {
        QCOMPARE(kGuidanceLimit.refusal(31.0),
                 std::string("The guidance is 31, but must be between 0 and 30 (1 switches it off)."));
        QCOMPARE(kFlowGuidanceLimit.refusal(31.0),
                 std::string("The guidance is 31, but must be between 0 and 30 (0 switches it off)."));
        QCOMPARE(kTopPLimit.refusal("0.0"),
                 std::string("The top-p is 0.0, but must be above 0 and at most 1 (1 keeps every code)."));
        QCOMPARE(
            kAttentionTemperatureLimit.refusal(0.0),
            std::string("The attention temperature is 0, but must be between 0.01 and 100 (1 leaves it as it is)."));
    }
};

JACOBI_TEST(RequestLimitsTest)
#include "tst_requestlimits.moc"
