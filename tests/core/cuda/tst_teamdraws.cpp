// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/cuda/teamdraws.h"

#include "core/cuda/serialteam.h"
#include "tests/testmain.h"

#include <cstring>
#include <limits>
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

/// A law of `codes` codes of which `left` are not 0, no two of them alike, spread over all lanes' parts of the row.
template <class Real>
std::vector<Real> lawWith(std::uint32_t codes, std::uint32_t left)
{
    std::vector<Real> row(codes, Real(0));
    for (std::uint32_t i = 0; i < left; ++i) {
        row[static_cast<std::size_t>(std::uint64_t{i} * codes / left)] =
            static_cast<Real>((1.0 + 0.5 * i / left) / (1.25 * left));
    }
    return row;
}

template <class T>
bool isSame(const T& a, const T& b)
{
    return std::memcmp(&a, &b, sizeof a) == 0; // an infinite margin, or one that is no number, too
}

/// The team's draws from p are those of the walk over the whole row, and of the CPU.
template <class Real>
QString drawDifference(std::uint32_t lanes, const std::vector<Real>& p)
{
    constexpr std::uint64_t kSeed = 78;
    SerialTeam team(lanes);
    const TeamDraws<Real, SerialTeam> draws(kSeed, team);
    const auto codes = static_cast<std::uint32_t>(p.size());
    for (std::uint32_t position = 0; position < 20; ++position) {
        const auto found = draws.drawWithMargin(position, p);
        const auto plain = PhiloxDraws<Real>(kSeed).drawWithMargin(position, p);
        const Arrivals walked = arrivalsInRow(team, CounterRandom{kSeed}, position, codes, p.data());
        const auto code = walked.code == Arrivals::kNone ? 0 : static_cast<std::int32_t>(walked.code);
        if (found.code != plain.code || found.code != code || !isSame(found.margin, plain.margin)) {
            return QString("%1 lanes, %2 codes, position %3").arg(lanes).arg(codes).arg(position);
        }
    }
    return "";
}

template <class Real>
QString residualDifference(std::uint32_t lanes, const DraftRow<Real>& row)
{
    SerialTeam team(lanes);
    TeamDraws<Real, SerialTeam> draws(5, team);
    PhiloxDraws<Real> plain(5);
    TeamScratch none;
    std::vector<Real> scratch;
    const std::int32_t found = drawResidual(row, draws, none);
    const std::int32_t expected = drawResidual(row, plain, scratch);
    return found == expected ? QString()
                             : QString("%1 lanes, kind %2, position %3: %4 instead of %5")
                                   .arg(lanes)
                                   .arg(static_cast<int>(row.q.kind))
                                   .arg(row.position)
                                   .arg(found)
                                   .arg(expected);
}

template <class Real>
QString residualDifferences(std::uint32_t codes)
{
    const auto p = weights<Real>(codes, 1);
    const auto q = weights<Real>(codes, 2);
    std::vector<std::uint8_t> legal(codes, 1);
    for (std::uint32_t v = 0; v < codes; v += 3) {
        legal[v] = 0;
    }
    Label<Real> all;
    all.kind = Label<Real>::Kind::Uniform;
    all.each = Real(1) / static_cast<Real>(codes);
    Label<Real> some = all;
    some.legal = legal.data();
    const auto last = static_cast<std::int32_t>(codes) - 1;
    for (const Label<Real>& label : {Label<Real>::ofRow(q.data()), Label<Real>::ofRow(p.data()), all, some,
                                     Label<Real>::oneHot(0), Label<Real>::oneHot(last)}) {
        for (std::uint32_t position = 0; position < 60; ++position) {
            for (const std::uint32_t lanes : {1U, 32U, 512U, 1024U}) {
                const QString wrong = residualDifference(lanes, DraftRow<Real>{position, 3, 0, label, p});
                if (!wrong.isEmpty()) {
                    return wrong;
                }
            }
        }
    }
    return "";
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

    void residualsOfEveryLabelAreTheCpus()
    {
        for (const std::uint32_t codes : {1U, 2U, 33U, 700U, 2049U}) {
            const QString single = residualDifferences<float>(codes);
            QVERIFY2(single.isEmpty(), qPrintable(single));
            const QString precise = residualDifferences<double>(codes);
            QVERIFY2(precise.isEmpty(), qPrintable(precise));
        }
    }

    /// Codes are listed as long as there are at most four a lane.
    void aListOfCodesIsDrawnFromAsTheRowIs()
    {
        for (const std::uint32_t lanes : {1U, 32U, 512U, 1024U}) {
            const std::uint32_t room = 4 * lanes;
            for (const std::uint32_t left : {1U, 2U, room - 1, room, room + 1, 2 * room}) {
                for (const std::uint32_t codes : {left, left + 3, 2 * left + 1, 9000U}) {
                    const QString single = drawDifference(lanes, lawWith<float>(codes, left));
                    QVERIFY2(single.isEmpty(), qPrintable(single));
                    const QString precise = drawDifference(lanes, lawWith<double>(codes, left));
                    QVERIFY2(precise.isEmpty(), qPrintable(precise));
                }
            }
        }
    }

    /// Rows that are no laws are not drawn from, but if they were it would be as before.
    void rowsWithOddNumbers()
    {
        constexpr float kTiny = std::numeric_limits<float>::denorm_min();
        constexpr float kInf = std::numeric_limits<float>::infinity();
        constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
        for (const std::uint32_t lanes : {1U, 32U, 512U}) {
            for (const float odd : {kTiny, kInf, kNan, -kInf, -0.0F}) {
                for (const std::uint32_t left : {1U, 100U, 4U * lanes - 1, 4U * lanes, 8U * lanes}) {
                    auto row = lawWith<float>(5000, left);
                    row[1] = odd;
                    const QString wrong = drawDifference(lanes, row);
                    QVERIFY2(wrong.isEmpty(), qPrintable(wrong));
                }
                const QString alone = drawDifference(lanes, std::vector<float>(3, odd));
                QVERIFY2(alone.isEmpty(), qPrintable(alone));
            }
            const QString nothing = drawDifference(lanes, std::vector<float>(300, 0.0F));
            QVERIFY2(nothing.isEmpty(), qPrintable(nothing));
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
