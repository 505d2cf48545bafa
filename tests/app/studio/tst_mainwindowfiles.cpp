// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/studio/mainwindow.h"
#include "app/studio/noticebar.h"
#include "app/studio/recentstrip.h"
#include "app/studio/requestpanel.h"
#include "core/trace/picturefile.h"
#include "core/trace/tracefile.h"
#include "tests/app/studio/studiodriver.h"
#include "tests/testmain.h"
#include "widgets/picturecanvas.h"
#include "widgets/pictureview.h"
#include "widgets/progressstrip.h"
#include "widgets/titleline.h"

#include <QFileDialog>

using namespace jacobi;
using namespace jacobi::test;
using Phase = Session::Phase;

/// The window with traces and pictures that are opened and saved.
class MainWindowFilesTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void aTraceIsReplayedWithoutABackend()
    {
        Studio studio(std::make_shared<FakePlan>(), false);
        const QString path = studio.folder.filePath("run.jtrace");
        QVERIFY(writeTrace(path.toStdString(), makeTrace({})).has_value());
        QSignalSpy opened(studio.window.get(), &MainWindow::fileOpened);
        studio.window->openFile(path);
        QTRY_COMPARE(opened.size(), 1);
        QCOMPARE(opened.first().at(1).toBool(), true);
        QCOMPARE(studio.window->traceModel()->committed(), 64);
        QCOMPARE(studio.window->progressStrip()->state(), ProgressStrip::State::Replay);
        QVERIFY(!studio.window->pictureView()->picture(false).isNull());
        QCOMPARE(studio.plan->opened.load(), 0);
    }

    /// A name that is right already is not asked for.
    void aDamagedTraceIsNotToldToEndInJtrace()
    {
        Studio studio;
        const QString path = studio.folder.filePath("bad.jtrace");
        QFile file(path);
        QVERIFY(file.open(QIODevice::WriteOnly) && file.write(QByteArray(4096, 'x')) == 4096);
        file.close();
        QSignalSpy opened(studio.window.get(), &MainWindow::fileOpened);
        studio.window->openFile(path);
        QTRY_COMPARE(opened.size(), 1);
        QVERIFY(studio.window->notice()->sentence().contains("damaged"));
        QVERIFY(!studio.window->notice()->sentence().contains("ends in"));
    }

    void aFileThatIsNoTraceIsRefusedWithASentence()
    {
        Studio studio;
        const QString path = studio.folder.filePath("no.jtrace");
        QFile file(path);
        QVERIFY(file.open(QIODevice::WriteOnly) && file.write("hello") == 5);
        file.close();
        QSignalSpy opened(studio.window.get(), &MainWindow::fileOpened);
        studio.window->openFile(path);
        QTRY_COMPARE(opened.size(), 1);
        QCOMPARE(opened.first().at(1).toBool(), false);
        QVERIFY(studio.window->notice()->sentence().endsWith('.'));
        QVERIFY(studio.window->traceModel()->isEmpty());
    }

    void aStoredRunCanBeLookedAtWhileOneGoesOn()
    {
        auto plan = std::make_shared<FakePlan>();
        Studio studio(plan);
        studio.type("a red house");
        studio.generate();
        QTRY_COMPARE(studio.window->recentStrip()->runs().size(), 1);
        plan->passMs = 20;
        plan->trace.seed = 2;
        studio.generate();
        QTRY_VERIFY(studio.isPhase(Phase::Running));
        const QRect tile = studio.window->recentStrip()->tileRect(0);
        QTest::mouseClick(studio.window->recentStrip(), Qt::LeftButton, {}, tile.center());
        QTRY_VERIFY(!studio.window->session()->isLiveShown());
        QCOMPARE(studio.window->traceModel()->committed(), 64);
        QTest::mouseClick(studio.button("Show it"), Qt::LeftButton);
        QVERIFY(studio.window->session()->isLiveShown());
        QTRY_VERIFY(studio.isPhase(Phase::Ready));
        QCOMPARE(studio.window->traceModel()->committed(), 64);
    }

    void theSavedPictureBringsItsSettingsBack()
    {
        Studio studio;
        studio.type("a red house");
        studio.generate();
        QTRY_VERIFY(studio.isPhase(Phase::Ready) && studio.plan->runs == 1);
        const RunRequest made = studio.plan->lastRequest;
        const QString path = studio.folder.filePath("saved.png");
        QSignalSpy saved(studio.window.get(), &MainWindow::fileSaved);
        studio.window->savePictureTo(path);
        QTRY_COMPARE(saved.size(), 1);
        QVERIFY(saved.first().at(1).toBool());
        QCOMPARE(QImage(path).size(), QSize(64, 64));

        studio.window->requestPanel()->promptEdit()->clear();
        QSignalSpy opened(studio.window.get(), &MainWindow::fileOpened);
        studio.window->openFile(path);
        QTRY_COMPARE(opened.size(), 1);
        const RunRequest shown = studio.window->requestPanel()->shownRequest();
        QCOMPARE(shown.prompt, made.prompt);
        QCOMPARE(shown.seed, made.seed);
        QVERIFY(studio.window->requestPanel()->isSeedLocked());
    }

    /// In its run, as itself: its own seed, one picture.
    void aPictureOfABatchComesBackAsItself()
    {
        Studio studio;
        QTRY_VERIFY(studio.isPhase(Phase::Ready));
        RunRequest request = studio.window->requestPanel()->shownRequest();
        request.prompt = "a red house";
        request.pictures = 3;
        studio.window->requestPanel()->setRequest(request);
        studio.generate();
        QTRY_COMPARE(studio.window->recentStrip()->runs().size(), 1);
        const quint64 seed = studio.plan->lastRequest.seed;
        const QString trace = studio.window->recentStrip()->runs().first().tracePath;
        studio.window->traceModel()->setItem(2);
        studio.window->selection()->goToPass(1);
        const QString path = studio.folder.filePath("third.png");
        QSignalSpy saved(studio.window.get(), &MainWindow::fileSaved);
        studio.window->savePictureTo(path);
        QTRY_COMPARE(saved.size(), 1);

        studio.window->session()->showNothing();
        QSignalSpy opened(studio.window.get(), &MainWindow::fileOpened);
        studio.window->openFile(path);
        QTRY_COMPARE(opened.size(), 1);
        QVERIFY(opened.first().at(1).toBool());
        QCOMPARE(studio.window->traceModel()->items(), 3);
        QCOMPARE(studio.window->traceModel()->item(), 2);
        QCOMPARE(studio.window->selection()->currentPass(), 1);
        QCOMPARE(studio.window->recentStrip()->current(), trace);
        QCOMPARE(studio.window->requestPanel()->shownRequest().seed, seed + 2);
        QCOMPARE(studio.window->requestPanel()->shownRequest().pictures, 1);
    }

    void aPictureWhoseRunIsGoneIsShownByItself()
    {
        Studio studio;
        studio.type("a red house");
        studio.generate();
        QTRY_COMPARE(studio.window->recentStrip()->runs().size(), 1);
        const quint64 seed = studio.plan->lastRequest.seed;
        const QString path = studio.folder.filePath("mine.png");
        QSignalSpy saved(studio.window.get(), &MainWindow::fileSaved);
        studio.window->savePictureTo(path);
        QTRY_COMPARE(saved.size(), 1);
        QVERIFY(QFile::remove(studio.window->recentStrip()->runs().first().tracePath));

        QSignalSpy opened(studio.window.get(), &MainWindow::fileOpened);
        studio.window->openFile(path);
        QTRY_COMPARE(opened.size(), 1);
        QVERIFY(studio.window->traceModel()->isEmpty());
        PictureView* view = studio.window->pictureView();
        const QImage picture(path);
        const PictureCanvas* canvas = view->canvas();
        QVERIFY(!canvas->pictureRect().isEmpty());
        const QImage shown = view->canvas()->grab().toImage();
        QCOMPARE(shown.pixelColor(canvas->pictureRect().center().toPoint()), picture.pixelColor(32, 32));
        QVERIFY(view->findChild<TitleLine*>()->text().endsWith(QStringLiteral("seed %1").arg(seed)));
        QVERIFY(studio.window->notice()->sentence().contains("not kept"));
        studio.generate();
        QTRY_VERIFY(studio.window->traceModel()->committed() == 64);
        QCOMPARE(studio.plan->lastRequest.seed, seed);
    }

    /// Whatever its name says; and a name that says something else is put right.
    void aPictureIsAPngByWhateverName()
    {
        Studio studio;
        studio.type("a red house");
        studio.generate();
        QTRY_VERIFY(studio.isPhase(Phase::Ready) && studio.plan->runs == 1);
        QSignalSpy saved(studio.window.get(), &MainWindow::fileSaved);
        studio.window->savePictureTo(studio.folder.filePath("pic.jpg"));
        QTRY_COMPARE(saved.size(), 1);
        const QString path = studio.folder.filePath("pic.jpg.png");
        QCOMPARE(saved.first().at(0).toString(), path);
        const QString renamed = studio.folder.filePath("pic.jpeg");
        QVERIFY(QFile::copy(path, renamed));
        QSignalSpy opened(studio.window.get(), &MainWindow::fileOpened);
        studio.window->openFile(renamed);
        QTRY_COMPARE(opened.size(), 1);
        QVERIFY(opened.first().at(1).toBool());
    }

    void aPictureOnTheWaySaysSoInItsName()
    {
        Studio studio;
        studio.type("a red house");
        studio.generate();
        QTRY_VERIFY(studio.isPhase(Phase::Ready) && studio.plan->runs == 1);
        const auto proposed = [&] {
            QTest::keyClick(studio.window.get(), Qt::Key_S, Qt::ControlModifier);
            auto* dialog = studio.window->findChild<QFileDialog*>();
            const QString name = dialog == nullptr ? QString() : QFileInfo(dialog->selectedFiles().value(0)).fileName();
            delete dialog;
            return name;
        };
        const QString name = QStringLiteral("tiny-%1").arg(studio.plan->lastRequest.seed);
        QCOMPARE(proposed(), name + ".png");
        studio.window->selection()->goToPass(2);
        QCOMPARE(proposed(), name + "-pass-2.png");
    }

    void aFolderThatCannotBeWrittenIsToldOnce()
    {
        Studio studio;
        studio.type("a red house");
        studio.generate();
        QTRY_VERIFY(studio.isPhase(Phase::Ready) && studio.plan->runs == 1);
        QSignalSpy saved(studio.window.get(), &MainWindow::fileSaved);
        studio.window->savePictureTo(studio.folder.filePath("missing/saved.png"));
        QTRY_COMPARE(saved.size(), 1);
        QVERIFY(!saved.first().at(1).toBool());
        QVERIFY(!studio.window->notice()->sentence().isEmpty());
    }
};

JACOBI_TEST(MainWindowFilesTest)
#include "tst_mainwindowfiles.moc"
