// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/training/scenestransformertrainer.h"

#include "models/scenes/scenestransformer.h"
#include "models/scenes/scenesweights.h"
#include "models/training/scene.h"
#include "models/training/scenemap.h"
#include "tests/models/scenes/tinyscenes.h"
#include "tests/testmain.h"

#include <ATen/ATen.h>

#include <cmath>
#include <memory>

using namespace jacobi;
using namespace jacobi::test;

namespace {

constexpr std::int64_t kPictures = 4, kPositions = 16;

TrainScenesOptions weighing(double subjectWeight)
{
    TrainScenesOptions options;
    options.batch = kPictures;
    options.microBatch = kPictures;
    options.map = 0.0;
    options.claims = 0.0;
    options.subjectWeight = subjectWeight;
    return options;
}

/// The second half of each picture is a house, its first patch the sun.
at::Tensor housesBelow()
{
    at::Tensor maps = at::zeros({kPictures, static_cast<std::int64_t>(kMappedCount), kPositions}, at::kLong);
    at::Tensor things = maps.select(1, static_cast<std::int64_t>(Mapped::Thing));
    things.narrow(1, kPositions / 2, kPositions / 2).fill_(1 + static_cast<std::int64_t>(SubjectKind::House));
    things.select(1, 0).fill_(1);
    return maps;
}

/// Nats a code, of the first and of the second half of the pictures.
std::pair<double, double> halves(const ScenesConfig& config, const TensorMap& tensors, const at::Tensor& prompts,
                                 const at::Tensor& codes)
{
    const TransformerWeights weights = transformerWeights(config, tensors);
    const auto attend = [](std::int64_t, const Heads& heads) { return causalAttention(heads); };
    const at::Tensor rows =
        transformRows(config, weights, inputTable(config, weights), sequenceInputs(config, prompts, codes),
                      sequenceRotary(config, at::kFloat), attend);
    const at::Tensor nats = -predictCodes(weights, rows.narrow(1, config.prefix - 1, kPositions))
                                 .log_softmax(-1)
                                 .gather(-1, codes.unsqueeze(-1))
                                 .squeeze(-1);
    return {nats.narrow(1, 0, kPositions / 2).mean().item<double>(),
            nats.narrow(1, kPositions / 2, kPositions / 2).mean().item<double>()};
}

} // namespace

class ScenesTransformerTrainerTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void init()
    {
        at::manual_seed(5);
        m_config = tinyConfig();
        m_start = startTensors(transformerTensors(m_config), 1);
        m_tokenizer = randomTensors(tokenizerTensors(m_config));
        m_prompts = at::tensor({0L, 1L, 4L, 4L}).view({1, 4}).repeat({kPictures, 1});
    }

    /// One caption, four pictures in turn: what cannot be learnt whole is learnt where it counts more.
    void codesOfSubjectsCountMore()
    {
        const at::Tensor codes = at::randint(m_config.codes(), {kPictures, kPositions}, at::kLong);
        const auto taught = [&](double weight) {
            ScenesTransformerTrainer trainer(m_config, weighing(weight), m_tokenizer, m_start);
            for (int step = 0; step < 12; ++step) {
                trainer.trainOn(m_prompts, codes, 1.0, {}, housesBelow());
            }
            return halves(m_config, trainer.weights(), m_prompts, codes);
        };
        const auto [plainAbove, plainBelow] = taught(1.0);
        const auto [above, below] = taught(16.0);
        QVERIFY2(below < plainBelow - 0.02, qPrintable(QString("%1, %2").arg(below).arg(plainBelow)));
        QVERIFY2(above > plainAbove + 0.02, qPrintable(QString("%1, %2").arg(above).arg(plainAbove)));
    }

    /// Neither the landscape nor the sun; and without maps no code does.
    void otherCodesCountAsTheyDid()
    {
        const at::Tensor codes = at::randint(m_config.codes(), {kPictures, kPositions}, at::kLong);
        at::Tensor maps = housesBelow();
        maps.select(1, static_cast<std::int64_t>(Mapped::Thing)).clamp_max_(1);
        const auto taught = [&](double weight, const at::Tensor& seen) {
            ScenesTransformerTrainer trainer(m_config, weighing(weight), m_tokenizer, m_start);
            trainer.trainOn(m_prompts, codes, 1.0, {}, seen);
            return trainer.weights();
        };
        const TensorMap plain = taught(1.0, maps);
        for (const TensorMap& weighed : {taught(9.0, maps), taught(9.0, {})}) {
            for (const auto& [name, value] : plain) {
                QVERIFY2(at::equal(weighed.at(name), value), name.c_str());
            }
        }
    }

    /// Curves of runs with different weights can be compared, and micro-batches change nothing.
    void theLossCountsAllAlike()
    {
        const at::Tensor codes = at::randint(m_config.codes(), {kPictures, kPositions}, at::kLong);
        ScenesTransformerTrainer plain(m_config, weighing(1.0), m_tokenizer, m_start);
        ScenesTransformerTrainer weighed(m_config, weighing(6.0), m_tokenizer, m_start);
        TrainScenesOptions options = weighing(6.0);
        options.microBatch = 1;
        ScenesTransformerTrainer single(m_config, options, m_tokenizer, m_start);
        const double expected = plain.trainOn(m_prompts, codes, 1.0, {}, housesBelow());
        QVERIFY(std::abs(weighed.trainOn(m_prompts, codes, 1.0, {}, housesBelow()) - expected) < 1e-6);
        QVERIFY(std::abs(single.trainOn(m_prompts, codes, 1.0, {}, housesBelow()) - expected) < 1e-5);
        const double after = weighed.trainOn(m_prompts, codes, 0.0, {}, housesBelow());
        QVERIFY(std::abs(single.trainOn(m_prompts, codes, 0.0, {}, housesBelow()) - after) < 2e-3);
    }

    /// The maps that weights need are drawn also where nothing learns to tell them.
    void stepsWeighAsTheOptionSays()
    {
        m_config.words = sceneWords();
        m_config.prefix = longestSceneCaption() + 1;
        const TensorMap start = startTensors(transformerTensors(m_config), 1);
        const auto taught = [&](double weight) {
            ScenesTransformerTrainer trainer(m_config, weighing(weight), m_tokenizer, start);
            trainer.step(0, 1.0);
            return trainer.weights();
        };
        const TensorMap plain = taught(1.0);
        const TensorMap weighed = taught(8.0);
        QVERIFY(std::ranges::any_of(
            plain, [&](const auto& entry) { return !at::equal(weighed.at(entry.first), entry.second); }));
    }

private:
    ScenesConfig m_config;
    TensorMap m_start;
    TensorMap m_tokenizer;
    at::Tensor m_prompts;
};

JACOBI_TEST(ScenesTransformerTrainerTest)
#include "tst_scenestransformertrainer.moc"
