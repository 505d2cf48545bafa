// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/trace/tracerecords.h"

#include "core/base/crc32c.h"
#include "core/base/limits.h"
#include "core/io/bytewriter.h"
#include "core/io/jsontext.h"
#include "core/io/png.h"
#include "tests/core/trace/tracesamples.h"
#include "tests/testmain.h"

#include <limits>

using namespace jacobi;
using namespace jacobi::test;

namespace {

nlohmann::json headerJson()
{
    const Bytes payload = encodeHeader(sampleHeader()).value();
    return parseJson({reinterpret_cast<const char*>(payload.data()), payload.size()}, "The header").value();
}

Result<RunHeader> decodedHeader(const nlohmann::json& json)
{
    return decodeHeader(bytesOf(jsonText(json)));
}

nlohmann::json summaryJson()
{
    const Bytes payload = encodeSummary(sampleSummary()).value();
    return parseJson({reinterpret_cast<const char*>(payload.data()), payload.size()}, "The summary").value();
}

// A preview's payload whose head claims one size and whose picture has another.
Bytes previewPayload(std::uint32_t width, std::uint32_t height, std::uint32_t pngWidth, std::uint32_t pngHeight)
{
    ByteWriter out;
    for (const std::uint32_t value : {0U, 0U, 0U, 0U, width, height}) {
        out.write(value);
    }
    const std::vector<std::uint8_t> rgb(std::size_t{pngWidth} * pngHeight * 3);
    out.append(encodePng(pngWidth, pngHeight, rgb).value());
    return out.take();
}

} // namespace

class TraceRecordsTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void aRecordIsKindLengthPayloadChecksum()
    {
        QCOMPARE(crc32c(bytesOf("123456789")), 0xE3069283U); // RFC 3720's polynomial
        const Bytes made = makeRecord(RecordKind::Preview, bytesOf("123456789")).value();
        ByteReader reader(made);
        std::uint32_t kind = 0;
        std::uint32_t length = 0;
        std::uint32_t checksum = 0;
        QVERIFY(reader.read(kind) && reader.read(length) && reader.take(9) && reader.read(checksum));
        QCOMPARE(kind, 3U);
        QCOMPARE(length, 9U);
        QCOMPARE(checksum, crc32c(std::span(made).first(17)));
        QCOMPARE(reader.left(), std::size_t{0});
    }

    void aRecordHasAtMost64MiB()
    {
        Bytes payload(kMaxTraceRecordBytes);
        QVERIFY(makeRecord(RecordKind::Step, payload).has_value());
        payload.emplace_back();
        QCOMPARE(makeRecord(RecordKind::Step, payload).error().code, ErrorCode::Unsupported);
    }

    void promptsThatWereReadComeBack()
    {
        RunHeader header = sampleHeader();
        header.request.pictures = 2;
        header.request.completesPrompt = true;
        header.prompts = {"a house on the left", "a house on the right"};
        QVERIFY(decodeHeader(encodeHeader(header).value()).value() == header);
        header.prompts.pop_back(); // one a picture
        QVERIFY(!encodeHeader(header).has_value());
    }

    void headerComesBack()
    {
        const Result<RunHeader> back = decodeHeader(encodeHeader(sampleHeader()).value());
        QVERIFY(back.has_value());
        QVERIFY(*back == sampleHeader());
        RunHeader bare;
        bare.layout = {1, 1, 1, 1};
        QVERIFY(decodeHeader(encodeHeader(bare).value()).value() == bare);
    }

    void headerHasTheKeysOfTheDescription()
    {
        const nlohmann::json json = headerJson();
        std::vector<std::string> keys;
        for (const auto& [key, value] : json.items()) {
            keys.push_back(key);
        }
        QCOMPARE(keys, (std::vector<std::string>{"codeColours", "deviceName", "layout", "modelName", "request",
                                                 "schema", "software", "startedAt"}));
        QCOMPARE(json["layout"], (nlohmann::json{{"rows", 2}, {"columns", 3}, {"codes", 5}, {"patchPixels", 2}}));
        QCOMPARE(json["request"]["seed"], nlohmann::json(std::numeric_limits<std::uint64_t>::max()));
        QCOMPARE(json["codeColours"].get<std::string>().size(), std::size_t{5 * 64}); // 48 bytes each, as base64
    }

    void theBlocksOfAFlowComeBack()
    {
        RunHeader header = sampleHeader();
        header.codeColours.clear();
        header.layout.codes = 1;
        header.layout.blocks = 3;
        header.layout.reversed = {false, true, false};
        const Bytes payload = encodeHeader(header).value();
        QVERIFY(decodeHeader(payload).value() == header);
        nlohmann::json json =
            parseJson({reinterpret_cast<const char*>(payload.data()), payload.size()}, "The header").value();
        QCOMPARE(json["layout"]["reversed"], (nlohmann::json{false, true, false}));
        for (const nlohmann::json& wrong :
             {nlohmann::json(), nlohmann::json{false, true}, nlohmann::json{0, 1, 0}, nlohmann::json("odd")}) {
            nlohmann::json other = json;
            other["layout"]["reversed"] = wrong;
            QVERIFY(!decodedHeader(other));
        }
        json["layout"]["blocks"] = 1'000'000;
        QVERIFY(!decodedHeader(json));
    }

    void headerMayKnowMoreThanWe()
    {
        nlohmann::json json = headerJson();
        json["mood"] = "good";
        json["request"]["mood"] = nlohmann::json::array({1, 2});
        json["layout"]["mood"] = nullptr;
        QVERIFY(decodedHeader(json).value() == sampleHeader());
    }

    void everyKeyOfTheHeaderIsNeeded()
    {
        const nlohmann::json json = headerJson();
        for (const auto& [key, value] : json.items()) {
            nlohmann::json without = json;
            without.erase(key);
            const Result<RunHeader> header = decodedHeader(without);
            QVERIFY2(!header, key.c_str());
            QVERIFY(header.error().message.find(key) != std::string::npos);
        }
    }

    void wrongHeadersAreRefused_data()
    {
        QTest::addColumn<QString>("key");
        QTest::addColumn<QString>("value");
        QTest::newRow("rows below 0") << "/layout/rows"
                                      << "-1";
        QTest::newRow("rows of a half") << "/layout/rows"
                                        << "2.5";
        QTest::newRow("rows above 32 bits") << "/layout/rows"
                                            << "4294967298";
        QTest::newRow("columns as text") << "/layout/columns"
                                         << "\"3\"";
        QTest::newRow("layout as list") << "/layout"
                                        << "[2, 3, 5, 2]";
        QTest::newRow("request as text") << "/request"
                                         << "\"sjd\"";
        QTest::newRow("window as text") << "/request/window"
                                        << "\"32\"";
        QTest::newRow("schema 0") << "/schema"
                                  << "0";
        QTest::newRow("name as number") << "/modelName"
                                        << "7";
        QTest::newRow("colours that are no base64") << "/codeColours"
                                                    << "\"????\"";
        QTest::newRow("colours of half a code") << "/codeColours"
                                                << "\"AAAA\"";
        QTest::newRow("colours of one code") << "/codeColours" << ("\"" + QString(64, 'A') + "\"");
    }

    void wrongHeadersAreRefused()
    {
        QFETCH(QString, key);
        QFETCH(QString, value);
        nlohmann::json json = headerJson();
        json[nlohmann::json::json_pointer(key.toStdString())] = nlohmann::json::parse(value.toStdString());
        const Result<RunHeader> header = decodedHeader(json);
        QVERIFY(!header);
        QCOMPARE(header.error().code, ErrorCode::Corrupt);
    }

    void aNewerSchemaSaysSo()
    {
        nlohmann::json json = headerJson();
        json["schema"] = 2;
        const Result<RunHeader> header = decodedHeader(json);
        QVERIFY(!header);
        QCOMPARE(header.error().code, ErrorCode::Unsupported);
        QVERIFY(header.error().message.find("newer") != std::string::npos);
    }

    void whatAReaderWouldRefuseIsNotWritten()
    {
        RunHeader header = sampleHeader();
        header.request.guidance = std::numeric_limits<double>::infinity(); // JSON has no such number
        QVERIFY(!encodeHeader(header));
        header = sampleHeader();
        header.modelName = std::string(100'000, 'x');
        QVERIFY(!encodeHeader(header));
    }

    void textsAreRepaired()
    {
        RunHeader header = sampleHeader();
        header.request.prompt = "caf\xE9";
        QCOMPARE(decodeHeader(encodeHeader(header).value()).value().request.prompt, std::string("caf\xEF\xBF\xBD"));
        RunSummary summary;
        summary.message = "caf\xE9";
        QCOMPARE(decodeSummary(encodeSummary(summary).value()).value().message, std::string("caf\xEF\xBF\xBD"));
    }

    void previewComesBackAsPng()
    {
        const Preview preview = samplePreview(3, 6, true);
        const Bytes payload = encodePreview(preview, sampleLayout()).value();
        const std::size_t head = 6 * 4;
        const Result<PngPicture> picture = decodePng(std::span(payload).subspan(head));
        QVERIFY(picture.has_value());
        QCOMPARE(picture->rgb, preview.rgb);
        QVERIFY(decodePreview(payload, sampleLayout()).value() == preview);
        TraceLayout flow = sampleLayout();
        flow.blocks = 3;
        Preview ofBlock = preview;
        ofBlock.lane = 2;
        QVERIFY(decodePreview(encodePreview(ofBlock, flow).value(), flow).value() == ofBlock);
        ofBlock.lane = 3;
        QVERIFY(!encodePreview(ofBlock, flow));
        ofBlock.lane = 0;
        QVERIFY(!decodePreview(encodePreview(ofBlock, flow).value(), sampleLayout())); // which has no blocks
        const Preview another = samplePreview(0, 0, false);
        QVERIFY(decodePreview(encodePreview(another, sampleLayout()).value(), sampleLayout()).value() == another);
    }

    void previewsThatLieAreRefused()
    {
        QVERIFY(decodePreview(previewPayload(6, 4, 6, 4), sampleLayout()).has_value());
        QVERIFY(!decodePreview(previewPayload(4, 6, 4, 6), sampleLayout()));
        QVERIFY(!decodePreview(previewPayload(6, 4, 4, 6), sampleLayout()));
        QVERIFY(!decodePreview(previewPayload(6, 4, 1, 1), sampleLayout()));
        QVERIFY(!decodePreview(previewPayload(6, 4, 3000, 3000), sampleLayout())); // small as a file, 27 MB as pixels
    }

    void everyCutOfAPreviewIsRefused()
    {
        const Bytes payload = encodePreview(samplePreview(3, 6, true), sampleLayout()).value();
        const std::size_t pngEnd = 12; // the empty chunk at a PNG's end may be missing: all pixels are there
        for (std::size_t size = 0; size + pngEnd < payload.size(); ++size) {
            QVERIFY2(!decodePreview(std::span(payload).first(size), sampleLayout()), qPrintable(QString::number(size)));
        }
    }

    void summaryComesBack()
    {
        for (const Outcome outcome : {Outcome::Complete, Outcome::Cancelled, Outcome::Failed}) {
            RunSummary summary = sampleSummary();
            summary.outcome = outcome;
            QVERIFY(decodeSummary(encodeSummary(summary).value()).value() == summary);
        }
    }

    void fallbacksMayBeAbsent()
    {
        nlohmann::json json = summaryJson();
        QCOMPARE(json["fallbacks"].get<int>(), 3);
        json.erase("fallbacks");
        RunSummary expected = sampleSummary();
        expected.fallbacks = 0;
        QVERIFY(decodeSummary(bytesOf(jsonText(json))).value() == expected);
    }

    /// Files of version 0.1.0 do not have it; where it is there, it is checked as the others are.
    void nearTiesMayBeAbsent()
    {
        nlohmann::json json = summaryJson();
        QCOMPARE(json["nearTies"].get<int>(), 2);
        json.erase("nearTies");
        const Result<RunSummary> summary = decodeSummary(bytesOf(jsonText(json)));
        QVERIFY2(summary.has_value(), summary ? "" : summary.error().message.c_str());
        RunSummary expected = sampleSummary();
        expected.nearTies = 0;
        QVERIFY(*summary == expected);
    }

    void aSummaryCanAlwaysBeRead()
    {
        RunSummary summary = sampleSummary();
        summary.message = std::string(70'000, '\xE9'); // what a library may say when it fails
        summary.seconds = std::numeric_limits<double>::quiet_NaN();
        summary.forwardSeconds = -1.0;
        summary.samplingSeconds = std::numeric_limits<double>::infinity();
        summary.previewSeconds = 1e300;
        const Result<RunSummary> back = decodeSummary(encodeSummary(summary).value());
        QVERIFY2(back.has_value(), back ? "" : back.error().message.c_str());
        QCOMPARE(back->tokens, summary.tokens);
        QVERIFY(back->message.starts_with("\xEF\xBF\xBD"));
        QCOMPARE(back->seconds, 0.0);
        QCOMPARE(back->forwardSeconds, 0.0);
        QCOMPARE(back->samplingSeconds, 0.0);
        QCOMPARE(back->previewSeconds, 1e9);
    }

    void wrongSummariesAreRefused_data()
    {
        QTest::addColumn<QString>("key");
        QTest::addColumn<QString>("value");
        QTest::newRow("unknown outcome") << "outcome"
                                         << "\"perfect\"";
        QTest::newRow("outcome as number") << "outcome"
                                           << "0";
        QTest::newRow("tokens below 0") << "tokens"
                                        << "-1";
        QTest::newRow("half a pass") << "passes"
                                     << "1.5";
        QTest::newRow("seconds below 0") << "seconds"
                                         << "-0.5";
        QTest::newRow("endless") << "seconds"
                                 << "1e10";
        QTest::newRow("message as null") << "message"
                                         << "null";
        QTest::newRow("near-ties below 0") << "nearTies"
                                           << "-1";
        QTest::newRow("near-ties as text") << "nearTies"
                                           << "\"2\"";
        QTest::newRow("near-ties as null") << "nearTies"
                                           << "null";
    }

    void wrongSummariesAreRefused()
    {
        QFETCH(QString, key);
        QFETCH(QString, value);
        nlohmann::json json = summaryJson();
        json[key.toStdString()] = nlohmann::json::parse(value.toStdString());
        const Result<RunSummary> summary = decodeSummary(bytesOf(jsonText(json)));
        QVERIFY(!summary);
        QVERIFY(summary.error().message.find(key.toStdString()) != std::string::npos);
    }
};

JACOBI_TEST(TraceRecordsTest)
#include "tst_tracerecords.moc"
