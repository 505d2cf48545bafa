// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/cuda/teamdraws.h"

#include "core/cuda/serialteam.h"
#include "tests/testmain.h"

#include <numeric>

using namespace jacobi;

namespace {

/// Weights of which some are 0, whole stretches among them.
template <class Real>
std::vector<Real> weights(std::uint32_t codes, std::uint64_t seed)
{
    const CounterRandom random{seed};
    std::vector<Real> row;
    double sum = 0.0;
    for (std::uint32_t v = 0; v < codes; ++v) {
        const double u = random.uniform(v, 0, Purpose::Noise);
        const bool gap = v % 97 > 60 || u < 0.2;
        row.push_back(static_cast<Real>(gap && v + 1 < codes ? 0.0 : -std::log(u)));
        sum += static_cast<double>(row.back());
    }
    for (Real& w : row) {
        w = static_cast<Real>(static_cast<double>(w) / sum);
    }
    return row;
}

template <class Real>
std::int32_t inverted(std::uint32_t lanes, const std::vector<Real>& row, double total, double u)
{
    SerialTeam team(lanes);
    return teamInversion(team, static_cast<std::uint32_t>(row.size()), total, u,
                         [&row](std::uint32_t v) { return row[v]; });
}

} // namespace

class TeamDrawsTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void inversionIsTheCpus()
    {
        for (const std::uint32_t codes : {1U, 2U, 31U, 256U, 257U, 3000U}) {
            const auto row = weights<float>(codes, codes);
            const std::span<const float> span(row);
            const double sum = std::accumulate(row.begin(), row.end(), 0.0);
            for (std::uint32_t i = 0; i < 200; ++i) {
                const double u = CounterRandom{9}.uniform(i, 0, Purpose::Redraw);
                for (const std::uint32_t lanes : {1U, 32U, 256U, 512U, 1024U}) {
                    QCOMPARE(inverted(lanes, row, 1.0, u), drawByInversion(span, 1.0, u));
                    QCOMPARE(inverted(lanes, row, sum, u), drawByInversion(span, sum, u));
                }
            }
        }
    }

    void edgesOfInversion()
    {
        const std::vector<double> row{0.0, 0.5, 0.0, 0.25, 0.0};
        for (const std::uint32_t lanes : {1U, 32U}) {
            QCOMPARE(inverted(lanes, row, 0.75, 1e-9), 1);
            QCOMPARE(inverted(lanes, row, 0.75, 2.0 / 3.0 - 1e-9), 1);
            QCOMPARE(inverted(lanes, row, 0.75, 2.0 / 3.0 + 1e-9), 3);
            QCOMPARE(inverted(lanes, row, 1.0, 0.99), 3); // the sum falls short: the last of any weight
            QCOMPARE(inverted(lanes, std::vector<double>{0.0, 0.0}, 1.0, 0.5), 0);
        }
    }

    void drawsAreTheCpus()
    {
        for (const std::uint32_t codes : {1U, 3U, 8U, 1000U, 2049U}) {
            const auto row = weights<float>(codes, 3 * codes);
            const std::span<const float> p(row);
            const PhiloxDraws<float> plain(77);
            for (const std::uint32_t lanes : {1U, 32U, 512U}) {
                SerialTeam team(lanes);
                const TeamDraws<float, SerialTeam> draws(77, team);
                for (std::uint32_t position = 0; position < 60; ++position) {
                    const auto expected = plain.drawWithMargin(position, p);
                    const auto found = draws.drawWithMargin(position, p);
                    QCOMPARE(found.code, expected.code);
                    QCOMPARE(found.margin, expected.margin); // the very same logarithms
                    QCOMPARE(draws.draw(position, p), expected.code);
                    QCOMPARE(draws.redraw(position, 5, p), plain.redraw(position, 5, p));
                    QCOMPARE(draws.initialise(position, 5, p), plain.initialise(position, 5, p));
                    QCOMPARE(draws.initialiseAmong(position, 5, 9), plain.initialiseAmong(position, 5, 9));
                    float u = 0.0F;
                    float v = 0.0F;
                    QCOMPARE(draws.accept(position, 5, 0.3F, 0.5F, u), plain.accept(position, 5, 0.3F, 0.5F, v));
                    QCOMPARE(u, v);
                }
            }
        }
    }

    void residualsAreTheCpus()
    {
        for (const std::uint32_t codes : {5U, 700U}) {
            const auto p = weights<double>(codes, 1);
            const auto q = weights<double>(codes, 2);
            std::vector<double> scratch;
            PhiloxDraws<double> plain(5);
            for (std::uint32_t position = 0; position < 100; ++position) {
                const DraftRow<double> row{position, 3, 0, Label<double>::ofRow(q.data()), p};
                DraftRow<double> same = row; // p equals q: only rounding can have rejected
                same.q = Label<double>::ofRow(p.data());
                for (const std::uint32_t lanes : {1U, 256U}) {
                    SerialTeam team(lanes);
                    TeamDraws<double, SerialTeam> draws(5, team);
                    TeamScratch none;
                    QCOMPARE(drawResidual(row, draws, none), drawResidual(row, plain, scratch));
                    QCOMPARE(drawResidual(same, draws, none), drawResidual(same, plain, scratch));
                }
            }
        }
    }

    void equalArrivalsGoToTheLowestCode()
    {
        // Only codes 2 and 9 have mass, in blocks of other lanes; the margin is between these two.
        std::vector<double> p(12, 0.0);
        p[2] = p[9] = 0.5;
        const PhiloxDraws<double> plain(1);
        SerialTeam team(32);
        const TeamDraws<double, SerialTeam> draws(1, team);
        for (std::uint32_t position = 0; position < 50; ++position) {
            QCOMPARE(draws.drawWithMargin(position, p).code, plain.drawWithMargin(position, p).code);
            QVERIFY(std::isfinite(draws.drawWithMargin(position, p).margin));
        }
        p[9] = 0.0;
        QCOMPARE(draws.drawWithMargin(0, p).margin, std::numeric_limits<double>::infinity());
    }
};

JACOBI_TEST(TeamDrawsTest)
#include "tst_teamdraws.moc"
