// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/core/decode/chisquare.h"
#include "tests/core/decode/enumerateddraws.h"
#include "tests/core/decode/windowrun.h"
#include "tests/testmain.h"

#include <array>
#include <numeric>

using namespace jacobi;
using namespace jacobi::test;

namespace {

struct Case {
    const char* name;
    std::uint32_t codes;
    std::uint32_t positions;
    TokenLayout layout;
};

std::vector<Case> cases()
{
    TokenLayout ending = plainLayout(4, 2);
    ending.terminals = {1};
    TokenLayout endingOfThree = legalSetLayout(4, 3);
    endingOfThree.terminals = {2};
    return {{"two codes", 2, 4, plainLayout(4, 2)},
            {"two codes, five positions", 2, 5, plainLayout(5, 2)},
            {"two codes, forced inside and at the end", 2, 4,
             [] {
                 TokenLayout layout = lineEndLayout(4, 2, 1, {1, 3});
                 layout.rules[0].legal = layout.rules[2].legal = nullptr;
                 return layout;
             }()},
            {"two codes, terminal", 2, 4, ending},
            {"three codes", 3, 3, plainLayout(3, 3)},
            {"three codes, line ends", 3, 4, lineEndLayout(4, 3, 2, {1, 3})},
            {"three codes, two forced side by side", 3, 4, lineEndLayout(4, 3, 0, {0, 1})},
            {"three codes, legal sets", 3, 4, legalSetLayout(4, 3)},
            {"three codes, legal sets and terminal", 3, 4, endingOfThree}};
}

/// The worst distance from sequential sampling over three tables.
template <class Coupling, class Draws = EnumeratedDraws>
double worstDistance(const Case& c, std::uint32_t window)
{
    double worst = 0.0;
    for (std::uint64_t seed = 1; seed <= 3; ++seed) {
        const TokenTable laws = TokenTable(c.positions, c.codes, seed).warped(c.layout);
        const std::vector<double> law = enumeratedLaw<Coupling, Draws>(laws, c.layout, window);
        worst = std::max(worst, distance(law, sequentialLaw(laws, c.layout)));
    }
    return worst;
}

/// Sequential sampling with the same random numbers.
std::vector<std::int64_t> sequentialTokens(const TokenTable& laws, std::uint64_t seed)
{
    std::vector<std::int64_t> tokens;
    const PhiloxDraws<double> draws(seed);
    for (std::uint32_t n = 0; n < laws.positions(); ++n) {
        tokens.push_back(draws.draw(n, laws.row(n, n > 1 ? tokens[n - 2] : -1, n > 0 ? tokens[n - 1] : -1)));
    }
    return tokens;
}

} // namespace

/// The law of what DraftWindow commits is that of sequential sampling: by going through everything that can happen, by
/// counting pictures, and where it must be, token for token.
class DraftWindowLawTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void enumerationIsComplete()
    {
        const std::vector<Case> all = cases();
        const TokenTable laws = TokenTable(4, 2, 1).warped(all[0].layout);
        const auto law = enumeratedLaw<MaximalCoupling>(laws, all[0].layout, 3);
        QVERIFY(std::abs(std::accumulate(law.begin(), law.end(), 0.0) - 1.0) < 1e-12);
        QVERIFY(*std::max_element(law.begin(), law.end()) < 0.9);
    }

    void outputFollowsSequentialSampling_data()
    {
        QTest::addColumn<std::size_t>("index");
        QTest::addColumn<std::uint32_t>("window");
        const std::vector<Case> all = cases();
        for (std::size_t i = 0; i < all.size(); ++i) {
            for (const std::uint32_t window : {1U, 2U, 3U, 4U, 8U}) {
                QTest::addRow("%s, window %u", all[i].name, window) << i << window;
            }
        }
    }
    void outputFollowsSequentialSampling()
    {
        QFETCH(std::size_t, index);
        QFETCH(std::uint32_t, window);
        const Case c = cases()[index];
        QVERIFY(worstDistance<IndependentCoupling>(c, window) < 1e-12);
        QVERIFY(worstDistance<MaximalCoupling>(c, window) < 1e-12);
        QVERIFY(worstDistance<GumbelExactCoupling>(c, window) < 1e-12);
        QVERIFY(worstDistance<GumbelSpecCoupling>(c, window) < 1e-12);
    }

    /// The same with real random numbers: 40000 pictures, every step checked, chi-square against the law.
    void philoxFollowsSequentialSampling_data()
    {
        QTest::addColumn<std::uint32_t>("window");
        for (const std::uint32_t window : {1U, 2U, 4U, 8U}) {
            QTest::addRow("window %u", window) << window;
        }
    }
    void philoxFollowsSequentialSampling()
    {
        QFETCH(std::uint32_t, window);
        constexpr std::uint64_t kSamples = 40000;
        const std::array<TokenLayout, 3> layouts{plainLayout(5, 3), lineEndLayout(5, 3, 2, {0, 2, 4}),
                                                 legalSetLayout(5, 3)};
        for (const TokenLayout& layout : layouts) {
            const TokenTable laws = TokenTable(5, 3, 17).warped(layout);
            const std::vector<double> law = sequentialLaw(laws, layout);
            eachCoupling([&](auto coupling) {
                using Coupling = decltype(coupling);
                std::vector<std::uint64_t> counts(law.size(), 0);
                for (std::uint64_t seed = 0; seed < kSamples; ++seed) {
                    PhiloxWindow<Coupling> drafts(layout, window, PhiloxDraws<double>(seed));
                    StepChecker checker(layout, window, kSpeculative<Coupling>);
                    const QString wrong = runChecked(laws, drafts, checker);
                    QCOMPARE(wrong, QString());
                    ++counts[sequenceNumber(drafts.tokens(), drafts.committed(), 3)];
                }
                const double z = chiSquareScore(counts, law);
                QVERIFY2(std::abs(z) < 4.0, qPrintable(QString("%1: z = %2").arg(Coupling::kName.data()).arg(z)));
            });
        }
    }

    void windowOfOneIsSequential()
    {
        const TokenLayout layout = legalSetLayout(12, 5);
        const TokenTable laws = TokenTable(12, 5, 3).warped(layout);
        eachCoupling([&](auto coupling) {
            for (std::uint64_t seed = 0; seed < 200; ++seed) {
                PhiloxWindow<decltype(coupling)> drafts(layout, 1, PhiloxDraws<double>(seed));
                StepChecker checker(layout, 1, true);
                QCOMPARE(runChecked(laws, drafts, checker), QString());
                QCOMPARE(drafts.tokens(), sequentialTokens(laws, seed));
                QCOMPARE(checker.passes(), 12U);
            }
        });
    }

    void gumbelExactIsSequentialForEveryWindow()
    {
        const TokenLayout layout = legalSetLayout(12, 5);
        const TokenTable laws = TokenTable(12, 5, 3).warped(layout);
        bool faster = false;
        for (const std::uint32_t window : {2U, 3U, 8U, 12U, 40U}) {
            for (std::uint64_t seed = 0; seed < 200; ++seed) {
                PhiloxWindow<GumbelExactCoupling> drafts(layout, window, PhiloxDraws<double>(seed));
                StepChecker checker(layout, window, false);
                QCOMPARE(runChecked(laws, drafts, checker), QString());
                QCOMPARE(drafts.tokens(), sequentialTokens(laws, seed));
                faster = faster || checker.passes() < 12;
            }
        }
        QVERIFY(faster);
    }
};

JACOBI_TEST(DraftWindowLawTest)
#include "tst_draftwindowlaw.moc"
