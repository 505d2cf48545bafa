// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/studio/docksizes.h"

#include "app/studio/evidencedocks.h"
#include "tests/app/studio/studiodriver.h"
#include "tests/testmain.h"

#include <QDockWidget>
#include <QWindow>

#include <cstdlib>

using namespace jacobi;
using namespace jacobi::test;

namespace {

/// A window with the layout it begins with, and room for it.
struct Roomy : Studio {
    Roomy()
    {
        resize({1600, 1000});
        window->resetLayout();
        settle();
    }
    void resize(const QSize& size)
    {
        window->resize(size);
        settle();
    }
    static void settle() { QTest::qWait(30); }
    const QDockWidget* dock(int at) const { return window->docks()->docks().at(at); }
    QVector<int> heights() const
    {
        return {dock(0)->height(), dock(1)->height(), dock(3)->height()}; // 2 is behind a tab
    }
    void drag(const QPoint& from, const QPoint& by) const
    {
        QWindow* handle = window->windowHandle();
        QTest::mousePress(handle, Qt::LeftButton, {}, from);
        QTest::mouseMove(handle, from + by / 2);
        settle();
        QTest::mouseMove(handle, from + by);
        settle();
        QTest::mouseRelease(handle, Qt::LeftButton, {}, from + by);
        settle();
    }
};

constexpr QSize kSmall(1006, 566);

} // namespace

/// What a small window takes from the docks, a large one gives back.
class DockSizesTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void aWindowThatGrowsGivesBackWhatItTook()
    {
        Roomy studio;
        const int width = studio.dock(0)->width();
        const QVector<int> heights = studio.heights();
        QVERIFY(width > 500);
        studio.resize(kSmall);
        QVERIFY(studio.dock(0)->width() < 400);
        studio.resize({1300, 800});
        studio.resize({1600, 1000});
        QCOMPARE(studio.dock(0)->width(), width);
        QCOMPARE(studio.heights(), heights);
    }

    void whatWasDraggedComesBack()
    {
        Roomy studio;
        const int width = studio.dock(0)->width();
        studio.drag({studio.dock(0)->x() - 1, 300}, {100, 0});
        const int dragged = studio.dock(0)->width();
        QVERIFY(dragged < width - 50);
        studio.resize(kSmall);
        studio.resize({1600, 1000});
        QCOMPARE(studio.dock(0)->width(), dragged);
    }

    void theLayoutIsPutBackWithoutMoreHeight()
    {
        Roomy studio;
        studio.resize({1300, 728});
        const QSize size = studio.window->size();
        studio.window->docks()->docks().first()->setFloating(true);
        studio.window->resetLayout();
        Roomy::settle();
        QCOMPARE(studio.window->size(), size);
        QVERIFY(studio.dock(1)->isVisible());
        QCOMPARE(studio.window->tabifiedDockWidgets(studio.window->docks()->docks().at(1)).size(), 1);
    }

    void theLayoutOfTheOtherWorkspaceGetsTheRoomToo()
    {
        Roomy studio;
        const int width = studio.dock(0)->width();
        studio.resize(kSmall);
        studio.window->setWorkspace(Workspace::Flow);
        studio.resize({1600, 1000});
        studio.window->setWorkspace(Workspace::Image);
        Roomy::settle();
        QCOMPARE(studio.dock(0)->width(), width);
    }

    void theWindowDoesNotGrowWhenTheWorkspaceChanges()
    {
        Roomy studio;
        studio.window->setWorkspace(Workspace::Flow);
        studio.resize({1006, 300}); // as low as it gets
        const int height = studio.window->height();
        studio.window->setWorkspace(Workspace::Image);
        Roomy::settle();
        QCOMPARE(studio.window->height(), height);
        studio.window->setWorkspace(Workspace::Flow);
        Roomy::settle();
        QCOMPARE(studio.window->height(), height);
    }

    /// Started again and again in a low window: what has to give way there does so in a high one no more.
    void heightsThatALowWindowForcesAreNotTakenAsChosen()
    {
        Roomy studio;
        const int high = studio.dock(0)->height();
        const int share = studio.dock(3)->height();
        for (int start = 0; start < 3; ++start) {
            studio.resize({1006, 300});
            studio.window->close();
            StudioPlaces places;
            places.source = fakeSource(studio.plan);
            places.settingsFile = studio.folder.filePath("settings.ini");
            studio.window = std::make_unique<MainWindow>(places);
            studio.window->show();
            QVERIFY(QTest::qWaitForWindowExposed(studio.window.get()));
            Roomy::settle();
        }
        studio.resize({1600, 1000});
        QVERIFY2(std::abs(studio.dock(0)->height() - high) < 60, qPrintable(QString::number(studio.dock(0)->height())));
        QVERIFY2(std::abs(studio.dock(3)->height() - share) < 60, qPrintable(QString::number(studio.dock(3)->height())));
    }

    void aViewThatFloatsHasAnEdge()
    {
        Roomy studio;
        QDockWidget* dock = studio.window->docks()->docks().first();
        dock->setFloating(true);
        dock->resize(400, 300);
        Roomy::settle();
        const QImage shown = dock->grab().toImage();
        const QRgb line = colours().line.rgb();
        for (const QPoint& at : {QPoint(200, 0), QPoint(0, 150), QPoint(399, 150), QPoint(200, 299)}) {
            QCOMPARE(shown.pixelColor(at).rgb(), line);
        }
    }

    void aWindowThatBeginsSmallOwesTheDocksTheirWidth()
    {
        Studio studio;
        studio.window->resize(kSmall);
        QTest::qWait(30);
        studio.window->resetLayout();
        QTest::qWait(30);
        studio.window->resize(1600, 1000);
        QTRY_VERIFY(studio.window->docks()->docks().first()->width() >= 380);
    }
};

JACOBI_TEST(DockSizesTest)
#include "tst_docksizes.moc"
