// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/decode/coupling.h"
#include "core/decode/draws.h"
#include "tests/core/decode/brokencouplings.h"
#include "tests/core/decode/enumerateddraws.h"
#include "tests/testmain.h"

using namespace jacobi;
using namespace jacobi::test;

namespace {

using Row = std::vector<double>;

/// What the draws were asked for, and answers that can be set.
struct ScriptedDraws {
    bool rejects = false;
    Row residualWeights = {};
    double residualTotal = 0.0;
    bool accept(std::uint32_t, std::uint32_t, double p, double q, double& u) const
    {
        u = rejects ? 1.0 : 0.0;
        return !rejects && u * q < p;
    }
    std::int32_t residual(std::uint32_t, std::uint32_t, std::span<const double> weights, double total)
    {
        residualWeights.assign(weights.begin(), weights.end());
        residualTotal = total;
        return 0;
    }
};

DraftRow<double> rowOf(std::int32_t draft, const Label<double>& q, const Row& p)
{
    return {.position = 0, .pass = 0, .draft = draft, .q = q, .p = p};
}

/// [codes] the law of the verdict's code, and the chance that a draft is accepted, when the draft follows its label.
template <class Test>
std::pair<Row, double> lawAfter(const Label<double>& q, const Row& p, const Test& test)
{
    Row law(p.size(), 0.0);
    double accepted = 0.0;
    for (std::int32_t d = 0; d < static_cast<std::int32_t>(p.size()); ++d) {
        if (q(d) <= 0.0) {
            continue;
        }
        Choices choices;
        do {
            EnumeratedDraws draws(choices);
            std::vector<double> scratch;
            const Verdict<double> verdict = test(rowOf(d, q, p), draws, scratch);
            law[static_cast<std::size_t>(verdict.code)] += q(d) * choices.probability();
            accepted += verdict.accepted ? q(d) * choices.probability() : 0.0;
        } while (choices.next());
    }
    return {law, accepted};
}

/// How far the result's law is from sequential sampling; the worst of three tables. Three positions of three codes, or
/// four of two.
template <class Coupling, class Draws = EnumeratedDraws>
double deviation(std::uint32_t codes)
{
    double worst = 0.0;
    for (std::uint64_t seed = 1; seed <= 3; ++seed) {
        const TokenLayout layout = plainLayout(codes == 2 ? 4 : 3, codes);
        const TokenTable laws(layout.positions(), codes, seed);
        const std::vector<double> law = enumeratedLaw<Coupling, Draws>(laws, layout, 3);
        worst = std::max(worst, distance(law, sequentialLaw(laws, layout)));
    }
    return worst;
}

} // namespace

class CouplingTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void labelSaysWhatItIs()
    {
        const Row row{0.25, 0.75, 0.0};
        const auto ofRow = Label<double>::ofRow(row.data());
        const auto oneHot = Label<double>::oneHot(1);
        const std::vector<std::uint8_t> legal{1, 0, 1};
        Label<double> uniform;
        uniform.kind = Label<double>::Kind::Uniform;
        uniform.each = 0.5;
        uniform.legal = legal.data();
        QCOMPARE((Row{ofRow(0), ofRow(1), ofRow(2)}), row);
        QCOMPARE((Row{oneHot(0), oneHot(1), oneHot(2)}), (Row{0.0, 1.0, 0.0}));
        QCOMPARE((Row{uniform(0), uniform(1), uniform(2)}), (Row{0.5, 0.0, 0.5}));
        uniform.legal = nullptr;
        QCOMPARE(uniform(1), 0.5);
    }

    void testSendsTheLabelToP_data()
    {
        QTest::addColumn<QList<double>>("q");
        QTest::addColumn<QList<double>>("p");
        QTest::newRow("overlapping") << QList<double>{0.2, 0.5, 0.3} << QList<double>{0.6, 0.1, 0.3};
        QTest::newRow("equal") << QList<double>{0.2, 0.5, 0.3} << QList<double>{0.2, 0.5, 0.3};
        QTest::newRow("disjoint") << QList<double>{0.5, 0.5, 0.0, 0.0} << QList<double>{0.0, 0.0, 0.3, 0.7};
        QTest::newRow("p is one-hot") << QList<double>{0.1, 0.9} << QList<double>{1.0, 0.0};
        QTest::newRow("q is one-hot") << QList<double>{0.0, 1.0, 0.0} << QList<double>{0.4, 0.35, 0.25};
        QTest::newRow("both one-hot") << QList<double>{1.0, 0.0} << QList<double>{1.0, 0.0};
    }
    /// The speculative test: q becomes p exactly, and a draft stays with probability 1 - TV(p, q), the most possible.
    void testSendsTheLabelToP()
    {
        QFETCH(QList<double>, q);
        QFETCH(QList<double>, p);
        const Row label(q.begin(), q.end());
        const Row target(p.begin(), p.end());
        const auto check = [&](const auto& test) {
            const auto [law, accepted] = lawAfter(Label<double>::ofRow(label.data()), target, test);
            QVERIFY(distance(law, target) < 1e-15);
            QVERIFY(std::abs(accepted - (1.0 - distance(label, target))) < 1e-15);
        };
        check([](const auto& row, auto& draws, auto& s) { return IndependentCoupling::verify(row, draws, s); });
        check([](const auto& row, auto& draws, auto& s) { return MaximalCoupling::verify(row, draws, s); });
        check([](const auto& row, auto& draws, auto& s) { return MaximalCoupling::redraw(row, draws, s); });
        check([](const auto& row, auto& draws, auto& s) { return GumbelSpecCoupling::verify(row, draws, s); });
    }

    /// Independent and Gumbel redraws follow p whatever the draft was; a Gumbel draft is right iff it is the draw.
    void redrawsFollowP()
    {
        const Row label{0.9, 0.1};
        const Row p{0.3, 0.7};
        const auto check = [&](const auto& test, double kept) {
            const auto [law, accepted] = lawAfter(Label<double>::ofRow(label.data()), p, test);
            QVERIFY(distance(law, p) < 1e-15);
            QVERIFY(std::abs(accepted - kept) < 1e-15);
        };
        check([](const auto& row, auto& draws, auto& s) { return IndependentCoupling::redraw(row, draws, s); }, 0.0);
        check([](const auto& row, auto& draws, auto& s) { return GumbelSpecCoupling::redraw(row, draws, s); }, 0.0);
        check([](const auto& row, auto& draws, auto& s) { return GumbelExactCoupling::redraw(row, draws, s); },
              0.9 * 0.3 + 0.1 * 0.7);
        check([](const auto& row, auto& draws, auto& s) { return GumbelExactCoupling::verify(row, draws, s); },
              0.9 * 0.3 + 0.1 * 0.7);
    }

    void uniformLabelAcceptsMoreThanOneHot()
    {
        const Row p{0.5, 0.3, 0.2};
        Label<double> uniform;
        uniform.kind = Label<double>::Kind::Uniform;
        uniform.each = 1.0 / 3.0;
        const auto test = [](const auto& row, auto& draws, auto& s) { return MaximalCoupling::verify(row, draws, s); };
        const auto [law, accepted] = lawAfter(uniform, p, test);
        QVERIFY(distance(law, p) < 1e-15);
        QVERIFY(std::abs(accepted - (0.3 + 0.2 + 1.0 / 3.0)) < 1e-15);
    }

    void zeroProbabilityIsRejectedByEveryUniform()
    {
        const Row p{0.0, 1.0};
        const Row q{0.0, 1.0}; // a label that gives its own draft nothing: 0 < 0 rejects too
        for (std::uint64_t seed = 0; seed < 100; ++seed) {
            PhiloxDraws<double> draws(seed);
            std::vector<double> scratch;
            for (const Label<double>& label : {Label<double>::oneHot(0), Label<double>::ofRow(q.data())}) {
                const Verdict<double> verdict = speculativeTest(rowOf(0, label, p), draws, scratch);
                QVERIFY(!verdict.accepted);
                QCOMPARE(verdict.code, 1);
                QVERIFY(verdict.u > 0.0 && verdict.u < 1.0);
            }
            // p > 0 where q = 0: nothing can be said against the draft
            const Verdict<double> verdict = speculativeTest(rowOf(1, Label<double>::oneHot(0), p), draws, scratch);
            QVERIFY(verdict.accepted);
        }
    }

    void residualIsThePositivePart()
    {
        const Row q{0.2, 0.5, 0.3};
        const Row p{0.6, 0.1, 0.3};
        ScriptedDraws draws{.rejects = true};
        std::vector<double> scratch;
        speculativeTest(rowOf(1, Label<double>::ofRow(q.data()), p), draws, scratch);
        QVERIFY(distance(draws.residualWeights, Row{0.4, 0.0, 0.0}) < 1e-15);
        QVERIFY(std::abs(draws.residualTotal - 0.4) < 1e-15);
    }

    /// p equals q and rounding rejects all the same: the replacement is drawn from p.
    void emptyResidualFallsBackToP()
    {
        const Row p{0.25, 0.75};
        ScriptedDraws draws{.rejects = true};
        std::vector<double> scratch;
        speculativeTest(rowOf(1, Label<double>::ofRow(p.data()), p), draws, scratch);
        QCOMPARE(draws.residualWeights, p);
        QCOMPARE(draws.residualTotal, 1.0);
    }

    /// No statistics: all outcomes of all random decisions, each with its probability.
    void resultFollowsSequentialSampling()
    {
        for (const std::uint32_t codes : {2U, 3U}) {
            QVERIFY(deviation<IndependentCoupling>(codes) < 1e-12);
            QVERIFY(deviation<MaximalCoupling>(codes) < 1e-12);
            QVERIFY(deviation<GumbelExactCoupling>(codes) < 1e-12);
            QVERIFY(deviation<GumbelSpecCoupling>(codes) < 1e-12);
        }
    }

    /// What the enumeration is worth: it sees each of these.
    void everyMistakeIsNoticed()
    {
        constexpr double kNoticed = 1e-3;
        QVERIFY((deviation<TestsAgainstNewLaw>(2) > kNoticed));
        QVERIFY((deviation<StaleLabelOfKeptDraft, RememberingDraws>(2) > kNoticed));
        QVERIFY((deviation<ThresholdReuse>(2) > kNoticed));
        QVERIFY((deviation<ReplacementFromP>(2) > kNoticed));
        QVERIFY((deviation<BonusAlthoughRejected>(2) > kNoticed));
        QVERIFY((deviation<MaximalCoupling, AcceptUniformOfThePosition>(2) > kNoticed));
        QVERIFY((deviation<IndependentCoupling, ResidualWithTemperature>(3) > kNoticed));
        QVERIFY((deviation<IndependentCoupling, ResidualWithTopP>(3) > kNoticed));
        QVERIFY((deviation<IndependentCoupling, AcceptUniformPicksReplacement>(3) > kNoticed));
    }
};

JACOBI_TEST(CouplingTest)
#include "tst_coupling.moc"
