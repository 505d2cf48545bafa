// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/decode/draws.h"
#include "core/decode/initialisation.h"
#include "tests/core/decode/decoderrun.h"
#include "tests/testmain.h"

#include <algorithm>
#include <array>
#include <cmath>

using namespace jacobi;
using namespace jacobi::test;

namespace {

DecodeSettings gumbelExact(std::string_view initialisation, std::uint32_t window)
{
    DecodeSettings settings;
    settings.method = "sjd";
    settings.coupling = "gumbel-exact";
    settings.initialisation = initialisation;
    settings.window = window;
    return settings;
}

DecodeSettings sequential(DecodeSettings settings)
{
    settings.method = "sequential";
    return settings;
}

/// The committed tokens: behind the end of a picture that a terminal token ended, rejected drafts may stand.
std::vector<std::int64_t> committedTokens(const DecoderRun& run, std::size_t item = 0)
{
    return {run.tokens[item].begin(), run.tokens[item].begin() + static_cast<std::ptrdiff_t>(run.lengths[item])};
}

/// Two codes so probable that with this seed's noise code 0 wins that position by `margin`, in log probability.
void setMargin(TokenTable& table, std::uint32_t position, std::uint64_t seed, double margin)
{
    const auto u = CounterRandom{seed}.uniforms(position, 0, Purpose::Draw, 0);
    const double ratio = std::log(u[0]) / std::log(u[1]) * std::exp(margin); // p0 / p1
    table.setEverywhere(position, {ratio / (1.0 + ratio), 1.0 / (1.0 + ratio)});
}

} // namespace

/// The coupling that promises the very picture of sequential sampling.
class GumbelExactTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void equalsSequential_data()
    {
        QTest::addColumn<std::string>("initialisation");
        QTest::addColumn<std::uint32_t>("window");
        for (const auto& [initialisation, name] : kInitialisations) {
            for (const std::uint32_t window : {1U, 2U, 3U, 5U, 8U, 20U, 64U}) {
                QTest::addRow("%s, window %u", name.data(), window) << std::string(name) << window;
            }
        }
    }
    void equalsSequential()
    {
        QFETCH(std::string, initialisation);
        QFETCH(std::uint32_t, window);
        TokenLayout ending = inLines(plainLayout(20, 5), 4);
        ending.terminals = {3};
        const std::array<TokenLayout, 4> layouts{inLines(plainLayout(20, 5), 4),
                                                 inLines(lineEndLayout(20, 5, 4, {4, 9, 14, 19}), 5),
                                                 columnSetLayout(5, 4, 5), ending};
        std::size_t passes = 0;
        std::size_t tokens = 0;
        for (const TokenLayout& layout : layouts) {
            TableModel model(TokenTable(20, 5, 6), TokenTable(20, 5, 7), layout);
            for (std::uint64_t seed = 0; seed < 40; ++seed) {
                DecodeSettings settings = gumbelExact(initialisation, window);
                settings.seed = seed;
                settings.guidance = 1.4;
                settings.temperature = 0.9;
                settings.topK = 4;
                settings.topP = 0.97;
                const DecoderRun run = runDecoder(settings, model);
                QCOMPARE(run.wrong, QString());
                QCOMPARE(committedTokens(run), committedTokens(runDecoder(sequential(settings), model)));
                QCOMPARE(run.nearTies, std::uint64_t{0});
                passes += run.steps.size();
                tokens += run.lengths[0];
            }
        }
        QVERIFY(window == 1 ? passes == tokens : passes < tokens);
    }

    void batchEqualsSequentialBatch()
    {
        TableModel model(TokenTable(20, 5, 6), inLines(plainLayout(20, 5), 4));
        for (const auto& [initialisation, name] : kInitialisations) {
            const DecodeSettings settings = gumbelExact(name, 6);
            const DecoderRun run = runDecoder(settings, model, 7);
            QCOMPARE(run.wrong, QString());
            QCOMPARE(run.tokens, runDecoder(sequential(settings), model, 7).tokens);
        }
    }

    /// Ties at two positions: counted once each, whatever the window, and only when committed.
    void tiesAreCounted()
    {
        constexpr std::uint64_t kSeed = 9;
        TokenTable table(12, 2, 6);
        setMargin(table, 0, kSeed, 0.0);
        setMargin(table, 7, kSeed, 1e-13);
        setMargin(table, 11, kSeed, 1e-8); // not near in double
        const TokenLayout layout = inLines(plainLayout(12, 2), 4);
        for (const auto& [initialisation, name] : kInitialisations) {
            for (const std::uint32_t window : {1U, 2U, 4U, 12U}) {
                TableModel model(table, layout);
                DecodeSettings settings = gumbelExact(name, window);
                settings.seed = kSeed;
                const DecoderRun run = runDecoder(settings, model);
                QCOMPARE(run.wrong, QString());
                QCOMPARE(run.nearTies, std::uint64_t{2});
                for (const char* coupling : {"independent", "maximal", "gumbel-spec"}) { // promise nothing
                    settings.coupling = coupling;
                    QCOMPARE(runDecoder(settings, model).nearTies, std::uint64_t{0});
                }
            }
        }
    }

    /// float32 is coarser: a margin of 1e-4 is near there.
    void nearnessIsThatOfThePrecision()
    {
        constexpr std::uint64_t kSeed = 4;
        TokenTable table(12, 2, 6);
        setMargin(table, 3, kSeed, 1e-4);
        setMargin(table, 4, kSeed, -1e-4);
        setMargin(table, 8, kSeed, 0.01);
        for (const at::ScalarType type : {at::kFloat, at::kDouble}) {
            TableModel model(table, plainLayout(12, 2), type);
            DecodeSettings settings = gumbelExact("uniform", 5);
            settings.seed = kSeed;
            const DecoderRun run = runDecoder(settings, model);
            QCOMPARE(run.wrong, QString());
            QCOMPARE(run.nearTies, std::uint64_t{type == at::kFloat ? 2U : 0U});
        }
    }

    void tiesOfABatchAreSummed()
    {
        TokenTable table(12, 2, 6);
        setMargin(table, 2, 20, 0.0); // the first picture
        setMargin(table, 5, 22, 0.0); // the third one
        setMargin(table, 6, 22, 0.0);
        TableModel model(table, plainLayout(12, 2));
        DecodeSettings settings = gumbelExact("left", 4);
        settings.seed = 20;
        QCOMPARE(runDecoder(settings, model, 3).nearTies, std::uint64_t{3});
        QCOMPARE(runDecoder(settings, model, 2).nearTies, std::uint64_t{1});
    }

    /// A position that leaves no choice is no tie.
    void certainTokensAreNoTies()
    {
        TableModel model(TokenTable(12, 3, 6), inLines(lineEndLayout(12, 3, 2, {3, 7, 11}), 4), at::kFloat);
        TokenTable certain(12, 3, 6);
        for (std::uint32_t position = 0; position < 12; ++position) {
            certain.setEverywhere(position, {0.0, 1.0, 0.0});
        }
        TableModel sure(certain, plainLayout(12, 3));
        QCOMPARE(runDecoder(gumbelExact("above", 4), model).nearTies, std::uint64_t{0});
        QCOMPARE(runDecoder(gumbelExact("above", 4), sure).nearTies, std::uint64_t{0});
    }
};

JACOBI_TEST(GumbelExactTest)
#include "tst_gumbelexact.moc"
