// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/scenes/scenesconfig.h"
#include "tests/models/scenes/tinyscenes.h"
#include "tests/testmain.h"

#include <nlohmann/json.hpp>

using namespace jacobi;
using namespace jacobi::test;

class ScenesConfigTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void whatIsWrittenIsReadBack()
    {
        const ScenesConfig config = tinyConfig();
        const auto read = scenesConfigFromJson(toJson(config), config.words);
        QVERIFY(read);
        QVERIFY(*read == config);
        QVERIFY(*scenesConfigFromJson(nlohmann::json::object(), {"a"}) != config);
    }

    void badEntriesAreNamed_data()
    {
        QTest::addColumn<QString>("entry");
        QTest::addColumn<QString>("value");
        const auto row = [](const char* entry, const char* value) {
            QTest::addRow("%s %s", entry, value) << QString(entry) << QString(value);
        };
        for (const char* entry :
             {"width", "layers", "headSize", "feed", "prefix", "gridRows", "gridColumns", "coarse", "fine"}) {
            row(entry, "0");
            row(entry, "-1");
            row(entry, "1e3");
            row(entry, "9000000000000");
            row(entry, "\"8\"");
            row(entry, "null");
        }
        row("headSize", "12");
        row("headSize", "6");
        row("coarse", "12");
        row("fine", "12");
        row("decoderMore", "17");
        row("levels", "8");
        row("levels", "[]");
        row("levels", "[1]");
        row("levels", "[8, 2.5]");
        row("levels", "[64, 64, 64]");
        row("levels", "[2, 2, 2, 2, 2, 2, 2, 2, 2]");
        row("rotaryBase", "1");
        row("rotaryBase", "\"x\"");
    }
    void badEntriesAreNamed()
    {
        QFETCH(QString, entry);
        QFETCH(QString, value);
        nlohmann::json json = toJson(tinyConfig());
        json[entry.toStdString()] = nlohmann::json::parse(value.toStdString());
        const auto read = scenesConfigFromJson(json, {"a"});
        QVERIFY(!read);
        QCOMPARE(read.error().code, ErrorCode::Corrupt);
        QVERIFY2(QString::fromStdString(read.error().message).contains("config." + entry),
                 read.error().message.c_str());
    }

    void aVocabularyIsNeeded()
    {
        QVERIFY(!scenesConfigFromJson(toJson(tinyConfig()), {}));
        QVERIFY(!scenesConfigFromJson(toJson(tinyConfig()), std::vector<std::string>(70000, "a")));
        QVERIFY(!scenesConfigFromJson(nlohmann::json::array(), {"a"}));
    }

    void textTokensFollowTheWords()
    {
        const ScenesConfig config = tinyConfig();
        QCOMPARE(config.textTokens(), 7);
        QCOMPARE(config.padToken(), 4);
        QCOMPARE(config.beginToken(), 5);
        QCOMPARE(config.nullToken(), 6);
        QCOMPARE(config.codes(), 12);
        QCOMPARE(config.heads(), 4);
    }
};

JACOBI_TEST(ScenesConfigTest)
#include "tst_scenesconfig.moc"
