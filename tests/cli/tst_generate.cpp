// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
// ctest-labels: unit cli
// ctest-timeout: 900
#include "core/trace/tracefile.h"
#include "tests/cli/cliprocess.h"
#include "tests/testmain.h"

#include <QImage>
#include <QJsonArray>
#include <QRegularExpression>
#include <QTemporaryDir>

#include <csignal>
#include <cstring>

using namespace jacobi::test;

/// `jacobi generate` with the built-in model.
class GenerateTest : public QObject {
    Q_OBJECT

    QTemporaryDir m_folder;
    QString file(const QString& name) const { return m_folder.filePath(name); }

    static jacobi::Trace traceOf(const QString& path)
    {
        auto trace = jacobi::readTrace(std::filesystem::path(path.toStdString()));
        return trace ? *trace : jacobi::Trace{};
    }

private Q_SLOTS:
    void initTestCase()
    {
        QVERIFY(hasBuiltInModel());
    }

    void writesPictureTraceAndSummary()
    {
        const Ran ran = runJacobi({"generate", "--prompt", "a sunset over the sea", "--method", "sjd", "--coupling",
                                "independent", "--init", "uniform", "--seed", "5", "--window", "32", "--out",
                                file("a.png"), "--trace", file("a.jtrace"), "--json"});
        QVERIFY2(ran.code == 0, qPrintable(ran.err));
        const QJsonObject json = ran.json();
        QCOMPARE(json["tokens"].toInt(), 256);
        QVERIFY(json["passes"].toInt() >= 8 && json["passes"].toInt() <= 256);
        QCOMPARE(json["tokens_per_pass"].toDouble(), 256.0 / json["passes"].toInt());
        QCOMPARE(json["complete"].toBool(), true);
        QCOMPARE(json["request"]["device"].toString(), "cpu");
        QCOMPARE(json["picture"].toString(), file("a.png"));
        QCOMPARE(QImage(file("a.png")).size(), QSize(128, 128));

        const jacobi::Trace trace = traceOf(file("a.jtrace"));
        QVERIFY(trace.header != nullptr && trace.damage.empty());
        QCOMPARE(trace.header->request.seed, 5U);
        QCOMPARE(trace.header->codeColours.size(), std::size_t{trace.header->layout.codes});
        QCOMPARE(trace.steps.size(), static_cast<std::size_t>(json["passes"].toInt()));
        QCOMPARE(trace.summary->tokens, 256U);
        QVERIFY(trace.previews.back()->isFinal);
        QCOMPARE(ran.err.count("256 of 256 tokens"), 1);
        const double speed = json["passes"].toInt() / json["seconds"].toDouble(); // by the same time as the summary's
        QVERIFY2(ran.err.contains(QString(" a pass, %1 passes/s").arg(speed, 0, 'f', 1)), qPrintable(ran.err));
        QVERIFY(ran.err.contains("seed 5"));
    }

    void whatShapesThePictureIsSaid()
    {
        const Ran ran = runJacobi({"generate", "--prompt", "mountains", "--top-k", "50", "--top-p", "0.75", "--min-p", "0.25",
                                   "--out", file("said.png"), "--trace", file("said.jtrace")});
        QCOMPARE(ran.code, 0);
        QVERIFY2(ran.err.contains("temperature 1, top-k 50, top-p 0.75, min-p 0.25, seed"), qPrintable(ran.err));
        QCOMPARE(traceOf(file("said.jtrace")).header->request.minP, 0.25);
    }

    /// What a prompt leaves open is filled in, and said; or not, where that is asked for.
    void promptsAreCompletedAndThatIsSaid()
    {
        const QStringList request{"generate", "--prompt", "a house by the sea", "--seed", "11", "--quiet"};
        QCOMPARE(runJacobi(request + QStringList{"--out", file("c.png"), "--trace", file("c.jtrace")}).code, 0);
        QCOMPARE(runJacobi(request + QStringList{"--as-written", "--out", file("d.png"), "--trace", file("d.jtrace")}).code, 0);
        const jacobi::Trace completed = traceOf(file("c.jtrace"));
        QCOMPARE(completed.header->request.prompt, std::string("a house by the sea"));
        QCOMPARE(completed.header->prompts.size(), std::size_t{1});
        const QString read = QString::fromStdString(completed.header->prompts[0]);
        QVERIFY2(read.contains(QRegularExpression("^a [a-z]+ house (on|to) the (left|right) by the sea, ")), qPrintable(read));
        QVERIFY(traceOf(file("d.jtrace")).header->prompts.empty());
        const QStringList loud{"generate", "--prompt", "a house by the sea", "--seed", "11", "--out", file("f.png")};
        const Ran said = runJacobi(loud);
        QVERIFY2(said.out.contains("Read as: " + read), qPrintable(said.out));
        QCOMPARE(runJacobi(loud + QStringList{"--json"}).json()["prompts_read"].toArray().at(0).toString(), read);
        const Ran info = runJacobi({"trace", "info", file("c.jtrace")});
        QVERIFY2(QRegularExpression("read as +" + read).match(info.out).hasMatch(), qPrintable(info.out));
        QVERIFY(!runJacobi({"trace", "info", file("d.jtrace")}).out.contains("read as"));
        QVERIFY(runJacobi(request + QStringList{"--as-written", "--complete", "--out", file("e.png")}).code != 0);
    }

    /// What a trace was made with, and nothing that its method does not use.
    void theTraceTellsItsSettings()
    {
        const QStringList request{"generate", "--prompt", "snow", "--seed", "2", "--quiet", "--out", file("s.png"), "--trace",
                                  file("s.jtrace")};
        QCOMPARE(runJacobi(request + QStringList{"--window", "17", "--top-p", "0.85", "--guidance", "2.5"}).code, 0);
        const QString text = runJacobi({"trace", "info", file("s.jtrace")}).out;
        for (const char* line : {"coupling +maximal", "window +17", "new drafts +[a-z]", "top-p +0.85\\n", "guidance +2.5\\n",
                                 "min-p +0", "top-k +0", "temperature +1\\n", "precision +float32"}) {
            QVERIFY2(QRegularExpression(line).match(text).hasMatch(), qPrintable(line + ("\n" + text)));
        }
        const QJsonObject told = runJacobi({"trace", "info", "--json", file("s.jtrace")}).json();
        QCOMPARE(told["request"]["window"].toInt(), 17);
        QCOMPARE(told["request"]["topP"].toDouble(), 0.85);
        QCOMPARE(told["picture_count"].toInt(), 1);
        QVERIFY(told["passes_by_tokens"].isArray());
        QCOMPARE(runJacobi(request + QStringList{"--method", "sequential"}).code, 0);
        const QString sequential = runJacobi({"trace", "info", file("s.jtrace")}).out;
        QVERIFY2(!sequential.contains("coupling") && !sequential.contains("window"), qPrintable(sequential));
        QVERIFY(!runJacobi({"trace", "info", "--json", file("s.jtrace")}).json()["request"].toObject().contains("coupling"));
    }

    /// A program that sorts runs by their coupling must not find one where there was none.
    void theSummaryNamesNoCouplingWhereThereIsNone()
    {
        const QStringList request{"generate", "--prompt", "snow", "--seed", "2", "--json", "--out", file("n.png")};
        QCOMPARE(runJacobi(request + QStringList{"--method", "sequential"}).json()["coupling"], QJsonValue(""));
        QCOMPARE(runJacobi(request + QStringList{"--method", "sjd"}).json()["coupling"], QJsonValue("maximal"));
    }

    /// A trace of somebody else: its texts stay on their lines and do not command the terminal.
    void textsOfATraceCommandNoTerminal()
    {
        jacobi::RunHeader header;
        header.layout = {2, 2, 4, 8};
        header.request.prompt = "red\x1b[31m\nstate complete";
        header.deviceName = "CPU\x07";
        header.prompts = {"as\rread"};
        jacobi::Trace trace;
        trace.header = std::make_shared<const jacobi::RunHeader>(header);
        trace.summary = jacobi::RunSummary{};
        trace.summary->outcome = jacobi::Outcome::Failed;
        trace.summary->message = "why\x1b]0;title\x07";
        QVERIFY(jacobi::writeTrace(file("foreign.jtrace").toStdString(), trace));
        const QString text = runJacobi({"trace", "info", file("foreign.jtrace")}).out;
        QVERIFY2(text.contains("red\\u{001B}[31m\\u{000A}state complete\n"), qPrintable(text));
        for (const QChar c : text) {
            QVERIFY2(c == '\n' || c.isPrint(), qPrintable(text));
        }
    }

    /// A byte that changed on the disk is an error, a run that was killed is none; what comes before is shown.
    void damageOfATraceIsToldFromACut()
    {
        QCOMPARE(runJacobi({"generate", "--prompt", "snow", "--seed", "2", "--quiet", "--out", file("t.png"), "--trace",
                            file("t.jtrace")}).code, 0);
        QFile whole(file("t.jtrace"));
        QVERIFY(whole.open(QIODevice::ReadOnly));
        QByteArray bytes = whole.readAll();
        const auto write = [&](const QByteArray& content) {
            QFile changed(file("u.jtrace"));
            return changed.open(QIODevice::WriteOnly) && changed.write(content) == content.size();
        };
        QVERIFY(write(bytes.chopped(10)));
        const Ran cut = runJacobi({"trace", "info", file("u.jtrace")});
        QCOMPARE(cut.code, 0);
        QVERIFY2(cut.out.contains(QRegularExpression("state +cut")) && cut.err.isEmpty(), qPrintable(cut.out + cut.err));
        quint32 length = 0; // of the header, after the magic and the record's kind
        std::memcpy(&length, bytes.constData() + 12, 4);
        const auto place = 16 + static_cast<qsizetype>(length) + 4 + 100; // within the record after it
        bytes[place] = static_cast<char>(bytes[place] ^ 1);
        QVERIFY(write(bytes));
        const Ran info = runJacobi({"trace", "info", file("u.jtrace")});
        QCOMPARE(info.code, 3);
        QVERIFY2(info.out.contains(QRegularExpression("state +damaged")) && info.out.contains("snow"), qPrintable(info.out));
        QVERIFY2(info.err.contains("record 2: a record's checksum is wrong"), qPrintable(info.err));
        QCOMPARE(runJacobi({"trace", "info", "--json", file("u.jtrace")}).json()["state"].toString(), "damaged");
        const Ran csv = runJacobi({"trace", "csv", file("u.jtrace"), "--out", file("u.csv")});
        QCOMPARE(csv.code, 3);
        QVERIFY(QFile::exists(file("u.csv")));
    }

    void optionsWithoutEffectAreNamed()
    {
        const QStringList flow{"--class", "sea by day", "--segments", "4", "--tolerance", "0.1", "--clip", "3", "--denoise", "1",
                               "--attention-temperature", "1", "--guidance-schedule", "constant"};
        const Ran ran = runJacobi(QStringList{"generate", "--prompt", "snow", "--quiet", "--method", "sequential", "--window", "8",
                                              "--coupling", "maximal", "--noise-steps", "1", "--init", "left", "--out",
                                              file("unused.png")} + flow);
        QCOMPARE(ran.code, 0);
        QCOMPARE(ran.err.count('\n'), 11);
        for (int i = 0; i < flow.size(); i += 2) {
            QVERIFY2(ran.err.contains("note: " + flow[i] + " has no effect on the model \"scenes\", which is no normalizing flow."),
                     qPrintable(ran.err));
        }
        for (const char* option : {"--window", "--coupling", "--noise-steps", "--init"}) {
            QVERIFY2(ran.err.contains(QString("note: %1 has no effect with the method sequential.").arg(option)), qPrintable(ran.err));
        }
    }

    void theSameSeedGivesTheSamePicture()
    {
        const QStringList request{"generate", "--prompt", "mountains", "--seed", "11", "--quiet"};
        QCOMPARE(runJacobi(request + QStringList{"--out", file("b1.png")}).code, 0);
        QCOMPARE(runJacobi(request + QStringList{"--out", file("b2.png")}).code, 0);
        QCOMPARE(QImage(file("b1.png")), QImage(file("b2.png")));
    }

    void aWindowOfOneEqualsSequential()
    {
        const QStringList request{"generate", "--prompt", "mountains at dawn", "--seed", "3", "--quiet"};
        const Ran one = runJacobi(request + QStringList{"--method", "sjd", "--window", "1", "--out", file("w1.png")});
        QCOMPARE(one.code, 0);
        QVERIFY(one.out.isEmpty() && one.err.isEmpty());
        QCOMPARE(runJacobi(request + QStringList{"--method", "sequential", "--out", file("seq.png")}).code, 0);
        QCOMPARE(QImage(file("w1.png")), QImage(file("seq.png")));
    }

    void aRandomSeedIsPrintedAndNamesTheFile()
    {
        const Ran ran = runJacobi({"generate", "--prompt", "snow", "--json"}, m_folder.path());
        QCOMPARE(ran.code, 0);
        const auto seed = static_cast<qulonglong>(ran.json()["seed"].toDouble());
        QVERIFY(ran.err.contains(QString("seed %1").arg(seed)));
        QVERIFY(QFile::exists(file(QString("scenes-%1.png").arg(seed))));
    }

    void unknownWordsAreNamedAndTheRestIsDrawn()
    {
        const Ran ran = runJacobi({"generate", "--prompt", "a zeppelin over the sea", "--quiet", "--out", file("z.png")});
        QCOMPARE(ran.code, 0);
        QVERIFY2(ran.err.startsWith("note: ") && ran.err.contains("\"zeppelin\""), qPrintable(ran.err));
        QVERIFY(QFile::exists(file("z.png")));
    }

    void interruptStopsWithinAPassAndKeepsTheTrace_data()
    {
        QTest::addColumn<QList<int>>("signals_");
        QTest::newRow("Ctrl+C") << QList<int>{SIGINT};
        QTest::newRow("a terminal that closes") << QList<int>{SIGHUP, SIGHUP}; // by the system and by the shell
    }
    void interruptStopsWithinAPassAndKeepsTheTrace()
    {
        QFETCH(QList<int>, signals_);
        // A machine that is busy may let the run end before the signal is sent; then it is tried again.
        Ran ran;
        for (int attempt = 0; attempt < 10 && ran.code != 130; ++attempt) {
            QProcess process;
            if (startSlowRun(process, {})) { // else there is no process to send it to
                for (const int signal : signals_) {
                    ::kill(static_cast<pid_t>(process.processId()), signal);
                }
                ran = finished(process);
            }
            if (ran.code == 0) {
                QVERIFY(QFile::remove(file("i.png")));
            }
        }
        QCOMPARE(ran.code, 130);
        QVERIFY2(ran.err.contains("Stopped"), qPrintable(ran.err));
        QVERIFY(!QFile::exists(file("i.png")));
        const jacobi::Trace trace = traceOf(file("i.jtrace"));
        QVERIFY(trace.damage.empty() && trace.summary.has_value());
        QCOMPARE(trace.summary->outcome, jacobi::Outcome::Cancelled);
        QVERIFY(trace.summary->tokens > 0 && trace.summary->tokens < 256);
        QCOMPARE(trace.steps.size(), trace.summary->passes);
    }

    /// nohup: what is to outlive its terminal does.
    void aRunThatIgnoresTheTerminalsEndGoesOn()
    {
        QProcess process;
        if (startSlowRun(process, "trap '' HUP; ")) {
            ::kill(static_cast<pid_t>(process.processId()), SIGHUP);
        }
        QCOMPARE(finished(process).code, 0);
        QVERIFY(QFile::exists(file("i.png")));
    }

private:
    /// A run of 256 passes, until its first words about them; false where it ended before.
    bool startSlowRun(QProcess& process, const QString& before)
    {
        QProcessEnvironment environment = bareEnvironment();
        environment.insert("JACOBI", program());
        process.setProcessEnvironment(environment);
        process.setReadChannel(QProcess::StandardError); // what waitForReadyRead waits for
        process.setWorkingDirectory(m_folder.path());
        process.start("/bin/bash", {"-c", before + "exec $JACOBI generate --prompt 'the sea' --method sequential "
                                                   "--precision float64 --out i.png --trace i.jtrace"});
        QByteArray seen;
        while (!seen.contains("tokens") && process.waitForReadyRead(120'000)) {
            seen += process.readAllStandardError();
        }
        return process.state() != QProcess::NotRunning;
    }
};

JACOBI_TEST(GenerateTest)
#include "tst_generate.moc"
