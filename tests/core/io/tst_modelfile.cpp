// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/io/filefault.h"
#include "core/io/jsontext.h"
#include "core/io/modelfile.h"
#include "tests/core/io/files.h"
#include "tests/testmain.h"

#include <cerrno>
#include <cstring>
#include <limits>

using namespace jacobi;
using namespace jacobi::test;

namespace {

namespace fs = std::filesystem;

const char kText[] = R"({"schema": 1, "family": "tiny", "name": "Tiny",
    "grid": {"rows": 4, "columns": 6, "codes": 12}, "picture": {"width": 48, "height": 32, "patchPixels": 8},
    "vocabulary": ["a", "red"], "maxPromptWords": 9, "defaults": {"window": 8, "guidance": 3, "topP": 0.5, "minP": 0.25},
    "config": {"width": 16}, "files": [{"name": "weights", "bytes": 4, "sha256":
    "3a6eb0790f39ac87c94f3856b2dd2c5d110e6811602261a9a923d3bb23adc8b7"}],
    "licence": "CC0-1.0", "parameters": 123456789012, "added later": [1]})";

/// kText with the value at a JSON pointer replaced, or taken out where the value is empty.
std::string changed(const std::string& pointer, const std::string& value)
{
    nlohmann::json json = nlohmann::json::parse(kText);
    const nlohmann::json::json_pointer at(pointer);
    if (value.empty()) {
        json[at.parent_pointer()].erase(at.back());
    } else {
        json[at] = nlohmann::json::parse(value);
    }
    return json.dump();
}

} // namespace

class ModelFileTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void everyEntryIsRead()
    {
        const auto read = modelManifestFromText(kText);
        QVERIFY2(read, read ? "" : read.error().message.c_str());
        QCOMPARE(read->family, std::string("tiny"));
        QCOMPARE(read->name, std::string("Tiny"));
        QVERIFY(read->rows == 4 && read->columns == 6 && read->codes == 12);
        QVERIFY(read->width == 48 && read->height == 32 && read->patchPixels == 8);
        QVERIFY(read->vocabulary == (std::vector<std::string>{"a", "red"}));
        QCOMPARE(read->maxPromptWords, 9U);
        QCOMPARE(read->defaults.window, 8);
        QVERIFY(read->defaults.guidance == 3 && read->defaults.topP == 0.5 && read->defaults.minP == 0.25);
        QCOMPARE(read->defaults.method, ModelDefaults().method);
        QVERIFY(read->defaults.strategy.empty());
        QCOMPARE(read->config["width"].get<int>(), 16);
        QCOMPARE(read->files.size(), std::size_t{1});
        QCOMPARE(read->files[0].bytes, std::uint64_t{4});
        QCOMPARE(read->parameters, std::uint64_t{123'456'789'012});
        QVERIFY(read->hash.empty());
    }

    void badEntriesAreNamed_data()
    {
        QTest::addColumn<QString>("pointer");
        QTest::addColumn<QString>("value");
        QTest::addColumn<QString>("named");
        const auto row = [](const char* pointer, const char* value, const char* named) {
            QTest::addRow("%s %s", pointer, value) << QString(pointer) << QString(value) << QString(named);
        };
        for (const char* key : {"schema", "family", "name", "grid", "picture", "vocabulary", "maxPromptWords", "config",
                                "files", "licence", "parameters"}) {
            row(qPrintable(QLatin1Char('/') + QLatin1String(key)), "", key);
            row(qPrintable(QLatin1Char('/') + QLatin1String(key)), "null", key);
        }
        for (const char* key :
             {"/grid/rows", "/grid/columns", "/grid/codes", "/picture/width", "/picture/patchPixels"}) {
            const char* name = std::strrchr(key, '/') + 1;
            row(key, "", name);
            row(key, "0", name);
            row(key, "-1", name);
            row(key, "4294967297", name);
            row(key, "\"4\"", name);
        }
        row("/schema", "0", "schema");
        row("/family", "\"\"", "family");
        row("/name", "\"\"", "name");
        row("/name", "\"\\u001b[2J\"", "name");
        row("/family", "\"a\\u202eb\"", "family");
        row("/vocabulary", "[\"a\", \"\\u0007\"]", "vocabulary");
        row("/vocabulary", "[\"\"]", "vocabulary");
        row("/vocabulary", "[1]", "vocabulary");
        row("/grid/rows", "1048576", "rows");
        row("/picture/width", "49", "width");
        row("/picture/height", "33", "height");
        row("/defaults", "[]", "defaults");
        row("/defaults/window", "0", "window");
        row("/defaults/strategy", "7", "strategy");
        row("/defaults/topP", "0", "topP");
        row("/defaults/topP", "1.5", "topP");
        row("/defaults/minP", "1.5", "minP");
        row("/defaults/guidance", "-1", "guidance");
        row("/defaults/temperature", "\"hot\"", "temperature");
        row("/files", "[]", "files");
        row("/files/0", "1", "files");
        row("/files/0/name", "\"../weights\"", "../weights");
        row("/files/0/name", "\"/etc/passwd\"", "/etc/passwd");
        row("/files/0/name", "\"\"", "empty");
        row("/files/0/sha256", "\"3A\"", "sha256");
        row("/files/0/sha256", "\"3A6EB0790F39AC87C94F3856B2DD2C5D110E6811602261A9A923D3BB23ADC8B7\"", "sha256");
        row("/files/0/bytes", "-4", "bytes");
        row("/parameters", "-1", "parameters");
        row("/maxPromptWords", "1.5", "maxPromptWords");
    }
    void badEntriesAreNamed()
    {
        QFETCH(QString, pointer);
        QFETCH(QString, value);
        QFETCH(QString, named);
        const auto read = modelManifestFromText(changed(pointer.toStdString(), value.toStdString()));
        QVERIFY(!read);
        QCOMPARE(read.error().code, ErrorCode::Corrupt);
        const QString message = QString::fromStdString(read.error().message);
        QVERIFY2(message.contains(QLatin1Char('"') + named) || message.contains(named), qPrintable(message));
    }

    void picturesThatCouldNotBeSavedAreRefused()
    {
        nlohmann::json json = nlohmann::json::parse(kText);
        json["grid"] = {{"rows", 1024}, {"columns", 1024}, {"codes", 12}};
        json["picture"] = {{"width", 8192}, {"height", 8192}, {"patchPixels", 8}};
        QVERIFY(!modelManifestFromText(json.dump()));
        json["picture"] = {{"width", 4096}, {"height", 4096}, {"patchPixels", 4}};
        QVERIFY(modelManifestFromText(json.dump()));
    }

    void newerSchemasAskForAnUpdate()
    {
        const auto read = modelManifestFromText(changed("/schema", "2"));
        QVERIFY(!read);
        QCOMPARE(read.error().code, ErrorCode::Unsupported);
        QVERIFY(has(read.error().message, "Update the program"));
    }

    void filesAreNamedOnce()
    {
        nlohmann::json json = nlohmann::json::parse(kText);
        json["files"].push_back(json["files"][0]);
        const auto read = modelManifestFromText(json.dump());
        QVERIFY(!read);
        QVERIFY(has(read.error().message, "names a file twice"));
    }

    void cutTextIsRefused()
    {
        const std::string text(kText);
        for (std::size_t size = 0; size < text.size(); ++size) {
            QVERIFY(!modelManifestFromText(std::string_view(text).substr(0, size)));
        }
    }

    void whatIsWrittenIsReadBack()
    {
        const TempFolder folder;
        const ModelManifest manifest = *modelManifestFromText(kText);
        const auto hash = writeModelManifest(folder.path(), manifest);
        QVERIFY(hash);
        const std::string bytes = readText(folder / kModelFileName);
        auto read = readModelManifest(folder.path());
        QVERIFY(read);
        QCOMPARE(read->hash, *hash);
        read->hash.clear();
        QVERIFY(*read == manifest);
        QVERIFY(writeModelManifest(folder.path(), *read));
        QCOMPARE(readText(folder / kModelFileName), bytes);
    }

    void aDifferenceNamesItsBaseAndItsNoise()
    {
        QVERIFY(!nlohmann::json::parse(kText).contains("noise"));
        QCOMPARE(modelManifestFromText(kText)->mostNoiseSteps, 0);
        const TempFolder folder;
        ModelManifest manifest = *modelManifestFromText(kText);
        manifest.mostNoiseSteps = 3;
        manifest.defaults.noiseSteps = 2;
        manifest.baseModel = "tiny";
        manifest.baseHash = std::string(64, 'a');
        QVERIFY(writeModelManifest(folder.path(), manifest));
        auto read = readModelManifest(folder.path());
        QVERIFY(read);
        read->hash.clear();
        QVERIFY(*read == manifest);
        manifest.baseWeights = std::string(64, 'b');
        QVERIFY(writeModelManifest(folder.path(), manifest));
        QCOMPARE(readModelManifest(folder.path())->baseWeights, manifest.baseWeights);
        manifest.baseWeights = "abc";
        QVERIFY(!writeModelManifest(folder.path(), manifest));
        manifest.baseWeights.clear();
        manifest.baseHash = "abc";
        const auto refused = writeModelManifest(folder.path(), manifest);
        QVERIFY(!refused && refused.error().detail.find("hexadecimal") != std::string::npos);
        QVERIFY(!modelManifestFromText(changed("/noise", "{\"mostSteps\": 0}")));
    }

    void aBaseIsKnownByItsWeights()
    {
        ModelManifest base = *modelManifestFromText(kText);
        base.hash = std::string(64, 'c');
        ModelManifest difference = base;
        difference.baseModel = "tiny";
        difference.baseHash = base.hash;
        QVERIFY(isBaseOf(base, difference));
        QVERIFY(!isBaseOf(base, base));   // is no difference
        base.hash = std::string(64, 'd'); // its model.json has changed
        QVERIFY(!isBaseOf(base, difference));
        difference.baseWeights = base.files.front().sha256;
        QVERIFY(isBaseOf(base, difference));
        QVERIFY(!isBaseOf(difference, difference)); // a difference is no base
        base.files.front().sha256 = std::string(64, 'e');
        QVERIFY(!isBaseOf(base, difference));
    }

    void whatCannotBeReadIsNotWritten()
    {
        const TempFolder folder;
        writeText(folder / kModelFileName, "old");
        ModelManifest manifest = *modelManifestFromText(kText);
        manifest.width = 1;
        QVERIFY(!writeModelManifest(folder.path(), manifest));
        manifest = *modelManifestFromText(kText);
        manifest.defaults.guidance = std::numeric_limits<double>::quiet_NaN();
        QVERIFY(!writeModelManifest(folder.path(), manifest));
        manifest.defaults.guidance = 1;
        {
            const ScopedFileFault fault([](FileCall call) { return call == FileCall::Write ? ENOSPC : 0; });
            QVERIFY(!writeModelManifest(folder.path(), manifest));
        }
        QCOMPARE(readText(folder / kModelFileName), std::string("old"));
        QVERIFY(folder.names() == std::vector<std::string>{kModelFileName});
    }

    void foldersWithoutAUsableManifest()
    {
        const TempFolder folder;
        QCOMPARE(readModelManifest(folder.path()).error().code, ErrorCode::NotFound);
        QCOMPARE(readModelManifest(folder / "none").error().code, ErrorCode::NotFound);
        writeText(folder / kModelFileName, "");
        QCOMPARE(readModelManifest(folder.path()).error().code, ErrorCode::Corrupt);
        fs::resize_file(folder / kModelFileName, (std::uintmax_t{16} << 20U) + 1);
        QCOMPARE(readModelManifest(folder.path()).error().code, ErrorCode::Unsupported);
        const TempFolder outside;
        writeText(outside / "elsewhere", kText);
        fs::remove(folder / kModelFileName);
        fs::create_symlink(outside / "elsewhere", folder / kModelFileName);
        QCOMPARE(readModelManifest(folder.path()).error().code, ErrorCode::Corrupt);
    }

    void filesAreHeldAgainstTheirHashes()
    {
        const TempFolder folder;
        ModelManifest manifest = *modelManifestFromText(kText);
        const auto message = [&] {
            const auto verified = verifyFiles(folder.path(), manifest, "weights");
            return verified ? std::string() : verified.error().message;
        };
        QVERIFY(has(message(), "lacks the file \"weights\""));
        writeText(folder / "weights", "data");
        QCOMPARE(message(), std::string());
        QVERIFY(*describeModelFile(folder.path(), "weights") == manifest.files[0]);
        writeText(folder / "weights", "dat1");
        QVERIFY(has(message(), "its SHA-256 differs"));
        writeText(folder / "weights", "dat");
        QVERIFY(has(message(), "has 3 bytes instead of 4"));
        writeText(folder / "weights", "data");
        const auto unlisted = verifyFiles(folder.path(), manifest, "other");
        QVERIFY(!unlisted);
        QCOMPARE(unlisted.error().code, ErrorCode::Corrupt);
        QVERIFY(has(unlisted.error().message, "does not list its weights, \"other\""));
        QVERIFY(!describeModelFile(folder.path(), "../weights"));
        QVERIFY(!describeModelFile(folder.path(), "none"));
    }
};

JACOBI_TEST(ModelFileTest)
#include "tst_modelfile.moc"
