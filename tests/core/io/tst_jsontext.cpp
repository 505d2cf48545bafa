// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/io/jsontext.h"
#include "tests/core/io/files.h"
#include "tests/testmain.h"

using namespace jacobi;
using namespace jacobi::test;

namespace {

std::string nested(int depth)
{
    return std::string(static_cast<std::size_t>(depth), '[') + std::string(static_cast<std::size_t>(depth), ']');
}

} // namespace

class JsonTextTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void goodTextIsParsed()
    {
        const auto json = parseJson(R"( {"a": [1, -2, 3.5, "\u00e4", true, null], "b": {"a": {}}} )", "It");
        QVERIFY2(json, json ? "" : json.error().message.c_str());
        QCOMPARE((*json)["a"].size(), std::size_t{6});
        QCOMPARE((*json)["a"][3].get<std::string>(), std::string("\u00E4"));
        QVERIFY(parseJson("1", "It") && parseJson("null", "It") && parseJson("[]", "It"));
    }

    void badTextIsRefused_data()
    {
        QTest::addColumn<QByteArray>("text");
        QTest::addColumn<QString>("sentence");
        const auto row = [](const char* name, const std::string& text, const char* sentence) {
            QTest::newRow(name) << QByteArray::fromStdString(text) << QString(sentence);
        };
        row("empty", "", "not JSON");
        row("blank", " \n", "not JSON");
        row("cut", R"({"a": 1)", "not JSON (byte 8)");
        row("two values", "{}{}", "not JSON");
        row("comment", "/* */ {}", "not JSON");
        row("trailing comma", "[1,]", "not JSON");
        row("NaN", "[NaN]", "not JSON");
        row("not UTF-8", "[\"\xFF\"]", "not JSON");
        row("lone surrogate", R"(["\ud800"])", "not JSON");
        row("NUL", std::string("[1]\0", 4), "not JSON");
        row("huge number", "[1e999]", "too large");
        row("key twice", R"({"a": 1, "a": 2})", "the key \"a\" twice");
        row("key twice, escaped", R"({"a": 1, "\u0061": 2})", "the key \"a\" twice");
        row("key twice, deeper", R"({"b": [{"x": {}, "x": 2}]})", "the key \"x\" twice");
        row("key twice, around an object", R"({"a": {"b": 1}, "a": 2})", "the key \"a\" twice");
        row("long key twice", "{\"" + std::string(500, 'k') + "\": 1, \"" + std::string(500, 'k') + "\": 1}",
            "the key \"kkk");
        row("deep", nested(40), "nested too deeply");
        row("very deep", nested(200'000), "nested too deeply");
        row("deep and cut", std::string(1'000'000, '['), "");
    }
    void badTextIsRefused()
    {
        QFETCH(QByteArray, text);
        QFETCH(QString, sentence);
        const auto json = parseJson(text.toStdString(), "The file");
        QVERIFY(!json);
        QCOMPARE(json.error().code, ErrorCode::Corrupt);
        const QString message = QString::fromStdString(json.error().message);
        QVERIFY2(message.startsWith(QLatin1String("The file cannot be read")), qPrintable(message));
        QVERIFY2(message.contains(sentence), qPrintable(message));
        QVERIFY(message.size() < 300);
    }

    void sameKeyInOtherObjectsIsFine()
    {
        QVERIFY(parseJson(R"({"a": {"a": {"a": 1}}, "b": [{"a": 1}, {"a": 1}]})", "It"));
    }

    void depthUpToTheLimitIsRead()
    {
        QVERIFY(parseJson(nested(32), "It"));
        QVERIFY(!parseJson(nested(34), "It"));
    }

    void countsOfValuesAreCapped()
    {
        QVERIFY(parseJson("[1,2,3]", "It", 5));
        const auto json = parseJson("[1,2,3,4]", "It", 5);
        QVERIFY(!json);
        QVERIFY(has(json.error().message, "too many entries"));
    }

    void keysAreShownWithoutWhatHidesInThem()
    {
        const auto json = parseJson("{\"a\\u001b\": 1, \"a\\u001b\": 1}", "It");
        QVERIFY(!json);
        QVERIFY2(has(json.error().message, "\"a\\u{001B}\" twice"), json.error().message.c_str());
    }

    void writtenTextIsSortedAndNeverThrows()
    {
        nlohmann::json json = {{"b", 1}, {"a", "\u00E4"}};
        QCOMPARE(jsonText(json), std::string("{\"a\":\"\u00E4\",\"b\":1}"));
        QCOMPARE(asciiJsonText(json), std::string(R"({"a":"\u00e4","b":1})"));
        json["a"] = "\xFFx";
        QCOMPARE(jsonText(json), std::string("{\"a\":\"\uFFFDx\",\"b\":1}"));
        QCOMPARE(asciiJsonText(json), std::string(R"({"a":"\ufffdx","b":1})"));
        QCOMPARE(jsonText({{"a", 1}}, 1), std::string("{\n \"a\": 1\n}"));
    }
};

JACOBI_TEST(JsonTextTest)
#include "tst_jsontext.moc"
