// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
// ctest-labels: unit fault
#include "core/io/bytewriter.h"
#include "core/trace/memorytrace.h"
#include "core/trace/tracerecords.h"
#include "tests/core/trace/tracesamples.h"
#include "tests/testmain.h"

#include <algorithm>
#include <cstring>

using namespace jacobi;
using namespace jacobi::test;

namespace {

Bytes magic()
{
    return bytesOf(kTraceMagic);
}

Bytes headerRecord()
{
    return record(1, encodeHeader(sampleHeader()).value());
}

Bytes stepRecord(std::uint32_t pass)
{
    return record(2, encodeStep(sampleStep(pass, 0, 1, 2), sampleLayout()).value());
}

Bytes summaryRecord()
{
    return record(4, encodeSummary(sampleSummary()).value());
}

Bytes previewRecord(std::uint32_t pass)
{
    return record(3, encodePreview(samplePreview(pass, 1, false), sampleLayout()).value());
}

constexpr std::uint32_t kMost = 64U << 20U; // that a record may claim

Bytes withLength(Bytes record, std::uint32_t length)
{
    std::memcpy(record.data() + 4, &length, sizeof length);
    return record;
}

// The beginning of what the whole file holds: `count` values.
bool holdsTheFirst(const Trace& trace, const std::vector<Bytes>& whole, std::size_t count)
{
    const std::vector<Bytes> values = valuesOf(trace);
    return values.size() == count && std::equal(values.begin(), values.end(), whole.begin());
}

QString at(std::size_t byte)
{
    return QStringLiteral("byte %1").arg(byte);
}

} // namespace

class TraceReaderTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void wholeFileComesBack()
    {
        const Trace trace = sampleTrace();
        const Bytes file = traceBytes(trace);
        const Result<Trace> read = readTrace(file);
        QVERIFY(read.has_value());
        QCOMPARE(read->damage, std::string());
        QVERIFY(*read->header == *trace.header);
        QCOMPARE(read->header->codeColours.size(), std::size_t{5});
        QCOMPARE(read->steps.size(), trace.steps.size());
        QCOMPARE(read->previews.size(), trace.previews.size());
        QVERIFY(*read->previews[0] == *trace.previews[0]);
        QVERIFY(*read->previews[1] == *trace.previews[1]);
        QVERIFY(read->summary == trace.summary);
        QCOMPARE(valuesOf(*read), valuesOf(trace));
        QCOMPARE(traceBytes(*read), file);
    }

    void cutAnywhereOpensToTheLastWholeRecord()
    {
        const Bytes file = traceBytes(sampleTrace());
        const std::vector<std::size_t> ends = recordEnds(file); // [0] of the magic, [1] of the header
        const std::vector<Bytes> whole = valuesOf(sampleTrace());
        QCOMPARE(ends.size(), whole.size() + 1);
        QCOMPARE(ends.back(), file.size());
        for (std::size_t size = 0; size < file.size(); ++size) {
            const Result<Trace> read = readTrace(std::span(file).first(size));
            if (size < ends[1]) {
                QVERIFY2(!read, qPrintable(at(size)));
                QCOMPARE(read.error().code, ErrorCode::Corrupt);
                continue;
            }
            QVERIFY2(read.has_value(), qPrintable(at(size)));
            const auto next = std::upper_bound(ends.begin(), ends.end(), size);
            QVERIFY2(holdsTheFirst(*read, whole, static_cast<std::size_t>(next - ends.begin()) - 1),
                     qPrintable(at(size)));
            QVERIFY(!read->summary);
            const bool isBetweenRecords = *(next - 1) == size; // then only the missing summary tells
            QCOMPARE(read->damage.empty(), isBetweenRecords);
            QCOMPARE(read->damage.find("is cut") != std::string::npos, !isBetweenRecords);
            QVERIFY(!read->isDamaged);
        }
    }

    void damageAnywhereEndsReadingThere()
    {
        const Bytes file = traceBytes(sampleTrace());
        const std::vector<std::size_t> ends = recordEnds(file);
        const std::vector<Bytes> whole = valuesOf(sampleTrace());
        for (std::size_t byte = 0; byte < file.size(); ++byte) {
            for (const unsigned flip : {0x01U, 0x10U, 0x80U, 0xFFU}) {
                Bytes damaged = file;
                damaged[byte] ^= static_cast<std::byte>(flip);
                const Result<Trace> read = readTrace(damaged);
                if (byte < ends[1]) {
                    QVERIFY2(!read, qPrintable(at(byte)));
                    QVERIFY(!read.error().message.empty());
                    continue;
                }
                QVERIFY2(read.has_value(), qPrintable(at(byte)));
                const auto next = std::upper_bound(ends.begin(), ends.end(), byte);
                QVERIFY2(holdsTheFirst(*read, whole, static_cast<std::size_t>(next - ends.begin()) - 1),
                         qPrintable(at(byte)));
                QVERIFY2(!read->damage.empty() && read->isDamaged, qPrintable(at(byte)));
            }
        }
    }

    void bytesOfARecordInAnotherPlaceAreDamage()
    {
        // Two bytes swapped in a payload: a sum would not see it.
        const Bytes file = traceBytes(sampleTrace());
        const std::size_t inStep = recordEnds(file)[1] + 8;
        Bytes damaged = file;
        const auto differing = std::adjacent_find(damaged.begin() + static_cast<std::ptrdiff_t>(inStep), damaged.end(),
                                                  std::not_equal_to<>());
        std::iter_swap(differing, differing + 1);
        const Result<Trace> read = readTrace(damaged);
        QVERIFY(read.has_value());
        QVERIFY(read->steps.empty());
        QVERIFY(read->damage.find("checksum") != std::string::npos);
        QVERIFY(read->damage.find("record 2") != std::string::npos); // after the header
        QVERIFY(read->isDamaged);
    }

    void recordsArriveAsSoonAsTheyAreWhole()
    {
        const Bytes file = traceBytes(sampleTrace());
        const std::vector<std::size_t> ends = recordEnds(file);
        MemoryTrace memory;
        TraceReader reader(memory);
        for (std::size_t byte = 0; byte < file.size(); ++byte) {
            QVERIFY(!reader.isDone());
            QVERIFY(reader.feed(std::span(file).subspan(byte, 1)).has_value());
            const auto whole =
                static_cast<std::size_t>(std::upper_bound(ends.begin(), ends.end(), byte + 1) - ends.begin());
            const Trace& trace = memory.trace();
            const std::size_t arrived = (trace.header != nullptr ? 1U : 0U) + trace.steps.size() +
                                        trace.previews.size() + (trace.summary ? 1U : 0U);
            QCOMPARE(arrived, whole == 0 ? 0 : whole - 1);
        }
        QVERIFY(reader.isDone());
        QVERIFY(reader.finish().has_value());
        QCOMPARE(reader.damage(), std::string());
        QCOMPARE(valuesOf(memory.trace()), valuesOf(sampleTrace()));
    }

    void piecesOfAnySizeGiveTheSame()
    {
        const Bytes file = traceBytes(sampleTrace());
        for (std::size_t piece = 2; piece <= file.size(); piece += 13) {
            MemoryTrace memory;
            TraceReader reader(memory);
            for (std::size_t byte = 0; byte < file.size(); byte += piece) {
                QVERIFY(reader.feed(std::span(file).subspan(byte, std::min(piece, file.size() - byte))).has_value());
            }
            QVERIFY(reader.finish().has_value());
            QCOMPARE(valuesOf(memory.trace()), valuesOf(sampleTrace()));
        }
    }

    void unknownKindsAreSkipped()
    {
        for (const std::uint32_t kind : {0U, 5U, 77U, 0xFFFFFFFFU}) {
            const Bytes strange = record(kind, bytesOf("of a newer version"));
            const Bytes empty = record(kind, {});
            const Result<Trace> read = readTrace(joined(
                {magic(), strange, headerRecord(), strange, stepRecord(0), empty, stepRecord(1), summaryRecord()}));
            QVERIFY(read.has_value());
            QCOMPARE(read->damage, std::string());
            QCOMPARE(read->steps.size(), std::size_t{2});
            QVERIFY(read->summary.has_value());
        }
    }

    void unknownKindsAreCheckedToo()
    {
        Bytes strange = record(77, bytesOf("of a newer version"));
        strange[10] ^= std::byte{1};
        const Result<Trace> read = readTrace(joined({magic(), headerRecord(), strange, stepRecord(0)}));
        QVERIFY(read.has_value());
        QVERIFY(read->steps.empty());
        QVERIFY(read->damage.find("checksum") != std::string::npos);
    }

    void lengthsBeyondTheLimitAreDamage()
    {
        for (const std::uint32_t length : {(64U << 20U) + 1, 0x80000000U, 0xFFFFFFFFU}) {
            ByteWriter claim;
            claim.write(std::uint32_t{2});
            claim.write(length);
            const Result<Trace> read = readTrace(joined({magic(), headerRecord(), stepRecord(0), claim.take()}));
            QVERIFY(read.has_value());
            QCOMPARE(read->steps.size(), std::size_t{1});
            QVERIFY(read->damage.find("claims " + std::to_string(length)) != std::string::npos);
        }
    }

    void lengthsBeyondTheFileAreACut()
    {
        Bytes step = stepRecord(1);
        step.resize(step.size() - 4 - 1);
        for (const Bytes& end :
             {step, joined({Bytes{std::byte{2}, {}, {}, {}}, bytesOf("or anything else that is no record")}),
              Bytes(step.begin(), step.begin() + 8)}) {
            const Result<Trace> read =
                readTrace(joined({magic(), headerRecord(), stepRecord(0), withLength(end, kMost)}));
            QVERIFY(read.has_value());
            QCOMPARE(read->steps.size(), std::size_t{1});
            QVERIFY(read->damage.find("is cut") != std::string::npos);
            QVERIFY(!read->isDamaged);
        }
    }

    /// The file goes on, so its end is not what is wrong.
    void aLengthBeyondTheFileIsDamageWhereARecordFollows()
    {
        const Bytes wrong = withLength(stepRecord(1), kMost);
        Bytes cut = stepRecord(2);
        cut.resize(9);
        for (const Bytes& rest :
             {stepRecord(2), joined({Bytes(3), summaryRecord()}), joined({previewRecord(1), cut})}) {
            const Result<Trace> read = readTrace(joined({magic(), headerRecord(), stepRecord(0), wrong, rest}));
            QVERIFY(read.has_value());
            QCOMPARE(read->steps.size(), std::size_t{1}); // what comes before
            QVERIFY2(read->damage.find("record 3: a record claims 67108864 bytes, more than there are") !=
                         std::string::npos,
                     read->damage.c_str());
            QVERIFY(read->isDamaged);
        }
    }

    void aLengthBeyondTheFileIsDamageWhereTheRecordIsWhole()
    {
        const Result<Trace> read =
            readTrace(joined({magic(), headerRecord(), stepRecord(0), withLength(summaryRecord(), kMost)}));
        QVERIFY(read.has_value());
        QCOMPARE(read->steps.size(), std::size_t{1});
        QVERIFY(read->isDamaged && !read->summary);
    }

    void aDamagedLengthOfTheHeaderIsToldAsThat()
    {
        const Result<Trace> read = readTrace(joined({magic(), withLength(headerRecord(), kMost), stepRecord(0)}));
        QVERIFY(!read);
        QCOMPARE(read.error().code, ErrorCode::Corrupt);
        QVERIFY2(read.error().message.find("its header is damaged") != std::string::npos, read.error().message.c_str());
    }

    /// Numbers that look like records everywhere do not hold the reader up.
    void manyLikelyLengthsAreReadInTime()
    {
        ByteWriter numbers;
        constexpr std::uint32_t kCount = 1U << 22U;
        for (std::uint32_t i = 0; i < kCount; ++i) { // each "kind" 2 is followed by a length that fits
            numbers.write(i % 2 == 0 ? std::uint32_t{2} : kCount);
        }
        const Result<Trace> read = readTrace(joined({magic(), headerRecord(), withLength(numbers.take(), kMost)}));
        QVERIFY(read.has_value());
        QVERIFY(read->damage.find("is cut") != std::string::npos);
    }

    void whatBreaksARuleIsDamage_data()
    {
        QTest::addColumn<QByteArray>("bad");
        QTest::addColumn<QString>("why");
        const auto add = [](const char* name, const Bytes& bad, const char* why) {
            QTest::newRow(name) << QByteArray(reinterpret_cast<const char*>(bad.data()),
                                              static_cast<qsizetype>(bad.size()))
                                << why;
        };
        add("second header", headerRecord(), "comes twice");
        add("pass runs ahead", stepRecord(2), "the number 2");
        add("preview runs ahead", previewRecord(2), "did not happen");
        add("empty pass", record(2, {}), "shorter than");
        add("empty preview", record(3, {}), "too short");
        add("empty summary", record(4, {}), "parse error");
        add("summary is no object", record(4, bytesOf("[]")), "not a JSON object");
        add("summary without a number", record(4, bytesOf(R"({"outcome":"complete","message":""})")), "tokens");
        Step step = sampleStep(0, 0, 1, 2);
        step.token = {0, 8};
        TraceLayout layout = sampleLayout();
        layout.codes = 9;
        add("token of another vocabulary", record(2, encodeStep(step, layout).value()), "no code");
        layout.rows = 100;
        add("pass of another layout", record(2, encodeStep(sampleStep(0, 6, 7, 8), layout).value()), "beyond");
        Bytes preview = encodePreview(samplePreview(0, 0, false), sampleLayout()).value();
        preview.resize(preview.size() / 2);
        add("half a picture", record(3, preview), "");
    }

    void whatBreaksARuleIsDamage()
    {
        QFETCH(QByteArray, bad);
        QFETCH(QString, why);
        const Bytes badRecord = bytesOf({bad.constData(), static_cast<std::size_t>(bad.size())});
        const Bytes before = joined({magic(), headerRecord(), stepRecord(0)});
        const Result<Trace> read = readTrace(joined({before, badRecord, stepRecord(1), summaryRecord()}));
        QVERIFY(read.has_value());
        QCOMPARE(read->steps.size(), std::size_t{1});
        QVERIFY(read->previews.empty());
        QVERIFY(!read->summary);
        const QString damage = QString::fromStdString(read->damage);
        QVERIFY2(damage.contains(why), qPrintable(damage));
        QVERIFY2(damage.contains("after 1 passes (byte " + QString::number(before.size()) + ", record 3: "),
                 qPrintable(damage));
        QVERIFY(read->isDamaged);
    }

    void nothingFollowsTheSummary()
    {
        const Result<Trace> read =
            readTrace(joined({magic(), headerRecord(), stepRecord(0), summaryRecord(), stepRecord(1)}));
        QVERIFY(read.has_value());
        QCOMPARE(read->steps.size(), std::size_t{1});
        QVERIFY(read->summary.has_value());
    }

    void withoutAHeaderThereIsNoTrace_data()
    {
        QTest::addColumn<QString>("file");
        QTest::addColumn<int>("code");
        QTest::addColumn<QString>("sentence");
        const int corrupt = static_cast<int>(ErrorCode::Corrupt);
        const int unsupported = static_cast<int>(ErrorCode::Unsupported);
        QTest::newRow("empty") << "" << corrupt << "holds no run";
        QTest::newRow("short") << "JTR" << corrupt << "not a trace";
        QTest::newRow("something else") << "\x89PNG\r\n and so on" << corrupt << "not a trace";
        QTest::newRow("newer") << "JTRACE2\n and so on" << unsupported << "newer version";
        QTest::newRow("magic alone") << "JTRACE1\n" << corrupt << "holds no run";
    }

    void withoutAHeaderThereIsNoTrace()
    {
        QFETCH(QString, file);
        QFETCH(int, code);
        QFETCH(QString, sentence);
        const Result<Trace> read = readTrace(bytesOf(file.toLatin1().toStdString()));
        QVERIFY(!read);
        QCOMPARE(static_cast<int>(read.error().code), code);
        QVERIFY2(QString::fromStdString(read.error().message).contains(sentence), read.error().message.c_str());
    }

    void aPassBeforeTheHeaderIsAnError()
    {
        const Result<Trace> read = readTrace(joined({magic(), stepRecord(0), headerRecord()}));
        QVERIFY(!read);
        QVERIFY(read.error().message.find("out of order") != std::string::npos);
    }

    void aFileIsReadLikeItsBytes()
    {
        const TestFolder folder;
        const Bytes file = traceBytes(sampleTrace());
        writeFile(folder.file("cut.jtrace"), {file.begin(), file.end() - 1});
        const Result<Trace> read = readTrace(folder.file("cut.jtrace"));
        QVERIFY(read.has_value());
        QVERIFY(holdsTheFirst(*read, valuesOf(sampleTrace()), 7));
        QVERIFY(read->damage.find("is cut") != std::string::npos);
        const Result<Trace> missing = readTrace(folder.file("none.jtrace"));
        QVERIFY(!missing);
        QCOMPARE(missing.error().code, ErrorCode::NotFound);
    }

    // Records over the size of a piece in which the file is read.
    void aLargeFileIsReadInPieces()
    {
        const TestFolder folder;
        const Bytes large = record(77, Bytes(3'000'000));
        writeFile(folder.file("large.jtrace"),
                  joined({magic(), headerRecord(), large, stepRecord(0), large, stepRecord(1), summaryRecord()}));
        const Result<Trace> read = readTrace(folder.file("large.jtrace"));
        QVERIFY(read.has_value());
        QCOMPARE(read->damage, std::string());
        QCOMPARE(read->steps.size(), std::size_t{2});
        QVERIFY(read->summary.has_value());
    }
};

JACOBI_TEST(TraceReaderTest)
#include "tst_tracereader.moc"
