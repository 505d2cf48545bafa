// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/studio/errorwords.h"

#include "tests/testmain.h"

using namespace jacobi;

class ErrorWordsTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void aPlainErrorIsItsSentence()
    {
        const Error error{ErrorCode::Corrupt, "The file is cut.", "at byte 12"};
        QCOMPARE(sentenceOf(error), QString("The file is cut."));
    }

    /// Words that happen to stand in a sentence change nothing.
    void whatTheCpuWouldDoIsSaidByTheError()
    {
        const Error full = failOnGpu(ErrorCode::OutOfMemory, "The GPU ran out of memory.").value();
        QCOMPARE(sentenceOf(full), QString("The GPU ran out of memory. The CPU can do it instead."));
        const Error odd{ErrorCode::NotFound, "There is no model \"x (--device cpu)\".", {}};
        QCOMPARE(sentenceOf(odd), QString("There is no model \"x (--device cpu)\"."));
    }

    void aFaultOfOursComesWithItsDetail()
    {
        const Error error = failOnGpu(ErrorCode::Internal, "It went wrong.", "a\n b").value();
        QCOMPARE(sentenceOf(error), QString("It went wrong. The CPU can do it instead. [a b]"));
    }
};

JACOBI_TEST(ErrorWordsTest)
#include "tst_errorwords.moc"
