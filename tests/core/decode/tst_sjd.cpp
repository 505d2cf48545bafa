// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/core/decode/chisquare.h"
#include "tests/core/decode/decoderrun.h"
#include "tests/testmain.h"

#include <array>
#include <cmath>
#include <limits>

using namespace jacobi;
using namespace jacobi::test;

namespace {

DecodeSettings sjd(std::uint32_t window, std::uint64_t seed = 0)
{
    DecodeSettings settings;
    settings.method = "sjd";
    settings.window = window;
    settings.seed = seed;
    return settings;
}

/// Standard score of 40000 pictures against the law, and what broke, if anything did.
std::pair<double, QString> scoreOf(DecodeSettings settings, TableModel& model, const TokenTable& laws)
{
    const TokenLayout& layout = model.layout();
    const std::vector<double> law = sequentialLaw(laws, layout);
    std::vector<std::uint64_t> counts(law.size(), 0);
    for (settings.seed = 0; settings.seed < 40000; ++settings.seed) {
        const DecoderRun run = runDecoder(settings, model);
        if (!run.wrong.isEmpty()) {
            return {HUGE_VAL, run.wrong};
        }
        ++counts[sequenceNumber(run.tokens[0], run.lengths[0], layout.codes)];
    }
    return {chiSquareScore(counts, law), {}};
}

} // namespace

class SjdTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void followsTheLaw_data()
    {
        QTest::addColumn<int>("mask");
        QTest::addColumn<std::uint32_t>("window");
        const std::array<const char*, 4> names{"no mask", "line ends", "legal sets", "terminal"};
        for (int mask = 0; mask < 4; ++mask) {
            for (const std::uint32_t window : {1U, 2U, 4U, 8U}) {
                QTest::addRow("%s, window %u", names[static_cast<std::size_t>(mask)], window) << mask << window;
            }
        }
    }
    /// 40000 pictures, every step of every picture checked, chi-square over all sequences.
    void followsTheLaw()
    {
        QFETCH(int, mask);
        QFETCH(std::uint32_t, window);
        std::array<TokenLayout, 4> layouts{plainLayout(5, 3), lineEndLayout(5, 3, 2, {0, 2, 4}), legalSetLayout(5, 3),
                                           plainLayout(5, 3)};
        layouts[3].terminals = {1};
        const TokenLayout& layout = layouts[static_cast<std::size_t>(mask)];
        const TokenTable table(5, 3, 31);
        TableModel model(table, layout, window == 4 ? at::kFloat : at::kDouble);
        const auto [z, wrong] = scoreOf(sjd(window), model, table.warped(layout));
        QCOMPARE(wrong, QString());
        QVERIFY2(std::abs(z) < 4.0, qPrintable(QString::number(z)));
    }

    /// Guidance, temperature, top-k and top-p are part of the law that is kept.
    void followsTheWarpedLaw()
    {
        const TokenTable c(5, 4, 7);
        const TokenTable u(5, 4, 8);
        const TokenLayout layout = legalSetLayout(5, 4);
        DecodeSettings settings = sjd(4);
        settings.guidance = 1.5;
        settings.temperature = 1.3;
        settings.topK = 3;
        settings.topP = 0.97;
        TableModel model(c, u, layout);
        const auto [z, wrong] = scoreOf(settings, model, c.warped(layout, {1.5, 1.3, 3, 0.97}, &u));
        QCOMPARE(wrong, QString());
        QVERIFY2(std::abs(z) < 4.0, qPrintable(QString::number(z)));
        // and the score would tell: the law without guidance is another one
        QVERIFY(scoreOf(settings, model, c.warped(layout, {1.0, 1.3, 3, 0.97})).first > 20.0);
    }

    void windowOfOneIsSequential()
    {
        for (const at::ScalarType type : {at::kFloat, at::kDouble}) {
            TableModel model(TokenTable(20, 6, 2), TokenTable(20, 6, 3), legalSetLayout(20, 6), type);
            for (std::uint64_t seed = 0; seed < 100; ++seed) {
                DecodeSettings settings = sjd(1, seed);
                settings.guidance = 2.0;
                settings.topK = 4;
                const DecoderRun jacobi = runDecoder(settings, model);
                QCOMPARE(jacobi.wrong, QString());
                settings.method = "sequential";
                QCOMPARE(jacobi.tokens, runDecoder(settings, model).tokens);
            }
        }
    }

    void fewerPassesThanTokens()
    {
        TableModel model(TokenTable(40, 3, 2), plainLayout(40, 3));
        const auto passes = [&](std::uint32_t window) {
            std::size_t sum = 0;
            for (std::uint64_t seed = 0; seed < 50; ++seed) {
                sum += runDecoder(sjd(window, seed), model).steps.size();
            }
            return sum;
        };
        QCOMPARE(passes(1), std::size_t{40 * 50});
        QVERIFY(passes(8) < 35 * 50);
    }

    /// A window wider than the picture changes nothing against one that just fits.
    void widerThanThePicture()
    {
        TableModel model(TokenTable(6, 4, 9), plainLayout(6, 4));
        for (std::uint64_t seed = 0; seed < 100; ++seed) {
            const DecoderRun fitting = runDecoder(sjd(6, seed), model);
            const DecoderRun wide = runDecoder(sjd(1000, seed), model);
            QCOMPARE(wide.wrong, QString());
            QCOMPARE(wide.tokens, fitting.tokens);
            QCOMPARE(wide.steps.size(), fitting.steps.size());
        }
    }

    void onePosition()
    {
        TableModel model(TokenTable(1, 4, 9), plainLayout(1, 4));
        const DecoderRun run = runDecoder(sjd(8, 5), model);
        QCOMPARE(run.wrong, QString());
        QCOMPARE(run.steps.size(), std::size_t{1});
        QCOMPARE(run.steps[0]->state, std::vector<TokenState>{TokenState::Bonus});
        QCOMPARE(run.tokens, runDecoder({.seed = 5}, model).tokens);
    }

    /// Forced tokens on both ends and side by side are drafted right, so one pass settles a picture of nothing else.
    void forcedTokensCostNoRejection()
    {
        TableModel model(TokenTable(6, 3, 1), lineEndLayout(6, 3, 2, {0, 1, 2, 3, 4, 5}));
        const DecoderRun all = runDecoder(sjd(6), model);
        QCOMPARE(all.wrong, QString());
        QCOMPARE(all.steps.size(), std::size_t{1});
        QCOMPARE(all.steps[0]->state.back(), TokenState::Forced);
        QCOMPARE(all.tokens[0], std::vector<std::int64_t>(6, 2));

        TableModel ends(TokenTable(6, 3, 1), lineEndLayout(6, 3, 2, {0, 1, 3, 5}));
        for (std::uint64_t seed = 0; seed < 200; ++seed) {
            const DecoderRun run = runDecoder(sjd(4, seed), ends);
            QCOMPARE(run.wrong, QString());
            for (const auto& step : run.steps) {
                for (std::size_t k = 0; k < step->token.size(); ++k) {
                    const std::uint32_t position = step->begin + static_cast<std::uint32_t>(k);
                    const bool forced = position != 2 && position != 4;
                    QVERIFY(!forced || step->state[k] != TokenState::Resampled);
                }
            }
        }
    }

    /// One-hot laws: p(d) = 0 rejects, p(d) = 1 accepts, and every seed ends with the same picture.
    void certainModelHasOnePicture()
    {
        TokenTable table(7, 4, 1);
        for (std::uint32_t position = 0; position < 7; ++position) {
            table.setEverywhere(position, {position % 2 == 0 ? 1.0 : 0.0, 0.0, 0.0, position % 2 == 0 ? 0.0 : 1.0});
        }
        TableModel model(table, plainLayout(7, 4)); // log 0: the other logits are -infinity
        bool wholeWindow = false;
        for (std::uint64_t seed = 0; seed < 200; ++seed) {
            const DecoderRun run = runDecoder(sjd(4, seed), model);
            QCOMPARE(run.wrong, QString());
            QCOMPARE(run.tokens[0], (std::vector<std::int64_t>{0, 3, 0, 3, 0, 3, 0}));
            for (const auto& step : run.steps) {
                wholeWindow = wholeWindow || step->committedEnd - step->begin == 4;
            }
        }
        QVERIFY(wholeWindow);
    }

    /// Top-k sets of two passes can be disjoint (the law depends on the token before); ties at the k-th stay.
    void topKSetsThatDiffer()
    {
        TokenTable table(6, 4, 1);
        for (std::uint32_t position = 1; position < 6; ++position) {
            for (std::int64_t before = -1; before < 4; ++before) {
                for (std::int64_t last = 0; last < 4; ++last) {
                    const std::array<double, 4> low{0.4, 0.3, 0.2, 0.1};
                    const std::array<double, 4> tied{0.1, 0.1, 0.4, 0.4};
                    table.setRow(position, before, last, last < 2 ? std::span<const double>(tied) : low);
                }
            }
        }
        DecodeSettings settings = sjd(4);
        settings.topK = 1;
        const TokenLayout layout = plainLayout(6, 4);
        TableModel model(table, layout);
        const TokenTable laws = table.warped(layout, {.topK = 1});
        const auto [z, wrong] = scoreOf(settings, model, laws);
        QCOMPARE(wrong, QString());
        QVERIFY2(std::abs(z) < 4.0, qPrintable(QString::number(z)));
    }

    void temperatureZeroIsGreedy()
    {
        TableModel model(TokenTable(15, 4, 3), legalSetLayout(15, 4));
        DecodeSettings settings = sjd(6);
        settings.temperature = 0.0;
        DecodeSettings greedy = settings;
        greedy.method = "sequential";
        const auto expected = runDecoder(greedy, model).tokens;
        for (settings.seed = 0; settings.seed < 100; ++settings.seed) {
            const DecoderRun run = runDecoder(settings, model);
            QCOMPARE(run.wrong, QString());
            QCOMPARE(run.tokens, expected);
        }
    }

    void guidanceOfOneUsesOneBranch()
    {
        TableModel model(TokenTable(5, 3, 1), TokenTable(5, 3, 2), plainLayout(5, 3));
        DecodeSettings settings = sjd(3);
        runDecoder(settings, model);
        QCOMPARE(model.branches(), 1);
        settings.guidance = 1.5;
        runDecoder(settings, model);
        QCOMPARE(model.branches(), 2);
    }

    void badLogitsAreAnError()
    {
        for (const at::ScalarType type : {at::kFloat, at::kDouble}) {
            for (const double bad : {std::numeric_limits<double>::quiet_NaN(), HUGE_VAL}) {
                TableModel model(TokenTable(6, 3, 1), plainLayout(6, 3), type);
                model.setLogit(4, bad);
                const DecoderRun run = runDecoder(sjd(2), model);
                QVERIFY(!run.wrong.isEmpty());
                QCOMPARE(run.code, ErrorCode::Numeric);
                QVERIFY(model.passes() <= 5);
            }
        }
    }

    void startsAfresh()
    {
        const c10::InferenceMode guard;
        TableModel model(TokenTable(9, 3, 1), plainLayout(9, 3));
        const auto decoder = makeDecoder(sjd(4, 12), model);
        QVERIFY(decoder.has_value());
        std::vector<std::vector<std::int64_t>> pictures;
        for (const int passes : {2, 100, 100}) { // the first run is left in the middle
            QVERIFY((*decoder)->start({{1}}).has_value());
            for (int pass = 0; pass < passes && !(*decoder)->done(); ++pass) {
                const auto step = (*decoder)->step();
                QVERIFY(step.has_value());
                QCOMPARE((*step)->pass, static_cast<std::uint32_t>(pass));
            }
            pictures.push_back((*decoder)->tokens(0));
        }
        QCOMPARE(pictures[1], pictures[2]);
    }
};

JACOBI_TEST(SjdTest)
#include "tst_sjd.moc"
