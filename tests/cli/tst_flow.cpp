// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/cli/cliprocess.h"
#include "tests/testmain.h"

#include <QImage>
#include <QJsonArray>
#include <QTemporaryDir>

using namespace jacobi;
using namespace jacobi::test;

class FlowTest : public QObject {
    Q_OBJECT

    QTemporaryDir m_folder;

    QString file(const char* name) const { return m_folder.filePath(name); }
    QStringList with(const QStringList& command, const QStringList& more = {}) const
    {
        return command + QStringList{"--model", "whirl", "--models", m_folder.filePath("models"), "--threads", "1"} +
               more;
    }
    Ran generate(const QStringList& more) const
    {
        return runJacobi(with({"generate", "--seed", "5", "--out", file("picture.png")}, more), m_folder.path());
    }

private Q_SLOTS:
    /// A flow of one step of training: its pictures are noise, but everything about it is there.
    void initTestCase()
    {
        qputenv("XDG_CACHE_HOME", m_folder.path().toUtf8()); // nothing is remembered from another time
        QStringList arguments{"train", "flow", "--steps", "1", "--out", m_folder.filePath("models/whirl"), "--quiet"};
        for (const char* setting : {"side=8", "patch=2", "blocks=3", "layers=1", "width=64", "batch=2",
                                    "validationPictures=2", "measuredPictures=2"}) {
            arguments += {"--set", setting};
        }
        const Ran ran = runJacobi(arguments, m_folder.path());
        QVERIFY2(ran.code == 0, qPrintable(ran.err));
    }

    /// Names of files are bytes: the words about a finished training must not turn it into an error.
    void aFolderWhoseNameIsNoUtf8TakesAModel()
    {
        const Ran ran = shell("cd '" + m_folder.path() +
                              "' && $JACOBI train flow --steps 1 --quiet --json --out $'caf\\xe9' --set side=8 --set patch=2 "
                              "--set blocks=1 --set layers=1 --set width=64 --set batch=2 --set validationPictures=2 "
                              "--set measuredPictures=2; code=$?; rm -r caf*; exit $code"); // Qt could not remove them
        QVERIFY2(ran.code == 0, qPrintable(ran.err));
        QVERIFY2(!ran.json().isEmpty(), qPrintable(ran.out));
    }

    void aFlowIsListedWithItsClasses()
    {
        const Ran ran = runJacobi({"models", "--models", m_folder.filePath("models")});
        QVERIFY2(ran.out.contains("a flow of 3 blocks"), qPrintable(ran.out));
        QVERIFY(ran.out.contains("sea by day"));
        QVERIFY(!ran.out.contains("1 codes"));
        QVERIFY(ran.out.contains("strategies: auto-time, auto-passes, auto-blocks, crm, sejd, last-8-32-10"));
    }

    void everyMethodMakesAPicture()
    {
        QImage first;
        for (const QStringList& method : {QStringList{"--method", "sequential"},
                                          {"--method", "jacobi", "--tolerance", "0"},
                                          {"--method", "gs-jacobi", "--segments", "3", "--tolerance", "0"},
                                          {"--method", "front", "--window", "4", "--tolerance", "0"}}) {
            const Ran ran =
                generate(method + QStringList{"--class", "sea by day", "--json", "--trace", file("run.jtrace")});
            QVERIFY2(ran.code == 0, qPrintable(ran.err));
            const QImage picture(file("picture.png"));
            QCOMPARE(picture.size(), QSize(8, 8));
            first = first.isNull() ? picture : first;
            QCOMPARE(picture, first);
            QCOMPARE(ran.json()["tokens"].toInt(), 48);
        }
        const Ran info = runJacobi({"trace", "info", "--json", file("run.jtrace")});
        QCOMPARE(info.json()["method"].toString(), QString("front"));
        QCOMPARE(info.json()["class"].toString(), QString("sea by day"));
        const QJsonObject settings = info.json()["request"].toObject();
        QCOMPARE(settings["window"].toInt(), 4);
        QCOMPARE(settings["tolerance"].toDouble(), 0.0);
        QVERIFY(settings["plan"].toString().contains("front") && !settings.contains("temperature"));
        const QString text = runJacobi({"trace", "info", file("run.jtrace")}).out;
        QVERIFY2(text.contains("denoise") && !text.contains("coupling") && !text.contains("prompt"), qPrintable(text));
        const Ran csv = runJacobi({"trace", "csv", file("run.jtrace")});
        QCOMPARE(csv.code, 0);
        QVERIFY(csv.out.count('\n') > 3);
    }

    void strategiesAreMeasuredOnceAndNamed()
    {
        const Ran first = generate({"--strategy", "auto-passes"});
        QVERIFY2(first.code == 0, qPrintable(first.err));
        QVERIFY(first.err.contains("fewest passes, once"));
        QVERIFY(first.err.contains("gs-jacobi (auto-passes)"));
        QVERIFY(!generate({"--strategy", "auto-passes"}).err.contains("once"));
    }

    void optionsWithoutEffectAreNamed()
    {
        const QStringList tokens{"--coupling", "maximal", "--temperature", "1", "--top-k", "3",
                                 "--min-p",    "0.1",     "--noise-steps", "1"};
        const QStringList of{
            "--segments",          "4",       "--window", "4", "--clip", "3", "--tolerance", "0.1", "--guidance", "0",
            "--guidance-schedule", "constant"};
        const Ran ran = generate(QStringList{"--quiet", "--method", "jacobi"} + tokens + of);
        QVERIFY2(ran.code == 0, qPrintable(ran.err));
        for (int i = 0; i < tokens.size(); i += 2) {
            QVERIFY2(ran.err.contains("note: " + tokens[i] +
                                      " has no effect on the model \"whirl\", which is a normalizing flow."),
                     qPrintable(ran.err));
        }
        for (const char* option : {"--segments", "--window"}) {
            QVERIFY2(ran.err.contains(QString("note: %1 has no effect with the method jacobi.").arg(option)),
                     qPrintable(ran.err));
        }
        QVERIFY(ran.err.contains("note: --guidance-schedule has no effect without guidance."));
        QCOMPARE(ran.err.count('\n'), 8); // --clip and --tolerance have one
        const Ran named = generate({"--quiet", "--strategy", "sejd", "--tolerance", "0.1"});
        QCOMPARE(named.err, QString("note: --tolerance has no effect with the strategy sejd.\n"));
    }

    void analyseSavesATable()
    {
        const Ran ran = runJacobi(with({"flow", "analyse", "--images", "4"}));
        QVERIFY2(ran.code == 0, qPrintable(ran.err));
        QVERIFY(ran.out.contains("CRM") && ran.out.contains("IGM input"));
        QVERIFY(QFile::exists(m_folder.filePath("models/whirl/analysis.json")));
        QVERIFY2(ran.err.contains("fewer than 32 pictures the metrics are noisy"), qPrintable(ran.err));
        const Ran fewer = runJacobi(with({"flow", "analyse", "--images", "2"}));
        QCOMPARE(fewer.code, 0);
        QVERIFY2(fewer.err.contains("of 4 pictures is kept") && fewer.err.contains("--force"), qPrintable(fewer.err));
        QVERIFY(!fewer.out.contains("Saved:"));
        QVERIFY(runJacobi(with({"flow", "analyse", "--images", "2", "--force"})).out.contains("Saved:"));
    }

    void theBenchHasARowForEveryWay()
    {
        const Ran ran = runJacobi(with(
            {"bench", "flow", "--pictures", "2", "--batch", "1", "--guidance", "0", "--json", file("bench.json")}));
        QVERIFY2(ran.code == 0, qPrintable(ran.err));
        QFile json(file("bench.json"));
        QVERIFY(json.open(QIODevice::ReadOnly));
        const QJsonArray records = QJsonDocument::fromJson(json.readAll()).object()["records"].toArray();
        QStringList names;
        for (const QJsonValue& record : records) {
            names += record["method"].toString() + " " + record["strategy"].toString();
        }
        for (const char* name :
             {"sequential ", "jacobi 0.01", "gs-jacobi sejd", "gs-jacobi last-8-32-10", "front window 8, 0.01",
              "gs-jacobi crm", "gs-jacobi auto-blocks", "gs-jacobi auto-passes", "gs-jacobi auto-time"}) {
            QVERIFY2(names.contains(name), qPrintable(names.join("; ")));
        }
    }

    void mistakesAreTold()
    {
        const auto refused = [&](const QStringList& more, int code, const char* sentence) {
            const Ran ran = generate(more);
            if (ran.code != code || !ran.err.contains(sentence)) {
                qWarning("%d %s", ran.code, qPrintable(ran.err));
                return false;
            }
            return true;
        };
        QVERIFY(refused({"--class", "moon"}, 2, "There is no class \"moon\""));
        QVERIFY(refused({"--method", "sjd"}, 2, "A flow has no method \"sjd\""));
        QVERIFY(refused({"--method", "gs-jacobi", "--segments", "0"}, 2, "number of segments is 0"));
        QVERIFY(refused({"--strategy", "warp"}, 2, "There is no strategy \"warp\""));
        QVERIFY(refused({"--method", "jacobi", "--strategy", "sejd"}, 2, "--strategy is for the method gs-jacobi"));
        QVERIFY(refused({"--method", "jacobi", "--segments", "-5"}, 2, "number of segments is -5"));
        QVERIFY(refused({"--method", "jacobi", "--window", "0"}, 2, "window is 0"));
        QVERIFY(refused({"--temperature", "nan"}, 2, "temperature is nan"));
        QVERIFY(refused({"--guidance", "31"}, 2, "between 0 and 30 (0 switches it off)"));
        QVERIFY(refused({"--strategy", "nowhere.json"}, 3, "nowhere.json"));
        QFile strategy(file("odd.json"));
        QVERIFY(strategy.open(QIODevice::WriteOnly));
        strategy.write("{\"schema\": 1, \"blocks\": [], \"speed\": 1}");
        strategy.close();
        QVERIFY(refused({"--strategy", file("odd.json")}, 2, "\"speed\" is not a key"));
        const Ran bench = runJacobi({"bench", "flow", "--model", "scenes"});
        QVERIFY(bench.code == 2 || bench.code == 3);
    }

    /// Before strategies are measured, which nothing here has done for these batches.
    void theBenchLooksFirst()
    {
        const auto refused = [&](const QStringList& more, int code, const char* sentence) {
            const Ran ran = runJacobi(with({"bench", "flow", "--guidance", "1.75"}, more), m_folder.path());
            if (ran.code != code || !ran.err.contains(sentence) || ran.err.contains("once")) {
                qWarning("%d %s", ran.code, qPrintable(ran.err));
                return false;
            }
            return true;
        };
        QVERIFY(refused({"--pictures", "3", "--batch", "2"}, 2, "must be a multiple of every batch"));
        QVERIFY(refused({"--judge", "/nowhere"}, 3, "/nowhere"));
        QVERIFY(refused({"--judge", m_folder.path()}, 3, "judge.json"));
        QVERIFY(refused({"--guidance", "nan"}, 2, "guidance is nan"));
    }
};

JACOBI_TEST(FlowTest)
#include "tst_flow.moc"
