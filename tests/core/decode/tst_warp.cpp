// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/largererror.h"
#include "core/decode/warp.h"
#include "tests/core/decode/tokentable.h"
#include "tests/testmain.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

using namespace jacobi;
using namespace jacobi::test;

namespace {

template <class Real>
using Row = std::vector<Real>;

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

struct Warped {
    Row<double> p;
    double entropy = 0.0;
};

template <class Real = double>
Warped warp(const Row<double>& c, const Row<double>& u, const WarpSettings& settings,
            const PositionRule* rule = nullptr)
{
    const Row<Real> conditional(c.begin(), c.end());
    const Row<Real> unconditional(u.begin(), u.end());
    Row<Real> p(c.size());
    const double entropy = Warp<Real>(settings)(conditional, unconditional, rule, p);
    return {Row<double>(p.begin(), p.end()), entropy};
}

PositionRule legalRule(std::initializer_list<std::uint8_t> legal)
{
    PositionRule rule;
    rule.legal = std::make_shared<const std::vector<std::uint8_t>>(legal);
    return rule;
}

double worst(const Row<double>& a, const Row<double>& b)
{
    double largest = a.size() == b.size() ? 0.0 : kInfinity;
    for (std::size_t v = 0; v < std::min(a.size(), b.size()); ++v) {
        const double difference = std::abs(a[v] - b[v]);
        largest = largerError(largest, difference);
    }
    return largest;
}

} // namespace

class WarpTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    /// min-p goes by the conditional row alone, among what is legal; the law is then that of a row without those codes.
    void minPKeepsWhatThePromptFindsPlausible()
    {
        const Row<double> c{std::log(0.5), std::log(0.3), std::log(0.04), std::log(0.16)};
        const Row<double> u{0.0, 0.0, -10.0, 0.0}; // strong guidance lifts code 2 above all
        const WarpSettings open{.guidance = 5.0};
        const WarpSettings strict{.guidance = 5.0, .minP = 0.1};
        QVERIFY(warp(c, u, open).p[2] > 0.99);
        const Row<double> without{c[0], c[1], -kInfinity, c[3]};
        QCOMPARE(worst(warp(c, u, strict).p, warp(without, u, open).p), 0.0);
        QVERIFY(worst(warp<float>(c, u, strict).p, warp(without, u, open).p) < 1e-6);
        // Of what is legal here 0.04 is a quarter of the most probable.
        const PositionRule rule = legalRule({0, 0, 1, 1});
        QCOMPARE(worst(warp(c, u, strict, &rule).p, warp(c, u, open, &rule).p), 0.0);
        // Whatever the temperature.
        const WarpSettings hot{.guidance = 5.0, .temperature = 3.0, .minP = 0.1};
        QCOMPARE(warp(c, u, hot).p[2], 0.0);
        const WarpSettings greedy{.guidance = 5.0, .temperature = 0.0, .minP = 0.1};
        QCOMPARE(warp(c, u, greedy).p[2], 0.0);
        // Without guidance it is min-p sampling; at 1 only the most probable are left, equal ones together.
        QVERIFY(worst(warp(c, {}, {.minP = 0.1}).p, {0.5 / 0.96, 0.3 / 0.96, 0.0, 0.16 / 0.96}) < 1e-15);
        QCOMPARE(worst(warp({1.0, 3.0, 3.0}, {}, {.minP = 1.0}).p, {0.0, 0.5, 0.5}), 0.0);
        QVERIFY(std::isnan(warp({-kInfinity, -kInfinity}, {}, {.minP = 0.5}).entropy));
        QVERIFY(std::isnan(warp({0.0, kNan}, {}, {.minP = 0.5}).entropy));
        QVERIFY(std::isnan(warp({0.0, kInfinity}, {}, {.minP = 0.5}).entropy));
    }

    void equalsPlainFormula_data()
    {
        QTest::addColumn<double>("guidance");
        QTest::addColumn<double>("temperature");
        QTest::addColumn<int>("topK");
        QTest::addColumn<double>("topP");
        for (const double guidance : {0.0, 1.0, 3.5}) {
            for (const double temperature : {0.0, 0.3, 1.0, 4.0}) {
                for (const int topK : {0, 1, 3, 100}) {
                    for (const double topP : {1.0, 0.9, 0.2}) {
                        QTest::addRow("s %g, T %g, k %d, P %g", guidance, temperature, topK, topP)
                            << guidance << temperature << topK << topP;
                    }
                }
            }
        }
    }
    void equalsPlainFormula()
    {
        QFETCH(double, guidance);
        QFETCH(double, temperature);
        QFETCH(int, topK);
        QFETCH(double, topP);
        const WarpSettings settings{guidance, temperature, topK, topP};
        const TokenTable conditional(20, 11, 5);
        const TokenTable unconditional(20, 11, 6);
        PositionRule some = legalRule({1, 0, 1, 1, 0, 1, 1, 1, 1, 0, 1});
        PositionRule ownTopK = some;
        ownTopK.topK = 2;
        PositionRule forced;
        forced.forced = 7;
        for (const PositionRule* rule : std::initializer_list<const PositionRule*>{nullptr, &some, &ownTopK, &forced}) {
            for (std::uint32_t position = 0; position < 20; ++position) {
                const auto c = conditional.row(position, 1, 2);
                const auto u = unconditional.row(position, 1, 2);
                Row<double> logitsC;
                Row<double> logitsU;
                for (std::size_t v = 0; v < c.size(); ++v) {
                    logitsC.push_back(std::log(c[v]) + 5.0); // constants must not matter
                    logitsU.push_back(std::log(u[v]) - 3.0);
                }
                check(warp<double>(logitsC, logitsU, settings, rule), plainLaw(c, u, settings, rule), 1e-12);
                check(warp<float>(logitsC, logitsU, settings, rule), plainLaw(c, u, settings, rule), 2e-4);
                check(warp<double>(logitsC, {}, settings, rule), plainLaw(c, {}, settings, rule), 1e-12);
            }
        }
    }

    void guidanceIsOnRawLogits()
    {
        const Warped off = warp({1.0, 2.0, 4.0}, {9.0, 0.0, 0.0}, {.guidance = 1.0});
        QVERIFY(worst(off.p, warp({1.0, 2.0, 4.0}, {}, {.guidance = 5.0}).p) < 1e-15); // one branch: no guidance
        const Warped two = warp({1.0, 2.0, 4.0}, {0.0, 3.0, 3.0}, {.guidance = 2.0});
        QVERIFY(worst(two.p, warp({2.0, 1.0, 5.0}, {}, {}).p) < 1e-15);
    }

    void equalsAtTheThresholdStay()
    {
        QVERIFY(worst(warp({1.0, 3.0, 1.0, 0.0}, {}, {.topK = 2}).p, warp({1.0, 3.0, 1.0, -kInfinity}, {}, {}).p) <
                1e-15);
        QVERIFY(worst(warp({5.0, 5.0, 5.0}, {}, {.topK = 1}).p, {1.0 / 3, 1.0 / 3, 1.0 / 3}) < 1e-15);
        QVERIFY(worst(warp({5.0, 5.0, 0.0}, {}, {.topP = 0.1}).p, {0.5, 0.5, 0.0}) < 1e-15);
        QVERIFY(worst(warp({5.0, 5.0, 0.0}, {}, {.temperature = 0.0}).p, {1.0, 0.0, 0.0}) == 0.0); // lowest code
    }

    /// The fewest codes, most probable first, that hold the mass: by adding up all of them, of rows flat and steep.
    void topPKeepsTheShortestHead()
    {
        constexpr std::size_t kCodes = 512;
        for (const double steepness : {0.01, 1.0, 6.0, 40.0}) {
            Row<double> logits(kCodes);
            for (std::size_t v = 0; v < kCodes; ++v) {
                logits[v] = steepness * std::sin(static_cast<double>(v * v % 977));
            }
            const Row<double> law = warp(logits, {}, {}).p;
            Row<double> sorted = law;
            std::ranges::sort(sorted, std::greater<>());
            for (const double topP : {0.05, 0.5, 0.9, 0.999, 1.0 - 1e-9}) {
                double mass = 0.0;
                double least = 0.0;
                for (std::size_t i = 0; i < kCodes && mass < topP; ++i) {
                    mass += least = sorted[i];
                }
                const Row<double> kept = warp(logits, {}, {.topP = topP}).p;
                for (std::size_t v = 0; v < kCodes; ++v) {
                    QCOMPARE(kept[v] > 0.0, law[v] >= least);
                }
                QVERIFY(std::abs(std::accumulate(kept.begin(), kept.end(), 0.0) - 1.0) < 1e-12);
            }
        }
    }

    /// The mask comes before top-k: an illegal code takes no place among the k.
    void maskedCodesTakeNoPlace()
    {
        const PositionRule rule = legalRule({0, 1, 1, 1});
        const Warped two = warp({9.0, 2.0, 1.0, 0.0}, {}, {.topK = 2}, &rule);
        QVERIFY(two.p[0] == 0.0 && two.p[1] > 0.0 && two.p[2] > 0.0 && two.p[3] == 0.0);
        const Warped more = warp({9.0, 2.0, -kInfinity, 0.0}, {}, {.topK = 3}, &rule); // fewer legal than k
        QVERIFY(more.p[0] == 0.0 && more.p[1] > 0.0 && more.p[2] == 0.0 && more.p[3] > 0.0);
        QCOMPARE(warp({9.0, 2.0, 1.0, 0.0}, {}, {.temperature = 0.0}, &rule).p, (Row<double>{0.0, 1.0, 0.0, 0.0}));
    }

    void minusInfinityRulesOut()
    {
        QCOMPARE(warp({-kInfinity, 0.0}, {}, {}).p, (Row<double>{0.0, 1.0}));
        QCOMPARE(warp({-kInfinity, 0.0}, {}, {}).entropy, 0.0);
        // In either branch of guidance, and in both.
        for (const double guidance : {0.0, 0.5, 1.0, 3.0}) {
            const WarpSettings settings{.guidance = guidance};
            const Warped left = warp({0.0, 1.0}, {2.0, 1.0}, settings);
            for (const auto& [c, u] : {std::pair{-kInfinity, -kInfinity}, {-kInfinity, 3.0}, {3.0, -kInfinity}}) {
                const Warped w = warp({0.0, 1.0, c}, {2.0, 1.0, u}, settings);
                QVERIFY(worst(w.p, {left.p[0], left.p[1], 0.0}) < 1e-15);
            }
        }
    }

    void badLogitsAreNoticed_data()
    {
        QTest::addColumn<QList<double>>("c");
        QTest::addColumn<QList<double>>("u");
        const QList<double> good{0.0, 1.0, 2.0};
        QTest::newRow("NaN") << QList<double>{0.0, kNan, 1.0} << QList<double>{};
        QTest::newRow("+infinity") << QList<double>{0.0, kInfinity, 1.0} << QList<double>{};
        QTest::newRow("nothing finite") << QList<double>{-kInfinity, -kInfinity, -kInfinity} << QList<double>{};
        QTest::newRow("NaN without condition") << good << QList<double>{0.0, kNan, 1.0};
        QTest::newRow("+infinity without condition") << good << QList<double>{0.0, kInfinity, 1.0};
        QTest::newRow("+infinity against -infinity")
            << QList<double>{0.0, kInfinity, 1.0} << QList<double>{0.0, -kInfinity, 1.0};
        QTest::newRow("NaN against -infinity") << QList<double>{0.0, -kInfinity, 1.0} << QList<double>{0.0, kNan, 1.0};
    }
    void badLogitsAreNoticed()
    {
        QFETCH(QList<double>, c);
        QFETCH(QList<double>, u);
        for (const double temperature : {0.0, 1.0}) {
            const WarpSettings settings{2.0, temperature, 2, 0.9};
            QVERIFY(std::isnan(warp<double>({c.begin(), c.end()}, {u.begin(), u.end()}, settings).entropy));
            QVERIFY(std::isnan(warp<float>({c.begin(), c.end()}, {u.begin(), u.end()}, settings).entropy));
        }
    }
    void onlyIllegalFiniteLogitsAreNoticed()
    {
        const PositionRule rule = legalRule({0, 1});
        QVERIFY(std::isnan(warp({0.0, -kInfinity}, {}, {}, &rule).entropy));
    }

    void extremesStayFinite()
    {
        for (const double temperature : {1e-300, 1e-45, 1e-30, 1e-3, 1e6}) {
            const WarpSettings settings{.temperature = temperature};
            checkSum(warp<double>({-1e30, 3.0, 1e30}, {}, settings).p, 1e-12);
            checkSum(warp<float>({-1e30, 3.0, 1e30}, {}, settings).p, 1e-6);
            checkSum(warp<float>({2.0, 3.0, 2.5}, {}, settings).p, 1e-6);
        }
        QVERIFY(worst(warp<float>({2.0, 3.0, 2.5}, {}, {.temperature = 1e-45}).p, {0.0, 1.0, 0.0}) == 0.0);
    }

private:
    static void checkSum(const Row<double>& p, double tolerance)
    {
        QVERIFY(std::abs(std::accumulate(p.begin(), p.end(), 0.0) - 1.0) < tolerance); // a NaN is not less
        QVERIFY(*std::min_element(p.begin(), p.end()) >= 0.0);
    }
    static void check(const Warped& warped, const Row<double>& expected, double tolerance)
    {
        checkSum(warped.p, tolerance);
        QVERIFY(worst(warped.p, expected) < tolerance);
        double entropy = 0.0;
        for (const double x : expected) {
            entropy -= x > 0.0 ? x * std::log(x) : 0.0;
        }
        QVERIFY(std::abs(warped.entropy - entropy) < 10.0 * tolerance);
    }
};

JACOBI_TEST(WarpTest)
#include "tst_warp.moc"
