// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
// ctest-labels: unit cli
#include "tests/cli/cliprocess.h"
#include "tests/testmain.h"

#include <QJsonArray>
#include <QTemporaryDir>

using namespace jacobi::test;

/// What the program does without libtorch: help, version, usage errors, the list of models.
class CommandsTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void helpOfEveryCommand_data()
    {
        QTest::addColumn<QStringList>("arguments");
        QTest::addColumn<QStringList>("says");
        QTest::newRow("program") << QStringList{"--help"}
                                 << QStringList{"generate", "models", "trace", "train", "Exit codes: 0 done", "130"};
        QTest::newRow("generate") << QStringList{"generate", "--help"}
                                  << QStringList{"--prompt", "--method", "--coupling", "--seed", "--window",
                                                 "--batch", "auto", "--guidance", "--temperature", "--top-k", "--top-p", "--min-p", "--out",
                                                 "--trace", "--device", "--models", "Exit codes"};
        QTest::newRow("models") << QStringList{"models", "--help"} << QStringList{"--json", "--models"};
        QTest::newRow("trace") << QStringList{"trace", "--help"} << QStringList{"info", "csv"};
        QTest::newRow("trace info") << QStringList{"trace", "info", "--help"} << QStringList{"--json"};
        QTest::newRow("trace csv") << QStringList{"trace", "csv", "--help"} << QStringList{"--out"};
        QTest::newRow("bench") << QStringList{"bench", "--help"} << QStringList{"decoders", "adherence"};
        QTest::newRow("bench adherence") << QStringList{"bench", "adherence", "--help"}
                                         << QStringList{"--captions", "--model", "--judge", "--seed",
                                                        "--method", "--guidance", "--threads", "--json"};
        QTest::newRow("train") << QStringList{"train", "--help"} << QStringList{"scenes"};
        QTest::newRow("train scenes") << QStringList{"train", "scenes", "--help"}
                                      << QStringList{"--minutes", "--seed", "--out", "--work", "--threads"};
        QTest::newRow("train judge") << QStringList{"train", "judge", "--help"}
                                     << QStringList{"--steps", "--seed", "--out", "--work", "--threads"};
        QTest::newRow("train flow") << QStringList{"train", "flow", "--help"}
                                    << QStringList{"--minutes", "--steps", "--seed", "--out",
                                                   "--work",    "--judge", "--init-from", "--set"};
    }
    void helpOfEveryCommand()
    {
        QFETCH(const QStringList, arguments);
        QFETCH(const QStringList, says);
        const Ran ran = runJacobi(arguments);
        QCOMPARE(ran.code, 0);
        QVERIFY2(ran.err.isEmpty(), qPrintable(ran.err));
        for (const QString& part : says) {
            QVERIFY2(ran.out.contains(part), qPrintable(part + " is missing in:\n" + ran.out));
        }
    }

    void versionOfEveryCommand_data()
    {
        QTest::addColumn<QStringList>("arguments");
        QTest::newRow("program") << QStringList{"--version"};
        QTest::newRow("generate") << QStringList{"generate", "--version"};
        QTest::newRow("trace info") << QStringList{"trace", "info", "--version"};
        QTest::newRow("train scenes") << QStringList{"train", "scenes", "--version"};
    }
    void versionOfEveryCommand()
    {
        QFETCH(const QStringList, arguments);
        const Ran ran = runJacobi(arguments);
        QCOMPARE(ran.code, 0);
        QVERIFY2(QRegularExpression("^jacobi \\d+\\.\\d+\\.\\d+\n$").match(ran.out).hasMatch(), qPrintable(ran.out));
    }

    void wrongUseIsCodeTwoAndOneSentence_data()
    {
        QTest::addColumn<QStringList>("arguments");
        QTest::addColumn<QString>("says");
        QTest::newRow("nothing") << QStringList{} << "jacobi --help";
        QTest::newRow("no such command") << QStringList{"paint"} << "jacobi --help";
        QTest::newRow("no such option") << QStringList{"generate", "--prompt", "x", "--speed", "9"}
                                        << "jacobi generate --help";
        QTest::newRow("no prompt") << QStringList{"generate"} << "--prompt";
        QTest::newRow("window is a word") << QStringList{"generate", "--prompt", "x", "--window", "wide"}
                                      << "\"wide\" is neither a whole number nor auto";
        QTest::newRow("window below all") << QStringList{"generate", "--prompt", "x", "--window=-1"} << "-1";
        QTest::newRow("window is half a word") << QStringList{"generate", "--prompt", "x", "--window", "8x"} << "8x";
        QTest::newRow("window beyond all numbers")
            << QStringList{"generate", "--prompt", "x", "--window", "99999999999"} << "99999999999";
        QTest::newRow("batch is a word") << QStringList{"generate", "--prompt", "x", "--batch", "auto"} << "--batch";
        QTest::newRow("batch beyond all numbers")
            << QStringList{"generate", "--prompt", "x", "--batch", "99999999999"} << "--batch";
        QTest::newRow("negative seed") << QStringList{"generate", "--prompt", "x", "--seed", "-1"} << "--seed";
        QTest::newRow("huge seed") << QStringList{"generate", "--prompt", "x", "--seed", "99999999999999999999"}
                                   << "--seed";
        QTest::newRow("no threads") << QStringList{"generate", "--prompt", "x", "--threads", "0"} << "--threads";
        QTest::newRow("trace without file") << QStringList{"trace", "info"} << "jacobi trace info --help";
        QTest::newRow("unknown command") << QStringList{"generat", "--prompt", "x"} << "no command \"jacobi generat\"";
        QTest::newRow("unknown command of trace")
            << QStringList{"trace", "stats", "x.jtrace"} << "no command \"jacobi trace stats\". Try: jacobi trace --help";
        QTest::newRow("option instead of a command") << QStringList{"--prompt", "x"} << "A subcommand is required";
        QTest::newRow("trace alone") << QStringList{"trace"} << "jacobi trace --help";
        QTest::newRow("train without out") << QStringList{"train", "scenes"} << "--out";
        QTest::newRow("train judge without out") << QStringList{"train", "judge"} << "--out";
        QTest::newRow("train judge with an unknown setting")
            << QStringList{"train", "judge", "--out", "/nowhere/x", "--set", "minutes=3"} << "minutes";
        QTest::newRow("train flow without out") << QStringList{"train", "flow"} << "--out";
        QTest::newRow("train flow with a side that cannot be")
            << QStringList{"train", "flow", "--out", "/nowhere/x", "--set", "side=24"} << "side";
        QTest::newRow("train with a bad setting")
            << QStringList{"train", "scenes", "--out", "/nowhere/x", "--set", "batch"} << "KEY=VALUE";
        QTest::newRow("same name twice")
            << QStringList{"generate", "--prompt", "x", "--out", "a.png", "--trace", "./a.png"} << "two names";
        QTest::newRow("name of the first of a batch")
            << QStringList{"generate", "--prompt", "x", "--batch", "2", "--out", "a.png", "--trace", "./a-0.png"}
            << "two names";
        QTest::newRow("name of the last of a batch")
            << QStringList{"generate", "--prompt", "x", "--batch", "3", "--out", "a.png", "--trace", "b/../a-2.png"}
            << "two names";
    }
    void wrongUseIsCodeTwoAndOneSentence()
    {
        QFETCH(const QStringList, arguments);
        QFETCH(const QString, says);
        const Ran ran = runJacobi(arguments);
        QCOMPARE(ran.code, 2);
        QVERIFY2(ran.out.isEmpty(), qPrintable(ran.out));
        QVERIFY2(ran.err.startsWith("jacobi: ") && ran.err.count('\n') == 1, qPrintable(ran.err));
        QVERIFY2(ran.err.contains(says), qPrintable(ran.err));
    }

    void modelsAreListed()
    {
        QTemporaryDir folder;
        QDir().mkpath(folder.filePath("broken"));
        QFile json(folder.filePath("broken/model.json"));
        QVERIFY(json.open(QIODevice::WriteOnly));
        json.write("{\"schema\": 1}");
        json.close();

        const Ran text = runJacobi({"models", "--models", folder.path()});
        QCOMPARE(text.code, 0);
        QVERIFY2(text.out.contains("broken\n    cannot be used: "), qPrintable(text.out));

        const Ran ran = runJacobi({"models", "--json", "--models", folder.path()});
        QCOMPARE(ran.code, 0);
        const QJsonArray list = QJsonDocument::fromJson(ran.out.toUtf8()).array();
        QVERIFY(!list.isEmpty());
        QCOMPARE(list[0]["id"].toString(), "broken");
        QCOMPARE(list[0]["usable"].toBool(), false);
        QVERIFY(!list[0]["problem"].toString().isEmpty());
    }

    void theBuiltInModelsAreListed()
    {
        QVERIFY(hasBuiltInModel());
        const Ran ran = runJacobi({"models", "--json"});
        const QJsonArray list = QJsonDocument::fromJson(ran.out.toUtf8()).array();
        QCOMPARE(list.size(), 3);
        for (const QJsonValue& model : list) {
            QCOMPARE(model["problem"].toString(), "");
            QCOMPARE(model["built_in"].toBool(), true);
        }
        QCOMPARE(list[0]["id"].toString(), "flow");
        QCOMPARE(list[0]["classes"].toArray().size(), 16);
        const QJsonArray strategies = list[0]["strategies"].toArray();
        for (const char* name : {"auto-time", "auto-passes", "auto-blocks", "crm", "sejd", "last-8-32-10"}) {
            QVERIFY2(strategies.contains(name), name);
        }
        const Ran text = runJacobi({"models"});
        QVERIFY2(text.out.contains("strategies: auto-time") && text.out.contains("sejd"), qPrintable(text.out));
        QCOMPARE(list[1]["id"].toString(), "scenes");
        QCOMPARE(list[1]["width"].toInt(), 128);
        QVERIFY(list[1]["vocabulary"].toArray().size() > 10);
        QCOMPARE(list[2]["id"].toString(), "scenes-sjd2");
    }

    void whyTheOutputFailsIsTold_data()
    {
        QTest::addColumn<QString>("command");
        QTest::addColumn<QString>("says");
        QTest::newRow("full, few words") << "trace --help > /dev/full" << "the disk is full. Free some space";
        QTest::newRow("full, many words") << "--help-all > /dev/full" << "the disk is full. Free some space";
        QTest::newRow("full, a text of one piece") << "models --json > /dev/full" << "the disk is full. Free some space";
        QTest::newRow("closed") << "--help >&-" << "the output was closed";
    }
    void whyTheOutputFailsIsTold()
    {
        QFETCH(const QString, command);
        QFETCH(const QString, says);
        const Ran ran = shell("\"$JACOBI\" " + command);
        QCOMPARE(ran.code, 3);
        QCOMPARE(ran.err.count('\n'), 1);
        QVERIFY2(ran.err.startsWith("jacobi: The output could not be written: " + says), qPrintable(ran.err));
    }

    // libtorch alone takes most of a second to load: the quick commands must not bring it.
    void quickCommandsDoNotLoadLibtorch()
    {
        for (const char* arguments : {"--help", "models", "trace info /nowhere/x.jtrace"}) {
            const Ran ran = shell(QString("LD_DEBUG=libs \"$JACOBI\" %1").arg(arguments));
            QVERIFY(ran.err.contains("libjacobi_core")); // so that the check sees libraries at all
            QVERIFY2(!ran.err.contains("libtorch") && !ran.err.contains("libc10"), arguments);
        }
    }
};

JACOBI_TEST(CommandsTest)
#include "tst_commands.moc"
