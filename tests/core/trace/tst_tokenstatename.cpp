// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/trace/tokenstatename.h"

#include "tests/testmain.h"

#include <string>

using namespace jacobi;

class TokenStateNameTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    // Numbers and words are part of the trace file and of the exports.
    void everyStateHasItsWord()
    {
        const char* const words[] = {"new",   "kept",   "redrawn", "accepted",  "resampled",
                                     "bonus", "forced", "noisy",   "converged", "exited"};
        int number = 0;
        for (const char* word : words) {
            QCOMPARE(std::string(name(static_cast<TokenState>(number++))), std::string(word));
        }
        QCOMPARE(number, static_cast<int>(TokenState::Exited) + 1);
    }

    void whatIsNoStateIsUnknown()
    {
        QCOMPARE(std::string(name(static_cast<TokenState>(10))), std::string("unknown"));
        QCOMPARE(std::string(name(static_cast<TokenState>(255))), std::string("unknown"));
    }
};

JACOBI_TEST(TokenStateNameTest)
#include "tst_tokenstatename.moc"
