// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
// ctest-labels: unit fault
#include "core/engine/autochoicestore.h"
#include "tests/core/engine/fakes.h"
#include "tests/testmain.h"

#include <QDir>
#include <QFile>
#include <QFileInfo>
#include <QTemporaryDir>

#include <thread>
#include <vector>

using namespace jacobi;
using namespace jacobi::test;
using Change = std::function<void(RunRequest&)>;
Q_DECLARE_METATYPE(Change)

namespace {

constexpr const char* kDevice = "CPU, 2 threads";

RunRequest openRequest()
{
    RunRequest request = fakeRequest();
    request.modelHash = "00ff";
    request.window = kAutoWindow;
    request.initialisation = kAutoName;
    return request;
}

AutoChoice sampleChoice(int window = 24)
{
    return {window, "sample-left", 2.5, 0.75, 1.5};
}

std::string deviceNumber(int i)
{
    return "device " + std::to_string(i);
}

/// A file as the store writes it, with choices for devices 0 to count - 1; the window is 1 + the number.
nlohmann::json fileOf(int count)
{
    nlohmann::json choices = nlohmann::json::array();
    for (int i = 0; i < count; ++i) {
        choices.push_back({{"for", autoChoiceKey(openRequest(), deviceNumber(i))},
                           {"window", 1 + i},
                           {"initialisation", "uniform"},
                           {"tokensPerPass", 1.0},
                           {"seconds", 1.0},
                           {"sequentialSeconds", 1.0}});
    }
    return {{"schema", 1}, {"choices", choices}};
}

} // namespace

class AutoChoiceStoreTest : public QObject {
    Q_OBJECT

    std::filesystem::path file(const QString& name = "windows.json") const
    {
        return m_folder->filePath(name).toStdString();
    }
    void write(const QByteArray& bytes) const
    {
        QFile out(m_folder->filePath("windows.json"));
        if (!out.open(QIODevice::WriteOnly | QIODevice::Truncate) || out.write(bytes) != bytes.size()) {
            qFatal("the test could not write its own file");
        }
    }
    std::optional<AutoChoice> readBack(const std::string& device = kDevice) const
    {
        return AutoChoiceStore(file()).find(openRequest(), device);
    }

    std::unique_ptr<QTemporaryDir> m_folder;

private Q_SLOTS:
    void init() { m_folder = std::make_unique<QTemporaryDir>(); }

    void whatIsRememberedIsFound()
    {
        AutoChoiceStore store(file());
        QVERIFY(!store.find(openRequest(), kDevice).has_value());
        QVERIFY(store.remember(openRequest(), kDevice, sampleChoice()).has_value());
        QVERIFY(store.find(openRequest(), kDevice) == sampleChoice());
        QVERIFY(readBack() == sampleChoice());
        QVERIFY(!readBack("CPU, 3 threads").has_value());
    }

    void theFolderIsMade()
    {
        AutoChoiceStore store(file("a/b/windows.json"));
        QVERIFY(store.remember(openRequest(), kDevice, sampleChoice()).has_value());
        QVERIFY(AutoChoiceStore(file("a/b/windows.json")).find(openRequest(), kDevice) == sampleChoice());
    }

    void theNewestCounts()
    {
        AutoChoiceStore store(file());
        QVERIFY(store.remember(openRequest(), kDevice, sampleChoice(8)).has_value());
        QVERIFY(store.remember(openRequest(), "another", sampleChoice(3)).has_value());
        QVERIFY(store.remember(openRequest(), kDevice, sampleChoice(64)).has_value());
        QCOMPARE(store.find(openRequest(), kDevice)->window, 64);
        QCOMPARE(readBack()->window, 64);
        QCOMPARE(readBack("another")->window, 3);
    }

    void twoProgramsKeepWhatEachMeasures()
    {
        AutoChoiceStore one(file());
        AutoChoiceStore other(file());
        QVERIFY(one.remember(openRequest(), "one", sampleChoice(2)).has_value());
        QVERIFY(other.remember(openRequest(), "other", sampleChoice(3)).has_value());
        QCOMPARE(readBack("one")->window, 2);
        QCOMPARE(readBack("other")->window, 3);
        QCOMPARE(other.find(openRequest(), "one")->window, 2);
        QVERIFY(one.remember(openRequest(), "other", sampleChoice(4)).has_value());
        QVERIFY(other.remember(openRequest(), "third", sampleChoice(5)).has_value());
        QCOMPARE(readBack("other")->window, 4); // the newest, not what the other program remembers
        QCOMPARE(other.find(openRequest(), "other")->window, 4);
    }

    void manyAtOnceKeepAll()
    {
        constexpr int kPrograms = 4;
        constexpr int kEach = 10;
        std::vector<std::thread> programs;
        for (int program = 0; program < kPrograms; ++program) {
            programs.emplace_back([this, program] {
                AutoChoiceStore store(file());
                for (int i = 0; i < kEach; ++i) {
                    const std::string device = deviceNumber(program * kEach + i);
                    [[maybe_unused]] const auto kept = store.remember(openRequest(), device, sampleChoice());
                }
            });
        }
        for (std::thread& program : programs) {
            program.join();
        }
        for (int i = 0; i < kPrograms * kEach; ++i) {
            QVERIFY2(readBack(deviceNumber(i)).has_value(), deviceNumber(i).c_str());
        }
        QCOMPARE(QDir(m_folder->path()).entryList(QDir::Files | QDir::Hidden), QStringList{"windows.json"});
    }

    void whatCouldNotBeWrittenIsWrittenNextTime()
    {
        QVERIFY(QDir(m_folder->path()).mkdir("windows.json"));
        AutoChoiceStore store(file());
        QVERIFY(!store.remember(openRequest(), "one", sampleChoice(2)).has_value());
        QVERIFY(QDir(m_folder->path()).rmdir("windows.json"));
        QVERIFY(store.remember(openRequest(), "two", sampleChoice(3)).has_value());
        QCOMPARE(readBack("one")->window, 2);
        QCOMPARE(readBack("two")->window, 3);
    }

    void withoutAFileItLastsAsLongAsTheStore()
    {
        AutoChoiceStore store{std::filesystem::path()};
        QVERIFY(store.remember(openRequest(), kDevice, sampleChoice()).has_value());
        QVERIFY(store.find(openRequest(), kDevice) == sampleChoice());
        QVERIFY(!AutoChoiceStore{std::filesystem::path()}.find(openRequest(), kDevice).has_value());
    }

    void aFolderThatCannotBeWrittenIsTold()
    {
        write("a file, not a folder");
        AutoChoiceStore store(file("windows.json/cache/windows.json"));
        const Result<void> kept = store.remember(openRequest(), kDevice, sampleChoice());
        QVERIFY(!kept.has_value());
        QVERIFY2(kept.error().message.ends_with('.'), kept.error().message.c_str());
        QVERIFY(store.find(openRequest(), kDevice) == sampleChoice()); // for as long as the program runs
    }

    void damagedFilesAreEmpty_data()
    {
        QTest::addColumn<QByteArray>("bytes");
        const QByteArray whole = QByteArray::fromStdString(fileOf(3).dump());
        QTest::newRow("empty") << QByteArray();
        QTest::newRow("cut") << whole.chopped(2);
        QTest::newRow("more behind it") << whole + "}";
        QTest::newRow("bytes") << QByteArray("\x00\xff\xfe{}", 5);
        QTest::newRow("a list") << QByteArray("[]");
        QTest::newRow("no choices") << QByteArray("{\"schema\": 1}");
        QTest::newRow("choices are a number") << QByteArray("{\"choices\": 3}");
        QTest::newRow("choices are an object") << QByteArray("{\"choices\": {\"window\": 3}}");
        QTest::newRow("choices of all kinds") << QByteArray("{\"choices\": [1, null, \"x\", [], {}]}");
        QTest::newRow("deeper than a stack") << QByteArray(200'000, '[');
        QTest::newRow("too many") << QByteArray::fromStdString(fileOf(501).dump());
        QTest::newRow("too large") << whole + QByteArray(5 << 20, ' ');
    }
    void damagedFilesAreEmpty()
    {
        QFETCH(const QByteArray, bytes);
        write(bytes);
        for (int i = 0; i < 3; ++i) {
            QVERIFY(!readBack(deviceNumber(i)).has_value());
        }
        AutoChoiceStore store(file()); // and are replaced by what is measured next
        QVERIFY(store.remember(openRequest(), kDevice, sampleChoice()).has_value());
        QVERIFY(readBack() == sampleChoice());
    }

    void damagedChoicesAreLeftOut_data()
    {
        QTest::addColumn<QString>("key");
        QTest::addColumn<QString>("value");
        const auto row = [](const char* key, const char* value) {
            QTest::addRow("%s: %s", key, value) << key << value;
        };
        row("window", "0");
        row("window", "-1"); // what "auto" is
        row("window", "2000000");
        row("window", "1.5");
        row("window", "\"auto\"");
        row("initialisation", "3");
        row("tokensPerPass", "-1");
        row("seconds", "null");
        row("seconds", "1e300");
        row("sequentialSeconds", "\"1\"");
        row("for", "\"me\"");
    }
    void damagedChoicesAreLeftOut()
    {
        QFETCH(const QString, key);
        QFETCH(const QString, value);
        nlohmann::json json = fileOf(3);
        json["choices"][1][key.toStdString()] = nlohmann::json::parse(value.toStdString());
        write(QByteArray::fromStdString(json.dump()));
        QCOMPARE(readBack(deviceNumber(0))->window, 1);
        QVERIFY(!readBack(deviceNumber(1)).has_value());
        QCOMPARE(readBack(deviceNumber(2))->window, 3);
    }

    void aFolderInPlaceOfTheFileIsEmpty()
    {
        QVERIFY(QDir(m_folder->path()).mkdir("windows.json"));
        AutoChoiceStore store(file());
        QVERIFY(!store.find(openRequest(), kDevice).has_value());
        QVERIFY(!store.remember(openRequest(), kDevice, sampleChoice()).has_value());
        QVERIFY(store.find(openRequest(), kDevice) == sampleChoice());
    }

    void theOldestGoesFirst()
    {
        write(QByteArray::fromStdString(fileOf(500).dump()));
        AutoChoiceStore store(file());
        for (const int i : {0, 499}) {
            QCOMPARE(store.find(openRequest(), deviceNumber(i))->window, 1 + i);
        }
        QVERIFY(store.remember(openRequest(), deviceNumber(0), sampleChoice(7)).has_value()); // is the newest now
        QVERIFY(store.find(openRequest(), deviceNumber(1)).has_value());
        QVERIFY(store.remember(openRequest(), kDevice, sampleChoice()).has_value());
        for (const AutoChoiceStore& each : {store, AutoChoiceStore(file())}) {
            QVERIFY(each.find(openRequest(), kDevice) == sampleChoice());
            QCOMPARE(each.find(openRequest(), deviceNumber(0))->window, 7);
            QVERIFY(!each.find(openRequest(), deviceNumber(1)).has_value());
            QCOMPARE(each.find(openRequest(), deviceNumber(2))->window, 3);
        }
        QVERIFY(QFileInfo(m_folder->filePath("windows.json")).size() < 4 << 20); // or it could not be read again
    }

    void whatChangesTheChoiceIsAsked_data()
    {
        QTest::addColumn<Change>("change");
        const auto row = [](const char* name, Change change) { QTest::newRow(name) << change; };
        row("model", [](RunRequest& r) { r.modelHash = "beef"; });
        row("precision", [](RunRequest& r) { r.precision = "float64"; });
        row("method", [](RunRequest& r) { r.method = "jacobi"; });
        row("coupling", [](RunRequest& r) { r.coupling = "gumbel-exact"; });
        row("initialisation", [](RunRequest& r) { r.initialisation = "left"; });
        row("window", [](RunRequest& r) { r.window = 32; });
        row("no guidance", [](RunRequest& r) { r.guidance = 1.0; });
        row("greedy", [](RunRequest& r) { r.temperature = 0.0; });
        row("temperature", [](RunRequest& r) { r.temperature = 0.3; });
        row("top-k", [](RunRequest& r) { r.topK = 3; });
        row("top-p", [](RunRequest& r) { r.topP = 0.5; });
        row("min-p", [](RunRequest& r) { r.minP = 0.1; });
        row("pictures", [](RunRequest& r) { r.pictures = 2; });
    }
    void whatChangesTheChoiceIsAsked()
    {
        QFETCH(const Change, change);
        RunRequest other = openRequest();
        change(other);
        QVERIFY(autoChoiceKey(other, kDevice) != autoChoiceKey(openRequest(), kDevice));
        AutoChoiceStore store(file());
        QVERIFY(store.remember(openRequest(), kDevice, sampleChoice()).has_value());
        QVERIFY(!store.find(other, kDevice).has_value());
    }

    void theDeviceAndTheVersionAreAsked()
    {
        QVERIFY(autoChoiceKey(openRequest(), "CPU, 4 threads") != autoChoiceKey(openRequest(), kDevice));
        nlohmann::json json = fileOf(1);
        json["choices"][0]["for"]["software"] = "0.0.1";
        write(QByteArray::fromStdString(json.dump()));
        QVERIFY(!readBack(deviceNumber(0)).has_value());
    }

    void whatDoesNotChangeItIsNotAsked_data()
    {
        QTest::addColumn<Change>("change");
        const auto row = [](const char* name, Change change) { QTest::newRow(name) << change; };
        row("name of the model", [](RunRequest& r) { r.modelId = "other"; });
        row("more guidance", [](RunRequest& r) { r.guidance = 7.5; });
        row("a little more temperature", [](RunRequest& r) { r.temperature += 0.04; });
        row("a little less of the law", [](RunRequest& r) { r.topP -= 0.03; });
        row("prompt", [](RunRequest& r) { r.prompt = "blue"; });
        row("seed", [](RunRequest& r) { r.seed = 99; });
        row("name of the device in the request", [](RunRequest& r) { r.device = "cpu"; });
    }
    void whatDoesNotChangeItIsNotAsked()
    {
        QFETCH(const Change, change);
        RunRequest other = openRequest();
        change(other);
        QVERIFY(!(other == openRequest()));
        QVERIFY(autoChoiceKey(other, kDevice) == autoChoiceKey(openRequest(), kDevice));
    }
};

JACOBI_TEST(AutoChoiceStoreTest)
#include "tst_autochoicestore.moc"
