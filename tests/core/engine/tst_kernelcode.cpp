// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/engine/kernelcode.h"

#include "core/cuda/hostkernels.h"
#include "tests/testmain.h"

using namespace jacobi;

class KernelCodeTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void whatRunsOnACard()
    {
        DeviceDescription card;
        QCOMPARE(kernelCodeText(card), std::string());
        card.major = card.codeMajor = 9;
        QCOMPARE(kernelCodeText(card), std::string("The kernels were compiled for compute capability 9.0."));
        card.major = 8;
        card.minor = 6;
        card.codeMajor = 8;
        QCOMPARE(kernelCodeText(card), std::string("The kernels were compiled for compute capability 8.0."));
        card.major = 12;
        card.isCodeTranslated = 1;
        QCOMPARE(
            kernelCodeText(card),
            std::string("The kernels were compiled for compute capability 8.0, of which the driver made code for "
                        "this card. None starts before the one before it has ended, as code for 9.0 or newer does."));
        card.codeMajor = 9;
        QCOMPARE(kernelCodeText(card),
                 std::string("The kernels were compiled for compute capability 9.0, of which the driver made code for "
                             "this card."));
    }

    void theProcessorHasNone()
    {
        DeviceDescription processor;
        QCOMPARE(hostOps().describe(0, &processor), 0);
        QCOMPARE(kernelCodeText(processor), std::string());
    }
};

JACOBI_TEST(KernelCodeTest)
#include "tst_kernelcode.moc"
