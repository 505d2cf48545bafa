// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/scenes/scenesweights.h"
#include "models/training/owncodes.h"
#include "models/training/scene.h"
#include "models/training/scenestransformertrainer.h"
#include "tests/models/scenes/tinyscenes.h"
#include "tests/testmain.h"

#include <ATen/ATen.h>

#include <cmath>
#include <memory>

using namespace jacobi;
using namespace jacobi::test;

class OwnCodesTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void init() { at::manual_seed(3); }

    void chanceIsAFunctionOfSeedAndStep()
    {
        const OwnCodesChance first = drawOwnCodesChance(8, 16, 0.3, 5, 7);
        const OwnCodesChance again = drawOwnCodesChance(8, 16, 0.3, 5, 7);
        QVERIFY(at::equal(first.sample, again.sample));
        QVERIFY(at::equal(first.replace, again.replace));
        QVERIFY(!at::equal(first.sample, drawOwnCodesChance(8, 16, 0.3, 5, 8).sample));
        QVERIFY(!at::equal(first.sample, drawOwnCodesChance(8, 16, 0.3, 6, 7).sample));
    }

    void everyPictureHasAShareOfItsOwn()
    {
        const at::Tensor replace = drawOwnCodesChance(2000, 100, 0.2, 1, 1).replace;
        const at::Tensor shares = replace.to(at::kDouble).mean(1);
        QVERIFY(std::abs(shares.mean().item<double>() - 0.2) < 0.01);
        QVERIFY(shares.max().item<double>() > 0.35);
        QVERIFY(shares.max().item<double>() < 0.6);
        QVERIFY((shares < 0.05).to(at::kDouble).mean().item<double>() > 0.05);
        QVERIFY(!drawOwnCodesChance(20, 100, 0.0, 1, 1).replace.any().item<bool>());
        const at::Tensor most = drawOwnCodesChance(2000, 100, 0.5, 1, 1).replace.to(at::kDouble).mean(1);
        QVERIFY(std::abs(most.mean().item<double>() - 0.5) < 0.02);
    }

    void onlyWhatIsReplacedChanges()
    {
        const at::Tensor codes = at::zeros({50, 40}, at::kLong);
        at::Tensor logits = at::full({50, 40, 8}, -20.0);
        logits.select(2, 5).fill_(3.0); // sure of code 5
        const OwnCodesChance chance = drawOwnCodesChance(50, 40, 0.25, 2, 3);
        const at::Tensor read = withOwnCodes(codes, logits, chance);
        QVERIFY(at::equal(read, at::where(chance.replace, 5, codes)));
        QCOMPARE(read.scalar_type(), at::kLong);
    }

    void guessesAreAsProbableAsTheModelSays()
    {
        const std::int64_t count = 40'000;
        const at::Tensor logits =
            at::log(at::tensor({0.30, 0.02, 0.0, 0.48, 0.20})).to(at::kFloat).expand({1, count, 5});
        OwnCodesChance chance = drawOwnCodesChance(1, count, 0.5, 4, 4);
        chance.replace.fill_(true);
        const at::Tensor read = withOwnCodes(at::zeros({1, count}, at::kLong), logits, chance);
        const at::Tensor shares = at::bincount(read.view({-1}), {}, 5).to(at::kDouble) / static_cast<double>(count);
        const double wanted[] = {0.30 / 0.98, 0.0, 0.0, 0.48 / 0.98, 0.20 / 0.98}; // 0.02 is less than a tenth of 0.48
        for (std::int64_t code = 0; code < 5; ++code) {
            QVERIFY(std::abs(shares[code].item<double>() - wanted[code]) < 0.01);
        }
        QCOMPARE(shares[1].item<double>(), 0.0);
    }

    void whatWasDrawnAtTheEndsOfItsRangeIsACode()
    {
        const at::Tensor logits = at::log(at::tensor({0.0, 0.5, 0.5, 0.0})).to(at::kFloat).expand({1, 2, 4});
        const OwnCodesChance chance{at::tensor({0.0F, 1.0F - 6e-8F}).view({1, 2}), at::ones({1, 2}, at::kBool)};
        const at::Tensor read = withOwnCodes(at::zeros({1, 2}, at::kLong), logits, chance);
        QCOMPARE(read[0][0].item<std::int64_t>(), 1);
        QCOMPARE(read[0][1].item<std::int64_t>(), 2);
    }

    /// Reading its own guesses, a transformer still learns to say what was drawn, and by micro-batches the same.
    void aTransformerLearnsWhatWasDrawn()
    {
        const ScenesConfig config = tinyConfig();
        const TensorMap start = startTensors(transformerTensors(config), 1);
        const TensorMap tokenizer = randomTensors(tokenizerTensors(config));
        const at::Tensor codes = at::randint(config.codes(), {1, 16}, at::kLong).repeat({2, 1});
        const at::Tensor prompts = at::tensor({0L, 1L, 4L, 4L}).view({1, 4}).repeat({2, 1});
        std::vector<double> losses;
        for (const std::int64_t micro : {1, 2}) {
            TrainScenesOptions options;
            options.batch = 2;
            options.microBatch = micro;
            ScenesTransformerTrainer trainer(config, options, tokenizer, start);
            for (std::uint64_t step = 0; step < 120; ++step) {
                const OwnCodesChance chance = drawOwnCodesChance(2, 16, 0.5, 1, step);
                const double loss = trainer.trainOn(prompts, codes, 1.0, {}, {}, chance);
                if (step < 4) {
                    losses.push_back(loss);
                } else if (step == 119) {
                    QVERIFY2(loss < 0.1, qPrintable(QString::number(loss)));
                }
            }
        }
        for (std::size_t i = 0; i < 4; ++i) {
            QVERIFY(std::abs(losses[i] - losses[i + 4]) < 2e-3);
        }
    }

    /// The loss is that of what was drawn, not of what is read instead; and what is read makes a difference.
    void theLossIsOfWhatWasDrawn()
    {
        const ScenesConfig config = tinyConfig();
        const TensorMap start = startTensors(transformerTensors(config), 1);
        const TensorMap tokenizer = randomTensors(tokenizerTensors(config));
        TrainScenesOptions options;
        options.batch = 1;
        options.microBatch = 1;
        const at::Tensor one = at::randint(config.codes(), {1, 16}, at::kLong);
        const at::Tensor other = (one + 1).remainder(config.codes());
        const at::Tensor prompts = at::tensor({0L, 1L, 4L, 4L}).view({1, 4});
        ScenesTransformerTrainer trainer(config, options, tokenizer, start);
        for (int i = 0; i < 120; ++i) {
            trainer.trainOn(prompts, one, 1.0);
        }
        OwnCodesChance all = drawOwnCodesChance(1, 16, 0.5, 1, 1);
        all.replace.fill_(true);
        const double sure = trainer.trainOn(prompts, one, 0.0, {}, {}, all);
        QVERIFY2(sure < 0.1, qPrintable(QString::number(sure))); // its guesses are what was drawn
        const double drawn = trainer.trainOn(prompts, other, 0.0);
        const double guessed = trainer.trainOn(prompts, other, 0.0, {}, {}, all);
        QVERIFY2(drawn > 2.0 && guessed > 2.0, qPrintable(QString("%1, %2").arg(drawn).arg(guessed)));
        QVERIFY(std::abs(drawn - guessed) > 1e-3);
    }

    /// Steps replace codes as the option says, and a trainer that goes on from a state takes the steps that would have come.
    void stepsReplaceCodesAndGoOnAsTheyWould()
    {
        ScenesConfig config = tinyConfig();
        config.words = sceneWords();
        config.prefix = longestSceneCaption() + 1;
        const TensorMap start = startTensors(transformerTensors(config), 1);
        const TensorMap tokenizer = randomTensors(tokenizerTensors(config));
        const auto trainerWith = [&](double share) {
            TrainScenesOptions options;
            options.batch = 2;
            options.microBatch = 2;
            options.ownCodes = share;
            return std::make_unique<ScenesTransformerTrainer>(config, options, tokenizer, start);
        };
        const auto whole = trainerWith(0.5);
        const auto clean = trainerWith(0.0);
        const auto later = trainerWith(0.5);
        for (std::int64_t step = 0; step < 3; ++step) {
            whole->step(step, 1.0);
            clean->step(step, 1.0);
        }
        QVERIFY(later->restore(whole->state()));
        for (std::int64_t step = 3; step < 5; ++step) {
            whole->step(step, 1.0);
            clean->step(step, 1.0);
            later->step(step, 1.0);
        }
        const TensorMap expected = whole->weights();
        const TensorMap found = later->weights();
        const TensorMap different = clean->weights();
        bool isDifferent = false;
        for (const auto& [name, value] : expected) {
            QVERIFY2(at::equal(found.at(name), value), name.c_str());
            isDifferent = isDifferent || !at::equal(different.at(name), value);
        }
        QVERIFY(isDifferent);
    }
};

JACOBI_TEST(OwnCodesTest)
#include "tst_owncodes.moc"
