// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
// ctest-labels: unit cli fault
// ctest-timeout: 900
#include "core/io/outputfile.h"
#include "tests/cli/cliprocess.h"
#include "tests/testmain.h"

#include <QJsonArray>
#include <QTemporaryDir>

#include <functional>

#include <sys/stat.h>

using namespace jacobi::test;
using Damage = std::function<void(const QString& model)>;
Q_DECLARE_METATYPE(Damage)

namespace {

QByteArray contents(const QString& path)
{
    QFile file(path);
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

void overwrite(const QString& path, const QByteArray& bytes)
{
    QFile file(path);
    if (!file.open(QIODevice::WriteOnly | QIODevice::Truncate) || file.write(bytes) != bytes.size()) {
        qFatal("the test could not write its own file");
    }
}

const QString kWeights = QStringLiteral("/scenes.safetensors");

} // namespace

/// `jacobi generate` with requests that cannot be, models that lie and disks that are full: a sentence, the right exit
/// code, and nothing half-written.
class BadInputTest : public QObject {
    Q_OBJECT

    QTemporaryDir m_folder;
    QString file(const QString& name) const { return m_folder.filePath(name); }

    // Every refusal looks the same: one line on stderr, nothing on stdout, no picture, no trace.
    void verifyRefusal(const Ran& ran, int code, const QStringList& says)
    {
        QVERIFY2(ran.code == code, qPrintable(QString("%1: %2").arg(ran.code).arg(ran.err)));
        QVERIFY2(ran.out.isEmpty(), qPrintable(ran.out));
        QVERIFY2(ran.err.startsWith("jacobi: ") && ran.err.count('\n') == 1, qPrintable(ran.err));
        for (const QString& part : says) {
            QVERIFY2(ran.err.contains(part), qPrintable(ran.err));
        }
        QVERIFY(QDir(m_folder.path()).entryList({"*.png", "*.jtrace", ".*.part"}, QDir::Files | QDir::Hidden).isEmpty());
    }

    QStringList request(const QStringList& more) const
    {
        return QStringList{"generate", "--quiet", "--seed", "1", "--out", file("x.png"), "--trace", file("x.jtrace")} +
               more;
    }

private Q_SLOTS:
    void initTestCase()
    {
        QVERIFY(hasBuiltInModel());
    }

    /// Whatever a command takes minutes for, where it writes and what it reads is looked at first.
    void placesAreLookedAtFirst_data()
    {
        QTest::addColumn<QStringList>("arguments");
        QTest::addColumn<int>("code");
        QTest::addColumn<QStringList>("says");
        const QStringList benches[] = {{"bench", "adherence"}, {"bench", "decoders"}, {"bench", "flow"},
                                       {"bench", "sjd2-ablation"}};
        for (const QStringList& bench : benches) {
            const QByteArray name = bench.last().toUtf8();
            QTest::newRow((name + ", models").constData())
                << bench + QStringList{"--models", "/nowhere/models"} << 3 << QStringList{"/nowhere/models", "--models"};
            QTest::newRow((name + ", json").constData())
                << bench + QStringList{"--json", "/nowhere/x.json"} << 3 << QStringList{"/nowhere/x.json"};
            QTest::newRow((name + ", a folder").constData())
                << bench + QStringList{"--json", m_folder.path()} << 2 << QStringList{m_folder.path()};
        }
        QTest::newRow("engine, json") << QStringList{"bench", "engine", "--json", "/nowhere/x.json"} << 3
                                      << QStringList{"/nowhere/x.json"};
        QTest::newRow("models") << QStringList{"models", "--models", "/nowhere/models"} << 3
                                << QStringList{"/nowhere/models"};
        QTest::newRow("analyse") << QStringList{"flow", "analyse", "--models", "/nowhere/models"} << 3
                                 << QStringList{"/nowhere/models"};
        QTest::newRow("sheet") << QStringList{"bench", "adherence", "--sheet", "/nowhere/x.png"} << 3
                               << QStringList{"/nowhere/x.png"};
        QTest::newRow("one file twice") << QStringList{"bench", "adherence", "--sheet", file("x"), "--json", file("x")} << 2
                                        << QStringList{"--sheet and --json", "two names"};
        const QString made = file("in.safetensors");
        QTest::newRow("probe over its inputs") << QStringList{"probe", "--model", "x", "--inputs", made, "--out", made} << 2
                                               << QStringList{"--inputs and --out"};
        QTest::newRow("no such model, no prompt") << QStringList{"generate", "--model", "flwo"} << 3
                                                  << QStringList{"no model \"flwo\""};
        QTest::newRow("csv") << QStringList{"trace", "csv", made, "--out", "/nowhere/x.csv"} << 3
                             << QStringList{"/nowhere/x.csv"};
        QTest::newRow("csv onto the output") << QStringList{"trace", "csv", made, "--out", "/dev/stdout"} << 3
                                             << QStringList{"not a regular file"};
        QTest::newRow("csv over its trace") << QStringList{"trace", "csv", made, "--out", made} << 2
                                            << QStringList{"the trace itself"};
        QTest::newRow("a device") << QStringList{"bench", "adherence", "--json", "/dev/stdout"} << 3
                                  << QStringList{"not a regular file"};
    }
    void placesAreLookedAtFirst()
    {
        QFETCH(const QStringList, arguments);
        QFETCH(const int, code);
        QFETCH(const QStringList, says);
        verifyRefusal(runJacobi(arguments), code, says);
    }

    /// Also by names that only a look at the disk tells to be the same, and without replacing what a link leads to.
    void oneFileByTwoNamesIsRefused()
    {
        const QString real = file("real");
        QVERIFY(QDir().mkpath(real) && QFile::link(real, file("linked")));
        const QStringList two{"generate", "--prompt", "sea", "--quiet"};
        verifyRefusal(runJacobi(two + QStringList{"--out", real + "/z.png", "--trace", file("linked") + "/z.png"}), 2,
                      {"two names"});
        verifyRefusal(runJacobi(two + QStringList{"--out", real + "/z.png", "--trace", real + "/../real/z.png"}), 2,
                      {"two names"});
        QVERIFY(QFile::link("/proc/self/fd/1", file("so")));
        verifyRefusal(runJacobi(two + QStringList{"--out", file("so")}), 3, {"not a regular file"});
        verifyRefusal(runJacobi({"trace", "csv", file("x.jtrace"), "--out", file("so")}), 3, {"not a regular file"});
        QVERIFY(QFileInfo(file("so")).isSymLink());
        QVERIFY(QFile::remove(file("so")) && QFile::remove(file("linked")));
    }

    void requestsThatCannotBe_data()
    {
        QTest::addColumn<QStringList>("arguments");
        QTest::addColumn<int>("code");
        QTest::addColumn<QStringList>("says");
        const auto row = [](const char* name, const QStringList& arguments, int code, const QStringList& says) {
            QTest::newRow(name) << arguments << code << says;
        };
        row("empty prompt", {"--prompt", ""}, 2, {"prompt is empty"});
        row("blank prompt", {"--prompt", "   "}, 2, {"prompt is empty"});
        row("long prompt", {"--prompt", QString("sea ").repeated(60)}, 2, {"60 words", "at most"});
        row("window 0", {"--prompt", "sea", "--window", "0"}, 2, {"between 1 and 256"});
        row("window 1000", {"--prompt", "sea", "--window", "1000"}, 2, {"window is 1000", "between 1 and 256"});
        row("no pictures", {"--prompt", "sea", "--batch", "0"}, 2, {"number of pictures is 0", "between 1 and 64"});
        row("many pictures", {"--prompt", "sea", "--batch", "65"}, 2, {"number of pictures is 65", "between 1 and 64"});
        row("pictures below 0", {"--prompt", "sea", "--batch", "-1"}, 2, {"number of pictures is -1"});
        row("an open window of no method", {"--prompt", "sea", "--window", "auto", "--method", "magic"}, 2,
            {"no method \"magic\""});
        row("temperature", {"--prompt", "sea", "--temperature", "-1"}, 2,
            {"temperature is -1", "between 0 and 10 (0 always takes the most probable token)"});
        row("guidance", {"--prompt", "sea", "--guidance", "nan"}, 2, {"guidance is nan"});
        row("much guidance", {"--prompt", "sea", "--guidance", "31"}, 2,
            {"guidance is 31", "between 0 and 30 (1 switches it off)"});
        row("top-k below 0", {"--prompt", "sea", "--top-k", "-1"}, 2, {"top-k is -1", "(0 keeps every code)"});
        row("top-k", {"--prompt", "sea", "--top-k", "100000"}, 2, {"top-k is 100000"});
        row("top-p", {"--prompt", "sea", "--top-p", "0"}, 2,
            {"top-p is 0", "above 0 and at most 1 (1 keeps every code)"});
        row("min-p", {"--prompt", "sea", "--min-p", "1.5"}, 2, {"min-p is 1.5"});
        row("method", {"--prompt", "sea", "--method", "magic"}, 2, {"no method \"magic\"", "sequential", "sjd"});
        row("coupling", {"--prompt", "sea", "--coupling", "loose"}, 2, {"no coupling \"loose\""});
        row("drafts", {"--prompt", "sea", "--init", "wild"}, 2, {"no initialisation \"wild\"", "auto"});
        // Also where they have no effect, alone or with another method.
        row("tolerance of no flow", {"--prompt", "sea", "--tolerance", "nan"}, 2, {"tolerance is nan"});
        row("infinite clip", {"--prompt", "sea", "--clip", "inf"}, 2, {"clip is inf"});
        row("segments of no flow", {"--prompt", "sea", "--segments", "-5"}, 2, {"number of segments is -5"});
        row("denoising of no flow", {"--prompt", "sea", "--denoise", "-1"}, 2, {"denoising is -1"});
        row("schedule of no flow", {"--prompt", "sea", "--guidance-schedule", "sudden"}, 2, {"no guidance schedule"});
        row("noise steps of sjd", {"--prompt", "sea", "--noise-steps", "-1"}, 2,
            {"number of noise steps is -1", "(0 is plain sjd)"});
        row("strategy of no flow", {"--prompt", "sea", "--method", "sjd", "--strategy", "nope"}, 2, {"--strategy"});
        row("strategy alone", {"--prompt", "sea", "--strategy", "nope"}, 2, {"is for normalizing flows"});
        row("no number", {"--prompt", "sea", "--guidance", "much"}, 2, {"guidance is \"much\", which is no number"});
        row("no decimal number", {"--prompt", "sea", "--guidance", "0x2"}, 2, {"guidance is \"0x2\", which is no number"});
        row("no decimal number within limits", {"--prompt", "sea", "--top-p", "0x1"}, 2, {"\"0x1\", which is no number"});
        row("another format", {"--prompt", "sea", "--out", "x.JPG"}, 2, {"ends in \".JPG\"", "ends in .png"});
        row("model", {"--prompt", "sea", "--model", "nobody"}, 3, {"no model \"nobody\"", "scenes"});
        row("model folder", {"--prompt", "sea", "--models", "/nowhere/models"}, 3, {"/nowhere/models"});
        row("device name", {"--prompt", "sea", "--device", "tpu"}, 2, {"no device \"tpu\"", "cpu"});
        row("missing folder", {"--prompt", "sea", "--trace", "/nowhere/x.jtrace"}, 3, {"folder", "/nowhere/x.jtrace"});
    }
    void requestsThatCannotBe()
    {
        QFETCH(const QStringList, arguments);
        QFETCH(const int, code);
        QFETCH(const QStringList, says);
        QStringList all = request(arguments);
        if (arguments.contains("--trace")) {
            all.remove(all.indexOf("--trace"), 2); // the row's own
        }
        if (arguments.contains("--out")) {
            all.remove(all.indexOf("--out"), 2);
        }
        verifyRefusal(runJacobi(all), code, says);
    }

    void aTrainingThatCannotStartLeavesNoFolders()
    {
        const QString flow = QStringLiteral(JACOBI_SOURCE_DIR "/models/pretrained/flow");
        verifyRefusal(runJacobi({"train", "scenes", "--quiet", "--objective", "sjd2", "--init-from", flow, "--out",
                                 file("tuned")}),
                      3, {"family \"tarflow\""});
        QVERIFY(!QFile::exists(file("tuned")) && !QFile::exists(file("tuned-training")));
    }

    void aGpuThatIsNotThereOffersTheCpu()
    {
        // Far beyond what any machine has, so that the test holds on machines with GPUs too.
        verifyRefusal(runJacobi(request({"--prompt", "sea", "--device", "cuda:99"})), 4, {"To use the CPU instead: --device cpu."});
    }

    void modelsThatLie_data()
    {
        QTest::addColumn<Damage>("damage");
        QTest::addColumn<QString>("says");
        const auto row = [](const char* name, Damage damage, const char* says) {
            QTest::newRow(name) << damage << QString(says);
        };
        row("weights missing", [](const QString& model) { QFile::remove(model + kWeights); }, "scenes.safetensors");
        row("weights cut", [](const QString& model) {
            overwrite(model + kWeights, contents(model + kWeights).chopped(1000));
        }, "bytes instead of");
        row("weights oversized", [](const QString& model) {
            overwrite(model + kWeights, contents(model + kWeights) + QByteArray(4096, '\0'));
        }, "bytes instead of");
        row("header of 2^63 bytes", [](const QString& model) {
            QByteArray bytes = contents(model + kWeights);
            bytes.replace(0, 8, QByteArray(7, '\xff') + '\x7f');
            overwrite(model + kWeights, bytes);
        }, "scenes.safetensors");
        row("one bit flipped", [](const QString& model) {
            QByteArray bytes = contents(model + kWeights);
            bytes[bytes.size() / 2] = static_cast<char>(bytes[bytes.size() / 2] ^ 1);
            overwrite(model + kWeights, bytes);
        }, "scenes.safetensors");
        row("weights are a folder", [](const QString& model) {
            QFile::remove(model + kWeights);
            QDir().mkpath(model + kWeights);
        }, "scenes.safetensors");
        row("model.json is no JSON", [](const QString& model) { overwrite(model + "/model.json", "{\"schema\": "); },
            "model.json");
        row("model.json of another world", [](const QString& model) { overwrite(model + "/model.json", "[]"); },
            "model.json");
        row("a grid of billions", [](const QString& model) {
            overwrite(model + "/model.json",
                      contents(model + "/model.json").replace("\"rows\": 16", "\"rows\": 4000000000"));
        }, "rows");
        row("model.json is a folder", [](const QString& model) {
            QFile::remove(model + "/model.json");
            QDir().mkpath(model + "/model.json");
        }, "is a folder, not a file");
        row("model.json is a pipe", [](const QString& model) {
            QFile::remove(model + "/model.json");
            QCOMPARE(::mkfifo(QFile::encodeName(model + "/model.json").constData(), 0600), 0);
        }, "not a regular file");
        row("model.json is a link to nowhere", [](const QString& model) {
            QFile::remove(model + "/model.json");
            QVERIFY(QFile::link("nowhere.json", model + "/model.json"));
        }, "lacks the file");
        row("no files", [](const QString& model) {
            QJsonObject json = QJsonDocument::fromJson(contents(model + "/model.json")).object();
            json["files"] = QJsonArray();
            overwrite(model + "/model.json", QJsonDocument(json).toJson());
        }, "names no file");
        row("a file outside the folder", [](const QString& model) {
            overwrite(model + "/model.json",
                      contents(model + "/model.json").replace("scenes.safetensors", "../../etc/passwd"));
        }, "passwd");
    }
    void modelsThatLie()
    {
        QFETCH(const Damage, damage);
        QFETCH(const QString, says);
        const QTemporaryDir models;
        damage(copyModel(models.path()));
        verifyRefusal(runJacobi(request({"--prompt", "sea", "--models", models.path()})), 3, {says, "."});
    }

    void aTraceOnAFullDiskStillGivesThePicture()
    {
        const Ran ran = runJacobi({"generate", "--quiet", "--prompt", "sea", "--seed", "1", "--out", file("full.png"),
                                "--trace", "/dev/full"});
        QCOMPARE(ran.code, 3);
        QVERIFY2(ran.err.startsWith("jacobi: ") && ran.err.contains("/dev/full"), qPrintable(ran.err));
        QVERIFY(QFile::remove(file("full.png")));
        QVERIFY(QFileInfo("/dev/full").exists());
    }

    void aTraceThatAnotherRunWritesIsRefused()
    {
        const QString path = m_folder.filePath("other.trace");
        overwrite(path, "what the other run has so far");
        const auto other = jacobi::OutputFile::createOrOpenAlone(path.toStdString());
        QVERIFY(other.has_value());
        verifyRefusal(runJacobi({"generate", "--quiet", "--prompt", "sea", "--out", file("x.png"), "--trace", path}), 3,
                      {"Another run", "other.trace", "another name"});
        QCOMPARE(contents(path), "what the other run has so far");
        QVERIFY(QFile::remove(path)); // another test looks for an empty folder
    }

    void aPictureOntoADeviceIsRefusedBeforeTheWork()
    {
        const Ran ran = runJacobi({"generate", "--quiet", "--prompt", "sea", "--out", "/dev/full"});
        QCOMPARE(ran.code, 3);
        QVERIFY2(ran.err.contains("not a regular file"), qPrintable(ran.err));
    }

    void aFileBeyondTheLimitIsNotLeftHalfWritten()
    {
        // 4 KiB: less than the picture.
        overwrite(file("old.png"), "the old one");
        const Ran ran = shell(QString("ulimit -f 4; \"$JACOBI\" generate --quiet --prompt sea --out '%1'")
                                  .arg(file("old.png")));
        QCOMPARE(ran.code, 3);
        QVERIFY2(ran.err.contains("old.png"), qPrintable(ran.err));
        QCOMPARE(contents(file("old.png")), "the old one");
        QVERIFY(QFile::remove(file("old.png")));
        QVERIFY(QDir(m_folder.path()).entryList(QDir::Files | QDir::Hidden).isEmpty());
    }
};

JACOBI_TEST(BadInputTest)
#include "tst_badinput.moc"
