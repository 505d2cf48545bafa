// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/decode/sjd2.h"

#include "core/decode/initialisation.h"
#include "tests/core/decode/chisquare.h"
#include "tests/core/decode/decoderrun.h"
#include "tests/core/decode/noisytable.h"
#include "tests/testmain.h"

#include <array>
#include <cmath>
#include <cstring>

using namespace jacobi;
using namespace jacobi::test;

namespace {

constexpr std::array<const char*, 4> kCouplings{"independent", "maximal", "gumbel-exact", "gumbel-spec"};

DecodeSettings settingsOf(const char* coupling, std::uint32_t window, std::uint32_t noiseSteps)
{
    DecodeSettings settings;
    settings.method = "sjd2";
    settings.coupling = coupling;
    settings.window = window;
    settings.noiseSteps = noiseSteps;
    settings.seed = 40;
    return settings;
}

struct Run {
    std::vector<std::vector<std::int64_t>> tokens;
    std::vector<std::shared_ptr<Step>> steps;
};

Run run(const DecodeSettings& settings, TokenModel& model, std::size_t items = 1)
{
    const c10::InferenceMode guard;
    const auto decoder = makeDecoder(settings, model).value();
    if (!decoder->start(std::vector<std::vector<std::int64_t>>(items, {1, 2}))) {
        qFatal("the decoder did not start");
    }
    Run result;
    while (!decoder->done()) {
        result.steps.push_back(decoder->step().value());
        const Step& step = *result.steps.back();
        // The picture is the last value of every position, noise included.
        for (std::size_t i = 0; i < step.token.size(); ++i) {
            if (decoder->tokens(step.item)[step.begin + i] != step.token[i]) {
                qFatal("the step's tokens are not the decoder's");
            }
        }
    }
    for (std::size_t item = 0; item < items; ++item) {
        result.tokens.push_back(decoder->tokens(item));
    }
    return result;
}

bool isSame(const std::vector<float>& a, const std::vector<float>& b)
{
    return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size() * sizeof(float)) == 0;
}

/// But for the times and the number of the picture.
bool isSame(const Step& a, const Step& b)
{
    return a.pass == b.pass && a.begin == b.begin && a.end == b.end && a.committedEnd == b.committedEnd &&
           a.token == b.token && a.state == b.state && a.draft == b.draft && isSame(a.p, b.p) && isSame(a.q, b.q) &&
           isSame(a.u, b.u) && isSame(a.entropy, b.entropy) && isSame(a.noiseLevel, b.noiseLevel);
}

TokenTable flatTable(std::uint32_t positions, std::uint32_t codes)
{
    return TokenTable(positions, codes, 31).warped(plainLayout(positions, codes), {.temperature = 3.0});
}

} // namespace

class Sjd2Test : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void noNoiseIsSjdBitForBit()
    {
        for (const char* coupling : kCouplings) {
            for (const InitialisationName& initialisation : kInitialisations) {
                NoisyTableModel model(TokenTable(24, 5, 7), inLines(plainLayout(24, 5), 6));
                DecodeSettings settings = settingsOf(coupling, 7, 0);
                settings.initialisation = initialisation.name;
                const Run ours = run(settings, model, 2);
                settings.method = "sjd";
                const Run sjd = run(settings, model, 2);
                QCOMPARE(model.noisyPasses(), 0U);
                QVERIFY(ours.tokens == sjd.tokens);
                QVERIFY(std::ranges::equal(ours.steps, sjd.steps,
                                           [](const auto& a, const auto& b) { return isSame(*a, *b); }));
                QVERIFY(ours.steps.front()->noiseLevel.empty());
            }
        }
    }

    void aWindowOfOneIsSequential()
    {
        NoisyTableModel model(TokenTable(20, 5, 7), plainLayout(20, 5));
        DecodeSettings settings = settingsOf("maximal", 1, 2);
        settings.method = "sequential";
        const Run sequential = run(settings, model);
        settings.method = "sjd2";
        for (const char* coupling : kCouplings) {
            settings.coupling = coupling;
            QVERIFY(run(settings, model).tokens == sequential.tokens);
        }
    }

    void gumbelExactIsSequentialWhateverTheNoise()
    {
        NoisyTableModel model(TokenTable(30, 5, 7), plainLayout(30, 5));
        DecodeSettings settings = settingsOf("gumbel-exact", 8, 1);
        settings.method = "sequential";
        const Run sequential = run(settings, model);
        settings.method = "sjd2";
        for (const std::uint32_t steps : {1U, 2U, 3U}) {
            for (const bool refines : {true, false}) {
                settings.noiseSteps = steps;
                settings.variant.refines = refines;
                QVERIFY(run(settings, model).tokens == sequential.tokens);
            }
        }
        QVERIFY(model.protocolHeld());
    }

    void levelsRiseToTheRightAndFallByOneAPass()
    {
        const NoiseKind kind{.mostSteps = 3};
        NoisyTableModel model(TokenTable(40, 5, 7), plainLayout(40, 5), kind);
        const Run ours = run(settingsOf("maximal", 9, 3), model);
        const std::vector<NoiseLevel> levels = noiseLevels(kind, 3);
        std::vector<float> before(40, std::nanf(""));
        for (const auto& step : ours.steps) {
            QCOMPARE(step->noiseLevel.size(), step->token.size());
            for (std::uint32_t i = 0; i < step->token.size(); ++i) {
                const float level = step->noiseLevel[i];
                const float last = before[step->begin + i];
                const bool committed = step->begin + i < step->committedEnd;
                QVERIFY(!committed || level == 0.0F);
                QCOMPARE(step->state[i] == TokenState::Noisy, level > 0.0F);
                const bool isLast = step->begin + i + 1 == 40; // predicted, never read: a token always
                QVERIFY(i == 0 || committed || isLast || level >= step->noiseLevel[i - 1]);
                QVERIFY(committed || std::isnan(last) || (level == 0.0F && last == 0.0F) || level < last);
                const bool known = std::ranges::any_of(
                    levels, [&](const NoiseLevel& l) { return static_cast<float>(l.sigma) == level; });
                QVERIFY(known);
                before[step->begin + i] = level;
            }
        }
        for (const std::vector<double>& times : model.times()) {
            QVERIFY(std::ranges::is_sorted(times));
        }
        QVERIFY(model.noisyPasses() > 5 && model.protocolHeld());
    }

    /// Tokens a pass cannot pass the window over the number of levels: each row spends a pass on each.
    void passesAreAtLeastWhatTheLevelsTake()
    {
        const TokenTable sure = TokenTable(60, 5, 7).warped(plainLayout(60, 5), {.temperature = 0.0});
        for (const std::uint32_t steps : {1U, 2U, 3U}) {
            NoisyTableModel model(sure, plainLayout(60, 5));
            DecodeSettings settings = settingsOf("maximal", 12, steps);
            settings.temperature = 0.0;
            const Run ours = run(settings, model);
            QVERIFY(ours.steps.size() * 12 >= 60 * steps);
        }
    }

    void batchesEqualSinglePictures()
    {
        for (const char* coupling : kCouplings) {
            NoisyTableModel model(TokenTable(24, 5, 7), plainLayout(24, 5));
            DecodeSettings settings = settingsOf(coupling, 6, 2);
            const Run together = run(settings, model, 4);
            for (std::size_t item = 0; item < 4; ++item) {
                settings.seed = 40 + item;
                const Run alone = run(settings, model);
                QVERIFY(alone.tokens[0] == together.tokens[item]);
                std::vector<std::shared_ptr<Step>> own;
                std::ranges::copy_if(together.steps, std::back_inserter(own),
                                     [&](const auto& step) { return step->item == item; });
                QVERIFY(
                    std::ranges::equal(own, alone.steps, [](const auto& a, const auto& b) { return isSame(*a, *b); }));
            }
        }
    }

    /// Forced tokens stay tokens in the middle of noise, and terminals end a picture.
    void layoutsAreKept()
    {
        const TokenLayout layout = inLines(lineEndLayout(24, 5, 4, {3, 7, 11, 15, 19, 23}), 4);
        NoisyTableModel model(TokenTable(24, 5, 7), layout);
        for (const char* coupling : kCouplings) {
            const Run ours = run(settingsOf(coupling, 9, 2), model);
            for (std::size_t i = 3; i < 24; i += 4) {
                QCOMPARE(ours.tokens[0][i], std::int64_t{4});
            }
        }
        QVERIFY(model.protocolHeld());
    }

    void followsTheLaw_data()
    {
        QTest::addColumn<QString>("coupling");
        QTest::addColumn<int>("steps");
        QTest::addColumn<bool>("refines");
        for (const char* coupling : kCouplings) {
            for (const int steps : {1, 2}) {
                for (const bool refines : {true, false}) {
                    QTest::addRow("%s, %d steps, %s", coupling, steps, refines ? "refined" : "kept")
                        << QString(coupling) << steps << refines;
                }
            }
        }
    }
    /// The law of the pictures is that of sequential sampling from the model that reads the noise; 6000 pictures.
    void followsTheLaw()
    {
        QFETCH(QString, coupling);
        QFETCH(int, steps);
        QFETCH(bool, refines);
        constexpr std::size_t kItems = 200;
        constexpr std::size_t kSamples = 6000;
        const TokenLayout layout = plainLayout(6, 3);
        const TokenTable table = flatTable(6, 3);
        const std::vector<double> law = sequentialLaw(table, layout);
        std::vector<std::uint64_t> counts(law.size(), 0);
        NoisyTableModel model(table, layout);
        DecodeSettings settings = settingsOf(qPrintable(coupling), 5, static_cast<std::uint32_t>(steps));
        settings.variant.refines = refines;
        for (std::size_t from = 0; from < kSamples; from += kItems) {
            settings.seed = 1000 + from;
            for (const auto& tokens : run(settings, model, kItems).tokens) {
                ++counts[sequenceNumber(tokens, tokens.size(), layout.codes)];
            }
        }
        const double score = chiSquareScore(counts, law);
        QVERIFY2(std::abs(score) < 4.0, qPrintable(QString::number(score)));
    }

    void otherModelsAndTooManyStepsAreRefused()
    {
        TableModel deaf(TokenTable(6, 3, 31), plainLayout(6, 3));
        const auto refused = makeDecoder(settingsOf("maximal", 4, 1), deaf);
        QVERIFY(!refused && refused.error().message.find("not trained to read noise") != std::string::npos);
        NoisyTableModel model(TokenTable(6, 3, 31), plainLayout(6, 3));
        const auto tooMany = makeDecoder(settingsOf("maximal", 4, 4), model);
        QVERIFY(!tooMany && tooMany.error().message.find("at most 3 noise steps") != std::string::npos);
        QVERIFY(!makeDecoder(settingsOf("loose", 4, 1), model));
    }
};

JACOBI_TEST(Sjd2Test)
#include "tst_sjd2.moc"
