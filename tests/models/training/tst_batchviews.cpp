// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/training/batchviews.h"

#include "models/training/claimhead.h"
#include "models/training/scene.h"
#include "models/training/scenedata.h"
#include "models/training/scenestransformertrainer.h"
#include "tests/models/scenes/tinyscenes.h"
#include "tests/testmain.h"

#include <map>
#include <memory>

using namespace jacobi;
using namespace jacobi::test;

namespace {

ScenesConfig tinyOfAllWords()
{
    ScenesConfig config = tinyConfig();
    config.words = sceneWords();
    config.prefix = longestSceneCaption() + 1;
    return config;
}

} // namespace

class BatchViewsTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void oneViewIsTheOrderOfDrawing()
    {
        QCOMPARE(keptBatches(1), std::int64_t{1});
        for (const std::int64_t step : {0, 1, 7, 100'000}) {
            const BatchView which = batchViewOf(step, 1);
            QCOMPARE(which.number, step);
            QCOMPARE(which.newest, step);
            QCOMPARE(which.view, std::int64_t{0});
        }
    }

    void everyBatchComesBackUnderEveryView()
    {
        for (const std::int64_t views : {2, 3}) {
            std::map<std::int64_t, std::int64_t> seen; // number -> a bit of every view
            std::map<std::int64_t, std::int64_t> times;
            const std::int64_t steps = 5 * views * kViewDistance;
            for (std::int64_t step = 0; step < steps; ++step) {
                const BatchView which = batchViewOf(step, views);
                QVERIFY(which.number >= 0 && which.number <= which.newest);
                QVERIFY(which.newest - which.number < keptBatches(views));
                QCOMPARE(which.newest, step / views);
                seen[which.number] |= std::int64_t{1} << which.view;
                ++times[which.number];
            }
            for (std::int64_t number = 0; number < 3 * kViewDistance; ++number) {
                QCOMPARE(seen[number], (std::int64_t{1} << views) - 1);
            }
            for (std::int64_t number = (views - 1) * kViewDistance; number < 3 * kViewDistance; ++number) {
                QCOMPARE(times[number], views); // past the beginning once each
            }
        }
    }

    /// Another variant says the same scene in other words; what it claims is what its own words say.
    void captionsVaryWithTheView()
    {
        const ScenesConfig config = tinyOfAllWords();
        constexpr SceneStream kStream = SceneStream::Transformer;
        const at::Tensor first = drawPrompts(config, 1, kStream, 0, 200, 0.1);
        QVERIFY(at::equal(first, drawPrompts(config, 1, kStream, 0, 200, 0.1, 0)));
        const at::Tensor second = drawPrompts(config, 1, kStream, 0, 200, 0.1, 1);
        const auto alike = (first == second).all(1).sum().item<std::int64_t>();
        QVERIFY2(alike < 40, qPrintable(QString::number(alike)));
        const at::Tensor empty = (second == config.nullToken()).all(1);
        QVERIFY(!at::equal(empty, (first == config.nullToken()).all(1)));

        const at::Tensor claims = drawClaims(1, kStream, 0, 200, 0.1, 1);
        for (std::int64_t i = 0; i < 200; ++i) {
            const SceneCaption caption = drawSceneCaption(streamSeed(1, kStream), static_cast<std::uint64_t>(i), 1);
            if (empty[i].item<bool>()) {
                QVERIFY((claims[i] == kNotJudged).all().item<bool>());
                continue;
            }
            const std::vector<std::int64_t> words = promptWordsOf(config, caption.text);
            QVERIFY(at::equal(second[i], at::tensor(words)));
            QCOMPARE(claims[i][0].item<std::int64_t>(), caption.claims.values[0]);
        }
    }

    /// A trainer that goes on from another's state draws again what that one had kept.
    void trainingGoesOnInTheMiddleOfAView()
    {
        const ScenesConfig config = tinyOfAllWords();
        TrainScenesOptions options;
        options.batch = options.microBatch = 2;
        options.views = 3;
        options.drawAhead = 2;
        const TensorMap start = startTensors(transformerTensors(config), 1);
        const TensorMap tokenizer = randomTensors(tokenizerTensors(config));
        const auto made = [&] { return std::make_unique<ScenesTransformerTrainer>(config, options, tokenizer, start); };
        const auto whole = made();
        std::vector<double> losses;
        TensorMap state;
        for (std::int64_t step = 0; step < 12; ++step) {
            if (step == 7) {
                for (const auto& [name, value] : whole->state()) {
                    state[name] = value.clone();
                }
            }
            losses.push_back(whole->step(step, 1.0));
        }
        const auto rest = made();
        QVERIFY(rest->restore(state).has_value());
        for (std::int64_t step = 7; step < 12; ++step) {
            QCOMPARE(rest->step(step, 1.0), losses[static_cast<std::size_t>(step)]);
        }
        // Going back is drawing again, too.
        const auto back = made();
        back->step(9, 0.0);
        const auto fresh = made();
        QCOMPARE(back->step(1, 0.0), fresh->step(1, 0.0));
    }
};

JACOBI_TEST(BatchViewsTest)
#include "tst_batchviews.moc"
