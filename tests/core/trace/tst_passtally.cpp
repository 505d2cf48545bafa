// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/trace/passtally.h"

#include "tests/testmain.h"

using namespace jacobi;

namespace {

void add(PassTally& tally, std::uint32_t item, std::uint32_t pass, std::uint32_t begin, std::uint32_t committedEnd,
         std::uint32_t lane = 0)
{
    Step step;
    step.item = item;
    step.pass = pass;
    step.lane = lane;
    step.begin = begin;
    step.committedEnd = committedEnd;
    step.end = committedEnd;
    tally.add(step);
}

} // namespace

class PassTallyTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void nothingIsZero()
    {
        const PassTally tally;
        QCOMPARE(tally.passes(), std::uint64_t{0});
        QCOMPARE(tally.tokens(), std::uint64_t{0});
        QCOMPARE(tally.tokensPerPass(), 0.0);
        QCOMPARE(tally.tokensPerPassPerPicture(), 0.0);
        QVERIFY(tally.passesByTokens().empty());
    }

    /// One picture is done after two passes, the other after four: together twelve tokens in four.
    void eachPictureIsCountedByItsOwnPasses()
    {
        PassTally tally;
        add(tally, 0, 0, 0, 4);
        add(tally, 1, 0, 0, 1);
        add(tally, 0, 1, 4, 6);
        add(tally, 1, 1, 1, 3);
        add(tally, 1, 2, 3, 5);
        add(tally, 1, 3, 5, 6);
        QCOMPARE(tally.passes(), std::uint64_t{4});
        QCOMPARE(tally.tokens(), std::uint64_t{12});
        QCOMPARE(tally.tokensPerPass(), 3.0);
        QCOMPARE(tally.tokensPerPassPerPicture(), (6.0 / 2.0 + 6.0 / 4.0) / 2.0);
        QCOMPARE(tally.passesByTokens(), (std::vector<std::uint64_t>{0, 2, 3, 0, 1}));
    }

    void blocksThatOverlapShareAPass()
    {
        PassTally tally;
        add(tally, 0, 0, 0, 2, 1);
        add(tally, 0, 1, 2, 3, 1);
        add(tally, 0, 1, 0, 0, 0);
        add(tally, 0, 2, 0, 3, 0);
        QCOMPARE(tally.passes(), std::uint64_t{3});
        QCOMPARE(tally.tokensPerPass(), 2.0);
        QCOMPARE(tally.tokensPerPassPerPicture(), 2.0);
    }
};

JACOBI_TEST(PassTallyTest)
#include "tst_passtally.moc"
