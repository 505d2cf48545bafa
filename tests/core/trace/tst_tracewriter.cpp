// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
// ctest-labels: unit fault
#include "core/io/filefault.h"
#include "core/trace/memorytrace.h"
#include "core/trace/tracerecords.h"
#include "tests/core/trace/tracesamples.h"
#include "tests/testmain.h"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <functional>

using namespace jacobi;
using namespace jacobi::test;

namespace {

using std::chrono::milliseconds;
using std::chrono::nanoseconds;

/// Passes a run on and does something after each call.
class Between final : public TraceSink {
public:
    Between(TraceSink& sink, std::function<void()> after) : m_sink(sink), m_after(std::move(after)) {}

    void header(const std::shared_ptr<const RunHeader>& header) override
    {
        m_sink.header(header);
        m_after();
    }
    void step(const std::shared_ptr<const Step>& step) override
    {
        m_sink.step(step);
        m_after();
    }
    void preview(const std::shared_ptr<const Preview>& preview) override
    {
        m_sink.preview(preview);
        m_after();
    }
    void summary(const RunSummary& summary) override
    {
        m_sink.summary(summary);
        m_after();
    }

private:
    TraceSink& m_sink;
    std::function<void()> m_after;
};

// Fails call number `failing` (and, where asked, every later one) with a full disk.
FileFault fullDisk(int& calls, int failing, bool forEver)
{
    return [&calls, failing, forEver](FileCall) {
        const int call = calls++;
        return call == failing || (forEver && call > failing) ? ENOSPC : 0;
    };
}

bool startsWith(const Bytes& whole, const Bytes& beginning)
{
    return beginning.size() <= whole.size() && std::equal(beginning.begin(), beginning.end(), whole.begin());
}

// A run of the sample whose clock moves on by `tick` whenever it is read.
std::optional<Error> writeSample(const std::filesystem::path& path, milliseconds tick)
{
    nanoseconds now{0};
    const auto writer = TraceWriter::create(path, [&] { return now += tick; });
    if (!writer) {
        return writer.error();
    }
    replay(sampleTrace(), **writer);
    return (*writer)->error();
}

Bytes oldFile()
{
    return bytesOf("what was here before, longer than nothing");
}

} // namespace

class TraceWriterTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void fileIsThatOfTheDescription()
    {
        const TestFolder folder;
        QVERIFY(!writeSample(folder.file("run.jtrace"), milliseconds(0)));
        const Trace trace = sampleTrace();
        const TraceLayout layout = sampleLayout();
        Bytes expected = joined({bytesOf("JTRACE1\n"), record(1, encodeHeader(*trace.header).value())});
        for (const std::size_t pass : {0U, 1U, 2U, 3U}) {
            expected = joined({expected, record(2, encodeStep(*trace.steps[pass], layout).value())});
            if (pass % 2 == 1) {
                expected = joined({expected, record(3, encodePreview(*trace.previews[pass / 2], layout).value())});
            }
        }
        expected = joined({expected, record(4, encodeSummary(*trace.summary).value())});
        QCOMPARE(readFile(folder.file("run.jtrace")), expected);
    }

    void eachRecordIsThereAtOnceAndNeverRewritten()
    {
        const TestFolder folder;
        const auto path = folder.file("run.jtrace");
        const auto writer = TraceWriter::create(path).value();
        const Bytes whole = traceBytes(sampleTrace());
        const std::vector<std::size_t> ends = recordEnds(whole);
        std::size_t records = 0;
        bool isWhole = true;
        Between between(*writer, [&] {
            const Bytes now = readFile(path);
            isWhole = isWhole && now.size() == ends[++records] && startsWith(whole, now);
        });
        replay(sampleTrace(), between);
        QCOMPARE(records + 1, ends.size());
        QVERIFY(isWhole);
    }

    void eachRecordIsOneWrite()
    {
        const TestFolder folder;
        int writes = 0;
        const ScopedFileFault count([&](FileCall call) {
            writes += call == FileCall::Write ? 1 : 0;
            return 0;
        });
        QVERIFY(!writeSample(folder.file("run.jtrace"), milliseconds(0)));
        QCOMPARE(writes, 9); // the magic and eight records
    }

    void syncsEveryTwoSecondsAndAtTheEnd_data()
    {
        QTest::addColumn<int>("tick");
        QTest::addColumn<int>("syncs");
        QTest::newRow("fast passes") << 0 << 1;
        QTest::newRow("a second each") << 1000 << 4; // of seven records every second one, and the last
        QTest::newRow("just under two seconds") << 1999 << 4;
        QTest::newRow("two seconds each") << 2000 << 7;
    }

    void syncsEveryTwoSecondsAndAtTheEnd()
    {
        QFETCH(int, tick);
        QFETCH(int, syncs);
        const TestFolder folder;
        int files = 0;
        int folders = 0;
        const ScopedFileFault count([&](FileCall call) {
            files += call == FileCall::SyncFile ? 1 : 0;
            folders += call == FileCall::SyncFolder ? 1 : 0;
            return 0;
        });
        QVERIFY(!writeSample(folder.file("run.jtrace"), milliseconds(tick)));
        QCOMPARE(files, syncs);
        QCOMPARE(folders, 1); // its name must survive too
    }

    void aFullDiskAtEachCallLeavesWholeRecords_data()
    {
        QTest::addColumn<bool>("forEver");
        QTest::newRow("once") << false;
        QTest::newRow("for ever") << true;
    }

    void aFullDiskAtEachCallLeavesWholeRecords()
    {
        QFETCH(bool, forEver);
        const TestFolder folder;
        const auto path = folder.file("run.jtrace");
        const std::vector<Bytes> whole = valuesOf(sampleTrace());
        int calls = 0;
        {
            const ScopedFileFault none(fullDisk(calls, -1, false));
            QVERIFY(!writeSample(path, milliseconds(2000)));
        }
        const int all = calls;
        QVERIFY(all > 15);
        for (int failing = 0; failing < all; ++failing) {
            std::filesystem::remove(path);
            calls = 0;
            std::optional<Error> error;
            {
                const ScopedFileFault fault(fullDisk(calls, failing, forEver));
                error = writeSample(path, milliseconds(2000));
            }
            QVERIFY2(error.has_value(), qPrintable(QString::number(failing)));
            QCOMPARE(error->code, ErrorCode::Io);
            QVERIFY(error->message.find("disk is full") != std::string::npos);
            QCOMPARE(calls, failing + 1); // nothing more is tried
            if (!std::filesystem::exists(path)) {
                QVERIFY(failing < 3); // before the header was whole
                continue;
            }
            const Result<Trace> read = readTrace(path);
            QVERIFY2(read.has_value(), qPrintable(QString::number(failing)));
            QCOMPARE(read->damage, std::string());
            const std::vector<Bytes> values = valuesOf(*read);
            QVERIFY(std::equal(values.begin(), values.end(), whole.begin()));
        }
    }

    void theFirstErrorStays()
    {
        const TestFolder folder;
        const auto path = folder.file("run.jtrace");
        const auto writer = TraceWriter::create(path).value();
        writer->header(sampleTrace().header);
        writer->step(sampleTrace().steps[0]);
        const Bytes before = readFile(path);
        {
            const ScopedFileFault fault([](FileCall) { return EROFS; });
            writer->step(sampleTrace().steps[1]);
        }
        QVERIFY(writer->error()->message.find("permission") != std::string::npos);
        writer->step(sampleTrace().steps[2]);
        writer->preview(sampleTrace().previews[0]);
        writer->summary(sampleSummary());
        QVERIFY(writer->error()->message.find("permission") != std::string::npos);
        QCOMPARE(readFile(path), before);
    }

    void anOldFileIsReplacedByTheHeaderOnly()
    {
        const TestFolder folder;
        const auto path = folder.file("run.jtrace");
        writeFile(path, oldFile());
        {
            const auto writer = TraceWriter::create(path).value();
            writer->step(sampleTrace().steps[0]); // no run without its header
            QCOMPARE(readFile(path), oldFile());
        }
        QCOMPARE(readFile(path), oldFile());
        QVERIFY(!writeSample(path, milliseconds(0)));
        QCOMPARE(readFile(path), traceBytes(sampleTrace()));
    }

    void theFileOfARunThatGoesOnIsRefused()
    {
        const TestFolder folder;
        const auto path = folder.file("run.jtrace");
        {
            const auto writer = TraceWriter::create(path).value();
            bool isRefused = !TraceWriter::create(path);
            Between between(*writer, [&] { isRefused = isRefused && !writeTrace(path, sampleTrace()); });
            replay(sampleTrace(), between);
            QVERIFY(isRefused);
            QVERIFY(!writer->error());
        }
        QCOMPARE(readFile(path), traceBytes(sampleTrace()));
        const Result<void> after = writeTrace(path, sampleTrace());
        QVERIFY2(after.has_value(), after ? "" : after.error().message.c_str());
    }

    /// Though the one before it removes the file that it never began.
    void aRunAfterOneThatNeverBeganHasItsFile()
    {
        const TestFolder folder;
        const auto path = folder.file("run.jtrace");
        {
            const auto writer = TraceWriter::create(path).value();
            QVERIFY(!TraceWriter::create(path)); // who is refused removes nothing
            QVERIFY(std::filesystem::exists(path));
        }
        QVERIFY(!writeSample(path, milliseconds(0)));
        QCOMPARE(readFile(path), traceBytes(sampleTrace()));
    }

    void aHeaderThatCannotBeReadTouchesNoFile()
    {
        const TestFolder folder;
        RunHeader header = sampleHeader();
        header.layout.codes = 0;
        writeFile(folder.file("old.jtrace"), oldFile());
        for (const char* name : {"old.jtrace", "new.jtrace"}) {
            const auto writer = TraceWriter::create(folder.file(name)).value();
            writer->header(std::make_shared<const RunHeader>(header));
            QVERIFY(writer->error().has_value());
        }
        QCOMPARE(readFile(folder.file("old.jtrace")), oldFile());
        QVERIFY(!std::filesystem::exists(folder.file("new.jtrace")));
    }

    void aRunWithoutAHeaderLeavesNoFile()
    {
        const TestFolder folder;
        const auto path = folder.file("run.jtrace");
        {
            const auto writer = TraceWriter::create(path).value();
            QVERIFY(std::filesystem::exists(path));
        }
        QVERIFY(!std::filesystem::exists(path));
    }

    void aWrongFolderIsKnownBeforeTheRun()
    {
        const TestFolder folder;
        const auto writer = TraceWriter::create(folder.file("none") / "run.jtrace");
        QVERIFY(!writer);
        QCOMPARE(writer.error().code, ErrorCode::NotFound);
        QVERIFY(!TraceWriter::create(folder.file("none").parent_path()));
    }

    void passesOutOfOrderStopTheTrace()
    {
        const TestFolder folder;
        const auto path = folder.file("run.jtrace");
        const auto writer = TraceWriter::create(path).value();
        writer->header(sampleTrace().header);
        writer->step(sampleTrace().steps[0]);
        writer->step(sampleTrace().steps[2]);
        QCOMPARE(writer->error()->code, ErrorCode::Internal);
        const Result<Trace> read = readTrace(path);
        QVERIFY(read.has_value());
        QCOMPARE(read->steps.size(), std::size_t{1});
        QCOMPARE(read->damage, std::string());
    }

    void nothingIsWrittenAfterTheSummary()
    {
        const TestFolder folder;
        const auto path = folder.file("run.jtrace");
        const auto writer = TraceWriter::create(path).value();
        replay(sampleTrace(), *writer);
        writer->step(sampleTrace().steps[3]);
        writer->summary(sampleSummary());
        writer->header(sampleTrace().header);
        QVERIFY(!writer->error());
        QCOMPARE(readFile(path), traceBytes(sampleTrace()));
    }

    void writeTraceTellsWhatWentWrong()
    {
        const TestFolder folder;
        QVERIFY(writeTrace(folder.file("run.jtrace"), sampleTrace()).has_value());
        int calls = 0;
        const ScopedFileFault fault(fullDisk(calls, 4, true));
        const Result<void> written = writeTrace(folder.file("full.jtrace"), sampleTrace());
        QVERIFY(!written);
        QCOMPARE(written.error().code, ErrorCode::Io);
    }
};

JACOBI_TEST(TraceWriterTest)
#include "tst_tracewriter.moc"
