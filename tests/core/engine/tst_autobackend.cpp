// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/engine/enginebackend.h"
#include "tests/core/engine/fakes.h"
#include "tests/testmain.h"

#include <QFile>
#include <QTemporaryDir>

#include <limits>

using namespace jacobi;
using namespace jacobi::test;

namespace {

class Shares : public ProgressSink {
public:
    void progress(const JobProgress& progress) override
    {
        shares.push_back(progress.fraction);
        line = progress.line;
        if (onProgress) {
            onProgress();
        }
    }
    std::vector<double> shares;
    std::string line;
    std::function<void()> onProgress;
};

/// A backend over fakes with the real decoders; a pass costs the same whatever its rows.
struct Bench {
    explicit Bench(const QString& cacheFolder = {})
    {
        models = {fakeModel()};
        auto owned = std::make_unique<FakeFamily>(fakes);
        family = owned.get();
        BackendParts parts;
        parts.families.push_back(std::move(owned));
        parts.findModels = [this](const std::vector<std::string>&) { return models; };
        parts.engine = Engine(makeDecoder, fakeClock(fakes));
        BackendOptions options;
        options.threads = 1;
        options.cacheFolder = cacheFolder.toStdString();
        backend = std::move(*makeBackend(std::move(parts), options));
        fakes.logit = [](std::int64_t position, std::int64_t, std::int64_t code) {
            return 2.0 * std::sin(static_cast<double>(position * 7 + code * 5));
        };
    }

    Result<nlohmann::json> measure(const RunRequest& request, std::stop_token stop = {})
    {
        return backend->job(kMeasureAutoJob, toJson(request), progress, std::move(stop));
    }
    RunRequest resolved(const RunRequest& request) { return backend->resolve(request)->request; }

    Fakes fakes;
    std::vector<ModelInfo> models;
    FakeFamily* family = nullptr;
    Shares progress;
    std::unique_ptr<Backend> backend;
};

RunRequest openRequest()
{
    RunRequest request = fakeRequest();
    request.window = kAutoWindow;
    request.initialisation = kAutoName;
    return request;
}

} // namespace

/// "auto" as a backend sees it: open until it was measured, then remembered.
class AutoBackendTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void openUntilMeasured()
    {
        Bench bench;
        QVERIFY(bench.resolved(openRequest()).hasAuto());
        QCOMPARE(bench.fakes.loads, 0); // to resolve is quick
        const Result<nlohmann::json> measured = bench.measure(bench.resolved(openRequest()));
        QVERIFY2(measured.has_value(), measured ? "" : measured.error().message.c_str());
        QVERIFY(!measured->contains("note"));

        const RunRequest request = bench.resolved(openRequest());
        QVERIFY(!request.hasAuto());
        QVERIFY(request.window > 4 && request.window <= 20);
        QVERIFY(measured->at("window") == request.window);
        QVERIFY(measured->at("initialisation") == request.initialisation);
        QVERIFY(measured->at("tokensPerPass").get<double>() > 1.0);
        QVERIFY(measured->at("seconds").get<double>() < measured->at("sequentialSeconds").get<double>());

        RunRequest expected = openRequest(); // and nothing else is filled in by it
        expected.window = request.window;
        expected.initialisation = request.initialisation;
        QVERIFY(bench.resolved(expected) == request);

        RunControl control;
        RecordingSink sink;
        const Result<RunSummary> summary = bench.backend->run(request, control, sink);
        QCOMPARE(summary->tokens, 20U);
        QVERIFY(sink.trace.header->request == request);
        QCOMPARE(bench.fakes.loads, 1); // what was measured with is kept
    }

    void anUnmeasuredRunIsRefused()
    {
        for (const bool window : {true, false}) {
            RunRequest request = openRequest();
            (window ? request.initialisation = "uniform" : request.initialisation = kAutoName);
            request.window = window ? kAutoWindow : 4;
            Bench bench;
            RunControl control;
            RecordingSink sink;
            const Result<RunSummary> summary = bench.backend->run(request, control, sink);
            QVERIFY(!summary.has_value());
            QCOMPARE(summary.error().code, ErrorCode::InvalidRequest);
            QVERIFY2(summary.error().message.find("measured") != std::string::npos, summary.error().message.c_str());
            QVERIFY(summary.error().message.ends_with('.'));
            QCOMPARE(sink.order, std::string("."));
            QCOMPARE(sink.trace.summary->outcome, Outcome::Failed);
            QCOMPARE(bench.fakes.loads, 0);
        }
    }

    /// A run of the request as it was asked, once measured, is that of what "auto" stands for.
    void anOpenRunTakesWhatIsRemembered()
    {
        Bench bench;
        QVERIFY(bench.measure(openRequest()).has_value());
        RunControl control;
        RecordingSink sink;
        QVERIFY(bench.backend->run(openRequest(), control, sink).has_value());
        QVERIFY(sink.trace.header->request == bench.resolved(openRequest()));
        QVERIFY(!sink.trace.header->request.hasAuto());
    }

    void progressIsOneLine()
    {
        Bench bench;
        QVERIFY(bench.measure(openRequest()).has_value());
        QVERIFY(!bench.progress.line.empty());
        QVERIFY(std::ranges::is_sorted(bench.progress.shares));
        QCOMPARE(bench.progress.shares.back(), 1.0);
    }

    void nothingOpenIsNotMeasured()
    {
        Bench bench;
        RunRequest sequential = openRequest();
        sequential.method = "sequential";
        QVERIFY(!bench.resolved(sequential).hasAuto());
        for (const RunRequest& request : {sequential, fakeRequest()}) {
            const Result<nlohmann::json> done = bench.measure(request);
            QVERIFY(done.has_value());
            QVERIFY(done->at("window") == bench.resolved(request).window);
            QVERIFY(done->at("initialisation") == "uniform");
        }
        QVERIFY(bench.measure(openRequest()).has_value());
        const int forwards = bench.fakes.forwards;
        const Result<nlohmann::json> again = bench.measure(openRequest()); // remembered
        QVERIFY(again->at("window") == bench.resolved(openRequest()).window);
        QCOMPARE(bench.fakes.forwards, forwards);
    }

    void sequentialNeedsNoMeasuring()
    {
        Bench bench;
        RunRequest request = openRequest();
        request.method = "sequential";
        RunControl control;
        RecordingSink sink;
        QCOMPARE(bench.backend->run(request, control, sink)->tokens, 20U);
        QCOMPARE(sink.trace.header->request.window, 1);
        QCOMPARE(bench.fakes.forwards, 20);
    }

    void whatIsFixedIsKept()
    {
        Bench bench;
        bench.fakes.forwardCost = [](std::int64_t, std::int64_t rows) { return rows * rows * 1'000'000; };
        RunRequest request = openRequest();
        request.initialisation = "left";
        QVERIFY(bench.measure(request).has_value());
        QCOMPARE(bench.resolved(request).window, 1);
        QCOMPARE(bench.resolved(request).initialisation, std::string("left"));
        request = openRequest();
        request.window = 5;
        QVERIFY(bench.measure(request).has_value());
        QCOMPARE(bench.resolved(request).window, 5);
        QVERIFY(bench.resolved(openRequest()).hasAuto()); // that is another question
    }

    void rememberedForOtherPromptsButNotForOtherModels()
    {
        Bench bench;
        QVERIFY(bench.measure(openRequest()).has_value());
        RunRequest request = openRequest();
        request.prompt = "blue";
        request.seed = 99;
        request.guidance = 3.0;
        QVERIFY(!bench.resolved(request).hasAuto());
        request.pictures = 2;
        QVERIFY(bench.resolved(request).hasAuto());
        bench.models[0].hash = "beef";
        QVERIFY(bench.resolved(openRequest()).hasAuto());
    }

    void twoBackendsShareTheFolder()
    {
        const QTemporaryDir folder;
        const QTemporaryDir elsewhere;
        Bench first(folder.filePath("cache"));
        QVERIFY(first.measure(openRequest()).has_value());
        Bench second(folder.filePath("cache"));
        QVERIFY(second.resolved(openRequest()) == first.resolved(openRequest()));
        QCOMPARE(second.fakes.loads, 0);
        QVERIFY(Bench(elsewhere.filePath("cache")).resolved(openRequest()).hasAuto());
        QVERIFY(Bench().resolved(openRequest()).hasAuto());
    }

    void aFolderThatCannotBeWrittenIsANote()
    {
        const QTemporaryDir folder;
        QFile file(folder.filePath("file"));
        QVERIFY(file.open(QIODevice::WriteOnly));
        Bench bench(folder.filePath("file/cache"));
        const Result<nlohmann::json> measured = bench.measure(openRequest());
        QVERIFY(measured.has_value());
        const auto note = measured->at("note").get<std::string>();
        QVERIFY2(note.find("could not be remembered. ") != std::string::npos && note.ends_with('.'), note.c_str());
        QVERIFY(!bench.resolved(openRequest()).hasAuto()); // until the program ends
    }

    /// The file lies where anybody can change it: what no run could use is measured again.
    void rememberedNonsenseIsMeasuredAgain_data()
    {
        QTest::addColumn<QString>("key");
        QTest::addColumn<QString>("value");
        QTest::newRow("a window beyond the picture") << "window"
                                                     << "21";
        QTest::newRow("no such initialisation") << "initialisation"
                                                << "\"wild\"";
        QTest::newRow("an open initialisation") << "initialisation"
                                                << "\"auto\"";
    }
    void rememberedNonsenseIsMeasuredAgain()
    {
        QFETCH(const QString, key);
        QFETCH(const QString, value);
        const QTemporaryDir folder;
        QVERIFY(Bench(folder.path()).measure(openRequest()).has_value());
        QFile file(folder.filePath("windows.json"));
        QVERIFY(file.open(QIODevice::ReadWrite));
        nlohmann::json json = nlohmann::json::parse(file.readAll().toStdString());
        json["choices"][0][key.toStdString()] = nlohmann::json::parse(value.toStdString());
        file.resize(0);
        file.seek(0);
        file.write(QByteArray::fromStdString(json.dump()));
        file.close();
        Bench bench(folder.path());
        QVERIFY(bench.resolved(openRequest()).hasAuto());
        QVERIFY(bench.measure(openRequest()).has_value());
        QVERIFY(!bench.resolved(openRequest()).hasAuto());
    }

    void stoppedIsNotRemembered()
    {
        const QTemporaryDir folder;
        Bench bench(folder.path());
        std::stop_source stop;
        bench.progress.onProgress = [&] {
            if (bench.progress.shares.size() == 30) {
                stop.request_stop();
            }
        };
        const Result<nlohmann::json> stopped = bench.measure(openRequest(), stop.get_token());
        QVERIFY(!stopped.has_value());
        QCOMPARE(stopped.error().code, ErrorCode::Cancelled);
        QCOMPARE(bench.progress.shares.size(), std::size_t{30});
        QVERIFY(bench.resolved(openRequest()).hasAuto());
        QVERIFY(!QFile::exists(folder.filePath("windows.json")));
        QCOMPARE(bench.measure(openRequest(), stop.get_token()).error().code, ErrorCode::Cancelled);
        QVERIFY(bench.measure(openRequest()).has_value());
    }

    void settlingMeasuresOnlyWhatIsOpen()
    {
        const QTemporaryDir folder;
        QFile file(folder.filePath("file"));
        QVERIFY(file.open(QIODevice::WriteOnly));
        Bench bench(folder.filePath("file/cache"));
        QVERIFY(settle(*bench.backend, fakeRequest(), bench.progress, {})->request == bench.resolved(fakeRequest()));
        QCOMPARE(bench.fakes.forwards, 0);
        const Result<ResolvedRequest> settled = settle(*bench.backend, openRequest(), bench.progress, {});
        QVERIFY(settled.has_value());
        QVERIFY(!settled->request.hasAuto());
        QVERIFY(settled->request == bench.resolved(openRequest()));
        QCOMPARE(settled->notes.size(), std::size_t{1}); // that it could not be remembered
        const int forwards = bench.fakes.forwards;
        QVERIFY(settle(*bench.backend, openRequest(), bench.progress, {})->notes.empty());
        QCOMPARE(bench.fakes.forwards, forwards);

        std::stop_source stop;
        stop.request_stop();
        RunRequest request = openRequest();
        request.pictures = 2;
        QCOMPARE(settle(*bench.backend, request, bench.progress, stop.get_token()).error().code, ErrorCode::Cancelled);
        request.modelId = "huge";
        QCOMPARE(settle(*bench.backend, request, bench.progress, {}).error().code, ErrorCode::NotFound);
    }

    void failuresAreSentences()
    {
        Bench bench;
        RunRequest request = openRequest();
        request.modelId = "huge";
        QCOMPARE(bench.measure(request).error().code, ErrorCode::NotFound);
        request = openRequest();
        request.pictures = 65;
        QCOMPARE(bench.measure(request).error().code, ErrorCode::InvalidRequest);
        QCOMPARE(bench.backend->job(kMeasureAutoJob, {{"window", "wide"}}, bench.progress, {}).error().code,
                 ErrorCode::InvalidRequest);
        bench.fakes.nanFrom = 0;
        QCOMPARE(bench.measure(openRequest()).error().code, ErrorCode::Numeric);
        bench.fakes.nanFrom = -1;
        bench.models[0].hash = "beef"; // to be loaded again
        bench.family->needed = std::numeric_limits<std::uint64_t>::max() / 2;
        QCOMPARE(bench.measure(openRequest()).error().code, ErrorCode::OutOfMemory);
    }
};

JACOBI_TEST(AutoBackendTest)
#include "tst_autobackend.moc"
