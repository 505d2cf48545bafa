// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/decode/draws.h"
#include "tests/core/decode/chisquare.h"
#include "tests/testmain.h"

#include <array>
#include <vector>

using namespace jacobi;
using namespace jacobi::test;

namespace {

using Row = std::vector<double>;

constexpr std::uint64_t kSeed = 0x123456789ABCDEFULL;

/// The numbers as they are written down: Philox, counter = (position, pass, purpose, index / 4), (x >> 8) + 0.5 over 2^24.
double number(std::uint32_t position, std::uint32_t pass, std::uint32_t purpose, std::uint32_t index)
{
    const auto x = philox4x32({position, pass, purpose, index / 4}, kSeed);
    return (static_cast<double>(x[index % 4] >> 8) + 0.5) / 16777216.0;
}

std::int32_t inverted(const Row& weights, double u)
{
    double below = 0.0;
    for (std::size_t v = 0; v < weights.size(); ++v) {
        below += weights[v];
        if (u < below) {
            return static_cast<std::int32_t>(v);
        }
    }
    return -1;
}

} // namespace

class DrawsTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void everyPurposeHasItsNumber()
    {
        const PhiloxDraws<double> draws(kSeed);
        const Row p{0.1, 0.2, 0.15, 0.05, 0.1, 0.1, 0.1, 0.05, 0.1, 0.05};
        for (std::uint32_t position = 0; position < 40; ++position) {
            for (std::uint32_t pass = 0; pass < 10; ++pass) {
                double u = 0.0;
                QCOMPARE(draws.accept(position, pass, 0.3, 0.6, u), number(position, pass, 1, 0) * 0.6 < 0.3);
                QCOMPARE(u, number(position, pass, 1, 0));
                QCOMPARE(draws.residual(position, pass, p, 1.0), inverted(p, number(position, pass, 2, 0)));
                QCOMPARE(draws.redraw(position, pass, p), inverted(p, number(position, pass, 3, 0)));
                QCOMPARE(draws.initialise(position, pass, p), inverted(p, number(position, pass, 4, 0)));
                QCOMPARE(draws.initialiseAmong(position, pass, 7),
                         static_cast<std::uint32_t>(number(position, pass, 4, 0) * 7.0));
            }
        }
    }

    /// argmax of log p + g, g = -log(-log u), with purpose 0 and pass 0; the margin is the distance of the two best.
    void drawIsTheGumbelMaximum()
    {
        const PhiloxDraws<double> draws(kSeed);
        const Row p{0.1, 0.0, 0.15, 0.25, 0.0, 0.0, 0.0, 0.0, 0.0, 0.5}; // a whole block of four without any mass
        for (std::uint32_t position = 0; position < 500; ++position) {
            double best = -HUGE_VAL;
            double second = -HUGE_VAL;
            std::int32_t code = -1;
            for (std::uint32_t v = 0; v < p.size(); ++v) {
                const double score = std::log(p[v]) - std::log(-std::log(number(position, 0, 0, v)));
                second = std::max(second, std::min(score, best));
                code = score > best ? static_cast<std::int32_t>(v) : code;
                best = std::max(best, score);
            }
            const auto drawn = draws.drawWithMargin(position, std::span<const double>(p));
            QCOMPARE(drawn.code, code);
            QCOMPARE(draws.draw(position, p), code);
            QVERIFY(std::abs(drawn.margin - (best - second)) < 1e-9);
        }
        QCOMPARE(draws.drawWithMargin(3, std::span<const double>(Row{0.0, 1.0, 0.0})).margin, HUGE_VAL);
    }

    /// Codes that come too late are passed over without their logarithm, whole blocks without their numbers; neither the
    /// code nor the margin may change by that, to the last bit.
    void latecomersChangeNothing()
    {
        const PhiloxDraws<double> draws(kSeed);
        Row p(203);
        for (const double steepness : {0.0, 1.0, 8.0, 60.0}) {
            for (std::uint32_t position = 0; position < 400; ++position) {
                double total = 0.0;
                for (std::uint32_t v = 0; v < p.size(); ++v) {
                    p[v] = std::exp(-steepness * number(position, 1, 5, v) * number(position, 2, 5, v));
                    total += p[v];
                }
                double best = kNoArrival;
                double second = kNoArrival;
                std::int32_t code = -1;
                for (std::uint32_t v = 0; v < p.size(); ++v) {
                    p[v] /= total;
                    const double arrival = arrivalTime(number(position, 0, 0, v), p[v]);
                    second = std::min(second, std::max(arrival, best));
                    code = arrival < best ? static_cast<std::int32_t>(v) : code;
                    best = std::min(best, arrival);
                }
                const auto drawn = draws.drawWithMargin(position, std::span<const double>(p));
                QCOMPARE(drawn.code, code);
                QVERIFY(drawn.margin == std::log(second / best));
            }
        }
    }

    void drawsFollowTheirLaw()
    {
        const PhiloxDraws<double> draws(kSeed);
        const Row p{0.3, 0.0, 0.05, 0.4, 0.25};
        const Row weights{0.6, 0.0, 0.1, 0.8, 0.5};
        const Row equal(7, 1.0 / 7.0);
        std::array<std::vector<std::uint64_t>, 4> counts;
        counts.fill(std::vector<std::uint64_t>(5, 0));
        std::vector<std::uint64_t> among(7, 0);
        for (std::uint32_t i = 0; i < 40000; ++i) {
            ++counts[0][static_cast<std::size_t>(draws.draw(i, p))];
            ++counts[1][static_cast<std::size_t>(draws.residual(i, i % 7, weights, 2.0))];
            ++counts[2][static_cast<std::size_t>(draws.redraw(i, i % 7, p))];
            ++counts[3][static_cast<std::size_t>(draws.initialise(i, i % 7, p))];
            ++among[draws.initialiseAmong(i, i % 7, 7)];
        }
        for (const std::vector<std::uint64_t>& count : counts) {
            QVERIFY(std::abs(chiSquareScore(count, p)) < 4.0);
        }
        QVERIFY(std::abs(chiSquareScore(among, equal)) < 4.0);
    }

    void acceptMultipliesInsteadOfDividing()
    {
        const PhiloxDraws<double> draws(kSeed);
        double u = 0.0;
        for (std::uint32_t pass = 0; pass < 100; ++pass) {
            QVERIFY(!draws.accept(0, pass, 0.0, 0.0, u)); // 0 < 0 rejects
            QVERIFY(!draws.accept(0, pass, 0.0, 0.5, u));
            QVERIFY(draws.accept(0, pass, 0.5, 0.0, u));
            QVERIFY(draws.accept(0, pass, 0.5, 0.5, u));
            QVERIFY(u > 0.0 && u < 1.0);
        }
    }

    void sumsThatFallShortStillGiveACode()
    {
        const Row weights{0.5, 0.25, 0.0};
        QCOMPARE(drawByInversion(std::span<const double>(weights), 1.0, 0.99), 1); // the last with any weight
        QCOMPARE(drawByInversion(std::span<const double>(weights), 0.75, 0.0), 0);
        QCOMPARE(drawByInversion(std::span<const double>(weights), 0.75, 0.7), 1);
    }

    /// Both real types see the same numbers, so their pictures differ in near-ties only.
    void realTypesAgree()
    {
        const Row p{0.1, 0.2, 0.3, 0.4};
        const std::vector<float> narrow(p.begin(), p.end());
        for (std::uint32_t i = 0; i < 1000; ++i) {
            const PhiloxDraws<double> wide(i);
            const PhiloxDraws<float> single(i);
            QCOMPARE(single.draw(i, narrow), wide.draw(i, p));
            QCOMPARE(single.redraw(i, 3, narrow), wide.redraw(i, 3, p));
            QCOMPARE(single.initialiseAmong(i, 3, 9), wide.initialiseAmong(i, 3, 9));
        }
    }

    /// Nothing is kept between calls: any order gives the same.
    void orderDoesNotMatter()
    {
        const Row p{0.1, 0.2, 0.3, 0.4};
        const PhiloxDraws<double> draws(kSeed);
        std::vector<std::int32_t> forwards;
        std::vector<std::int32_t> backwards;
        for (std::uint32_t i = 0; i < 100; ++i) {
            forwards.push_back(draws.draw(i, p));
            forwards.push_back(draws.redraw(i, i, p));
        }
        for (std::uint32_t i = 100; i-- > 0;) {
            backwards.push_back(draws.redraw(i, i, p));
            backwards.push_back(draws.draw(i, p));
        }
        std::reverse(backwards.begin(), backwards.end());
        QCOMPARE(backwards, forwards);
        QVERIFY(forwards[1] != forwards[3] || forwards[3] != forwards[5] || forwards[5] != forwards[7]);
    }
};

JACOBI_TEST(DrawsTest)
#include "tst_draws.moc"
