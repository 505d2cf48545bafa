// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/cuda/rowdecision.h"

#include "core/base/philox.h"
#include "core/cuda/serialteam.h"
#include "core/decode/candidates.h"
#include "tests/testmain.h"

#include <algorithm>
#include <numeric>
#include <vector>

using namespace jacobi;

namespace {

/// A law of so many codes; the larger `power`, the fewer of them hold most of it. One code in `rarity` has any mass.
std::vector<double> law(std::uint32_t codes, std::uint32_t seed, int power, std::uint32_t rarity = 1)
{
    const CounterRandom random{seed};
    std::vector<double> p(codes, 0.0);
    for (std::uint32_t v = 0; v < codes; v += rarity) {
        p[v] = std::pow(random.uniform(v, 0, Purpose::Noise), power);
    }
    const double sum = std::accumulate(p.begin(), p.end(), 0.0);
    for (double& x : p) {
        x /= sum;
    }
    return p;
}

/// What a team records differs from what the CPU's decoder records.
template <class Real>
QString difference(const std::vector<double>& numbers, std::uint32_t lanes)
{
    const std::vector<Real> p(numbers.begin(), numbers.end());
    const auto q = [](std::int32_t code) { return static_cast<Real>(code % 7); };
    const Candidates expected = topCandidates(std::span<const Real>(p), q);
    RecordedCandidate found[kRecordedCandidates];
    std::fill(std::begin(found), std::end(found), RecordedCandidate{99, 99.0F, 99.0F});
    SerialTeam team(lanes);
    findCandidates(team, static_cast<std::uint32_t>(p.size()), p.data(), q, found);
    for (std::size_t i = 0; i < kRecordedCandidates; ++i) {
        const bool isNone = expected[i].p == 0.0F;
        if (isNone ? found[i].code != -1 || found[i].p != 0.0F
                   : found[i].code != expected[i].code || found[i].p != expected[i].p || found[i].q != expected[i].q) {
            return QString("%1 lanes, %2 codes, candidate %3: code %4 instead of %5")
                .arg(lanes)
                .arg(p.size())
                .arg(i)
                .arg(found[i].code)
                .arg(expected[i].code);
        }
    }
    return "";
}

} // namespace

class RowDecisionTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void candidatesEqualTheCpus_data()
    {
        QTest::addColumn<std::vector<double>>("p");
        QTest::addRow("one code") << std::vector<double>{1.0};
        QTest::addRow("fewer codes than candidates") << law(5, 1, 2);
        QTest::addRow("fewer codes than lanes") << law(33, 2, 3);
        QTest::addRow("flat") << law(1537, 3, 1);
        QTest::addRow("peaked") << law(4096, 4, 40);
        QTest::addRow("few have mass") << law(4096, 5, 3, 1000);
        QTest::addRow("all in one class of lanes") << law(4096, 6, 3, 512);
        QTest::addRow("all equal") << std::vector<double>(2000, 1.0 / 2000);
        std::vector<double> steps(3000);
        for (std::size_t v = 0; v < steps.size(); ++v) {
            steps[v] = static_cast<double>(v / 300 + 1) * 1e-4;
        }
        QTest::addRow("hundreds of the largest are equal") << steps;
    }
    void candidatesEqualTheCpus()
    {
        QFETCH(std::vector<double>, p);
        for (const std::uint32_t lanes : {1U, 32U, 64U, 512U}) {
            const QString single = difference<float>(p, lanes);
            QVERIFY2(single.isEmpty(), qPrintable(single));
            const QString precise = difference<double>(p, lanes);
            QVERIFY2(precise.isEmpty(), qPrintable(precise));
        }
    }
};

JACOBI_TEST(RowDecisionTest)
#include "tst_rowdecision.moc"
