// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/scenes/scenesmodel.h"
#include "tests/models/scenes/tinyscenes.h"
#include "tests/testmain.h"

#include <c10/core/InferenceMode.h>

#include <random>

using namespace jacobi;
using namespace jacobi::test;

namespace {

/// Logits of every position from one teacher-forced pass; prompts whole, codes [items, positions].
at::Tensor fullPass(const ScenesConfig& config, const TensorMap& tensors,
                    const std::vector<std::vector<std::int64_t>>& prompts, const at::Tensor& codes)
{
    const TransformerWeights weights = transformerWeights(config, tensors);
    at::Tensor words = at::empty({codes.size(0), config.promptWords()}, at::kLong);
    for (std::int64_t item = 0; item < codes.size(0); ++item) {
        for (std::int64_t i = 0; i < config.promptWords(); ++i) {
            words[item][i] = prompts[static_cast<std::size_t>(item)][static_cast<std::size_t>(i)];
        }
    }
    const at::Tensor hidden =
        transformRows(config, weights, inputTable(config, weights), sequenceInputs(config, words, codes),
                      sequenceRotary(config, weights.head.scalar_type()),
                      [](std::int64_t, const Heads& heads) { return causalAttention(heads); });
    return predictCodes(weights, hidden.narrow(1, config.prefix - 1, config.positions()));
}

} // namespace

class ScenesModelTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void init() { at::manual_seed(3); }

    void promptsArePaddedCutAndEndWithTheMark()
    {
        const ScenesConfig config = tinyConfig();
        const ScenesModel model(config, randomTensors(transformerTensors(config)));
        using Ids = std::vector<std::int64_t>;
        QCOMPARE(model.promptOf({2, 1}), (Ids{2, 1, 4, 4, 5}));
        QCOMPARE(model.promptOf({}), (Ids{4, 4, 4, 4, 5}));
        QCOMPARE(model.promptOf({0, 1, 2, 3, 0, 1}), (Ids{0, 1, 2, 3, 5}));
        QCOMPARE(model.unconditionalPrompt(), (Ids{6, 6, 6, 6, 5}));
        QCOMPARE(model.layout().positions(), 16U);
        QCOMPARE(model.layout().codes, 12U);
    }

    /// What other devices do is what the CPU does, noisy embeddings among the codes.
    void rowInputsAreTheSameByOperations()
    {
        const ScenesConfig config = tinyConfig();
        const at::Tensor words = at::randint(config.textTokens(), {3, config.promptWords()}, at::kLong);
        const at::Tensor codes = at::randint(-5, config.codes(), {3, config.positions()}, at::kLong);
        QVERIFY(codes.lt(0).any().item<bool>());
        QVERIFY(at::equal(sequenceInputsByOperations(config, words, codes), sequenceInputs(config, words, codes)));
    }

    void windowsMatchTheTeacherForcedPass_data()
    {
        QTest::addColumn<int>("type");
        QTest::addColumn<double>("tolerance");
        QTest::addColumn<int>("window");
        for (const int window : {1, 4, 16}) {
            QTest::addRow("float64, window %d", window) << static_cast<int>(at::kDouble) << 1e-9 << window;
            QTest::addRow("float32, window %d", window) << static_cast<int>(at::kFloat) << 1e-4 << window;
        }
    }
    /// Three prompts, both branches, commits of different lengths, wrong drafts in every row that is rolled back.
    void windowsMatchTheTeacherForcedPass()
    {
        QFETCH(int, type);
        QFETCH(double, tolerance);
        QFETCH(int, window);
        const c10::InferenceMode inference;
        const ScenesConfig config = tinyConfig();
        const TensorMap tensors = randomTensors(transformerTensors(config), static_cast<at::ScalarType>(type));
        ScenesModel model(config, tensors);
        const std::vector<std::vector<std::int64_t>> prompts{model.promptOf({0, 2, 1}), model.promptOf({3}),
                                                             model.promptOf({})};
        const at::Tensor codes = at::randint(config.codes(), {3, config.positions()}, at::kLong);
        const at::Tensor conditional = fullPass(config, tensors, prompts, codes);
        const at::Tensor unconditional = fullPass(config, tensors, std::vector(3, model.unconditionalPrompt()), codes);

        std::mt19937 random(11);
        for (int run = 0; run < 2; ++run) { // the second run must not see anything of the first
            model.begin(prompts, 2, window);
            for (bool unfinished = true; unfinished;) {
                at::Tensor tokens = at::randint(config.codes(), {3, window}, at::kLong);
                std::vector<std::int64_t> commits;
                for (std::int64_t item = 0; item < 3; ++item) {
                    const std::int64_t begin = model.committed(item);
                    const std::int64_t most = std::min<std::int64_t>(window, config.positions() - begin);
                    commits.push_back(most == 0 ? 0 : 1 + static_cast<std::int64_t>(random()) % most);
                    for (std::int64_t row = begin == 0 ? 1 : 0; row < commits.back(); ++row) {
                        tokens[item][row] = codes[item][begin + row - 1];
                    }
                }
                const at::Tensor logits = model.forward(tokens);
                QCOMPARE(logits.sizes().vec(), (std::vector<std::int64_t>{3, 2, window, config.codes()}));
                QVERIFY(logits.is_contiguous());
                unfinished = false;
                for (std::int64_t item = 0; item < 3; ++item) {
                    const std::int64_t count = commits[static_cast<std::size_t>(item)];
                    const std::int64_t begin = model.committed(item);
                    if (count > 0) {
                        const auto rows = [&](std::int64_t branch) { return logits[item][branch].narrow(0, 0, count); };
                        QVERIFY(worst(rows(0), conditional[item].narrow(0, begin, count)) < tolerance);
                        QVERIFY(worst(rows(1), unconditional[item].narrow(0, begin, count)) < tolerance);
                        model.commit(item, count);
                    }
                    unfinished = unfinished || model.committed(item) < config.positions();
                }
            }
        }
    }

    void oneBranchEqualsTheFirstOfTwo()
    {
        const c10::InferenceMode inference;
        const ScenesConfig config = tinyConfig();
        ScenesModel model(config, randomTensors(transformerTensors(config), at::kDouble));
        const at::Tensor tokens = at::randint(config.codes(), {1, 4}, at::kLong);
        model.begin({model.promptOf({1})}, 2, 4);
        const at::Tensor two = model.forward(tokens).clone();
        model.begin({model.promptOf({1})}, 1, 4);
        const at::Tensor one = model.forward(tokens);
        QVERIFY(worst(one[0][0], two[0][0]) < 1e-12);
        QVERIFY(worst(two[0][0], two[0][1]) > 1e-6); // the prompt matters
    }

    void theFirstRowsTokenDoesNotMatterBeforeTheFirstCommit()
    {
        const c10::InferenceMode inference;
        const ScenesConfig config = tinyConfig();
        ScenesModel model(config, randomTensors(transformerTensors(config), at::kDouble));
        model.begin({model.promptOf({1})}, 1, 2);
        const at::Tensor a = model.forward(at::tensor({0L, 3L}, at::kLong).unsqueeze(0)).clone();
        const at::Tensor b = model.forward(at::tensor({7L, 3L}, at::kLong).unsqueeze(0));
        QVERIFY(worst(a, b) == 0.0);
    }

    void theNetworkIsCausalInItsNeighboursToo()
    {
        const ScenesConfig config = tinyConfig();
        const TensorMap tensors = randomTensors(transformerTensors(config), at::kDouble);
        const ScenesModel model(config, tensors);
        const std::vector<std::vector<std::int64_t>> prompt{model.promptOf({2})};
        const at::Tensor codes = at::randint(config.codes(), {1, config.positions()}, at::kLong);
        const at::Tensor before = fullPass(config, tensors, prompt, codes);
        for (std::int64_t position = 0; position < config.positions(); ++position) {
            at::Tensor changed = codes.clone();
            changed[0][position] = (codes[0][position] + 1) % config.codes();
            const at::Tensor after = fullPass(config, tensors, prompt, changed);
            QVERIFY(worst(after.narrow(1, 0, position + 1), before.narrow(1, 0, position + 1)) < 1e-12);
            if (position + 1 < config.positions()) {
                QVERIFY(worst(after.select(1, position + 1), before.select(1, position + 1)) > 1e-9);
            }
        }
    }

    void aWindowMayStickOutAtTheEnd()
    {
        const c10::InferenceMode inference;
        const ScenesConfig config = tinyConfig();
        ScenesModel model(config, randomTensors(transformerTensors(config)));
        model.begin({model.promptOf({1})}, 2, 16);
        for (std::int64_t i = 0; i < 16; ++i) {
            QVERIFY(at::isfinite(model.forward(at::zeros({1, 16}, at::kLong))).all().item<bool>());
            model.commit(0, 1);
        }
        QCOMPARE(model.committed(0), 16);
    }
};

JACOBI_TEST(ScenesModelTest)
#include "tst_scenesmodel.moc"
