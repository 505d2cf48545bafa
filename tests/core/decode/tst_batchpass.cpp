// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/core/decode/decoderrun.h"
#include "tests/testmain.h"

#include <c10/core/InferenceMode.h>

#include <chrono>
#include <limits>
#include <map>
#include <optional>
#include <set>
#include <thread>

using namespace jacobi;
using namespace jacobi::test;

namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
constexpr std::size_t kItems = 4;

DecodeSettings settingsOf(const std::string& method, const std::string& coupling)
{
    DecodeSettings settings;
    settings.method = method;
    settings.coupling = coupling;
    settings.window = method == "sequential" ? 1 : 5;
    settings.guidance = 1.5;
    settings.seed = 300;
    return settings;
}

std::unique_ptr<Decoder> started(const DecodeSettings& settings, TokenModel& model, std::size_t items)
{
    std::unique_ptr<Decoder> decoder = std::move(*makeDecoder(settings, model));
    if (!decoder->start(std::vector<std::vector<std::int64_t>>(items, {1, 2}))) {
        qFatal("the decoder did not start");
    }
    return decoder;
}

/// Takes at least this long for a pass.
class SlowModel : public TableModel {
public:
    static constexpr std::int64_t kForwardNs = 1'000'000;
    using TableModel::TableModel;
    at::Tensor forward(const at::Tensor& tokens) override
    {
        std::this_thread::sleep_for(std::chrono::nanoseconds(kForwardNs));
        return TableModel::forward(tokens);
    }
};

/// Every step until it is done or fails; after each of them, whether the pass was complete.
struct Passes {
    std::vector<std::shared_ptr<Step>> steps;
    std::vector<bool> complete;
    std::optional<Error> error;
};
Passes allSteps(Decoder& decoder)
{
    Passes passes;
    while (!decoder.done()) {
        auto step = decoder.step();
        if (!step) {
            passes.error = step.error();
            break;
        }
        passes.steps.push_back(std::move(*step));
        passes.complete.push_back(decoder.passComplete());
    }
    return passes;
}

} // namespace

/// What a caller can see of a pass that several pictures share: where it ends, and what is left of one that failed.
class BatchPassTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void init() { m_guard.emplace(); }
    void cleanup() { m_guard.reset(); }

    void aPassIsCompleteWithItsLastStep_data() { methods(); }
    void aPassIsCompleteWithItsLastStep()
    {
        QFETCH(std::string, method);
        QFETCH(std::string, coupling);
        TokenLayout layout = inLines(plainLayout(20, 4), 5);
        layout.terminals = {3}; // pictures end at different passes
        TableModel model(TokenTable(20, 4, 4), TokenTable(20, 4, 5), layout);
        for (const std::size_t items : {std::size_t{1}, kItems}) {
            const std::unique_ptr<Decoder> decoder = started(settingsOf(method, coupling), model, items);
            QVERIFY(decoder->passComplete()); // nothing waits
            const Passes passes = allSteps(*decoder);
            QVERIFY(!passes.error.has_value());
            bool partial = false;
            for (std::size_t i = 0; i < passes.steps.size(); ++i) {
                const bool last = i + 1 == passes.steps.size() || passes.steps[i + 1]->pass != passes.steps[i]->pass;
                QCOMPARE(bool{passes.complete[i]}, last);
                partial = partial || !last;
            }
            QCOMPARE(partial, items > 1);
        }
    }

    /// The network is asked once a pass, whoever looks how often.
    void onlyACompletePassIsFollowedByTheNetwork()
    {
        TableModel model(TokenTable(20, 4, 4), plainLayout(20, 4));
        for (const char* method : {"sequential", "sjd"}) {
            const std::unique_ptr<Decoder> decoder = started(settingsOf(method, "maximal"), model, 3);
            while (!decoder->done()) {
                const std::uint32_t before = model.passes();
                const bool complete = decoder->passComplete();
                QCOMPARE(decoder->passComplete(), complete);
                QVERIFY(decoder->step().has_value());
                QCOMPARE(model.passes() - before, complete ? 1U : 0U);
            }
        }
    }

    void stepsOfTheOthersComeBeforeTheError_data() { methods(); }
    void stepsOfTheOthersComeBeforeTheError()
    {
        QFETCH(std::string, method);
        QFETCH(std::string, coupling);
        const DecodeSettings settings = settingsOf(method, coupling);
        for (std::int64_t broken = 0; broken < static_cast<std::int64_t>(kItems); ++broken) {
            TableModel whole(TokenTable(20, 4, 4), plainLayout(20, 4));
            const Passes expected = allSteps(*started(settings, whole, kItems));
            TableModel model(TokenTable(20, 4, 4), plainLayout(20, 4));
            model.setLogit(broken, 9, kNan);
            const std::unique_ptr<Decoder> decoder = started(settings, model, kItems);
            const Passes got = allSteps(*decoder);

            QVERIFY(got.error.has_value());
            QCOMPARE(got.error->code, ErrorCode::Numeric);
            // What came is what a whole run gives; the last pass has the pictures in front of the broken one.
            QVERIFY(got.steps.size() < expected.steps.size());
            for (std::size_t i = 0; i < got.steps.size(); ++i) {
                QCOMPARE(got.steps[i]->item, expected.steps[i]->item);
                QCOMPARE(got.steps[i]->pass, expected.steps[i]->pass);
                QCOMPARE(got.steps[i]->token, expected.steps[i]->token);
            }
            const Step& next = *expected.steps[got.steps.size()];
            QCOMPARE(static_cast<std::int64_t>(next.item), broken);
            QCOMPARE(model.passes(), next.pass + 1);
            for (std::int64_t item = 0; item < broken; ++item) {
                const Step& step = *got.steps[got.steps.size() - static_cast<std::size_t>(broken - item)];
                QCOMPARE(static_cast<std::int64_t>(step.item), item);
                QCOMPARE(step.pass, next.pass);
                QVERIFY(!got.complete[got.steps.size() - static_cast<std::size_t>(broken - item)]); // the error waits
            }
            // Asked again it says the same and does not run the network on what is damaged.
            const auto again = decoder->step();
            QVERIFY(!again.has_value());
            QCOMPARE(again.error().message, got.error->message);
            QCOMPARE(model.passes(), next.pass + 1);
        }
    }

    void startingAgainForgetsTheFailure()
    {
        for (const char* method : {"sequential", "sjd"}) {
            TableModel model(TokenTable(20, 4, 4), plainLayout(20, 4));
            model.setLogit(1, 3, kNan);
            const DecodeSettings settings = settingsOf(method, "maximal");
            const std::unique_ptr<Decoder> decoder = started(settings, model, 2);
            QVERIFY(allSteps(*decoder).error.has_value());
            model.setLogit(1, 3, 0.5);
            QVERIFY(decoder->start({{1, 2}, {1, 2}}).has_value());
            QVERIFY(decoder->passComplete());
            const Passes passes = allSteps(*decoder);
            QVERIFY(!passes.error.has_value());
            QCOMPARE(passes.steps.front()->pass, 0U);
            QCOMPARE(passes.steps.back()->committedEnd, 20U);
        }
    }

    /// Pictures that are done take no part in the time of the network; the others share all of it.
    void theTimeOfThePassIsShared()
    {
        TokenLayout layout = plainLayout(20, 4);
        layout.terminals = {3};
        SlowModel model(TokenTable(20, 4, 4), layout);
        for (const char* method : {"sequential", "sjd"}) {
            const Passes passes = allSteps(*started(settingsOf(method, "maximal"), model, 6));
            std::map<std::uint32_t, std::vector<std::int64_t>> ofPass;
            for (const auto& step : passes.steps) {
                ofPass[step->pass].push_back(step->forwardNs);
            }
            QVERIFY(ofPass.rbegin()->second.size() < 6);
            for (const auto& [pass, times] : ofPass) {
                QCOMPARE(std::set(times.begin(), times.end()).size(), std::size_t{1});
                QVERIFY((times.front() + 1) * static_cast<std::int64_t>(times.size()) >= SlowModel::kForwardNs);
            }
        }
    }

private:
    void methods()
    {
        QTest::addColumn<std::string>("method");
        QTest::addColumn<std::string>("coupling");
        QTest::newRow("sequential") << std::string("sequential") << std::string("maximal");
        for (const char* coupling : {"independent", "maximal", "gumbel-exact", "gumbel-spec"}) {
            QTest::newRow(coupling) << std::string("sjd") << std::string(coupling);
        }
    }

    std::optional<c10::InferenceMode> m_guard;
};

JACOBI_TEST(BatchPassTest)
#include "tst_batchpass.moc"
