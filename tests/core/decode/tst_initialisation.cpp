// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/decode/initialisation.h"
#include "tests/core/decode/brokencouplings.h"
#include "tests/core/decode/enumerateddraws.h"
#include "tests/core/decode/windowrun.h"
#include "tests/testmain.h"

#include <array>

using namespace jacobi;
using namespace jacobi::test;

namespace {

struct Case {
    const char* name;
    TokenLayout layout;
    double pictures() const { return std::pow(layout.codes, layout.positions()); } ///< rules not considered
};

/// Long enough that drafts are put behind those of the first pass: with a window of W the first one is at position W,
/// and only if W + 1 positions are left then.
std::vector<Case> cases()
{
    TokenLayout ending = inLines(plainLayout(6, 2), 3);
    ending.terminals = {1};
    return {{"2x2 of two codes", inLines(plainLayout(4, 2), 2)},
            {"1x4 of two codes", plainLayout(4, 2)},
            {"1x7 of two codes", plainLayout(7, 2)},
            {"2x4 of two codes", inLines(plainLayout(8, 2), 4)},
            {"4x2 of two codes", inLines(plainLayout(8, 2), 2)},
            {"7x1 of two codes", inLines(plainLayout(7, 2), 1)},
            {"2x3 of two codes, terminal", ending},
            {"1x5 of three codes", plainLayout(5, 3)},
            {"3x2 of three codes, a set a column", columnSetLayout(3, 2, 3)},
            {"2x3 of three codes, other sets everywhere", inLines(legalSetLayout(6, 3), 3)},
            {"3x3 of three codes, line ends", inLines(lineEndLayout(9, 3, 2, {2, 5, 8}), 3)}};
}

/// The worst distance from sequential sampling over two tables.
template <class Coupling, class Draws = EnumeratedDraws>
double deviation(const TokenLayout& layout, std::uint32_t window, Initialisation initialisation)
{
    double worst = 0.0;
    for (std::uint64_t seed = 1; seed <= 2; ++seed) {
        const TokenTable laws = TokenTable(layout.positions(), layout.codes, seed).warped(layout);
        const std::vector<double> law = enumeratedLaw<Coupling, Draws>(laws, layout, window, initialisation);
        worst = std::max(worst, distance(law, sequentialLaw(laws, layout)));
    }
    return worst;
}

/// Mean number of passes over 500 pictures.
template <class Coupling>
double meanPasses(const TokenTable& laws, const TokenLayout& layout, Initialisation initialisation)
{
    std::uint32_t passes = 0;
    for (std::uint64_t seed = 0; seed < 500; ++seed) {
        PhiloxWindow<Coupling> drafts(layout, 4, PhiloxDraws<double>(seed), initialisation);
        for (; !drafts.done(); ++passes) {
            passOver(laws, drafts, passes);
        }
    }
    return passes / 500.0;
}

/// A new draft as a pass recorded it, with what stood at its neighbour after the pass.
struct FreshDraft {
    std::uint32_t position;
    std::int32_t code;
    float q;
};

/// Calls visit(draft, tokens after the pass, laws of the positions the pass read) for every new draft of 200 pictures.
template <class Visit>
void eachFreshDraft(const TokenTable& laws, const TokenLayout& layout, Initialisation initialisation,
                    const Visit& visit)
{
    for (std::uint64_t seed = 0; seed < 200; ++seed) {
        PhiloxWindow<MaximalCoupling> drafts(layout, 4, PhiloxDraws<double>(seed), initialisation);
        std::vector<std::vector<double>> last(layout.positions()); // law of the position when it was last read
        for (std::uint32_t pass = 0; !drafts.done(); ++pass) {
            const std::vector<std::int64_t> read = drafts.tokens();
            const Step step = passOver(laws, drafts, pass);
            for (std::uint32_t position = step.begin; position < step.end; ++position) {
                const std::size_t k = position - step.begin;
                if (!std::isnan(step.p[k])) {
                    const auto p = laws.row(position, position > 1 ? read[position - 2] : -1,
                                            position > 0 ? read[position - 1] : -1);
                    last[position].assign(p.begin(), p.end());
                } else {
                    visit(FreshDraft{position, step.token[k], step.q[k]}, drafts.tokens(), last);
                }
            }
        }
    }
}

} // namespace

/// Where new drafts come from. Whatever it is, the result's law is that of sequential sampling as long as the label is
/// true: by enumeration, which must notice labels that are not.
class InitialisationTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void everyNameIsKnown()
    {
        for (const auto& [initialisation, name] : kInitialisations) {
            QCOMPARE(initialisationOf(name), std::optional(initialisation));
        }
        QVERIFY(!initialisationOf(""));
        QVERIFY(!initialisationOf("Left"));
    }

    void outputFollowsSequentialSampling_data()
    {
        QTest::addColumn<std::size_t>("index");
        QTest::addColumn<std::uint32_t>("window");
        const std::vector<Case> all = cases();
        for (std::size_t i = 0; i < all.size(); ++i) {
            const bool isSmall = !all[i].layout.rules.empty() || all[i].pictures() < 200;
            for (std::uint32_t window = 2; window <= (isSmall ? 4U : 3U); ++window) {
                QTest::addRow("%s, window %u", all[i].name, window) << i << window;
            }
        }
    }
    void outputFollowsSequentialSampling()
    {
        QFETCH(std::size_t, index);
        QFETCH(std::uint32_t, window);
        const TokenLayout layout = cases()[index].layout;
        for (const auto& [initialisation, name] : kInitialisations) {
            eachCoupling([&, initialisation = initialisation, name = name](auto coupling) {
                using Coupling = decltype(coupling);
                const double off = deviation<Coupling>(layout, window, initialisation);
                QVERIFY2(off < 1e-12,
                         qPrintable(QString("%1, %2: %3").arg(Coupling::kName.data()).arg(name.data()).arg(off)));
            });
        }
    }

    /// What the enumeration is worth: it sees labels that are not the law drawn from.
    void wrongLabelsAreNoticed()
    {
        constexpr double kNoticed = 1e-3;
        using enum Initialisation;
        const TokenLayout layout = plainLayout(7, 2);
        QVERIFY((deviation<IndependentCoupling, CopiedDraftCalledUniform>(layout, 3, Uniform) > kNoticed));
        QVERIFY((deviation<MaximalCoupling, CopiedDraftCalledUniform>(layout, 3, Uniform) > kNoticed));
        QVERIFY((deviation<GumbelSpecCoupling, CopiedDraftCalledUniform>(layout, 3, Uniform) > kNoticed));
        QVERIFY((deviation<IndependentCoupling, CopiedDraftCalledSampled>(layout, 3, SampleLeft) > kNoticed));
        QVERIFY((deviation<MaximalCoupling, CopiedDraftCalledSampled>(layout, 3, SampleLeft) > kNoticed));
        QVERIFY((deviation<GumbelSpecCoupling, CopiedDraftCalledSampled>(layout, 3, SampleLeft) > kNoticed));
        QVERIFY((deviation<SampledDraftCalledUniform, WatchingDraws>(layout, 3, SampleLeft) > kNoticed));
        QVERIFY((deviation<SampledDraftCalledCopied, WatchingDraws>(layout, 3, SampleLeft) > kNoticed));
    }

    /// That a draft is what it is can always be said of it; gumbel-exact looks at no label at all.
    void labelsThatAreTrueInAnotherWay()
    {
        using enum Initialisation;
        const TokenLayout layout = plainLayout(7, 2);
        QVERIFY((deviation<SampledDraftCalledItself, WatchingDraws>(layout, 3, SampleLeft) < 1e-12));
        QVERIFY((deviation<SampledDraftCalledItself, WatchingDraws>(layout, 3, Uniform) < 1e-12));
        QVERIFY((deviation<GumbelExactCoupling, CopiedDraftCalledUniform>(layout, 3, Uniform) < 1e-12));
    }

    /// left, above: the neighbour's token after the pass, for certain; uniform where there is none, it is forced, or
    /// other codes are legal there.
    void copiesAreTheNeighboursToken()
    {
        using enum Initialisation;
        std::array<TokenLayout, 3> layouts;
        layouts[0] = inLines(lineEndLayout(25, 4, 3, {2, 7, 11, 12, 17, 24}), 5);
        layouts[1] = columnSetLayout(5, 5, 4);
        layouts[2] = layouts[0];
        for (PositionRule& rule : layouts[2].rules) {
            rule.legal = nullptr;
        }
        std::array<std::uint32_t, 2> copied{};
        std::array<std::uint32_t, 2> uniform{};
        for (const TokenLayout& layout : layouts) {
            const TokenTable laws = TokenTable(25, 4, 5).warped(layout);
            for (const Initialisation initialisation : {Left, Above}) {
                const std::size_t which = initialisation == Left ? 0 : 1;
                const std::uint32_t distance = initialisation == Left ? 1 : 5;
                eachFreshDraft(laws, layout, initialisation, [&](const FreshDraft& d, const auto& tokens, const auto&) {
                    const PositionRule& rule = layout.rules[d.position];
                    if (rule.forced >= 0) {
                        QCOMPARE(d.code, rule.forced);
                        QCOMPARE(d.q, 1.0F);
                        return;
                    }
                    const std::vector<std::uint8_t> legal =
                        rule.legal ? *rule.legal : std::vector<std::uint8_t>(4, std::uint8_t{1});
                    QVERIFY(legal[static_cast<std::size_t>(d.code)] != 0);
                    const bool hasNeighbour = initialisation == Left ? d.position % 5 > 0 : d.position >= 5;
                    const PositionRule* from = hasNeighbour ? &layout.rules[d.position - distance] : nullptr;
                    if (from != nullptr && from->forced < 0 && from->legal == rule.legal) {
                        QCOMPARE(d.code, static_cast<std::int32_t>(tokens[d.position - distance]));
                        QCOMPARE(d.q, 1.0F);
                        ++copied[which];
                    } else {
                        QCOMPARE(d.q, 1.0F / static_cast<float>(std::ranges::count(legal, 1)));
                        ++uniform[which];
                    }
                });
            }
        }
        for (const std::size_t which : {0U, 1U}) {
            QVERIFY(copied[which] > 100);
            QVERIFY(uniform[which] > 100);
        }
    }

    /// sample-left, sample-above: from the law that the neighbour was last drawn from, be it committed or still a draft.
    void samplesFollowTheNeighboursLaw()
    {
        using enum Initialisation;
        for (const std::uint32_t columns : {2U, 3U, 5U}) { // also fewer than the window's rows
            const TokenLayout layout = inLines(plainLayout(30, 4), columns);
            const TokenTable laws(30, 4, 5);
            for (const Initialisation initialisation : {SampleLeft, SampleAbove}) {
                const std::uint32_t distance = initialisation == SampleLeft ? 1 : columns;
                std::array<double, 4> expected{};
                std::array<double, 4> counted{};
                eachFreshDraft(laws, layout, initialisation, [&](const FreshDraft& d, const auto&, const auto& last) {
                    // a neighbour that was not read yet is itself a new draft: of the law of its own neighbour
                    const std::vector<double>* law = nullptr;
                    const std::uint32_t first =
                        initialisation == SampleLeft ? d.position / columns * columns : d.position % columns;
                    for (std::uint32_t at = d.position; law == nullptr && at > first;) {
                        at -= distance;
                        law = last[at].empty() ? nullptr : &last[at];
                    }
                    if (law == nullptr) {
                        QCOMPARE(d.q, 0.25F);
                        return;
                    }
                    QCOMPARE(d.q, static_cast<float>((*law)[static_cast<std::size_t>(d.code)]));
                    counted[static_cast<std::size_t>(d.code)] += 1.0;
                    for (std::size_t v = 0; v < 4; ++v) {
                        expected[v] += (*law)[v];
                    }
                });
                for (std::size_t v = 0; v < 4; ++v) {
                    QVERIFY(expected[v] > 50.0);
                    QVERIFY(std::abs(counted[v] - expected[v]) < 4.0 * std::sqrt(expected[v]));
                }
            }
        }
    }

    /// A picture of long equal runs: there a copy or a neighbour's law is the better guess.
    void neighboursHelpWherePicturesAreFlat()
    {
        using enum Initialisation;
        TokenTable laws(64, 8, 3);
        for (std::int64_t before = -1; before < 8; ++before) {
            for (std::int64_t last = 0; last < 8; ++last) {
                std::array<double, 8> p{};
                p.fill(0.01);
                p[static_cast<std::size_t>(last)] = 0.93;
                for (std::uint32_t position = 1; position < 64; ++position) {
                    laws.setRow(position, before, last, p);
                }
            }
        }
        const TokenLayout layout = plainLayout(64, 8);
        const double uniform = meanPasses<MaximalCoupling>(laws, layout, Uniform);
        QVERIFY(meanPasses<MaximalCoupling>(laws, layout, Left) < 0.8 * uniform);
        QVERIFY(meanPasses<MaximalCoupling>(laws, layout, SampleLeft) < 0.9 * uniform);
        QCOMPARE(meanPasses<MaximalCoupling>(laws, layout, Above), uniform); // there is nothing above
    }
};

JACOBI_TEST(InitialisationTest)
#include "tst_initialisation.moc"
