// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/io/jsonfields.h"
#include "tests/core/io/files.h"
#include "tests/testmain.h"

#include <cmath>

using namespace jacobi;
using namespace jacobi::test;

namespace {

const nlohmann::json kJson = nlohmann::json::parse(R"({
    "text": "abc", "whole": 7, "negative": -7, "real": 0.5, "yes": true, "null": null,
    "texts": ["a", "b"], "mixed": ["a", 1], "empty": [""], "object": {"x": 1}, "big": 18446744073709551615})");

/// What reading one field with  complains about, or nothing.
std::string complaint(const std::function<void(JsonFields&)>& read)
{
    JsonFields fields(kJson, "It");
    read(fields);
    return fields.error() ? fields.error()->message : "";
}

} // namespace

class JsonFieldsTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void valuesAreTaken()
    {
        JsonFields fields(kJson, "It");
        std::string text;
        int whole = 0;
        std::int8_t negative = 0;
        std::uint64_t big = 0;
        double real = 0;
        double wholeAsReal = 0;
        bool yes = false;
        std::vector<std::string> texts{"before"};
        int inside = 0;
        fields.text("text", text, 3);
        fields.whole("whole", whole, 7, 7);
        fields.whole("negative", negative);
        fields.whole("big", big);
        fields.number("real", real, 0.5, 0.5);
        fields.number("whole", wholeAsReal, 0, 10);
        fields.boolean("yes", yes);
        fields.texts("texts", texts, 2, 1);
        fields.object("object", [&](const nlohmann::json& json) { inside = json["x"].get<int>(); });
        QVERIFY2(!fields.error(), fields.error() ? fields.error()->message.c_str() : "");
        QCOMPARE(text, std::string("abc"));
        QCOMPARE(whole, 7);
        QCOMPARE(negative, std::int8_t{-7});
        QCOMPARE(big, std::numeric_limits<std::uint64_t>::max());
        QVERIFY(real == 0.5 && wholeAsReal == 7 && yes && inside == 1);
        QVERIFY(texts == (std::vector<std::string>{"a", "b"}));
    }

    void wrongValuesAreNamed()
    {
        const auto wholeOf = [](const char* key) {
            return complaint([key](JsonFields& fields) {
                std::int32_t value = 0;
                fields.whole(key, value, 0, 6);
            });
        };
        QCOMPARE(wholeOf("whole"), std::string("It cannot be used: \"whole\" must be a whole number between 0 and 6."));
        for (const char* key : {"negative", "real", "text", "yes", "null", "texts", "object", "big"}) {
            QVERIFY2(has(wholeOf(key), std::string("\"") + key + "\" must be a whole number"), key);
        }
        const auto numberOf = [](const char* key, double least, double most) {
            return complaint([&](JsonFields& fields) {
                double value = 0;
                fields.number(key, value, least, most);
            });
        };
        QVERIFY(has(numberOf("real", 0.6, 1), "between 0.6 and 1"));
        QVERIFY(has(numberOf("real", 0, 0.4), "between 0 and 0.4"));
        QVERIFY(has(numberOf("text", 0, 1), "must be a number"));
        QVERIFY(has(numberOf("null", 0, 1), "must be a number"));
        QVERIFY(has(numberOf("yes", 0, 1), "must be a number"));

        std::string text = "kept";
        bool flag = false;
        std::vector<std::string> texts{"kept"};
        QVERIFY(has(complaint([&](JsonFields& f) { f.text("whole", text); }), "must be a text"));
        QVERIFY(has(complaint([&](JsonFields& f) { f.text("text", text, 2); }), "longer than 2 bytes"));
        QVERIFY(has(complaint([&](JsonFields& f) { f.boolean("whole", flag); }), "true or false"));
        QVERIFY(has(complaint([&](JsonFields& f) { f.texts("texts", texts, 1, 9); }), "at most 1 entries"));
        QVERIFY(has(complaint([&](JsonFields& f) { f.texts("mixed", texts, 9, 9); }), "must hold texts"));
        QVERIFY(has(complaint([&](JsonFields& f) { f.texts("empty", texts, 9, 9); }), "must hold texts"));
        QVERIFY(has(complaint([&](JsonFields& f) { f.texts("text", texts, 9, 9); }), "must be a list"));
        QVERIFY(has(complaint([](JsonFields& f) { f.object("texts", [](const auto&) {}); }), "must be an object"));
        QCOMPARE(text, std::string("kept"));
        QVERIFY(texts == std::vector<std::string>{"kept"});
    }

    void missingKeysAreRefusedOrKept()
    {
        QCOMPARE(complaint([](JsonFields& fields) {
                     int value = 0;
                     fields.whole("none", value);
                 }),
                 std::string("It cannot be used: \"none\" is missing."));
        JsonFields fields(kJson, "It", JsonFields::Missing::Kept);
        int whole = 5;
        std::string text = "kept";
        std::vector<std::string> texts{"kept"};
        bool called = false;
        fields.whole("none", whole);
        fields.text("none", text);
        fields.texts("none", texts, 9, 9);
        fields.object("none", [&](const auto&) { called = true; });
        QVERIFY(!fields.error() && !called);
        QCOMPARE(whole, 5);
        QCOMPARE(text, std::string("kept"));
        QCOMPARE(texts.size(), std::size_t{1});
        fields.text("null", text);
        QVERIFY(fields.error());
    }

    void theFirstErrorStaysAndEndsTheReading()
    {
        JsonFields fields(kJson, "It", JsonFields::Missing::Refused, ErrorCode::InvalidRequest);
        int whole = 5;
        int entries = 0;
        fields.list("texts", 9, [&](const nlohmann::json&) {
            ++entries;
            fields.refuse("first", "is wrong");
        });
        fields.whole("whole", whole);
        fields.refuse("second", "is wrong");
        fields.adopt(Error{ErrorCode::Io, "third", {}});
        QCOMPARE(entries, 1);
        QCOMPARE(whole, 5);
        QCOMPARE(fields.error()->code, ErrorCode::InvalidRequest);
        QCOMPARE(fields.error()->message, std::string("It cannot be used: \"first\" is wrong."));
    }

    void onlyObjectsHaveFields()
    {
        for (const char* text : {"[]", "1", "null", "\"x\"", "true"}) {
            const nlohmann::json json = nlohmann::json::parse(text);
            JsonFields fields(json, "It", JsonFields::Missing::Kept);
            std::vector<std::string> texts;
            int value = 5;
            fields.whole("a", value);
            fields.texts("a", texts, 1, 1);
            QVERIFY(fields.error());
            QVERIFY(has(fields.error()->message, "not a JSON object"));
        }
    }
};

JACOBI_TEST(JsonFieldsTest)
#include "tst_jsonfields.moc"
