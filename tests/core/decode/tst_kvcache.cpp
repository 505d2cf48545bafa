// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/decode/kvcache.h"
#include "tests/testmain.h"

#include <ATen/ATen.h>

#include <cmath>
#include <random>

using namespace jacobi;

namespace {

constexpr std::int64_t kLayers = 2;
constexpr std::int64_t kItems = 3;
constexpr std::int64_t kBranches = 2;
constexpr std::int64_t kHeads = 2;
constexpr std::int64_t kHeadSize = 4;
constexpr std::int64_t kCapacity = 20;
constexpr std::int64_t kWindow = 5;
constexpr KvCache::Shape kShape{kLayers, kItems, kBranches, kHeads, kHeadSize, kCapacity, kWindow};

at::Tensor random(std::int64_t rows)
{
    return at::randn({kItems * kBranches, kHeads, rows, kHeadSize}, at::kDouble);
}
Heads randomHeads(std::int64_t rows)
{
    return {random(rows), random(rows), random(rows)};
}
Heads rowsOf(const Heads& heads, std::int64_t from, std::int64_t rows)
{
    return {heads.q.narrow(2, from, rows), heads.k.narrow(2, from, rows), heads.v.narrow(2, from, rows)};
}

/// softmax(q k / sqrt(headSize)) v where every row sees itself and those before, said in single steps.
at::Tensor plainCausal(const Heads& heads)
{
    const std::int64_t rows = heads.q.size(2);
    at::Tensor scores = at::matmul(heads.q, heads.k.transpose(2, 3)) / std::sqrt(static_cast<double>(kHeadSize));
    const at::Tensor later = at::ones({rows, rows}, at::kBool).triu(1);
    return at::matmul(at::softmax(scores.masked_fill(later, -HUGE_VAL), -1), heads.v);
}

double worst(const at::Tensor& a, const at::Tensor& b)
{
    return (a - b).abs().max().item<double>();
}

void advanceAll(KvCache& cache, std::int64_t rows)
{
    for (std::int64_t item = 0; item < kItems; ++item) {
        cache.advance(item, rows);
    }
}

} // namespace

class KvCacheTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void init() { at::manual_seed(3); }

    void windowsEqualCausalAttention()
    {
        KvCache cache(kShape, at::kDouble);
        const Heads all = randomHeads(kCapacity);
        const at::Tensor expected = plainCausal(all);
        for (const std::int64_t window : {5, 1, 3, 5, 2, 4}) { // to the very last row
            const std::int64_t from = cache.length(0);
            const at::Tensor out = cache.attend(0, rowsOf(all, from, window));
            QVERIFY(worst(out, expected.narrow(2, from, window)) < 1e-12);
            advanceAll(cache, window);
        }
        QCOMPARE(cache.length(0), kCapacity);
    }

    /// Items commit differently long parts of their windows; what is left behind is overwritten and never seen.
    void rollingBackIsNotAdvancing()
    {
        KvCache cache(kShape, at::kDouble);
        const Heads all = randomHeads(kCapacity);
        const at::Tensor expected = plainCausal(all);
        std::mt19937 generator(9);
        for (int pass = 0; pass < 12; ++pass) {
            Heads window = randomHeads(kWindow); // drafts that come to nothing
            std::vector<std::int64_t> real;
            for (std::int64_t item = 0; item < kItems; ++item) {
                const std::int64_t length = cache.length(item);
                real.push_back(
                    std::min<std::int64_t>(static_cast<std::int64_t>(generator()) % 3, kCapacity - kWindow - length));
                const auto fill = [&](at::Tensor& to, const at::Tensor& from) {
                    to.narrow(0, item * kBranches, kBranches)
                        .narrow(2, 0, real.back())
                        .copy_(from.narrow(0, item * kBranches, kBranches).narrow(2, length, real.back()));
                };
                fill(window.q, all.q);
                fill(window.k, all.k);
                fill(window.v, all.v);
            }
            const at::Tensor out = cache.attend(1, window);
            for (std::int64_t item = 0; item < kItems; ++item) {
                const std::int64_t count = real[static_cast<std::size_t>(item)];
                const auto lanes = [&](const at::Tensor& t, std::int64_t from) {
                    return t.narrow(0, item * kBranches, kBranches).narrow(2, from, count);
                };
                QVERIFY(count == 0 || worst(lanes(out, 0), lanes(expected, cache.length(item))) < 1e-12);
                cache.advance(item, count);
            }
        }
    }

    /// A cache with a history of rejected drafts answers as one that read the prefix afresh.
    void rerunningThePrefixGivesTheSameLastRow()
    {
        KvCache used(kShape, at::kDouble);
        const Heads all = randomHeads(kWindow);
        for (std::int64_t n = 0; n < kWindow; ++n) {
            used.attend(0, randomHeads(kWindow)); // rolled back
            Heads window = randomHeads(kWindow);
            window.q.select(2, 0).copy_(all.q.select(2, n));
            window.k.select(2, 0).copy_(all.k.select(2, n));
            window.v.select(2, 0).copy_(all.v.select(2, n));
            const at::Tensor last = used.attend(0, window).select(2, 0);
            KvCache fresh(kShape, at::kDouble);
            const at::Tensor again = fresh.attend(0, rowsOf(all, 0, n + 1)).select(2, n);
            QVERIFY(worst(last, again) < 1e-12);
            advanceAll(used, 1);
        }
    }

    void rowsSeeNothingLater()
    {
        KvCache cache(kShape, at::kDouble);
        cache.attend(0, randomHeads(4));
        advanceAll(cache, 4);
        Heads window = randomHeads(kWindow);
        const at::Tensor before = cache.attend(0, window).clone();
        window.k.narrow(2, 3, 2).normal_();
        window.v.narrow(2, 3, 2).normal_();
        const at::Tensor after = cache.attend(0, window);
        QVERIFY(worst(before.narrow(2, 0, 3), after.narrow(2, 0, 3)) == 0.0);
        QVERIFY(worst(before.narrow(2, 3, 2), after.narrow(2, 3, 2)) > 1e-3);
    }

    void lanesAndLayersAreApart()
    {
        const Heads first = randomHeads(4);
        const Heads window = randomHeads(2);
        const auto run = [&](std::int64_t disturbedLane, std::int64_t disturbedLayer) {
            KvCache cache(kShape, at::kDouble);
            Heads other = {first.q.clone(), first.k.clone(), first.v.clone()};
            other.k.select(0, disturbedLane).add_(1.0);
            other.v.select(0, disturbedLane).add_(1.0);
            for (std::int64_t layer = 0; layer < kLayers; ++layer) {
                cache.attend(layer, layer == disturbedLayer ? other : first);
            }
            advanceAll(cache, 4);
            return cache.attend(0, window);
        };
        const at::Tensor plain = run(2, 1);
        const at::Tensor disturbed = run(2, 0);
        for (std::int64_t lane = 0; lane < kItems * kBranches; ++lane) {
            const double moved = worst(plain.select(0, lane), disturbed.select(0, lane));
            QVERIFY(lane == 2 ? moved > 1e-3 : moved == 0.0);
        }
    }

    void resetForgets()
    {
        KvCache cache(kShape, at::kDouble);
        for (int i = 0; i < 4; ++i) {
            cache.attend(0, randomHeads(kWindow));
            advanceAll(cache, kWindow);
        }
        cache.reset();
        QCOMPARE(cache.length(2), 0);
        const Heads window = randomHeads(3);
        QVERIFY(worst(cache.attend(0, window), plainCausal(window)) < 1e-12);
    }

    /// A cache made for a longer run gives the same.
    void largerCacheServes()
    {
        KvCache::Shape larger = kShape;
        larger.capacity += 13;
        larger.maxWindow += 2;
        KvCache big(larger, at::kDouble);
        KvCache small(kShape, at::kDouble);
        QVERIFY(big.fits(kShape, at::kDouble));
        QVERIFY(!small.fits(larger, at::kDouble));
        for (int pass = 0; pass < 4; ++pass) {
            const Heads window = randomHeads(kWindow);
            QVERIFY(worst(big.attend(0, window), small.attend(0, window)) < 1e-12);
            advanceAll(big, 3);
            advanceAll(small, 3);
        }
    }
};

JACOBI_TEST(KvCacheTest)
#include "tst_kvcache.moc"
