// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/decode/candidates.h"
#include "tests/core/decode/tokentable.h"
#include "tests/core/decode/windowrun.h"
#include "tests/testmain.h"

#include <algorithm>
#include <array>
#include <numeric>

using namespace jacobi;
using namespace jacobi::test;

namespace {

float noLaw(std::int32_t)
{
    return 0.0F;
}

/// Said once more, slowly: sort everything, keep eight.
template <class Real>
Candidates sortedCandidates(const std::vector<Real>& p)
{
    std::vector<std::int32_t> codes(p.size());
    std::iota(codes.begin(), codes.end(), 0);
    const auto value = [&](std::int32_t code) { return static_cast<float>(p[static_cast<std::size_t>(code)]); };
    std::erase_if(codes, [&](std::int32_t code) { return !(value(code) > 0.0F); });
    std::ranges::stable_sort(codes, [&](std::int32_t a, std::int32_t b) { return value(a) > value(b); });
    Candidates best;
    for (std::size_t i = 0; i < std::min(codes.size(), best.size()); ++i) {
        best[i] = {codes[i], value(codes[i]), 0.0F};
    }
    return best;
}

template <class Real>
Candidates found(const std::vector<Real>& p)
{
    return topCandidates(std::span<const Real>(p), noLaw);
}

} // namespace

class CandidatesTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void largestFirst()
    {
        const std::vector<float> p{0.05F, 0.3F, 0.0F, 0.25F, 0.4F};
        const Candidates best = found(p);
        QVERIFY(best == (Candidates{Candidate{4, 0.4F, 0.0F}, {1, 0.3F, 0.0F}, {3, 0.25F, 0.0F}, {0, 0.05F, 0.0F}}));
        QCOMPARE(best[4].code, -1);
    }

    void atMostEight()
    {
        std::vector<double> p;
        for (int i = 0; i < 30; ++i) {
            p.push_back(i / 435.0);
        }
        const Candidates best = found(p);
        for (std::int32_t i = 0; i < 8; ++i) {
            QCOMPARE(best[static_cast<std::size_t>(i)].code, 29 - i);
        }
    }

    void nothingAtAll() { QVERIFY(found(std::vector<double>(5, 0.0)) == Candidates()); }

    /// In double, equal numbers lie above or below their float: both must leave the first eight codes.
    void equalOnesByCode()
    {
        for (const int codes : {4, 8, 9, 40}) {
            for (const double each : {0.03, 0.05, 1.0 / 40.0, 1.0 / 3.0, 0.1}) {
                const std::vector<double> inDouble(static_cast<std::size_t>(codes), each);
                const std::vector<float> inFloat(inDouble.size(), static_cast<float>(each));
                for (const Candidates& best : {found(inDouble), found(inFloat)}) {
                    for (std::int32_t i = 0; i < 8; ++i) {
                        QCOMPARE(best[static_cast<std::size_t>(i)].code, i < codes ? i : -1);
                    }
                }
            }
        }
    }

    /// A probability that float32 cannot tell from 0 is left out as well.
    void tinyOnesAreZero()
    {
        const Candidates best = found(std::vector<double>{1e-60, 1.0, 1e-30});
        QCOMPARE(best[0].code, 1);
        QCOMPARE(best[1].code, 2);
        QCOMPARE(best[2].code, -1);
    }

    void likeSortingEverything()
    {
        const CounterRandom random{5};
        for (std::uint32_t round = 0; round < 2000; ++round) {
            std::vector<double> inDouble(1 + round % 37);
            for (std::size_t v = 0; v < inDouble.size(); ++v) { // few values, many ties and zeros
                const double u = random.uniform(round, static_cast<std::uint32_t>(v), Purpose::Noise);
                inDouble[v] = std::floor(u * 6.0) / 61.0;
            }
            const std::vector<float> inFloat(inDouble.begin(), inDouble.end());
            QVERIFY(found(inDouble) == sortedCandidates(inDouble));
            QVERIFY(found(inFloat) == sortedCandidates(inFloat));
        }
    }

    void lawOfTheDraft()
    {
        const std::vector<double> p{0.5, 0.0, 0.25, 0.25};
        const std::vector<double> q{0.1, 0.2, 0.3, 0.4};
        const auto best = topCandidates(std::span<const double>(p), Label<double>::ofRow(q.data()));
        QVERIFY(best == (Candidates{Candidate{0, 0.5F, 0.1F}, {2, 0.25F, 0.3F}, {3, 0.25F, 0.4F}}));
        const auto certain = topCandidates(std::span<const double>(p), Label<double>::oneHot(2));
        QVERIFY(certain == (Candidates{Candidate{0, 0.5F, 0.0F}, {2, 0.25F, 1.0F}, {3, 0.25F, 0.0F}}));
    }

    /// In a pass: p of the row, q of the draft's label - the row of the pass before - and nothing where nothing was read.
    void candidatesOfAPass()
    {
        const TokenLayout layout = inLines(plainLayout(20, 5), 5);
        const TokenTable laws(20, 5, 3);
        eachCoupling([&](auto coupling) {
            PhiloxWindow<decltype(coupling)> drafts(layout, 5, PhiloxDraws<double>(3));
            std::map<std::uint32_t, std::vector<double>> label; // of drafts that were read before
            bool readBefore = false;
            for (std::uint32_t pass = 0; !drafts.done(); ++pass) {
                const std::vector<std::int64_t> read = drafts.tokens();
                const std::uint32_t rows = drafts.rows();
                const Step step = passOver(laws, drafts, pass);
                QCOMPARE(step.topK.size(), step.token.size());
                for (std::uint32_t k = 0; k < step.topK.size(); ++k) {
                    const std::uint32_t i = step.begin + k;
                    if (k >= rows) {
                        QVERIFY(step.topK[k] == Candidates());
                        continue;
                    }
                    const auto p = laws.row(i, i > 1 ? read[i - 2] : -1, i > 0 ? read[i - 1] : -1);
                    for (const Candidate& c : step.topK[k]) {
                        const auto v = static_cast<std::size_t>(c.code);
                        if (c.code < 0) {
                            continue;
                        }
                        QCOMPARE(c.p, static_cast<float>(p[v]));
                        if (k + 1 == rows) {
                            QVERIFY(std::isnan(c.q));
                        } else {
                            QCOMPARE(c.q, label.contains(i) ? static_cast<float>(label[i][v]) : 0.2F);
                            readBefore = readBefore || label.contains(i);
                        }
                    }
                    label[i].assign(p.begin(), p.end());
                }
            }
            QVERIFY(readBefore);
        });
    }
};

JACOBI_TEST(CandidatesTest)
#include "tst_candidates.moc"
