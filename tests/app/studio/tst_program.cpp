// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/trace/tracefile.h"
#include "tests/testmain.h"
#include "tests/widgets/madetrace.h"
#include "widgets/tracemodel.h"

#include <QFile>
#include <QImage>
#include <QProcess>
#include <QTemporaryDir>

using namespace jacobi;
using namespace jacobi::test;

/// The program `jacobi-studio` as a process, without a display.
class ProgramTest : public QObject {
    Q_OBJECT

    QTemporaryDir m_folder;
    QString m_trace;
    int m_passes = 0; ///< of that run

    struct Ran {
        int code = -1;
        QString out;
        QString err;
    };
    enum class Display { Offscreen, None };

    static QString passes(int count)
    {
        return QStringLiteral("from 0 to %1, for the run has %2 passes").arg(count - 1).arg(count);
    }
    static Ran studio(const QStringList& arguments, Display display = Display::Offscreen)
    {
        constexpr int kPatienceMs = 120'000; // a limit against hanging, not a measurement
        QProcess process;
        if (display == Display::None) {
            QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
            for (const char* name : {"QT_QPA_PLATFORM", "DISPLAY", "WAYLAND_DISPLAY"}) {
                environment.remove(QString::fromLatin1(name));
            }
            process.setProcessEnvironment(environment);
        }
        process.start(QStringLiteral(JACOBI_BIN_DIR "/jacobi-studio"), arguments);
        if (!process.waitForFinished(kPatienceMs)) {
            process.kill();
            process.waitForFinished();
            return {};
        }
        return {process.exitStatus() == QProcess::NormalExit ? process.exitCode() : -1,
                QString::fromUtf8(process.readAllStandardOutput()), QString::fromUtf8(process.readAllStandardError())};
    }

private Q_SLOTS:
    void initTestCase()
    {
        m_trace = m_folder.filePath("run.jtrace");
        const Trace trace = makeTrace({});
        m_passes = static_cast<int>(trace.steps.size());
        QVERIFY(writeTrace(m_trace.toStdString(), trace).has_value());
    }

    void aTraceIsDrawnWithoutADisplay()
    {
        const QString picture = m_folder.filePath("window.png");
        const Ran ran =
            studio({m_trace, "--screenshot", picture, "--size", "1200x800", "--theme", "light"}, Display::None);
        QVERIFY2(ran.code == 0, qPrintable(ran.err));
        const QImage image(picture);
        QCOMPARE(image.size(), QSize(1200, 800));
        QCOMPARE(image.pixelColor(2, 60), QColor(0xff, 0xff, 0xff)); // the light panel
    }

    void figuresAreWrittenWithoutADisplay()
    {
        const auto path = [this](const char* name) { return m_folder.filePath(name); };
        const Ran ran = studio({m_trace, "--figure", "acceptance=" + path("a.svg"), "--figure", "trajectory=" + path("t.pdf"),
                                "--figure", "window=" + path("w.png"), "--figure", "acceptance=" + path("a.csv"), "--figure",
                                "picture=" + path("plain"), "--figure-size", "101.6x50.8"},
                               Display::None);
        QVERIFY2(ran.code == 0, qPrintable(ran.err));
        const auto content = [&path](const char* name) {
            QFile file(path(name));
            return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
        };
        QVERIFY(content("a.svg").contains("width=\"101.6mm\" height=\"50.8mm\""));
        QVERIFY(content("a.svg").contains(">tokens so far</text>"));
        QVERIFY(content("t.pdf").startsWith("%PDF-"));
        QCOMPARE(QImage(path("w.png")).size(), QSize(768, 384));
        QVERIFY(content("plain.svg").contains("<image"));
        TraceModel model;
        model.setTrace(makeTrace({}));
        const QList<QByteArray> lines = content("a.csv").split('\n');
        QCOMPARE(lines.size(), model.passes() + 2);
        for (int pass = 0; pass < model.passes(); ++pass) {
            QCOMPARE(lines[pass + 1].split(',')[1].toInt(), model.acceptedInPass(pass));
        }
    }

    void everyPassOfTheRunCanBeShown()
    {
        QVector<QImage> shown;
        for (const int pass : {0, m_passes - 1}) {
            const QString picture = m_folder.filePath("pass.png");
            const Ran ran = studio({m_trace, "--screenshot", picture, "--size", "1200x800", "--pass", QString::number(pass)});
            QVERIFY2(ran.code == 0, qPrintable(ran.err));
            shown << QImage(picture);
        }
        QVERIFY(!shown[0].isNull() && shown[0] != shown[1]);
    }

    void mistakesAreToldAndEndTheProgram_data()
    {
        QTest::addColumn<QStringList>("arguments");
        QTest::addColumn<int>("code");
        QTest::addColumn<QString>("says");
        QTest::newRow("two files") << QStringList{"a", "b"} << 2 << "one file";
        QTest::newRow("theme") << QStringList{"--theme", "pink"} << 2 << "light or dark";
        QTest::newRow("size") << QStringList{"--screenshot", "x.png", "--size", "huge"} << 2 << "WIDTHxHEIGHT";
        QTest::newRow("pass") << QStringList{"--screenshot", "x.png", "--pass", "-1"} << 2 << "number from 0";
        QTest::newRow("pass of nothing") << QStringList{"--screenshot", "x.png", "--pass", "3"} << 2 << "wants a run";
        QTest::newRow("pass of a picture") << QStringList{"picture.png", "--pass", "3"} << 2 << "wants a run";
        QTest::newRow("pass that is not there") << QStringList{m_trace, "--pass", "9999"} << 2 << passes(m_passes);
        QTest::newRow("the first that is not there")
            << QStringList{m_trace, "--screenshot", "x.png", "--pass", QString::number(m_passes)} << 2 << passes(m_passes);
        QTest::newRow("pass of no trace")
            << QStringList{"/nowhere/run.jtrace", "--screenshot", "x.png", "--pass", "3"} << 1 << "run.jtrace";
        QTest::newRow("no PNG") << QStringList{"--screenshot", "x.jpg"} << 2 << "ends in .png";
        QTest::newRow("no ending") << QStringList{"--screenshot", "picture"} << 2 << "ends in .png";
        QTest::newRow("no such figure") << QStringList{m_trace, "--figure", "bars=x.svg"} << 2
                                        << "trajectory, acceptance, window, picture";
        QTest::newRow("a flow's figure") << QStringList{m_trace, "--figure", "blocks=x.svg"} << 1
                                         << "It has trajectory, acceptance, window, picture.";
        QTest::newRow("figure without a file") << QStringList{m_trace, "--figure", "window"} << 2 << "NAME=FILE";
        QTest::newRow("figure without a run") << QStringList{"--figure", "window=x.svg"} << 2 << "wants the run";
        QTest::newRow("figure's ending") << QStringList{m_trace, "--figure", "window=x.jpg"} << 1 << ".svg, .pdf, .png or .csv";
        QTest::newRow("figure's size") << QStringList{m_trace, "--figure", "window=x.svg", "--figure-size", "9"} << 2
                                       << "millimetres from 40 to 1000";
        QTest::newRow("figure of no trace") << QStringList{"/nowhere/run.jtrace", "--figure", "window=x.svg"} << 1 << "run.jtrace";
        QTest::newRow("figure's folder") << QStringList{m_trace, "--figure", "window=/nowhere/x.svg"} << 1
                                         << "does not exist";
        QTest::newRow("both") << QStringList{m_trace, "--figure", "window=x.svg", "--screenshot", "x.png"} << 2 << "two calls";
        QTest::newRow("no such trace") << QStringList{"/nowhere/run.jtrace", "--screenshot", "x.png"} << 1
                                       << "run.jtrace";
        QTest::newRow("no such folder") << QStringList{m_trace, "--screenshot", "/nowhere/x.png"} << 1
                                        << "cannot be written";
    }
    void mistakesAreToldAndEndTheProgram()
    {
        QFETCH(const QStringList, arguments);
        QFETCH(const int, code);
        QFETCH(const QString, says);
        const Ran ran = studio(arguments);
        QCOMPARE(ran.code, code);
        QVERIFY2(ran.err.contains(says), qPrintable(ran.err));
    }

    void helpAndVersion()
    {
        const QString help = studio({"--help"}).out.simplified();
        QVERIFY(help.contains("--screenshot"));
        QVERIFY2(help.contains("trajectory, acceptance, window, picture; of a flow residual, blocks, picture"), qPrintable(help));
        QVERIFY(studio({"--version"}).out.startsWith("jacobi-studio 0."));
    }

    /// Where there is none, words need none; a window is refused in a sentence.
    void aDisplayIsNeededForAWindowOnly()
    {
#if defined(Q_OS_UNIX) && !defined(Q_OS_DARWIN)
        QCOMPARE(studio({"--help"}, Display::None).code, 0);
        QVERIFY(studio({"--version"}, Display::None).out.startsWith("jacobi-studio 0."));
        const Ran ran = studio({m_trace}, Display::None);
        QCOMPARE(ran.code, 1);
        QVERIFY2(ran.err.contains("no display"), qPrintable(ran.err));
        QCOMPARE(studio({"--theme", "pink"}, Display::None).code, 2);
#endif
    }

    void qtsOwnOptionsAreLeftToQt()
    {
        const QString picture = m_folder.filePath("chosen.png");
        const Ran ran = studio({"-platform", "offscreen", "--screenshot", picture, "--size", "800x600"}, Display::None);
        QVERIFY2(ran.code == 0 && QFile::exists(picture), qPrintable(ran.err));
    }
};

JACOBI_TEST(ProgramTest)
#include "tst_program.moc"
