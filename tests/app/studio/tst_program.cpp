// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/trace/tracefile.h"
#include "tests/testmain.h"
#include "tests/widgets/madetrace.h"

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

    struct Ran {
        int code = -1;
        QString out;
        QString err;
    };
    enum class Display { Offscreen, None };

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
        QVERIFY(writeTrace(m_trace.toStdString(), makeTrace({})).has_value());
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

    void mistakesAreToldAndEndTheProgram_data()
    {
        QTest::addColumn<QStringList>("arguments");
        QTest::addColumn<int>("code");
        QTest::addColumn<QString>("says");
        QTest::newRow("two files") << QStringList{"a", "b"} << 2 << "one file";
        QTest::newRow("theme") << QStringList{"--theme", "pink"} << 2 << "light or dark";
        QTest::newRow("size") << QStringList{"--screenshot", "x.png", "--size", "huge"} << 2 << "WIDTHxHEIGHT";
        QTest::newRow("pass") << QStringList{"--screenshot", "x.png", "--pass", "-1"} << 2 << "number from 0";
        QTest::newRow("no PNG") << QStringList{"--screenshot", "x.jpg"} << 2 << "ends in .png";
        QTest::newRow("no ending") << QStringList{"--screenshot", "picture"} << 2 << "ends in .png";
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
        QVERIFY(studio({"--help"}).out.contains("--screenshot"));
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
