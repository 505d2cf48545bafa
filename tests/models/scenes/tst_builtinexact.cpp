// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
// ctest-labels: unit
// ctest-timeout: 600
#include "core/decode/decoder.h"
#include "core/text/wordtokenizer.h"
#include "models/scenes/loadscenes.h"
#include "tests/testmain.h"

#include <ATen/Parallel.h>
#include <c10/core/InferenceMode.h>

#include <array>
#include <string>
#include <vector>

using namespace jacobi;

namespace {

constexpr std::array kPrompts{"a red house by the sea at sunset", "snowy mountains under a starry sky at night",
                              "a sailing boat on a lake at noon", "desert dunes"};

struct Pictures {
    std::vector<std::vector<std::int64_t>> tokens; ///< [items][positions]
    std::uint64_t nearTies = 0;
    std::uint32_t passes = 0;
};

} // namespace

/// The coupling that promises the very picture of sequential sampling keeps it with the built-in model, whatever the
/// window: whole pictures, several prompts and seeds.
class BuiltInExactTest : public QObject {
    Q_OBJECT

    static Pictures run(const Scenes& scenes, const DecodeSettings& settings, int items)
    {
        const c10::InferenceMode guard;
        const WordTokenizer tokenizer(scenes.model->config().words);
        std::vector<std::vector<std::int64_t>> prompts;
        for (int i = 0; i < items; ++i) {
            const char* prompt = kPrompts[static_cast<std::size_t>(i) % kPrompts.size()];
            prompts.push_back(scenes.model->promptOf(tokenizer.encode(prompt).ids));
        }
        const std::unique_ptr<Decoder> decoder = std::move(*makeDecoder(settings, *scenes.model));
        Pictures pictures;
        if (!decoder->start(prompts)) {
            return pictures;
        }
        while (!decoder->done()) {
            const auto step = decoder->step();
            if (!step) {
                return {};
            }
            pictures.passes = (*step)->pass + 1;
        }
        for (std::size_t item = 0; item < prompts.size(); ++item) {
            pictures.tokens.push_back(decoder->tokens(item));
        }
        pictures.nearTies = decoder->nearTies();
        return pictures;
    }

private Q_SLOTS:
    void equalsSequential_data()
    {
        QTest::addColumn<std::string>("precision");
        QTest::addColumn<double>("guidance");
        QTest::addColumn<int>("items");
        QTest::newRow("float64") << std::string("float64") << 1.0 << 5;
        QTest::newRow("float64, guided") << std::string("float64") << 2.0 << 2;
        QTest::newRow("float32") << std::string("float32") << 1.0 << 5;
        QTest::newRow("float32, guided") << std::string("float32") << 2.0 << 2;
    }
    void equalsSequential()
    {
        QFETCH(const std::string, precision);
        QFETCH(const double, guidance);
        QFETCH(const int, items);
        at::set_num_threads(1);
        const Result<Scenes> scenes = loadScenes(JACOBI_SOURCE_DIR "/models/pretrained/scenes", precision);
        QVERIFY2(scenes.has_value(), scenes ? "" : scenes.error().message.c_str());
        DecodeSettings settings;
        settings.guidance = guidance;
        settings.seed = 500;
        const Pictures expected = run(*scenes, settings, items);
        QCOMPARE(expected.passes, scenes->model->layout().positions());
        settings.method = "sjd";
        settings.coupling = "gumbel-exact";
        settings.initialisation = "sample-left";
        for (const std::uint32_t window : {2U, 5U, 16U, 64U}) {
            settings.window = window;
            const Pictures got = run(*scenes, settings, items);
            QCOMPARE(got.tokens.size(), static_cast<std::size_t>(items));
            QVERIFY(got.passes < expected.passes);
            std::uint64_t different = 0;
            for (std::size_t item = 0; item < got.tokens.size(); ++item) {
                different += got.tokens[item] == expected.tokens[item] ? 0 : 1;
            }
            // In float32 a pass of another shape rounds otherwise: what that can turn must have been counted.
            const std::uint64_t allowed = precision == "float64" ? 0 : got.nearTies;
            QVERIFY2(different <= allowed, qPrintable(QString("window %1: %2 pictures differ, %3 near-ties")
                                                          .arg(window)
                                                          .arg(different)
                                                          .arg(got.nearTies)));
        }
    }
};

JACOBI_TEST(BuiltInExactTest)
#include "tst_builtinexact.moc"
