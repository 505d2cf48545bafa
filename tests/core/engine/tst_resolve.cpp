// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/engine/resolve.h"
#include "tests/core/engine/fakes.h"
#include "tests/testmain.h"

#include <cmath>
#include <limits>

using namespace jacobi;
using namespace jacobi::test;

namespace {

using Change = std::function<void(RunRequest&)>;

} // namespace
Q_DECLARE_METATYPE(Change)

class ResolveTest : public QObject {
    Q_OBJECT

    Result<ResolvedRequest> resolve(const RunRequest& request)
    {
        const FakeFamily family(m_fakes);
        return resolveRequest(request, fakeModel(), family, {"cpu", "CPU, 1 thread", ""});
    }
    Fakes m_fakes;

private Q_SLOTS:
    void fillsInWhatWasOpen()
    {
        const Result<ResolvedRequest> resolved = resolve(fakeRequest());
        QVERIFY(resolved.has_value());
        QCOMPARE(resolved->request.modelHash, std::string("00ff"));
        QCOMPARE(resolved->request.device, std::string("cpu"));
        QCOMPARE(resolved->request.window, 4);
        QCOMPARE(resolved->request.seed, 7U);
        QVERIFY(resolved->notes.empty());
        QVERIFY(resolved->unknownWords.empty());
    }

    void resolvingAgainChangesNothing()
    {
        const Result<ResolvedRequest> once = resolve(fakeRequest());
        const Result<ResolvedRequest> twice = resolve(once->request);
        QVERIFY(once->request == twice->request);
    }

    void sequentialHasAWindowOfOne()
    {
        RunRequest request = fakeRequest();
        request.method = "sequential";
        QCOMPARE(resolve(request)->request.window, 1);
    }

    void whatIsToBeMeasuredStaysOpen()
    {
        RunRequest request = fakeRequest();
        request.window = kAutoWindow;
        request.initialisation = kAutoName;
        const Result<ResolvedRequest> resolved = resolve(request);
        QVERIFY(resolved.has_value());
        QCOMPARE(resolved->request.window, kAutoWindow);
        QCOMPARE(resolved->request.initialisation, std::string("auto"));
    }

    void promptsAreCompletedWhereTheFamilyCan()
    {
        RunRequest request = fakeRequest();
        QVERIFY(!resolve(request)->request.completesPrompt);
        request.completesPrompt = true;
        QVERIFY(!resolve(request)->request.completesPrompt);
        QVERIFY(resolve(request)->notes.back().find("cannot be filled in") != std::string::npos);
        m_fakes.completes = true;
        QVERIFY(resolve(request)->request.completesPrompt);
        QCOMPARE(resolve(request)->request.prompt, request.prompt);
        m_fakes.completes = false;
    }

    void sequentialLeavesNothingOpen()
    {
        RunRequest request = fakeRequest();
        request.method = "sequential";
        request.window = kAutoWindow;
        request.initialisation = kAutoName;
        const Result<ResolvedRequest> resolved = resolve(request);
        QVERIFY(resolved.has_value());
        QVERIFY(!resolved->request.hasAuto());
        QCOMPARE(resolved->request.window, 1);
        QCOMPARE(resolved->request.initialisation, std::string("uniform"));
    }

    void noiseNeedsAModelThatReadsIt()
    {
        const FakeFamily family(m_fakes);
        ModelInfo model = fakeModel();
        model.mostNoiseSteps = 3;
        RunRequest request = fakeRequest();
        request.method = "sjd2";
        for (const int steps : {0, 1, 3}) {
            request.noiseSteps = steps;
            const auto resolved = resolveRequest(request, model, family, {"cpu", "CPU, 1 thread", ""});
            QVERIFY(resolved.has_value());
            QCOMPARE(resolved->request.noiseSteps, steps);
            QCOMPARE(resolved->notes.size(), std::size_t{1});
            QVERIFY(resolved->notes[0].find("lossless only with respect to the fine-tuned model") != std::string::npos);
            QCOMPARE(resolved->methodNote, resolved->notes[0]);
            QCOMPARE(resolved->wordsNote, std::string());
        }
        for (const int steps : {-1, 4}) {
            request.noiseSteps = steps;
            const auto refused = resolveRequest(request, model, family, {"cpu", "CPU, 1 thread", ""});
            QVERIFY(!refused.has_value());
            QVERIFY(refused.error().message.find("between 0 and 3") != std::string::npos);
        }
        request.method = "sjd"; // which ignores them
        QVERIFY(resolveRequest(request, model, family, {"cpu", "CPU, 1 thread", ""}).has_value());
    }

    void refuses_data()
    {
        QTest::addColumn<Change>("change");
        QTest::addColumn<QStringList>("says");
        const auto row = [](const char* name, Change change, const QStringList& says) {
            QTest::newRow(name) << change << says;
        };
        constexpr double nan = std::numeric_limits<double>::quiet_NaN();
        constexpr double infinity = std::numeric_limits<double>::infinity();
        row("empty prompt", [](RunRequest& r) { r.prompt = ""; }, {"prompt is empty"});
        row("blank prompt", [](RunRequest& r) { r.prompt = " \t\n "; }, {"prompt is empty"});
        row("long prompt", [](RunRequest& r) { r.prompt = "red red red red red"; }, {"5 words"});
        row("prompt of other bytes", [](RunRequest& r) { r.prompt = "red \xff"; }, {"UTF-8"});
        row("prompt with NUL", [](RunRequest& r) { r.prompt = std::string("red\0red", 7); }, {"UTF-8"});
        row("window 0", [](RunRequest& r) { r.window = 0; }, {"window is 0", "between 1 and 20"});
        row("window -3", [](RunRequest& r) { r.window = -3; }, {"window is -3", "between 1 and 20"});
        row("window 21", [](RunRequest& r) { r.window = 21; }, {"window is 21", "between 1 and 20"});
        row("pictures 0", [](RunRequest& r) { r.pictures = 0; }, {"number of pictures is 0", "between 1 and 64"});
        row("pictures -1", [](RunRequest& r) { r.pictures = -1; }, {"number of pictures is -1", "between 1 and 64"});
        row("pictures 65", [](RunRequest& r) { r.pictures = 65; }, {"number of pictures is 65", "between 1 and 64"});
        row("guidance -1", [](RunRequest& r) { r.guidance = -1; }, {"guidance is -1", "between 0 and 30"});
        row("guidance 1000", [](RunRequest& r) { r.guidance = 1000; }, {"guidance is 1000", "between 0 and 30"});
        row("guidance nan", [](RunRequest& r) { r.guidance = nan; }, {"guidance is", "between 0 and 30"});
        row("temperature -0.5", [](RunRequest& r) { r.temperature = -0.5; },
            {"temperature is -0.5", "between 0 and 10"});
        row("temperature inf", [](RunRequest& r) { r.temperature = infinity; }, {"temperature is inf"});
        row("temperature nan", [](RunRequest& r) { r.temperature = nan; }, {"temperature is"});
        row("top-k -1", [](RunRequest& r) { r.topK = -1; }, {"top-k is -1", "between 0 and 7"});
        row("top-k 8", [](RunRequest& r) { r.topK = 8; }, {"top-k is 8", "between 0 and 7"});
        row("top-p 0", [](RunRequest& r) { r.topP = 0; }, {"top-p is 0", "above 0 and at most 1"});
        row("top-p 1.5", [](RunRequest& r) { r.topP = 1.5; }, {"top-p is 1.5", "above 0 and at most 1"});
        row("top-p nan", [](RunRequest& r) { r.topP = nan; }, {"top-p is"});
        row("min-p -0.1", [](RunRequest& r) { r.minP = -0.1; }, {"min-p is -0.1", "between 0 and 1"});
        row("min-p 2", [](RunRequest& r) { r.minP = 2; }, {"min-p is 2", "between 0 and 1"});
        row("min-p nan", [](RunRequest& r) { r.minP = nan; }, {"min-p is"});
        row("method", [](RunRequest& r) { r.method = "magic"; }, {"no method \"magic\"", "sequential", "sjd"});
        row("noise", [](RunRequest& r) { r.method = "sjd2"; }, {"not trained to read noise", "method sjd."});
        row("coupling", [](RunRequest& r) { r.coupling = "loose"; }, {"no coupling \"loose\"", "independent"});
        row("initialisation", [](RunRequest& r) { r.initialisation = "x"; },
            {"no initialisation \"x\"", "uniform", "auto"});
        row("precision", [](RunRequest& r) { r.precision = "float8"; },
            {"no precision", "float32, float64, bfloat16 or int8"});
    }
    void refuses()
    {
        QFETCH(const Change, change);
        QFETCH(const QStringList, says);
        RunRequest request = fakeRequest();
        change(request);
        const Result<ResolvedRequest> resolved = resolve(request);
        QVERIFY(!resolved.has_value());
        QCOMPARE(resolved.error().code, ErrorCode::InvalidRequest);
        const QString message = QString::fromStdString(resolved.error().message);
        for (const QString& part : says) {
            QVERIFY2(message.contains(part), qPrintable(message));
        }
        QVERIFY2(message.endsWith('.') && message.size() < 300, qPrintable(message));
    }

    void limitsThemselvesAreAllowed_data()
    {
        QTest::addColumn<Change>("change");
        const auto row = [](const char* name, Change change) { QTest::newRow(name) << change; };
        row("window 1", [](RunRequest& r) { r.window = 1; });
        row("window of all positions", [](RunRequest& r) { r.window = 20; });
        row("open window", [](RunRequest& r) { r.window = kAutoWindow; });
        row("open initialisation", [](RunRequest& r) { r.initialisation = kAutoName; });
        row("1 picture", [](RunRequest& r) { r.pictures = 1; });
        row("64 pictures", [](RunRequest& r) { r.pictures = 64; });
        row("guidance 0", [](RunRequest& r) { r.guidance = 0; });
        row("guidance 30", [](RunRequest& r) { r.guidance = 30; });
        row("greedy sjd", [](RunRequest& r) { r.temperature = 0; });
        row("greedy sequential", [](RunRequest& r) {
            r.temperature = 0;
            r.method = "sequential";
        });
        row("top-k of all codes", [](RunRequest& r) { r.topK = 7; });
        row("tiny top-p", [](RunRequest& r) { r.topP = 1e-9; });
        row("largest min-p", [](RunRequest& r) { r.minP = 1; });
        row("longest prompt", [](RunRequest& r) { r.prompt = "red red red red"; });
        row("float64", [](RunRequest& r) { r.precision = "float64"; });
        row("largest seed", [](RunRequest& r) { r.seed = std::numeric_limits<std::uint64_t>::max(); });
    }
    void limitsThemselvesAreAllowed()
    {
        QFETCH(const Change, change);
        RunRequest request = fakeRequest();
        change(request);
        const Result<ResolvedRequest> resolved = resolve(request);
        QVERIFY2(resolved.has_value(), resolved ? "" : resolved.error().message.c_str());
    }

    void unknownWordsAreNamed()
    {
        RunRequest request = fakeRequest();
        request.prompt = "red dragon blue";
        const Result<ResolvedRequest> one = resolve(request);
        QCOMPARE(one->unknownWords, std::vector<std::string>{"dragon"});
        QCOMPARE(one->notes.size(), std::size_t{1});
        QCOMPARE(one->notes[0], std::string("The model \"Tiny\" never saw the word and leaves it out: \"dragon\"."));
        QCOMPARE(one->wordsNote, one->notes[0]);
        QCOMPARE(one->methodNote, std::string());
        request.prompt = "red gren";
        QVERIFY(resolve(request)->notes[0].ends_with("\"gren\" (did you mean \"green\"?)."));
        request.prompt = "dragon unicorn";
        QVERIFY(resolve(request)->notes[0].find("these words and leaves them out: \"dragon\", \"unicorn\"") !=
                std::string::npos);
    }

    void aVeryLongUnknownWordIsCutBetweenCharacters()
    {
        RunRequest request = fakeRequest();
        request.prompt.assign(39, 'x');
        request.prompt += "\u00e9";
        request.prompt.append(1000, 'y');
        const Result<ResolvedRequest> resolved = resolve(request);
        QVERIFY(resolved->notes[0].size() < 200);
        QVERIFY(isText(resolved->notes[0]));
    }

    void textIsWellFormedUtf8()
    {
        QVERIFY(isText(""));
        QVERIFY(isText("sunset over \u00e9 \u4e2d \U0001F600"));
        QVERIFY(!isText("\x80"));
        QVERIFY(!isText("\xc3"));
        QVERIFY(!isText("\xc0\xaf"));         // overlong
        QVERIFY(!isText("\xe0\x80\x80"));     // overlong
        QVERIFY(!isText("\xed\xa0\x80"));     // surrogate
        QVERIFY(!isText("\xf4\x90\x80\x80")); // beyond Unicode
        QVERIFY(!isText("\xf8\x88\x80\x80\x80"));
        QVERIFY(!isText(std::string_view("a\0b", 3)));
    }
};

JACOBI_TEST(ResolveTest)
#include "tst_resolve.moc"
