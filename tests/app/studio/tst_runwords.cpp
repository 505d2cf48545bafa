// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/studio/runwords.h"
#include "tests/app/studio/fakebackend.h"
#include "tests/testmain.h"

using namespace jacobi;
using namespace jacobi::test;

class RunWordsTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    /// No number is rounded to one that it is not.
    void settingsOfARunAreExact()
    {
        RunRequest request;
        request.window = 32;
        request.guidance = 2.25;
        request.temperature = 0.996;
        request.topP = 0.998;
        request.minP = 0.004;
        request.seed = 7;
        QCOMPARE(settingWords(request), QString("window 32 · guidance 2.25 · temperature 0.996 · top-p 0.998 · "
                                                "min-p 0.004 · seed 7"));
    }

    void aPrecisionIsSaidWhereItIsNotTheUsualOne()
    {
        RunRequest request;
        request.guidance = 1.0;
        const auto words = [&](const char* device, const char* precision) {
            request.device = device;
            request.precision = precision;
            return settingWords(request);
        };
        for (const char* usual : {"cpu float32", "cuda:0 bfloat16", "auto int8", "cuda:0 auto"}) {
            const QStringList parts = QString(usual).split(' ');
            QCOMPARE(words(qPrintable(parts[0]), qPrintable(parts[1])), QString("window 32 · seed 0"));
        }
        QCOMPARE(words("cuda:0", "int8"), QString("window 32 · int8 · seed 0"));
        QCOMPARE(words("cuda:1", "float32"), QString("window 32 · float32 · seed 0"));
        QCOMPARE(words("cpu", "float64"), QString("window 32 · float64 · seed 0"));
        request.coupling.clear(); // a flow
        QVERIFY(!words("cuda:0", "float32").contains("float32"));
    }

    void settingsOfAFlowAreExact()
    {
        RunRequest request = fakeFlowModel().defaults;
        request.guidance = 0.04;
        request.clip = 2.345;
        request.denoise = 0.04;
        request.seed = 7;
        QCOMPARE(settingWords(request), QString("anything · guidance 0.04 · clip 2.345 · denoising 0.04 · seed 7"));
    }

    /// What guides, and what it guides away from, decides the picture.
    void howAFlowIsGuidedIsSaid()
    {
        RunRequest request = fakeFlowModel().defaults;
        request.attentionTemperature = 1.37;
        request.guidanceSchedule = kConstant;
        request.seed = 7;
        QCOMPARE(settingWords(request), QString("anything · seed 7")); // no guidance, nothing to say of it
        request.guidance = 1.5;
        QCOMPARE(settingWords(request),
                 QString("anything · constant guidance 1.5 · attention temperature 1.37 · seed 7"));
    }

    void theToleranceIsSaidWhereItIsTheRunsOwn()
    {
        RunRequest request = fakeFlowModel().defaults;
        request.tolerance = 2.5e-4;
        QVERIFY(!settingWords(request).contains("tolerance"));
        request.method = "jacobi";
        QVERIFY(settingWords(request).contains("tolerance 0.00025"));
        request.tolerance = 0.0;
        QVERIFY(settingWords(request).contains("until exact"));
    }

    void numbersThatWereSetBackComeFirst()
    {
        RunRequest request = fakeFlowModel().defaults;
        request.seed = 7;
        RunSummary summary;
        QCOMPARE(runWords(request, nullptr), settingWords(request));
        QCOMPARE(runWords(request, &summary), settingWords(request));
        summary.nonFinite = 199;
        QCOMPARE(runWords(request, &summary), QString("199 numbers set back · anything · seed 7"));
        summary.fallbacks = 3;
        QCOMPARE(runWords(request, &summary),
                 QString("199 numbers set back · 3 runs of tokens inverted one by one · anything · seed 7"));
    }
};

JACOBI_TEST(RunWordsTest)
#include "tst_runwords.moc"
