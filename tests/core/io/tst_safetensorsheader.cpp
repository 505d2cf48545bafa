// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/io/safetensorsheader.h"
#include "tests/core/io/files.h"
#include "tests/testmain.h"

#include <limits>

using namespace jacobi;
using namespace jacobi::test;

namespace {

constexpr const char* kGood = R"("a": {"dtype": "F32", "shape": [2, 3], "data_offsets": [0, 24]})";

std::string tensor(const char* dtype, const char* shape, const char* offsets)
{
    return QStringLiteral(R"({"a": {"dtype": "%1", "shape": %2, "data_offsets": %3}})")
        .arg(QLatin1String(dtype), QLatin1String(shape), QLatin1String(offsets))
        .toStdString();
}

Result<SafetensorsHeader> parsed(const std::string& json)
{
    return parseSafetensorsHeader(json, "weights");
}

} // namespace

class SafetensorsHeaderTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void entriesStandAsWritten()
    {
        const auto header = parsed(R"({"__metadata__": {"format": "pt", "x": ""},
            "b": {"shape": [], "data_offsets": [24, 32], "dtype": "I64", "note": {"k": [1, {"l": null}]}, "n": 1},
            "a": {"dtype": "F32", "shape": [2, 3], "data_offsets": [0, 24], "more": [[], 1.5, "t", true]}}  )");
        QVERIFY2(header, header ? "" : header.error().message.c_str());
        QCOMPARE(header->entries.size(), std::size_t{2});
        QCOMPARE(header->entries[0].name, std::string("b"));
        QCOMPARE(header->entries[0].dtype, DType::I64);
        QVERIFY(header->entries[0].shape.empty());
        QCOMPARE(header->entries[0].begin, std::uint64_t{24});
        QCOMPARE(header->entries[1].name, std::string("a"));
        QVERIFY(header->entries[1].shape == (std::vector<std::int64_t>{2, 3}));
        QCOMPARE(header->metadata.size(), std::size_t{2});
        QCOMPARE(header->metadata.at("format"), std::string("pt"));
        QVERIFY(parsed("{}")->entries.empty());
    }

    void everyNumberFormatHasItsNameAndSize()
    {
        const std::pair<const char*, std::size_t> all[] = {{"BOOL", 1}, {"U8", 1},  {"I8", 1},  {"I16", 2},
                                                           {"I32", 4},  {"I64", 8}, {"F16", 2}, {"BF16", 2},
                                                           {"F32", 4},  {"F64", 8}};
        for (const auto& [text, bytes] : all) {
            const auto header = parsed(tensor(text, "[1]", qPrintable(QStringLiteral("[0, %1]").arg(bytes))));
            QVERIFY2(header, text);
            QCOMPARE(std::string(name(header->entries[0].dtype)), std::string(text));
            QCOMPARE(byteSize(header->entries[0].dtype), bytes);
        }
    }

    void liesAreNamed_data()
    {
        QTest::addColumn<QString>("json");
        QTest::addColumn<QString>("sentence");
        const auto row = [](const char* name, const std::string& json, const char* sentence) {
            QTest::newRow(name) << QString::fromStdString(json) << QString(sentence);
        };
        const std::string good = kGood;
        row("empty", "", "does not begin with");
        row("blank first", " {}", "does not begin with");
        row("a list", "[]", "does not begin with");
        row("cut", "{" + good, "not JSON");
        row("two values", "{} {}", "not JSON");
        row("NUL padding", "{}" + std::string(1, '\0'), "not JSON");
        row("a tensor is a number", R"({"a": 1})", "where \"a\" should be described");
        row("a tensor is a list", R"({"a": []})", "where \"a\" should be described");
        row("a tensor is null", R"({"a": null})", "where \"a\" should be described");
        row("a name twice", "{" + good + ", " + good + "}", "the tensor \"a\" twice");
        row("a name twice, escaped",
            "{" + good + R"(, "\u0061": {"dtype": "U8", "shape": [], "data_offsets": [24, 25]}})",
            "the tensor \"a\" twice");
        row("no dtype", R"({"a": {"shape": [], "data_offsets": [0, 4]}})", "lacks its dtype");
        row("no shape", R"({"a": {"dtype": "F32", "data_offsets": [0, 4]}})", "lacks its shape");
        row("no offsets", R"({"a": {"dtype": "F32", "shape": []}})", "lacks its data_offsets");
        row("nothing", R"({"a": {}})", "lacks its dtype");
        row("dtype twice", R"({"a": {"dtype": "F32", "dtype": "F32"}})", "says dtype twice");
        row("shape twice", R"({"a": {"shape": [1], "shape": [2]}})", "says shape twice");
        row("dtype is a number", R"({"a": {"dtype": 4}})", "in its dtype");
        row("shape is a text", R"({"a": {"shape": "4"}})", "in its shape");
        row("shape is an object", R"({"a": {"shape": {}}})", "in its shape");
        row("a shape in a shape", R"({"a": {"shape": [[1]]}})", "in its shape");
        row("metadata of numbers", R"({"__metadata__": {"a": 1}})", "where a text should be");
        row("metadata of objects", R"({"__metadata__": {"a": {}}})", "where a text should be");
        row("metadata is a text", R"({"__metadata__": "x"})", "should be described");
        row("metadata twice", R"({"__metadata__": {}, "__metadata__": {}})", "two sections of metadata");
        row("a metadata key twice", R"({"__metadata__": {"a": "", "a": ""}})", "\"a\" twice");
        row("negative dimension", tensor("F32", "[-1]", "[0, 4]"), "-1 in its shape");
        row("fractional dimension", tensor("F32", "[1.5]", "[0, 4]"), "1.5 in its shape");
        row("dimension of 2^63", tensor("U8", "[9223372036854775808]", "[0, 4]"), "a dimension of 9223372036854775808");
        row("dimension beyond 64 bits", tensor("U8", "[99999999999999999999]", "[0, 4]"), "in its shape");
        row("nine dimensions", tensor("U8", "[1,1,1,1,1,1,1,1,1]", "[0, 1]"), "more than 8 dimensions");
        row("shape overflows", tensor("U8", "[4294967296, 4294967296]", "[0, 0]"), "beyond all bounds");
        row("bytes overflow", tensor("F64", "[4611686018427387904]", "[0, 0]"), "beyond all bounds");
        row("one offset", tensor("F32", "[1]", "[4]"), "lacks a data offset");
        row("three offsets", tensor("F32", "[1]", "[0, 4, 8]"), "more than two data_offsets");
        row("negative offset", tensor("F32", "[1]", "[-4, 0]"), "-4 in its data_offsets");
        row("backwards", tensor("F32", "[1]", "[8, 4]"), "ends before it begins");
        row("too few bytes", tensor("F32", "[2]", "[0, 4]"), "has 4 bytes where its shape needs 8");
        row("too many bytes", tensor("F32", "[]", "[0, 5]"), "has 5 bytes where its shape needs 4");
        row("bytes of an empty tensor", tensor("F32", "[0]", "[0, 4]"), "has 4 bytes where its shape needs 0");
        const std::string deep(31, '[');
        row("deep", R"({"a": {"x": )" + deep + std::string(31, ']') + "}}", "nested too deeply");
        row("very deep", R"({"a": {"x": )" + std::string(1'000'000, '['), "nested too deeply");
    }
    void liesAreNamed()
    {
        QFETCH(QString, json);
        QFETCH(QString, sentence);
        const auto header = parsed(json.toStdString());
        QVERIFY(!header);
        QCOMPARE(header.error().code, ErrorCode::Corrupt);
        const QString message = QString::fromStdString(header.error().message);
        QVERIFY2(message.contains(sentence) && message.contains("\"weights\""), qPrintable(message.left(500)));
    }

    void unknownNumberFormatsAreNotDamage()
    {
        const auto header = parsed(tensor("F8_E4M3", "[1]", "[0, 1]"));
        QVERIFY(!header);
        QCOMPARE(header.error().code, ErrorCode::Unsupported);
        QVERIFY(has(header.error().message, "F8_E4M3"));
        QVERIFY(!parsed(tensor("f32", "[1]", "[0, 4]")));
        QVERIFY(!parsed(tensor("", "[1]", "[0, 4]")));
    }

    void depthUpToTheLimitIsRead()
    {
        const std::string json = R"({"a": {"dtype": "U8", "shape": [], "data_offsets": [0, 1], "x": )" +
                                 std::string(30, '[') + std::string(30, ']') + "}}";
        QVERIFY(parsed(json));
    }

    void namesAreShownWithoutWhatHidesInThem()
    {
        const auto header = parsed("{\"x\\u001b[2J\u202E\": {}}");
        QVERIFY(!header);
        QVERIFY2(has(header.error().message, "x\\u{001B}[2J\\u{202E}"), header.error().message.c_str());
    }

    void namesThatAreNotUtf8AreRefused()
    {
        QVERIFY(!parsed("{\"\xFF\": {\"dtype\": \"U8\", \"shape\": [], \"data_offsets\": [0, 1]}}"));
    }

    void sizesThatDoNotOverflow()
    {
        TensorEntry entry{"a", DType::F16, {std::numeric_limits<std::int64_t>::max()}, 0, 0};
        QCOMPARE(*tensorBytes(entry, ""), std::numeric_limits<std::uint64_t>::max() - 1);
        entry.shape = {};
        QCOMPARE(*tensorBytes(entry, ""), std::uint64_t{2});
        entry.shape = {0, std::numeric_limits<std::int64_t>::max()};
        QCOMPARE(*tensorBytes(entry, ""), std::uint64_t{0});
        entry.shape = {-1};
        QVERIFY(!tensorBytes(entry, ""));
    }
};

JACOBI_TEST(SafetensorsHeaderTest)
#include "tst_safetensorsheader.moc"
