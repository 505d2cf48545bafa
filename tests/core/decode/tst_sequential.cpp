// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/decode/draws.h"
#include "tests/core/decode/chisquare.h"
#include "tests/core/decode/decoderrun.h"
#include "tests/testmain.h"

#include <array>
#include <cmath>
#include <limits>

using namespace jacobi;
using namespace jacobi::test;

class SequentialTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void followsTheLaw()
    {
        const std::array<TokenLayout, 3> layouts{plainLayout(5, 3), lineEndLayout(5, 3, 2, {0, 2, 4}),
                                                 legalSetLayout(5, 3)};
        for (const TokenLayout& layout : layouts) {
            const TokenTable table(5, 3, 23);
            const std::vector<double> law = sequentialLaw(table.warped(layout), layout);
            std::vector<std::uint64_t> counts(law.size(), 0);
            TableModel model(table, layout);
            for (std::uint64_t seed = 0; seed < 1000; ++seed) { // pictures of a batch are independent as well
                DecodeSettings settings;
                settings.seed = 40 * seed;
                const DecoderRun run = runDecoder(settings, model, 40);
                QCOMPARE(run.wrong, QString());
                for (const auto& tokens : run.tokens) {
                    ++counts[sequenceNumber(tokens, tokens.size(), 3)];
                }
            }
            const double z = chiSquareScore(counts, law);
            QVERIFY2(std::abs(z) < 4.0, qPrintable(QString::number(z)));
        }
    }

    /// Token n is argmax(log p + g) with the numbers of position n, purpose draw and pass 0, under the whole pipeline F.
    void drawsWithThePositionsOwnNoise()
    {
        const TokenLayout layout = legalSetLayout(30, 6);
        const TokenTable c(30, 6, 1);
        const TokenTable u(30, 6, 2);
        DecodeSettings settings;
        settings.seed = 77;
        settings.guidance = 2.0;
        settings.temperature = 0.8;
        settings.topK = 4;
        settings.topP = 0.95;
        TableModel model(c, u, layout);
        const DecoderRun run = runDecoder(settings, model);
        QCOMPARE(run.wrong, QString());
        QCOMPARE(model.branches(), 2);
        const TokenTable laws = c.warped(layout, {2.0, 0.8, 4, 0.95}, &u);
        const std::vector<std::int64_t>& tokens = run.tokens[0];
        for (std::uint32_t n = 0; n < 30; ++n) {
            const auto p = laws.row(n, n > 1 ? tokens[n - 2] : -1, n > 0 ? tokens[n - 1] : -1);
            QCOMPARE(tokens[n], PhiloxDraws<double>(77).draw(n, p));
            const Step& step = *run.steps[n];
            QCOMPARE(step.state[0], TokenState::Bonus);
            QVERIFY(std::abs(step.p[0] - p[static_cast<std::size_t>(tokens[n])]) < 1e-6);
        }
    }

    void pictureOfABatchIsThatOfItsSeed()
    {
        const TokenLayout layout = legalSetLayout(20, 5);
        TableModel model(TokenTable(20, 5, 4), layout, at::kFloat);
        DecodeSettings settings;
        settings.seed = 1000;
        const DecoderRun together = runDecoder(settings, model, 6);
        QCOMPARE(together.wrong, QString());
        QCOMPARE(model.passes(), 20U); // one pass a position for all of them
        for (std::size_t i = 0; i < 6; ++i) {
            settings.seed = 1000 + i;
            QCOMPARE(runDecoder(settings, model).tokens[0], together.tokens[i]);
        }
        QVERIFY(together.tokens[0] != together.tokens[1]);
    }

    void guidanceOfOneUsesOneBranch()
    {
        TableModel model(TokenTable(4, 3, 1), plainLayout(4, 3));
        DecodeSettings settings;
        runDecoder(settings, model);
        QCOMPARE(model.branches(), 1);
        settings.guidance = 0.0;
        runDecoder(settings, model);
        QCOMPARE(model.branches(), 2);
    }

    void forcedTokensAreMarked()
    {
        TableModel model(TokenTable(5, 3, 1), lineEndLayout(5, 3, 2, {1, 4}));
        const DecoderRun run = runDecoder({}, model);
        QCOMPARE(run.wrong, QString());
        for (std::size_t n = 0; n < 5; ++n) {
            const bool forced = n == 1 || n == 4;
            QCOMPARE(run.steps[n]->state[0], forced ? TokenState::Forced : TokenState::Bonus);
            QCOMPARE(run.tokens[0][n] == 2, forced);
        }
    }

    void terminalTokenEndsItsPictureOnly()
    {
        TokenLayout layout = plainLayout(10, 4);
        layout.terminals = {3};
        TableModel model(TokenTable(10, 4, 6), layout);
        const DecoderRun run = runDecoder({}, model, 30);
        QCOMPARE(run.wrong, QString());
        std::size_t shortest = 10;
        std::size_t longest = 0;
        for (std::size_t i = 0; i < 30; ++i) {
            const std::size_t length = run.lengths[i];
            shortest = std::min(shortest, length);
            longest = std::max(longest, length);
            const auto& tokens = run.tokens[i];
            QCOMPARE(static_cast<std::size_t>(std::find(tokens.begin(), tokens.end(), 3) - tokens.begin()),
                     length == 10 && tokens[9] != 3 ? 10 : length - 1);
            QVERIFY(std::all_of(tokens.begin() + static_cast<std::ptrdiff_t>(length), tokens.end(),
                                [](std::int64_t token) { return token == 0; }));
        }
        QVERIFY(shortest < longest);
    }

    void temperatureZeroIsGreedy()
    {
        const TokenLayout layout = legalSetLayout(12, 4);
        const TokenTable table(12, 4, 3);
        const TokenTable laws = table.warped(layout, {.temperature = 0.0});
        TableModel model(table, layout);
        DecodeSettings settings;
        settings.temperature = 0.0;
        for (settings.seed = 0; settings.seed < 5; ++settings.seed) {
            const std::vector<std::int64_t> tokens = runDecoder(settings, model).tokens[0];
            for (std::uint32_t n = 0; n < 12; ++n) {
                const auto p = laws.row(n, n > 1 ? tokens[n - 2] : -1, n > 0 ? tokens[n - 1] : -1);
                QCOMPARE(p[static_cast<std::size_t>(tokens[n])], 1.0);
            }
        }
    }

    void badLogitsAreAnError()
    {
        for (const double bad : {std::numeric_limits<double>::quiet_NaN(), HUGE_VAL}) {
            TableModel model(TokenTable(6, 3, 1), plainLayout(6, 3));
            model.setLogit(4, bad);
            const DecoderRun run = runDecoder({}, model, 2);
            QVERIFY(!run.wrong.isEmpty());
            QCOMPARE(run.code, ErrorCode::Numeric);
            QCOMPARE(run.steps.size(), std::size_t{8}); // four good positions of two pictures
        }
    }
};

JACOBI_TEST(SequentialTest)
#include "tst_sequential.moc"
