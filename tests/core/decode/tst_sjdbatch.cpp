// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/decode/initialisation.h"
#include "tests/core/decode/decoderrun.h"
#include "tests/testmain.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <set>

using namespace jacobi;
using namespace jacobi::test;

namespace {

constexpr std::size_t kItems = 5;
constexpr std::array<const char*, 4> kCouplings{"independent", "maximal", "gumbel-exact", "gumbel-spec"};

DecodeSettings settingsOf(std::string coupling, std::string_view initialisation, std::uint32_t window)
{
    DecodeSettings settings;
    settings.method = "sjd";
    settings.coupling = std::move(coupling);
    settings.initialisation = initialisation;
    settings.window = window;
    settings.guidance = 1.5;
    settings.topP = 0.98;
    return settings;
}

/// Bit for bit: NaN equals NaN.
bool isSame(const std::vector<float>& a, const std::vector<float>& b)
{
    return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size() * sizeof(float)) == 0;
}
bool isSame(const Candidates& a, const Candidates& b)
{
    return std::ranges::equal(a, b, [](const Candidate& x, const Candidate& y) {
        return x.code == y.code && x.p == y.p && (x.q == y.q || (std::isnan(x.q) && std::isnan(y.q)));
    });
}
/// But for the number of the picture and the times.
bool isSame(const Step& a, const Step& b)
{
    return a.pass == b.pass && a.begin == b.begin && a.end == b.end && a.committedEnd == b.committedEnd &&
           a.token == b.token && a.state == b.state && a.draft == b.draft && isSame(a.p, b.p) && isSame(a.q, b.q) &&
           isSame(a.u, b.u) && isSame(a.entropy, b.entropy) &&
           std::ranges::equal(a.topK, b.topK, [](const auto& x, const auto& y) { return isSame(x, y); });
}

std::vector<std::shared_ptr<Step>> stepsOf(const DecoderRun& run, std::size_t item)
{
    std::vector<std::shared_ptr<Step>> steps;
    std::ranges::copy_if(run.steps, std::back_inserter(steps), [&](const auto& step) { return step->item == item; });
    return steps;
}

/// Whether the pictures of some pass had different values of that.
template <class Value>
bool differInAPass(const DecoderRun& run, const Value& value)
{
    std::map<std::uint32_t, std::set<std::uint32_t>> ofPass;
    for (const auto& step : run.steps) {
        ofPass[step->pass].insert(value(*step));
    }
    return std::ranges::any_of(ofPass, [](const auto& pass) { return pass.second.size() > 1; });
}

struct Case {
    const char* name;
    TokenLayout layout;
};

std::vector<Case> cases()
{
    TokenLayout ending = inLines(plainLayout(20, 4), 5);
    ending.terminals = {3};
    TokenLayout endingLines = inLines(lineEndLayout(20, 4, 2, {4, 9, 14, 19}), 5);
    endingLines.terminals = {3};
    return {{"4x5", inLines(plainLayout(20, 4), 5)},
            {"line ends", inLines(lineEndLayout(20, 4, 3, {4, 9, 14, 19}), 5)},
            {"a set a column", columnSetLayout(5, 4, 4)},
            {"terminal", ending},
            {"line ends and terminal", endingLines}};
}

} // namespace

/// Several pictures share the passes of the network and nothing else.
class SjdBatchTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void pictureOfABatchIsThatOfItsSeed_data()
    {
        QTest::addColumn<std::string>("coupling");
        QTest::addColumn<std::size_t>("index");
        const std::vector<Case> all = cases();
        for (const char* coupling : kCouplings) {
            for (std::size_t i = 0; i < all.size(); ++i) {
                QTest::addRow("%s, %s", coupling, all[i].name) << std::string(coupling) << i;
            }
        }
    }
    /// Picture i with all its steps is the one that seed + i gives alone, though commits, windows and ends are ragged.
    void pictureOfABatchIsThatOfItsSeed()
    {
        QFETCH(std::string, coupling);
        QFETCH(std::size_t, index);
        const TokenLayout layout = cases()[index].layout;
        TableModel model(TokenTable(20, 4, 4), TokenTable(20, 4, 5), layout);
        bool raggedCommits = false;
        bool raggedWindows = false;
        bool raggedEnds = false;
        for (const auto& [initialisation, name] : kInitialisations) {
            for (const std::uint32_t window : {1U, 3U, 6U, 25U}) {
                DecodeSettings settings = settingsOf(coupling, name, window);
                settings.seed = 1000;
                const DecoderRun together = runDecoder(settings, model, kItems);
                QCOMPARE(together.wrong, QString());
                raggedCommits = raggedCommits || differInAPass(together, [](const Step& step) {
                                    return step.committedEnd - step.begin;
                                });
                raggedWindows = raggedWindows || differInAPass(together, [&](const Step& step) {
                                    return std::min(window, layout.positions() - step.begin);
                                });
                for (std::size_t i = 0; i < kItems; ++i) {
                    settings.seed = 1000 + i;
                    const DecoderRun alone = runDecoder(settings, model);
                    QCOMPARE(alone.wrong, QString());
                    QCOMPARE(together.lengths[i], alone.lengths[0]);
                    QCOMPARE(together.tokens[i], alone.tokens[0]);
                    const auto steps = stepsOf(together, i);
                    QCOMPARE(steps.size(), alone.steps.size());
                    for (std::size_t k = 0; k < steps.size(); ++k) {
                        QVERIFY(isSame(*steps[k], *alone.steps[k]));
                    }
                    raggedEnds = raggedEnds || steps.size() != stepsOf(together, 0).size();
                }
            }
        }
        QVERIFY(raggedCommits);
        QVERIFY(raggedWindows || !layout.terminals.empty()); // few pictures come to where windows shrink
        QVERIFY(raggedEnds);
    }

    /// One pass of the network for all; of every pass one step a picture, in the pictures' order, until that one is done.
    void stepsOfAPassComeInOrder()
    {
        for (const char* coupling : kCouplings) {
            TableModel model(TokenTable(20, 4, 4), cases()[3].layout);
            const DecoderRun run = runDecoder(settingsOf(coupling, "sample-above", 4), model, kItems);
            QCOMPARE(run.wrong, QString());
            for (std::size_t k = 1; k < run.steps.size(); ++k) {
                QVERIFY(std::pair(run.steps[k - 1]->pass, run.steps[k - 1]->item) <
                        std::pair(run.steps[k]->pass, run.steps[k]->item));
            }
            QCOMPARE(model.passes(), run.steps.back()->pass + 1);
            for (std::size_t i = 0; i < kItems; ++i) {
                const auto steps = stepsOf(run, i);
                for (std::size_t k = 0; k < steps.size(); ++k) {
                    QCOMPARE(steps[k]->pass, static_cast<std::uint32_t>(k));
                    QCOMPARE(steps[k]->begin, k == 0 ? 0U : steps[k - 1]->committedEnd);
                }
                QCOMPARE(static_cast<std::size_t>(steps.back()->committedEnd), run.lengths[i]);
            }
        }
    }

    void inSinglePrecisionToo()
    {
        TableModel model(TokenTable(20, 4, 4), TokenTable(20, 4, 5), cases()[1].layout, at::kFloat);
        for (const char* coupling : kCouplings) {
            DecodeSettings settings = settingsOf(coupling, "sample-left", 5);
            const DecoderRun together = runDecoder(settings, model, kItems);
            QCOMPARE(together.wrong, QString());
            for (settings.seed = 0; settings.seed < kItems; ++settings.seed) {
                QCOMPARE(runDecoder(settings, model).tokens[0], together.tokens[settings.seed]);
            }
        }
    }

    /// Pictures that are done are not asked for, and a number that is none in one picture stops all.
    void badLogitsAreAnError()
    {
        TableModel model(TokenTable(20, 4, 4), plainLayout(20, 4));
        model.setLogit(19, std::numeric_limits<double>::quiet_NaN());
        const DecoderRun run = runDecoder(settingsOf("maximal", "uniform", 3), model, kItems);
        QVERIFY(!run.wrong.isEmpty());
        QCOMPARE(run.code, ErrorCode::Numeric);
    }

    void noPicturesAreDoneAtOnce()
    {
        TableModel model(TokenTable(5, 3, 1), plainLayout(5, 3));
        const DecoderRun run = runDecoder(settingsOf("maximal", "uniform", 3), model, 0);
        QCOMPARE(run.wrong, QString());
        QCOMPARE(model.passes(), 0U);
    }
};

JACOBI_TEST(SjdBatchTest)
#include "tst_sjdbatch.moc"
