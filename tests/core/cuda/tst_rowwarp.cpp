// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/largererror.h"
#include "core/cuda/rowwarp.h"

#include "core/base/philox.h"
#include "core/cuda/serialteam.h"
#include "core/decode/warp.h"
#include "tests/testmain.h"

#include <cstring>
#include <functional>
#include <numeric>

using namespace jacobi;

namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

template <class Real>
struct Warped {
    std::vector<Real> p;
    double entropy = 0.0;
};

/// The row warped by the CPU's decoder.
template <class Real>
Warped<Real> plain(const std::vector<Real>& c, const std::vector<Real>& u, const WarpKnobs& knobs,
                   const PositionRule* rule = nullptr)
{
    Warped<Real> warped{std::vector<Real>(c.size()), 0.0};
    Warp<Real> warp({knobs.guidance, knobs.temperature, knobs.topK, knobs.topP, knobs.minP});
    warped.entropy = warp(c, u, rule, warped.p);
    return warped;
}

/// The row warped by a team.
template <class Real>
Warped<Real> byTeam(std::uint32_t lanes, const std::vector<Real>& c, const std::vector<Real>& u, const WarpKnobs& knobs,
                    const PositionRule* rule = nullptr)
{
    LayoutView layout;
    layout.positions = 1;
    layout.columns = 1;
    layout.codes = static_cast<std::uint32_t>(c.size());
    const std::int32_t set = 0;
    if (rule != nullptr) {
        layout.forced = &rule->forced;
        layout.topK = &rule->topK;
        layout.legalSet = rule->legal ? &set : nullptr;
        layout.legal = rule->legal ? rule->legal->data() : nullptr;
    }
    Warped<Real> warped{std::vector<Real>(c.size()), 0.0};
    SerialTeam team(lanes);
    warped.entropy =
        warpRow<Real, Real>(team, layout, knobs, 0, c.data(), u.empty() ? nullptr : u.data(), warped.p.data());
    return warped;
}

/// Normal logits, some of them equal, some ruled out.
template <class Real>
std::vector<Real> logits(std::uint32_t codes, std::uint32_t seed, double scale = 3.0)
{
    std::vector<Real> row;
    const CounterRandom random{seed};
    for (std::uint32_t v = 0; v < codes; ++v) {
        const auto u = random.uniforms(v, 0, Purpose::Noise, 0);
        const double normal = std::sqrt(-2.0 * std::log(u[0])) * std::cos(6.283185307179586 * u[1]);
        const double value = u[2] < 0.1 ? std::round(scale * normal) : scale * normal;
        row.push_back(static_cast<Real>(u[3] < 0.05 ? -kInfinity : value));
    }
    return row;
}

template <class Real>
bool sameBits(const std::vector<Real>& a, const std::vector<Real>& b)
{
    return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size() * sizeof(Real)) == 0;
}

template <class Real>
double worst(const std::vector<Real>& a, const std::vector<Real>& b)
{
    double largest = 0.0;
    for (std::size_t v = 0; v < a.size(); ++v) {
        const double difference = std::abs(static_cast<double>(a[v]) - static_cast<double>(b[v]));
        largest = largerError(largest, difference);
    }
    return largest;
}

/// The same codes are kept.
template <class Real>
bool sameSupport(const std::vector<Real>& a, const std::vector<Real>& b)
{
    return std::equal(a.begin(), a.end(), b.begin(), [](Real x, Real y) { return (x > 0) == (y > 0); });
}

PositionRule onlyEveryThird(std::uint32_t codes)
{
    auto legal = std::make_shared<std::vector<std::uint8_t>>(codes, std::uint8_t{0});
    for (std::uint32_t v = 0; v < codes; v += 3) {
        (*legal)[v] = 1;
    }
    PositionRule rule;
    rule.legal = std::move(legal);
    return rule;
}

void eachKnobs(const std::function<void(const WarpKnobs&)>& visit)
{
    for (const double guidance : {0.0, 1.0, 4.5}) {
        for (const double temperature : {0.0, 0.4, 1.0, 1e-30}) {
            for (const int topK : {0, 1, 7, 200, 5000}) {
                for (const double topP : {1.0, 0.9, 0.05}) {
                    visit({guidance, temperature, topP, topK});
                    if (topK % 7 == 0) {
                        visit({guidance, temperature, topP, topK, 0.1});
                    }
                }
            }
        }
    }
}

} // namespace

class RowWarpTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    /// Numbers of codes below, at and above a block's lanes.
    void equalsTheCpusWarp()
    {
        for (const std::uint32_t codes : {1U, 3U, 512U, 1537U}) {
            check<float>(codes);
            check<double>(codes);
        }
    }

    void topKEqualsSorting()
    {
        for (std::uint32_t seed = 0; seed < 30; ++seed) {
            const std::uint32_t codes = 40 + 29 * seed;
            const auto row = logits<float>(codes, seed, seed % 3 == 0 ? 0.5 : 3.0); // many equals where narrow
            auto sorted = row;
            std::sort(sorted.begin(), sorted.end(), std::greater<>());
            for (const std::uint32_t k : {1U, 2U, 5U, 17U, 39U}) {
                auto kept = row;
                SerialTeam team(256);
                keepTopK(team, codes, k, sorted[0], kept.data());
                for (std::uint32_t v = 0; v < codes; ++v) {
                    QCOMPARE(kept[v], row[v] >= sorted[k - 1] ? row[v] : -std::numeric_limits<float>::infinity());
                }
            }
        }
    }

    /// Numbers that no bound parts: neighbours among floats, between one far above and one far below.
    void topKOfNeighbours()
    {
        std::vector<float> row{0.0F, -1e30F};
        float next = -1.0F;
        for (int i = 0; i < 1500; ++i) {
            row.push_back(next);
            next = i % 3 == 0 ? next : std::nextafter(next, -2.0F);
        }
        auto sorted = row;
        std::sort(sorted.begin(), sorted.end(), std::greater<>());
        for (const std::uint32_t lanes : {1U, 256U}) {
            for (const std::uint32_t k : {1U, 2U, 3U, 700U, 1500U, 1501U}) {
                auto kept = row;
                SerialTeam team(lanes);
                keepTopK(team, static_cast<std::uint32_t>(row.size()), k, 0.0F, kept.data());
                for (std::size_t v = 0; v < row.size(); ++v) {
                    QCOMPARE(std::isfinite(kept[v]), row[v] >= sorted[k - 1]);
                }
            }
        }
    }

    /// Sums of these are exact in any order, so that there is one right answer.
    void topPEqualsSorting()
    {
        for (const std::uint32_t lanes : {1U, 64U, 512U}) {
            for (const std::uint32_t codes : {64U, 1024U, 4096U}) {
                for (const bool isClose : {false, true}) {
                    std::vector<double> row(codes);
                    const CounterRandom random{codes};
                    for (std::uint32_t v = 0; v < codes; ++v) {
                        const double u = random.uniform(v, 0, Purpose::Noise);
                        row[v] = isClose ? 1.0 / 1024 + std::floor(u * 3.0) / (1ULL << 40)
                                         : std::floor(u * u * u * 4096.0) / (1ULL << 24);
                    }
                    auto sorted = row;
                    std::sort(sorted.begin(), sorted.end(), std::greater<>());
                    std::vector<double> sums(codes);
                    std::partial_sum(sorted.begin(), sorted.end(), sums.begin());
                    for (const double share : {0.001, 0.3, 0.9, 0.999}) {
                        const double topP = std::round(share * sums.back() * (1ULL << 40)) / (1ULL << 40);
                        const auto at = std::lower_bound(sums.begin(), sums.end(), topP) - sums.begin();
                        auto kept = row;
                        SerialTeam team(lanes);
                        keepTopP(team, codes, topP, kept.data());
                        for (std::uint32_t v = 0; v < codes; ++v) {
                            QCOMPARE(kept[v] > 0.0, row[v] > 0.0 && row[v] >= sorted[static_cast<std::size_t>(at)]);
                        }
                    }
                }
            }
        }
    }

    /// Both zeros are one number; numbers too small to be normal are numbers.
    void topKOfOddNumbers()
    {
        constexpr float kTiny = std::numeric_limits<float>::denorm_min();
        const std::vector<float> row{-0.0F, 0.0F, -kTiny, -1.0F, -0.0F, -kTiny};
        const auto kept = [&](std::uint32_t k) {
            auto copy = row;
            SerialTeam team(32);
            keepTopK(team, 6, k, 0.0F, copy.data());
            return std::count_if(copy.begin(), copy.end(), [](float x) { return std::isfinite(x); });
        };
        QCOMPARE(kept(1), 3);
        QCOMPARE(kept(2), 3);
        QCOMPARE(kept(3), 3);
        QCOMPARE(kept(4), 5);
        QCOMPARE(kept(5), 5);
        QCOMPARE(kept(6), 6);
        QCOMPARE(kept(600), 6);
    }

    void edgesOfTopP()
    {
        const auto p = [](double topP, std::vector<double> row) {
            SerialTeam team(64);
            keepTopP(team, static_cast<std::uint32_t>(row.size()), topP, row.data());
            return row;
        };
        using Row = std::vector<double>;
        QCOMPARE(p(0.5, {0.5, 0.25, 0.25}), (Row{1.0, 0.0, 0.0}));    // reached exactly
        QCOMPARE(p(0.51, {0.5, 0.25, 0.25}), (Row{0.5, 0.25, 0.25})); // equal ones stay together
        QCOMPARE(p(1e-300, {0.25, 0.5, 0.25}), (Row{0.0, 1.0, 0.0}));
        QCOMPARE(p(0.999, {0.0, 1.0, 0.0}), (Row{0.0, 1.0, 0.0}));
        QCOMPARE(p(0.9999, {0.25, 0.25, 0.25}), (Row{1.0 / 3, 1.0 / 3, 1.0 / 3})); // a sum that falls short keeps all
    }

    void oneLegalCode()
    {
        PositionRule rule;
        rule.legal = std::make_shared<const std::vector<std::uint8_t>>(std::vector<std::uint8_t>{0, 0, 1, 0});
        const std::vector<float> c{9.0F, 8.0F, -40.0F, 7.0F};
        eachKnobs([&](const WarpKnobs& knobs) {
            const Warped<float> one = byTeam<float>(256, c, {}, knobs, &rule);
            QCOMPARE(one.p, (std::vector<float>{0.0F, 0.0F, 1.0F, 0.0F}));
            QCOMPARE(one.entropy, 0.0);
        });
    }

    void whatIsNoNumberIsNoticed()
    {
        for (const double bad : {kNan, kInfinity}) {
            for (const std::size_t at : {0U, 300U, 599U}) {
                std::vector<float> c(600, 1.0F);
                std::vector<float> u(600, 2.0F);
                c[at] = static_cast<float>(bad);
                QVERIFY(std::isnan(byTeam<float>(512, c, {}, {}).entropy));
                QVERIFY(std::isnan(byTeam<float>(512, u, c, {2.0}).entropy));
                u[at] = -std::numeric_limits<float>::infinity();
                QVERIFY(std::isnan(byTeam<float>(512, u, c, {2.0}).entropy));
            }
        }
        const std::vector<double> none(5, -kInfinity);
        QVERIFY(std::isnan(byTeam<double>(32, none, {}, {}).entropy));
    }

private:
    template <class Real>
    static void check(std::uint32_t codes)
    {
        const auto c = logits<Real>(codes, 3);
        const auto u = logits<Real>(codes, 4);
        PositionRule ownTopK = onlyEveryThird(codes);
        const PositionRule some = ownTopK;
        ownTopK.topK = 2;
        PositionRule forced;
        forced.forced = static_cast<std::int32_t>(codes) - 1;
        for (const PositionRule* rule : std::initializer_list<const PositionRule*>{nullptr, &some, &ownTopK, &forced}) {
            eachKnobs([&](const WarpKnobs& knobs) {
                for (const auto& unconditional : {u, std::vector<Real>()}) {
                    compare(plain(c, unconditional, knobs, rule), byTeam(1, c, unconditional, knobs, rule), true);
                    compare(plain(c, unconditional, knobs, rule), byTeam(512, c, unconditional, knobs, rule), false);
                }
            });
        }
    }
    template <class Real>
    static void compare(const Warped<Real>& expected, const Warped<Real>& found, bool exactly)
    {
        QVERIFY(std::isnan(expected.entropy) == std::isnan(found.entropy));
        if (std::isnan(expected.entropy)) {
            return;
        }
        QVERIFY(sameSupport(expected.p, found.p));
        if (exactly) {
            QVERIFY(sameBits(expected.p, found.p));
            QVERIFY(std::abs(found.entropy - expected.entropy) < 1e-12);
        }
        const double tolerance = std::is_same_v<Real, float> ? 2e-7 : 1e-15;
        QVERIFY(worst(expected.p, found.p) < tolerance);
        QVERIFY(std::abs(found.entropy - expected.entropy) < 100.0 * tolerance);
    }
};

JACOBI_TEST(RowWarpTest)
#include "tst_rowwarp.moc"
