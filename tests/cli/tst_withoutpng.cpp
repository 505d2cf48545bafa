// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/cli/cliprocess.h"
#include "tests/testmain.h"

#include <QDir>
#include <QJsonArray>
#include <QTemporaryDir>

using namespace jacobi::test;

namespace {

const QString kSentence =
    QStringLiteral("This program was built without PNG support: to read and write pictures, install "
                   "libpng with its headers (Debian: libpng-dev), configure again and build.");

/// The program as a build without libpng: its functions for pictures are those of core/io/withoutpng.cpp.
Ran runWithoutPng(const QStringList& arguments, const QString& folder = {})
{
    QProcess process;
    QProcessEnvironment environment = bareEnvironment();
    environment.insert("LD_PRELOAD", QStringLiteral(JACOBI_WITHOUT_PNG));
    environment.insert("ASAN_OPTIONS", "detect_leaks=0:verify_asan_link_order=0");
    process.setProcessEnvironment(environment);
    process.setWorkingDirectory(folder.isEmpty() ? QDir::tempPath() : folder);
    process.start(program(), arguments);
    return finished(process);
}

QStringList filesIn(const QString& folder)
{
    return QDir(folder).entryList(QDir::AllEntries | QDir::NoDotAndDotDot);
}

} // namespace

/// `jacobi` on a machine without libpng, as the preset "device" builds it there.
class WithoutPngTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void picturesAreRefusedBeforeAnythingIsComputed()
    {
        const QTemporaryDir folder;
        const Ran ran = runWithoutPng(
            {"generate", "--prompt", "a red house", "--trace", "run.jtrace", "--out", "a.png"}, folder.path());
        QCOMPARE(ran.code, 3);
        QCOMPARE(ran.out, QString());
        QCOMPARE(ran.err, "jacobi: " + kSentence + "\n");
        QCOMPARE(filesIn(folder.path()), QStringList());
        const Ran flow = runWithoutPng({"generate", "--model", "flow"}, folder.path());
        QCOMPARE(flow.err, "jacobi: " + kSentence + "\n");
    }

    void aSheetIsRefusedBeforeItsPicturesAreMade_data()
    {
        QTest::addColumn<QString>("option");
        QTest::newRow("of pictures") << QStringLiteral("--sheet");
        QTest::newRow("after the tokenizer") << QStringLiteral("--tokenised-sheet");
    }

    void aSheetIsRefusedBeforeItsPicturesAreMade()
    {
        QFETCH(QString, option);
        const QTemporaryDir folder;
        const Ran ran = runWithoutPng({"bench", "adherence", "--captions", "2", option, "a.png"}, folder.path());
        QCOMPARE(ran.code, 3);
        QCOMPARE(ran.err, "jacobi: " + kSentence + "\n");
    }

    /// The passes of a trace can be read without its pictures.
    void aTraceIsRead()
    {
        if (!hasBuiltInModel()) {
            QSKIP("This build comes without models/pretrained/scenes.");
        }
        const QTemporaryDir folder;
        const QString trace = folder.filePath("run.jtrace");
        QCOMPARE(runJacobi({"generate", "--prompt", "a red house", "--window", "64", "--seed", "3", "--trace", trace,
                            "--out", folder.filePath("a.png")})
                     .code,
                 0);
        const Ran with = runJacobi({"trace", "info", "--json", trace});
        const Ran without = runWithoutPng({"trace", "info", "--json", trace});
        QCOMPARE(without.code, 0);
        QCOMPARE(without.out, with.out);
        QVERIFY(with.json().value("passes").toInt() > 0);
    }

    /// All but what makes pictures' files is measured; what is not says why.
    void theEngineIsMeasured()
    {
        const QTemporaryDir folder;
        const QString file = folder.filePath("engine.json");
        const Ran ran = runWithoutPng({"bench", "engine", "--device", "cpu", "--only", "pictures", "--json", file});
        QCOMPARE(ran.code, 0);
        QFile written(file);
        QVERIFY(written.open(QIODevice::ReadOnly));
        QStringList measured;
        QStringList left;
        for (const auto& value : QJsonDocument::fromJson(written.readAll()).object().value("records").toArray()) {
            const QJsonObject record = value.toObject();
            (record.contains("not_run") ? left : measured) << record.value("variant").toString();
            QVERIFY(!record.contains("not_run") || record.value("not_run").toString() == kSentence);
        }
        QVERIFY(measured.contains("with a trace"));
        QCOMPARE(left, QStringList{"with a trace and previews"});
        QVERIFY(ran.out.contains("not run: " + kSentence));
    }

    /// A judge of nothing, in one step: no sheet is written, and that is said.
    void trainingGoesOnWithoutSheets()
    {
        const QTemporaryDir folder;
        const Ran ran = runWithoutPng(
            {"train", "judge", "--steps", "1", "--quiet", "--out", folder.filePath("judge"), "--set", "batch=2"});
        QVERIFY2(ran.err.startsWith("note: Sheets of sample pictures are left out. " + kSentence), qPrintable(ran.err));
        QVERIFY2(ran.code == 0, qPrintable(ran.err));
        QVERIFY(QFile::exists(folder.filePath("judge/judge.json")));
        QCOMPARE(QDir(folder.filePath("judge-training")).entryList({"*.png"}), QStringList());
    }
};

JACOBI_TEST(WithoutPngTest)
#include "tst_withoutpng.moc"
