// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/decode/noiseschedule.h"

#include "core/decode/noisydrafts.h"
#include "tests/testmain.h"

#include <cmath>

using namespace jacobi;

namespace {

constexpr double kSlack = 1e-12;

std::vector<NoiseKind> everyKind()
{
    std::vector<NoiseKind> kinds;
    for (const NoisePair pair : {NoisePair::VariancePreserving, NoisePair::Linear}) {
        for (const NoiseGrid grid : {NoiseGrid::Uniform, NoiseGrid::Karras}) {
            kinds.push_back({pair, grid, 0.002, 80.0, 20});
        }
    }
    return kinds;
}

} // namespace

class NoiseScheduleTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void levelsRiseFromCleanToNoise()
    {
        for (const NoiseKind& kind : everyKind()) {
            for (const std::uint32_t steps : {0U, 1U, 2U, 20U}) {
                const std::vector<NoiseLevel> levels = noiseLevels(kind, steps);
                QCOMPARE(levels.size(), std::size_t{steps + 1});
                QCOMPARE(levels[0].alpha, 1.0);
                QCOMPARE(levels[0].sigma, 0.0);
                QCOMPARE(levels[0].time(), 0.0);
                for (std::uint32_t k = 1; k <= steps; ++k) {
                    QVERIFY(levels[k].time() > levels[k - 1].time() && levels[k].sigma > levels[k - 1].sigma);
                    const double whole = kind.pair == NoisePair::Linear ? levels[k].alpha + levels[k].sigma
                                                                        : std::hypot(levels[k].alpha, levels[k].sigma);
                    QVERIFY(std::abs(whole - 1.0) < kSlack);
                }
            }
        }
    }

    void gridsEndWhereTheyShould()
    {
        const std::vector<NoiseLevel> uniform = noiseLevels({.mostSteps = 4}, 4);
        QCOMPARE(uniform[4].alpha, 0.0); // nothing but noise
        QCOMPARE(uniform[4].sigma, 1.0);
        QVERIFY(std::abs(uniform[2].alpha - std::sqrt(0.5)) < kSlack);
        for (const NoiseKind& kind : everyKind()) {
            if (kind.grid == NoiseGrid::Karras) {
                const std::vector<NoiseLevel> karras = noiseLevels(kind, 20);
                QVERIFY(std::abs(karras[20].sigma / karras[20].alpha - 80.0) < 1e-9);
                QVERIFY(std::abs(karras[1].sigma / karras[1].alpha - 0.002) < 1e-9);
                const std::vector<NoiseLevel> one = noiseLevels(kind, 1);
                QVERIFY(std::abs(one[1].sigma / one[1].alpha - 80.0) < 1e-9);
            }
        }
    }

    /// With the true clean embedding a step lands on the same noise, a level lower; all steps, on the embedding.
    void stepsWithTheTruthLandOnIt()
    {
        std::vector<double> clean(7);
        std::vector<double> noise(7);
        drawNoise(CounterRandom{1}, 0, std::span<double>(clean));
        drawNoise(CounterRandom{1}, 1, std::span<double>(noise));
        for (const NoiseKind& kind : everyKind()) {
            const std::vector<NoiseLevel> levels = noiseLevels(kind, 5);
            std::vector<double> e(7);
            for (std::size_t i = 0; i < e.size(); ++i) {
                e[i] = levels[5].alpha * clean[i] + levels[5].sigma * noise[i];
            }
            for (std::size_t k = 5; k-- > 0;) {
                ddimStep(levels[k + 1], levels[k], std::span<const double>(clean), std::span<double>(e));
                for (std::size_t i = 0; i < e.size(); ++i) {
                    const double expected = levels[k].alpha * clean[i] + levels[k].sigma * noise[i];
                    QVERIFY(std::abs(e[i] - expected) < 1e-9);
                }
            }
        }
    }

    /// The form the paper writes it in.
    void stepsAreThoseOfThePaper()
    {
        const NoiseLevel from{0.6, 0.8};
        const NoiseLevel to{0.9, 0.3};
        std::vector<double> e{2.0, -1.0};
        const std::vector<double> guess{0.5, 4.0};
        ddimStep(from, to, std::span<const double>(guess), std::span<double>(e));
        const double ratio = 0.3 / 0.8;
        QVERIFY(std::abs(e[0] - (ratio * 2.0 + 0.6 * (0.9 / 0.6 - ratio) * 0.5)) < kSlack);
        QVERIFY(std::abs(e[1] - (ratio * -1.0 + 0.6 * (0.9 / 0.6 - ratio) * 4.0)) < kSlack);
    }

    void noiseIsNormalAndBelongsToItsPosition()
    {
        std::vector<double> all(20000);
        drawNoise(CounterRandom{5}, 3, std::span<double>(all));
        double mean = 0.0;
        double square = 0.0;
        double fourth = 0.0;
        for (const double x : all) {
            mean += x / 20000.0;
            square += x * x / 20000.0;
            fourth += x * x * x * x / 20000.0;
        }
        QVERIFY(std::abs(mean) < 0.03 && std::abs(square - 1.0) < 0.05 && std::abs(fourth - 3.0) < 0.3);
        std::vector<double> some(10); // the first numbers do not depend on how many are asked for
        drawNoise(CounterRandom{5}, 3, std::span<double>(some));
        QVERIFY(std::equal(some.begin(), some.end(), all.begin()));
        std::vector<double> other(10);
        drawNoise(CounterRandom{5}, 4, std::span<double>(other));
        QVERIFY(other != some);
    }

    void namesComeBack()
    {
        for (const NoiseKind& kind : everyKind()) {
            QVERIFY(noisePairOf(nameOf(kind.pair)) == kind.pair);
            QVERIFY(noiseGridOf(nameOf(kind.grid)) == kind.grid);
        }
        QVERIFY(!noisePairOf("cosine") && !noiseGridOf(""));
    }
};

JACOBI_TEST(NoiseScheduleTest)
#include "tst_noiseschedule.moc"
