// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/decode/draftwindow.h"
#include "tests/core/decode/windowrun.h"
#include "tests/testmain.h"

#include <map>

using namespace jacobi;
using namespace jacobi::test;

namespace {

/// PhiloxDraws whose new drafts at `from` and behind are other ones.
struct OtherLateDrafts : PhiloxDraws<double> {
    OtherLateDrafts(std::uint64_t seed, std::uint32_t from) : PhiloxDraws<double>(seed), m_from(from) {}
    std::uint32_t initialiseAmong(std::uint32_t position, std::uint32_t pass, std::uint32_t count) const
    {
        const std::uint32_t chosen = PhiloxDraws<double>::initialiseAmong(position, pass, count);
        return position < m_from ? chosen : (chosen + 1) % count;
    }
    std::uint32_t m_from;
};

} // namespace

/// What a pass does to the window; the law of the result is tst_draftwindowlaw.cpp's.
class DraftWindowTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    /// Earlier tokens must not depend on later drafts, whatever those are.
    void laterDraftsMoveNothingEarlier()
    {
        constexpr std::uint32_t kFrom = 4;
        const TokenLayout layout = plainLayout(8, 4);
        const TokenTable laws(8, 4, 11);
        eachCoupling([&](auto coupling) {
            using Coupling = decltype(coupling);
            bool laterMoved = false;
            for (std::uint64_t seed = 0; seed < 300; ++seed) {
                PhiloxWindow<Coupling> plain(layout, 6, PhiloxDraws<double>(seed));
                DraftWindow<double, Coupling, OtherLateDrafts> other(layout, 6, OtherLateDrafts(seed, kFrom));
                StepChecker a(layout, 6, kSpeculative<Coupling>);
                StepChecker b(layout, 6, kSpeculative<Coupling>);
                QCOMPARE(runChecked(laws, plain, a), QString());
                QCOMPARE(runChecked(laws, other, b), QString());
                QVERIFY(std::equal(plain.tokens().begin(), plain.tokens().begin() + kFrom, other.tokens().begin()));
                laterMoved = laterMoved || plain.tokens() != other.tokens();
            }
            QCOMPARE(laterMoved, Coupling::kName != GumbelExactCoupling::kName);
        });
    }

    /// A model that is certain: what was redrawn once is right, so a pass commits at least what it found in the window.
    void certainModelCommitsWholeWindows()
    {
        constexpr std::uint32_t kPositions = 23;
        const TokenLayout layout = plainLayout(kPositions, 4);
        TokenTable laws(kPositions, 4, 1);
        TokenLayout forced = layout;
        forced.rules.resize(kPositions);
        for (std::uint32_t position = 0; position < kPositions; ++position) {
            laws.setEverywhere(position, {0.0, 0.0, 1.0, 0.0});
            forced.rules[position].forced = 2;
        }
        eachCoupling([&](auto coupling) {
            using Coupling = decltype(coupling);
            PhiloxWindow<Coupling> drafts(layout, 5, PhiloxDraws<double>(1));
            StepChecker checker(layout, 5, kSpeculative<Coupling>);
            QCOMPARE(runChecked(laws, drafts, checker), QString());
            QCOMPARE(drafts.tokens(), std::vector<std::int64_t>(kPositions, 2));
            QVERIFY(checker.passes() < kPositions);

            PhiloxWindow<Coupling> certain(forced, 5, PhiloxDraws<double>(1)); // new drafts are right as well
            StepChecker certainChecker(forced, 5, kSpeculative<Coupling>);
            QCOMPARE(runChecked(laws, certain, certainChecker), QString());
            QCOMPARE(certainChecker.passes(), 5U); // 5 + 5 + 5 + 5 + 3
        });
    }

    void firstDraftRejected()
    {
        const TokenLayout layout = plainLayout(6, 2);
        TokenTable laws(6, 2, 1);
        std::uint64_t seed = 0;
        while (PhiloxDraws<double>(seed).initialiseAmong(0, 0, 2) != 1) {
            ++seed;
        }
        laws.setEverywhere(0, {1.0, 0.0}); // p(d) = 0
        PhiloxWindow<MaximalCoupling> drafts(layout, 3, PhiloxDraws<double>(seed));
        QCOMPARE(drafts.rows(), 3U);
        QCOMPARE(drafts.input(0), -1);
        const Step step = passOver(laws, drafts, 0);
        QCOMPARE(step.committedEnd, 1U);
        QCOMPARE(step.end, 3U); // nothing to refill
        QCOMPARE(step.state[0], TokenState::Resampled);
        QCOMPARE(step.token[0], 0);
        QCOMPARE(step.draft[0], 1);
        QCOMPARE(step.p[0], 0.0F);
        QCOMPARE(step.q[0], 0.5F);
        QCOMPARE(step.state[2], TokenState::New);
        QCOMPARE(drafts.input(0), 0);
        QCOMPARE(drafts.input(1), step.token[1]);
    }

    /// The label of a draft that was read before is the row it was drawn from, of the pass before; that of a new one is
    /// one over the legal codes.
    void labelsAreTheLawsDrawnFrom()
    {
        const TokenLayout layout = legalSetLayout(9, 4);
        const TokenTable laws = TokenTable(9, 4, 8).warped(layout);
        eachCoupling([&](auto coupling) {
            for (std::uint64_t seed = 0; seed < 100; ++seed) {
                PhiloxWindow<decltype(coupling)> drafts(layout, 4, PhiloxDraws<double>(seed));
                std::map<std::uint32_t, float> label; // of drafts that were read before
                for (std::uint32_t pass = 0; !drafts.done(); ++pass) {
                    const std::vector<std::int64_t> read = drafts.tokens();
                    const std::uint32_t rows = drafts.rows();
                    const Step step = passOver(laws, drafts, pass);
                    for (std::uint32_t k = 0; k + 1 < rows; ++k) {
                        const std::uint32_t position = step.begin + k;
                        const float fresh = position == 3 ? 0.25F : 1.0F / 3.0F;
                        QCOMPARE(step.q[k], label.contains(position) ? label[position] : fresh);
                    }
                    for (std::uint32_t k = 0; k < rows; ++k) {
                        const std::uint32_t i = step.begin + k;
                        const auto p = laws.row(i, i > 1 ? read[i - 2] : -1, i > 0 ? read[i - 1] : -1);
                        label[i] = static_cast<float>(p[static_cast<std::size_t>(step.token[k])]);
                    }
                }
            }
        });
    }

    void windowShrinksToWhatIsLeft()
    {
        const TokenLayout one = plainLayout(1, 3);
        PhiloxWindow<IndependentCoupling> single(one, 8, PhiloxDraws<double>(4));
        QCOMPARE(single.rows(), 1U); // one position left: nothing to draft
        const Step step = passOver(TokenTable(1, 3, 2), single, 0);
        QVERIFY(single.done());
        QCOMPARE(step.state, std::vector<TokenState>{TokenState::Bonus});

        const TokenLayout layout = plainLayout(5, 3);
        PhiloxWindow<IndependentCoupling> drafts(layout, 64, PhiloxDraws<double>(4));
        QCOMPARE(drafts.rows(), 5U);
        const TokenTable laws(5, 3, 2);
        for (std::uint32_t pass = 0; !drafts.done(); ++pass) {
            passOver(laws, drafts, pass);
            QCOMPARE(drafts.rows(), drafts.done() ? 1U : 5U - drafts.committed());
        }
    }

    /// A terminal token inside an accepted run ends the picture there.
    void terminalTokenEndsTheRun()
    {
        TokenLayout layout = plainLayout(8, 3);
        layout.terminals = {2};
        const TokenTable laws(8, 3, 21);
        eachCoupling([&](auto coupling) {
            using Coupling = decltype(coupling);
            bool inTheMiddle = false;
            for (std::uint64_t seed = 0; seed < 500; ++seed) {
                PhiloxWindow<Coupling> drafts(layout, 5, PhiloxDraws<double>(seed));
                StepChecker checker(layout, 5, kSpeculative<Coupling>);
                QCOMPARE(runChecked(laws, drafts, checker), QString());
                QCOMPARE(checker.ended() || checker.committed() == 8, true);
                inTheMiddle = inTheMiddle || (checker.ended() && checker.committed() > checker.passes() + 1);
            }
            QVERIFY(inTheMiddle);
        });
    }
};

JACOBI_TEST(DraftWindowTest)
#include "tst_draftwindow.moc"
