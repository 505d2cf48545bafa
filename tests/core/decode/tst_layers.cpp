// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/decode/kvcache.h"
#include "core/decode/layers.h"
#include "tests/testmain.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <array>
#include <limits>
#include <random>

using namespace jacobi;

namespace {

constexpr std::int64_t kWidth = 32;
constexpr std::int64_t kHeads = 4;
constexpr std::int64_t kHeadSize = 8;
constexpr std::int64_t kFeed = 48;
constexpr std::int64_t kLayers = 2;

double worst(const at::Tensor& a, const at::Tensor& b)
{
    return (a - b).abs().max().item<double>();
}

/// The formulas of layers.h in plain tensor operations, as a second opinion.
at::Tensor plainNorm(const at::Tensor& x, const at::Tensor& scale)
{
    return x / at::sqrt(x.square().mean(-1, true) + 1e-6) * scale;
}

at::Tensor plainRotate(const at::Tensor& x, const RotaryTable& rotary) // x [batch, rows, heads, headSize]
{
    const at::Tensor a = x.narrow(-1, 0, kHeadSize / 2);
    const at::Tensor b = x.narrow(-1, kHeadSize / 2, kHeadSize / 2);
    const at::Tensor c = rotary.cosine.unsqueeze(2);
    const at::Tensor s = rotary.sine.unsqueeze(2);
    return at::cat({a * c - b * s, a * s + b * c}, -1);
}

RotaryTable tableOf(std::int64_t rows, at::ScalarType type)
{
    const at::Tensor index = at::arange(rows, at::kLong);
    return axialRotary(at::floor_divide(index, 4), at::remainder(index, 4), kHeadSize, 100.0, type);
}

std::vector<BlockWeights> randomBlocks(at::ScalarType type)
{
    const auto options = at::TensorOptions().dtype(at::kDouble);
    const auto made = [&](at::IntArrayRef shape, double scale, double mean) {
        return (at::randn(shape, options) * scale + mean).to(type);
    };
    std::vector<BlockWeights> blocks;
    for (std::int64_t layer = 0; layer < kLayers; ++layer) {
        blocks.push_back({made({kWidth}, 0.2, 1.0), made({3 * kWidth, kWidth}, 0.3, 0.0), made({kHeadSize}, 0.2, 1.0),
                          made({kHeadSize}, 0.2, 1.0), made({kWidth, kWidth}, 0.3, 0.0), made({kWidth}, 0.2, 1.0),
                          made({2 * kFeed, kWidth}, 0.3, 0.0), made({kWidth, kFeed}, 0.3, 0.0)});
    }
    return blocks;
}

at::Tensor runBlocks(at::Tensor x, const std::vector<BlockWeights>& blocks, const RotaryTable& rotary,
                     const Attend& attend)
{
    for (std::size_t layer = 0; layer < blocks.size(); ++layer) {
        x = transformerBlock(x, blocks[layer], rotary, kHeads, static_cast<std::int64_t>(layer), attend);
    }
    return x;
}

RotaryTable slice(const RotaryTable& table, const std::vector<std::int64_t>& begins, std::int64_t window)
{
    std::vector<at::Tensor> cosine;
    std::vector<at::Tensor> sine;
    for (const std::int64_t begin : begins) {
        cosine.push_back(table.cosine.narrow(1, begin, window));
        sine.push_back(table.sine.narrow(1, begin, window));
    }
    return {at::cat(cosine), at::cat(sine)};
}

} // namespace

class LayersTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void init() { at::manual_seed(7); }

    void normMatchesFormulaAndGradient_data() { types(); }
    void normMatchesFormulaAndGradient()
    {
        QFETCH(int, type);
        QFETCH(double, tolerance);
        for (const std::int64_t width : {1, 5, 16, 33, 192}) {
            check(
                {randomTensor({3, 7, width}, type), randomTensor({width}, type)}, tolerance,
                [](const std::vector<at::Tensor>& in) { return rmsNorm(in[0], in[1]); },
                [](const std::vector<at::Tensor>& in) { return plainNorm(in[0], in[1]); });
        }
    }

    void swigluMatchesFormulaAndGradient_data() { types(); }
    void swigluMatchesFormulaAndGradient()
    {
        QFETCH(int, type);
        QFETCH(double, tolerance);
        for (const std::int64_t width : {1, 5, 16, 33, 192}) {
            check(
                {randomTensor({3, 7, 2 * width}, type) * 3.0}, tolerance,
                [](const std::vector<at::Tensor>& in) { return swiglu(in[0]); },
                [width](const std::vector<at::Tensor>& in) {
                    const at::Tensor gate = in[0].narrow(-1, 0, width);
                    return gate / (1.0 + at::exp(-gate)) * in[0].narrow(-1, width, width);
                });
        }
    }

    void swigluStaysFiniteAtExtremes()
    {
        for (const at::ScalarType type : {at::kFloat, at::kDouble}) {
            const at::Tensor gate = at::tensor({-1e6, -1000.0, -90.0, 0.0, 90.0, 1000.0, 1e6}, at::kDouble).to(type);
            const at::Tensor y = swiglu(at::cat({gate, at::ones_like(gate)}).unsqueeze(0)).squeeze(0);
            QVERIFY(at::isfinite(y).all().item<bool>());
            QVERIFY(worst(y, at::clamp_min(gate, 0.0)) <= 1e-5);
        }
    }

    void splitHeadsMatchesFormulaAndGradient_data() { types(); }
    void splitHeadsMatchesFormulaAndGradient()
    {
        QFETCH(int, type);
        QFETCH(double, tolerance);
        const auto scalarType = static_cast<at::ScalarType>(type);
        for (const std::int64_t tables : {1, 2}) {
            const RotaryTable one = tableOf(9, scalarType);
            const RotaryTable rotary = tables == 1 ? one : slice(tableOf(20, scalarType), {0, 11}, 9);
            check(
                {randomTensor({2, 9, 3 * kWidth}, type), randomTensor({kHeadSize}, type),
                 randomTensor({kHeadSize}, type)},
                tolerance,
                [&](const std::vector<at::Tensor>& in) {
                    const Heads heads = splitHeads(in[0], in[1], in[2], rotary, kHeads);
                    const Heads plain = splitHeadsByOperations(in[0], in[1], in[2], rotary, kHeads);
                    return at::stack({heads.q, heads.k, heads.v, plain.q, plain.k, plain.v});
                },
                [&](const std::vector<at::Tensor>& in) {
                    const at::Tensor parts = in[0].view({2, 9, 3, kHeads, kHeadSize});
                    const at::Tensor q = plainRotate(plainNorm(parts.select(2, 0), in[1]), rotary).transpose(1, 2);
                    const at::Tensor k = plainRotate(plainNorm(parts.select(2, 1), in[2]), rotary).transpose(1, 2);
                    const at::Tensor v = parts.select(2, 2).transpose(1, 2);
                    return at::stack({q, k, v, q, k, v});
                });
        }
    }

    void rotaryDependsOnDistanceOnly()
    {
        const at::Tensor q = at::randn({kHeadSize}, at::kDouble);
        const at::Tensor k = at::randn({kHeadSize}, at::kDouble);
        const auto score = [&](std::int64_t r0, std::int64_t c0, std::int64_t r1, std::int64_t c1) {
            const RotaryTable t =
                axialRotary(at::tensor({r0, r1}), at::tensor({c0, c1}), kHeadSize, 100.0, at::kDouble);
            const at::Tensor both = plainRotate(at::stack({q, k}).view({1, 2, 1, kHeadSize}), t);
            return (both.select(1, 0) * both.select(1, 1)).sum().item<double>();
        };
        QVERIFY(std::abs(score(2, 3, 5, 1) - score(12, -4, 15, -6)) < 1e-12);
        QVERIFY(std::abs(score(2, 3, 5, 1) - score(2, 3, 6, 1)) > 1e-3); // the row matters
        QVERIFY(std::abs(score(2, 3, 5, 1) - score(2, 3, 5, 2)) > 1e-3); // and so does the column
    }

    void causalAttentionNeverLooksAhead()
    {
        const auto blocks = randomBlocks(at::kDouble);
        const RotaryTable rotary = tableOf(12, at::kDouble);
        const auto causal = [](std::int64_t, const Heads& heads) { return causalAttention(heads); };
        const at::Tensor x = at::randn({1, 12, kWidth}, at::kDouble);
        at::Tensor changed = x.clone();
        changed.narrow(1, 7, 5).normal_();
        const at::Tensor a = runBlocks(x, blocks, rotary, causal);
        const at::Tensor b = runBlocks(changed, blocks, rotary, causal);
        QVERIFY(worst(a.narrow(1, 0, 7), b.narrow(1, 0, 7)) < 1e-12);
        QVERIFY(worst(a.narrow(1, 7, 5), b.narrow(1, 7, 5)) > 1e-3);
    }

    void cachedWindowsMatchFullPass_data()
    {
        QTest::addColumn<int>("type");
        QTest::addColumn<double>("tolerance");
        QTest::addColumn<int>("window");
        for (const int window : {1, 4, 16}) {
            QTest::addRow("float64, window %d", window) << static_cast<int>(at::kDouble) << 1e-9 << window;
            QTest::addRow("float32, window %d", window) << static_cast<int>(at::kFloat) << 1e-4 << window;
        }
    }
    /// Three items of two lanes each are decoded with commits of random, different lengths. Rows that are not
    /// committed hold garbage. Every committed row must equal the teacher-forced one.
    void cachedWindowsMatchFullPass()
    {
        QFETCH(int, type);
        QFETCH(double, tolerance);
        QFETCH(int, window);
        const auto scalarType = static_cast<at::ScalarType>(type);
        constexpr std::int64_t kItems = 3;
        constexpr std::int64_t kBranches = 2;
        constexpr std::int64_t kLength = 40;
        const at::NoGradGuard noGradients;
        const auto blocks = randomBlocks(scalarType);
        const RotaryTable rotary = tableOf(kLength + window, scalarType);
        const at::Tensor x = randomTensor({kItems * kBranches, kLength, kWidth}, type);
        const at::Tensor full = runBlocks(x, blocks, slice(rotary, {0}, kLength),
                                          [](std::int64_t, const Heads& heads) { return causalAttention(heads); });

        KvCache cache({kLayers, kItems, kBranches, kHeads, kHeadSize, kLength + window, window}, scalarType);
        std::mt19937 random(5);
        const auto attend = [&](std::int64_t layer, const Heads& heads) { return cache.attend(layer, heads); };
        for (bool unfinished = true; unfinished;) {
            at::Tensor rows = randomTensor({kItems * kBranches, window, kWidth}, type) * 100.0; // garbage drafts
            std::vector<std::int64_t> begins;
            std::array<std::int64_t, kItems> commits{};
            for (std::int64_t item = 0; item < kItems; ++item) {
                const std::int64_t begin = cache.length(item);
                const std::int64_t most = std::min<std::int64_t>(window, kLength - begin);
                commits[static_cast<std::size_t>(item)] =
                    most == 0 ? 0 : 1 + static_cast<std::int64_t>(random()) % most;
                const std::int64_t real = commits[static_cast<std::size_t>(item)];
                rows.narrow(0, item * kBranches, kBranches)
                    .narrow(1, 0, real)
                    .copy_(x.narrow(0, item * kBranches, kBranches).narrow(1, begin, real));
                begins.insert(begins.end(), kBranches, begin);
            }
            const at::Tensor y = runBlocks(rows, blocks, slice(rotary, begins, window), attend);
            unfinished = false;
            for (std::int64_t item = 0; item < kItems; ++item) {
                const std::int64_t real = commits[static_cast<std::size_t>(item)];
                if (real > 0) {
                    const auto lanes = [&](const at::Tensor& t) { return t.narrow(0, item * kBranches, kBranches); };
                    QVERIFY(worst(lanes(y).narrow(1, 0, real), lanes(full).narrow(1, cache.length(item), real)) <
                            tolerance);
                }
                cache.advance(item, real);
                unfinished = unfinished || cache.length(item) < kLength;
            }
        }
    }

    void scratchRowsOfTheCacheAreNeverSeen()
    {
        const at::NoGradGuard noGradients;
        const auto blocks = randomBlocks(at::kDouble);
        const RotaryTable rotary = tableOf(8, at::kDouble);
        const at::Tensor x = at::randn({1, 3, kWidth}, at::kDouble);
        KvCache cache({kLayers, 1, 1, kHeads, kHeadSize, 12, 4}, at::kDouble);
        const auto attend = [&](std::int64_t layer, const Heads& heads) { return cache.attend(layer, heads); };
        const at::Tensor clean = runBlocks(x, blocks, slice(rotary, {0}, 3), attend);
        // A pass full of NaN that is rolled back must leave no trace.
        runBlocks(at::full({1, 4, kWidth}, std::numeric_limits<double>::quiet_NaN(), at::kDouble), blocks,
                  slice(rotary, {0}, 4), attend);
        QVERIFY(worst(runBlocks(x, blocks, slice(rotary, {0}, 3), attend), clean) == 0.0);
    }

    void cacheServesSmallerRunsOnly()
    {
        const KvCache::Shape shape{2, 3, 2, 4, 8, 20, 4};
        const KvCache cache(shape, at::kFloat);
        QVERIFY(cache.fits(shape, at::kFloat));
        QVERIFY(!cache.fits(shape, at::kDouble));
        KvCache::Shape other = shape;
        other.maxWindow = 3;
        QVERIFY(cache.fits(other, at::kFloat));
        other.maxWindow = 5;
        QVERIFY(!cache.fits(other, at::kFloat));
        other = shape;
        other.items = 2;
        QVERIFY(!cache.fits(other, at::kFloat));
        QVERIFY(!KvCache().fits(shape, at::kFloat));
    }

private:
    static void types()
    {
        QTest::addColumn<int>("type");
        QTest::addColumn<double>("tolerance");
        QTest::newRow("float64") << static_cast<int>(at::kDouble) << 1e-11;
        QTest::newRow("float32") << static_cast<int>(at::kFloat) << 2e-4;
    }

    static at::Tensor randomTensor(at::IntArrayRef shape, int type)
    {
        return at::randn(shape, at::kDouble).to(static_cast<at::ScalarType>(type));
    }

    /// Values and gradients of both functions agree; the fused one also without gradients being recorded.
    template <class Fused, class Plain>
    static void check(const std::vector<at::Tensor>& inputs, double tolerance, const Fused& fused, const Plain& plain)
    {
        std::vector<at::Tensor> a;
        std::vector<at::Tensor> b;
        for (const at::Tensor& input : inputs) {
            a.push_back(input.detach().clone().requires_grad_());
            b.push_back(input.detach().clone().requires_grad_());
        }
        const at::Tensor x = fused(a);
        const at::Tensor y = plain(b);
        QVERIFY(worst(x, y) < tolerance);
        const at::Tensor weights = at::randn_like(y.detach());
        (x * weights).sum().backward();
        (y * weights).sum().backward();
        for (std::size_t i = 0; i < a.size(); ++i) {
            const double scale = std::max(1.0, b[i].grad().abs().max().item<double>());
            QVERIFY(worst(a[i].grad(), b[i].grad()) < tolerance * scale);
        }
        const at::NoGradGuard noGradients;
        QVERIFY(worst(fused(a), x) == 0.0);
    }
};

JACOBI_TEST(LayersTest)
#include "tst_layers.moc"
