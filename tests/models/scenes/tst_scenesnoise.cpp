// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/scenes/scenesnoise.h"

#include "core/decode/decoder.h"
#include "models/scenes/scenesmodel.h"
#include "tests/models/scenes/tinyscenes.h"
#include "tests/testmain.h"

#include <c10/core/InferenceMode.h>
#include <nlohmann/json.hpp>

using namespace jacobi;
using namespace jacobi::test;

namespace {

/// A tuned model of random weights: the encoding is none of zeros.
struct Tuned {
    explicit Tuned(at::ScalarType type = at::kDouble, ScenesNoise settings = {})
        : config(tinyConfig()), weights(randomTensors(transformerTensors(config), type))
    {
        const at::Tensor codes = codeEmbeddings(config, transformerWeights(config, weights));
        part = {settings, randomTensors(noiseTensors(config, settings), type),
                embeddingScale(settings.normalisation, codes)};
    }
    ScenesModel model() const { return ScenesModel(config, weights, part); }
    ScenesModel plain() const { return ScenesModel(config, weights); }

    ScenesConfig config;
    TensorMap weights;
    ScenesNoisePart part;
};

NoisyRows noisyRows(std::vector<NoisyRows::Row> rows, const at::Tensor& embeddings)
{
    return {std::move(rows), embeddings, true};
}

std::vector<std::vector<std::int64_t>> decodeAll(const DecodeSettings& settings, ScenesModel& model, std::size_t items,
                                                 std::size_t* passes = nullptr)
{
    const c10::InferenceMode inference;
    const auto decoder = makeDecoder(settings, model).value();
    if (!decoder->start(std::vector(items, model.promptOf({0, 2, 1})))) {
        qFatal("the decoder did not start");
    }
    while (!decoder->done()) {
        const auto step = decoder->step().value();
        if (passes != nullptr) {
            *passes = step->pass + 1;
        }
    }
    std::vector<std::vector<std::int64_t>> tokens;
    for (std::size_t item = 0; item < items; ++item) {
        tokens.push_back(decoder->tokens(item));
    }
    return tokens;
}

} // namespace

class ScenesNoiseTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void init() { at::manual_seed(11); }

    void normalisingGoesBothWays()
    {
        for (const Normalisation kind : {Normalisation::Channel, Normalisation::Scalar, Normalisation::None}) {
            ScenesNoise settings;
            settings.normalisation = kind;
            const Tuned tuned(at::kDouble, settings);
            ScenesModel model = tuned.model();
            const at::Tensor normal = model.noisy()->codeEmbeddings(true);
            const at::Tensor plain = model.noisy()->codeEmbeddings(false);
            QCOMPARE(plain.sizes(), (at::IntArrayRef{12, 4 * 32}));
            QVERIFY(worst(normal * tuned.part.scale.deviation + tuned.part.scale.mean, plain) < 1e-12);
            if (kind == Normalisation::Channel) {
                QVERIFY(normal.mean(0).abs().max().item<double>() < 1e-12);
                QVERIFY(worst(normal.square().mean(0), at::ones({4 * 32}, at::kDouble)) < 1e-9);
            } else if (kind == Normalisation::Scalar) {
                QVERIFY(std::abs(normal.mean().item<double>()) < 1e-12);
                QVERIFY(std::abs(normal.square().mean().item<double>() - 1.0) < 1e-9);
            } else {
                QVERIFY(at::equal(normal, plain));
            }
        }
    }

    /// A row without noise, read as an embedding, is its token: in its own row and in the rows below that look up at it.
    void embeddingsWithoutNoiseAreTheirTokens()
    {
        const c10::InferenceMode inference;
        Tuned tuned;
        for (auto& [name, value] : tuned.part.weights) {
            value.zero_(); // no encoding of the level
        }
        ScenesModel model = tuned.model();
        const at::Tensor tokens = at::randint(12, {2, 10}, at::kLong);
        const std::vector prompts{model.promptOf({0, 2}), model.promptOf({3})};
        model.begin(prompts, 2, 10);
        const at::Tensor expected = model.forward(tokens).clone();
        std::vector<NoisyRows::Row> rows;
        std::vector<at::Tensor> embeddings;
        at::Tensor hidden = tokens.clone();
        for (const auto& [item, row] :
             std::vector<std::pair<int, int>>{{0, 2}, {0, 3}, {0, 7}, {1, 1}, {1, 5}, {1, 9}}) {
            rows.push_back({item, row, 0.5});
            embeddings.push_back(model.noisy()->codeEmbeddings(true)[tokens[item][row].item<std::int64_t>()]);
            hidden[item][row] = 0;
        }
        const at::Tensor got = model.noisy()->forwardNoisy(hidden, noisyRows(rows, at::stack(embeddings)));
        QVERIFY2(worst(got, expected) < 1e-10, qPrintable(QString::number(worst(got, expected))));
        QVERIFY(worst(model.forward(hidden), expected) > 1e-3);
    }

    void cleanRowsAreUnmovedByNoiseToTheirRight()
    {
        const c10::InferenceMode inference;
        const Tuned tuned(at::kFloat);
        ScenesModel model = tuned.model();
        const std::vector<std::vector<std::int64_t>> prompts{model.promptOf({0, 2})};
        const at::Tensor tokens = at::randint(12, {1, 12}, at::kLong);
        model.begin(prompts, 1, 12);
        const at::Tensor clean = model.forward(tokens).clone();
        const std::vector<NoisyRows::Row> rows{{0, 6, 0.3}, {0, 7, 0.6}, {0, 9, 1.0}};
        const at::Tensor noise = at::randn({3, 4 * 32}, at::kFloat);
        const at::Tensor noisy = model.noisy()->forwardNoisy(tokens, noisyRows(rows, noise)).clone();
        QVERIFY(at::equal(noisy.narrow(2, 0, 6), clean.narrow(2, 0, 6))); // bit for bit
        QVERIFY(worst(noisy.narrow(2, 6, 1), clean.narrow(2, 6, 1)) > 1e-3);
        // And the noise of a row moves no row to its left either.
        at::Tensor other = noise.clone();
        other[2] += 1.0;
        const at::Tensor moved = model.noisy()->forwardNoisy(tokens, noisyRows(rows, other));
        QVERIFY(at::equal(moved.narrow(2, 0, 9), noisy.narrow(2, 0, 9)));
        QVERIFY(worst(moved.narrow(2, 9, 1), noisy.narrow(2, 9, 1)) > 1e-4);
    }

    void noiseLeavesNothingInTheCache()
    {
        const c10::InferenceMode inference;
        const Tuned tuned(at::kFloat);
        ScenesModel model = tuned.model();
        ScenesModel plain = tuned.plain();
        const std::vector<std::vector<std::int64_t>> prompts{model.promptOf({1})};
        const at::Tensor tokens = at::randint(12, {1, 6}, at::kLong);
        model.begin(prompts, 1, 6);
        plain.begin(prompts, 1, 6);
        model.noisy()->forwardNoisy(tokens, noisyRows({{0, 3, 0.5}, {0, 4, 1.0}}, at::randn({2, 4 * 32}, at::kFloat)));
        plain.forward(tokens);
        model.commit(0, 3); // the rows before the noise
        plain.commit(0, 3);
        const at::Tensor next = at::randint(12, {1, 6}, at::kLong);
        QVERIFY(at::equal(model.forward(next), plain.forward(next)));
    }

    void noNoiseStepsAreSjd_data()
    {
        QTest::addColumn<QString>("coupling");
        for (const char* coupling : {"independent", "maximal", "gumbel-exact", "gumbel-spec"}) {
            QTest::newRow(coupling) << QString(coupling);
        }
    }
    void noNoiseStepsAreSjd()
    {
        QFETCH(QString, coupling);
        const Tuned tuned(at::kFloat);
        ScenesModel model = tuned.model();
        ScenesModel plain = tuned.plain();
        DecodeSettings settings;
        settings.method = "sjd2";
        settings.coupling = coupling.toStdString();
        settings.window = 6;
        settings.noiseSteps = 0;
        settings.guidance = 1.5;
        std::size_t passes = 0;
        std::size_t plainPasses = 0;
        const auto tokens = decodeAll(settings, model, 3, &passes);
        settings.method = "sjd";
        QVERIFY(decodeAll(settings, plain, 3, &plainPasses) == tokens);
        QCOMPARE(passes, plainPasses);
    }

    void batchesEqualSinglePicturesAndOneRowIsSequential()
    {
        const Tuned tuned(at::kFloat);
        ScenesModel model = tuned.model();
        DecodeSettings settings;
        settings.method = "sjd2";
        settings.window = 7;
        settings.noiseSteps = 2;
        settings.guidance = 1.5;
        settings.seed = 5;
        const auto together = decodeAll(settings, model, 3);
        for (std::size_t item = 0; item < 3; ++item) {
            settings.seed = 5 + item;
            QVERIFY(decodeAll(settings, model, 1)[0] == together[item]);
        }
        settings.window = 1;
        const auto one = decodeAll(settings, model, 1);
        settings.method = "sequential";
        QVERIFY(decodeAll(settings, model, 1) == one);
        settings.method = "sjd2";
        settings.coupling = "gumbel-exact";
        settings.window = 7;
        QVERIFY(decodeAll(settings, model, 1) == one);
    }

    void aModelThatReadsTokensOnlySaysSo()
    {
        ScenesModel plain = Tuned(at::kFloat).plain();
        QVERIFY(plain.noisy() == nullptr);
    }

    void noDifferenceIsTheBaseBitForBit()
    {
        const ScenesConfig config = tinyConfig();
        const TensorMap base = randomTensors(transformerTensors(config), at::kFloat);
        for (const std::int64_t rank : {0, 3}) {
            ScenesNoise noise;
            noise.rank = rank;
            const TensorMap start = startTensors(differenceTensors(config, noise), 1);
            for (const auto& [name, value] : joinDifference(config, base, start)) {
                QVERIFY2(at::equal(value, base.at(name)), name.c_str());
            }
            QCOMPARE(start.contains("blocks.0.feed.down.left"), rank > 0);
            TensorMap moved = start;
            moved.at("embed.code.difference") = at::ones({12, 32});
            QVERIFY(worst(joinDifference(config, base, moved).at("embed.code"), base.at("embed.code") + 1.0) == 0.0);
        }
    }

    void settingsComeBackAndWrongOnesAreNamed()
    {
        ScenesNoise noise;
        noise.kind = {NoisePair::Linear, NoiseGrid::Karras, 0.5, 9.0, 2};
        noise.normalisation = Normalisation::Scalar;
        noise.features = 8;
        noise.hidden = 5;
        noise.rank = 7;
        QVERIFY(scenesNoiseFromJson(toJson(noise)).value() == noise);
        for (const auto& [key, value] : std::vector<std::pair<std::string, nlohmann::json>>{{"pair", "cosine"},
                                                                                            {"grid", 3},
                                                                                            {"mostSteps", 0},
                                                                                            {"normalisation", ""},
                                                                                            {"features", 7},
                                                                                            {"rank", -1},
                                                                                            {"leastRatio", 10.0}}) {
            nlohmann::json json = toJson(noise);
            json[key] = value;
            const auto refused = scenesNoiseFromJson(json);
            QVERIFY2(!refused && refused.error().message.find(key) != std::string::npos, key.c_str());
        }
    }
};

JACOBI_TEST(ScenesNoiseTest)
#include "tst_scenesnoise.moc"
