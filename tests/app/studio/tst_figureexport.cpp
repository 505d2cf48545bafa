// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/studio/comparisondialog.h"
#include "app/studio/figureexport.h"
#include "app/studio/noticebar.h"
#include "core/trace/tracefile.h"
#include "tests/app/studio/studiodriver.h"
#include "tests/testmain.h"
#include "tests/widgets/flowstage.h"
#include "widgets/acceptanceview.h"
#include "widgets/metricsview.h"
#include "widgets/pictureview.h"
#include "widgets/trajectoryview.h"

#include <QClipboard>
#include <QContextMenuEvent>
#include <QFileDialog>
#include <QMenu>
#include <QMimeData>

using namespace jacobi;
using namespace jacobi::test;
using Phase = Session::Phase;

namespace {

/// A window with a stored run.
struct Replay : Studio {
    explicit Replay(const Trace& trace = makeTrace({})) : Studio(std::make_shared<FakePlan>(), false)
    {
        const QString path = folder.filePath("run.jtrace");
        isThere = writeTrace(path.toStdString(), trace).has_value();
        QSignalSpy opened(window.get(), &MainWindow::fileOpened);
        window->openFile(path);
        isThere = isThere && opened.wait();
    }
    QStringList names() const
    {
        QStringList names;
        for (const FigureView* view : window->figureViews()) {
            names << view->figureName();
        }
        return names;
    }
    FigureView* acceptance() const { return window->acceptanceView(); }
    bool isThere = false;
};

/// The context menu that a widget opens, by the mouse or by the keyboard.
QMenu* menuOf(QWidget* widget, QContextMenuEvent::Reason reason = QContextMenuEvent::Mouse)
{
    QContextMenuEvent event(reason, widget->rect().center(), widget->mapToGlobal(widget->rect().center()));
    QApplication::sendEvent(widget, &event);
    return qobject_cast<QMenu*>(QApplication::activePopupWidget());
}

QStringList textsOf(const QMenu* menu)
{
    QStringList texts;
    for (const QAction* action : menu->actions()) {
        if (!action->isSeparator()) {
            texts << action->text() + (action->isEnabled() ? "" : " -");
        }
    }
    return texts;
}

QByteArray contentOf(const QString& path)
{
    QFile file(path);
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

} // namespace

/// Plots that leave the window: by menu, by key, into files and into the clipboard.
class FigureExportTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void theCommandLinesNamesAreTheViews()
    {
        const Replay replay;
        QVERIFY(replay.isThere);
        QCOMPARE(replay.names(), figureNames(false));
        const Replay flow(makeFlowTrace());
        QCOMPARE(flow.names(), figureNames(true));
    }

    void aCaptionNamesModelMethodAndSeed()
    {
        RunRequest request;
        request.modelId = "scenes";
        request.method = "sjd";
        request.coupling = "maximal";
        request.seed = 40;
        QCOMPARE(figureCaption(request, 0), QString("scenes · SJD, maximal coupling · seed 40"));
        QCOMPARE(figureCaption(request, 2), QString("scenes · SJD, maximal coupling · seed 42")); // of a batch
        request.method = "sequential";
        request.modelId = "two\nlines";
        QCOMPARE(figureCaption(request, 0), QString("two lines · Sequential · seed 40"));
    }

    void aPathWithoutASuffixIsAnSvg()
    {
        QCOMPARE(figurePath("a/plot"), QString("a/plot.svg"));
        QCOMPARE(figurePath("a/plot."), QString("a/plot.svg"));
        QCOMPARE(figurePath("a.b/plot"), QString("a.b/plot.svg"));
        QCOMPARE(figurePath("plot.PDF"), QString("plot.PDF"));
        QCOMPARE(figurePath("plot.jpg"), QString("plot.jpg"));
    }

    void everySuffixWritesItsOwnKind()
    {
        Replay replay;
        const std::pair<const char*, QByteArray> kinds[] = {{"a.svg", "<?xml"},
                                                            {"a.PDF", "%PDF-"},
                                                            {"a.png", "\x89PNG"},
                                                            {"a.csv", "pass,accepted"},
                                                            {"plain", "<?xml"}};
        QSignalSpy written(replay.window->figures(), &FigureExport::written);
        for (const auto& [name, start] : kinds) {
            const QString path = replay.folder.filePath(name);
            replay.window->figures()->exportTo(replay.acceptance(), path);
            QVERIFY(written.wait());
            QCOMPARE(written.last().at(1).toBool(), true);
            QVERIFY2(contentOf(figurePath(path)).startsWith(start), name);
        }
        const QByteArray svg = contentOf(replay.folder.filePath("a.svg"));
        QVERIFY(svg.contains("seed ") && svg.contains("tokens so far"));
        QVERIFY(replay.window->notice()->sentence().contains("Exported to"));
    }

    void whatCannotBeWrittenIsToldOnce()
    {
        Replay replay;
        QSignalSpy written(replay.window->figures(), &FigureExport::written);
        const QString kept = replay.folder.filePath("old.jpg");
        replay.window->figures()->exportTo(replay.acceptance(), kept);
        QCOMPARE(written.size(), 1);
        QCOMPARE(written.last().at(1).toBool(), false);
        QCOMPARE(replay.window->notice()->tone(), NoticeBar::Tone::Error);
        QVERIFY(replay.window->notice()->sentence().contains(".svg, .pdf, .png or .csv"));
        QVERIFY(!QFile::exists(kept));

        replay.window->pictureView()->setOverlay(Overlay::None);
        replay.window->figures()->exportTo(replay.window->pictureView(), replay.folder.filePath("p.csv"));
        QVERIFY(replay.window->notice()->sentence().contains("no numbers"));

        replay.window->figures()->exportTo(replay.acceptance(), "/nowhere/a.svg");
        QVERIFY(written.wait());
        QCOMPARE(written.last().at(1).toBool(), false);
        QVERIFY2(replay.window->notice()->sentence().contains("does not exist"),
                 qPrintable(replay.window->notice()->sentence()));
        QCOMPARE(written.size(), 3);
    }

    void everyPlotHasAContextMenu()
    {
        Replay replay;
        const QStringList usual{"Export figure…", "Copy figure", "Copy data"};
        QMenu* menu = menuOf(replay.window->trajectoryView()->plot());
        QVERIFY(menu != nullptr);
        QCOMPARE(textsOf(menu), usual);
        menu->close();
        menu = menuOf(replay.window->acceptanceView(), QContextMenuEvent::Keyboard);
        QVERIFY(menu != nullptr);
        QCOMPARE(textsOf(menu), usual);
        menu->close();
        replay.window->pictureView()->setOverlay(Overlay::None);
        menu = menuOf(replay.window->pictureView());
        QVERIFY(menu != nullptr);
        QCOMPARE(textsOf(menu), (QStringList{"Save the picture…", "Copy the picture", "Export figure…", "Copy figure",
                                             "Copy data -"}));
        menu->close();

        Studio empty;
        menu = menuOf(empty.window->acceptanceView());
        QVERIFY(menu != nullptr);
        QCOMPARE(textsOf(menu), (QStringList{"Export figure… -", "Copy figure -", "Copy data -"}));
        menu->close();
    }

    /// The one that was clicked; before that the first that is to be seen.
    void theKeyMeansThePlotInFront()
    {
        Replay replay;
        FigureExport& figures = *replay.window->figures();
        QCOMPARE(figures.inFront(replay.window->figureViews())->figureName(), QString("trajectory"));
        if (!replay.isActive) {
            QSKIP("no window gets the keyboard here");
        }
        QTest::mouseClick(replay.window->acceptanceView()->plot(), Qt::LeftButton, {}, QPoint(2, 2));
        QCOMPARE(figures.inFront(replay.window->figureViews())->figureName(), QString("acceptance"));
        QTest::keyClick(replay.window.get(), Qt::Key_E, Qt::ControlModifier | Qt::ShiftModifier);
        auto* dialog = replay.window->findChild<QFileDialog*>();
        QVERIFY(dialog != nullptr);
        QVERIFY(dialog->windowTitle().contains("Accepted per pass"));
        QCOMPARE(dialog->defaultSuffix(), QString("svg"));
        QVERIFY(dialog->nameFilters().join(' ').contains("*.csv"));
        QCOMPARE(dialog->acceptMode(), QFileDialog::AcceptSave);
        QVERIFY(!dialog->testOption(QFileDialog::DontConfirmOverwrite)); // it asks before a file is replaced
        dialog->close();
    }

    void theMenuListsEveryPlot()
    {
        Replay replay;
        QMenu* main = nullptr;
        for (QMenu* menu : replay.window->findChildren<QMenu*>()) {
            for (const QAction* action : menu->actions()) {
                main = action->text() == "Figures" ? menu : main;
            }
        }
        QVERIFY(main != nullptr);
        Q_EMIT main->aboutToShow();
        QStringList plots;
        for (const QAction* action : main->actions()) {
            if (action->text() == "Figures") {
                for (const QAction* plot : action->menu()->actions()) {
                    plots << plot->text() + ": " + QString::number(plot->menu()->actions().size());
                }
            }
        }
        QCOMPARE(plots, (QStringList{"Trajectory: 3", "Accepted per pass: 3", "Window: 3", "Picture: 3"}));
        QVERIFY(textsOf(main).contains("Export figure “Trajectory”…"));
    }

    /// Nobody was asked whether this file may go.
    void aFileIsNotReplacedUnderANameThatNobodySaw()
    {
        Replay replay;
        const QString path = replay.folder.filePath("there.svg");
        QFile file(path);
        QVERIFY(file.open(QIODevice::WriteOnly) && file.write("mine") == 4);
        file.close();
        replay.window->figures()->askToExport(replay.acceptance());
        auto* dialog = replay.window->findChild<QFileDialog*>();
        QVERIFY(dialog != nullptr);
        Q_EMIT dialog->fileSelected(replay.folder.filePath("there."));
        QVERIFY(replay.window->notice()->sentence().contains("there already"));
        QCOMPARE(contentOf(path), QByteArray("mine"));
        dialog->close();
    }

    void figuresAndNumbersAreCopied()
    {
        Replay replay;
        replay.window->figures()->copyFigure(replay.acceptance());
        const QMimeData* copied = QApplication::clipboard()->mimeData();
        QVERIFY(copied->hasImage());
        QVERIFY(copied->data("image/svg+xml").startsWith("<?xml"));
        QVERIFY(replay.window->notice()->sentence().contains("was copied"));
        replay.window->figures()->copyData(replay.acceptance());
        const QStringList lines = QApplication::clipboard()->text().split('\n', Qt::SkipEmptyParts);
        QCOMPARE(lines.size(), replay.window->traceModel()->passes() + 1);
        QCOMPARE(lines[1].split('\t')[1].toInt(), replay.window->traceModel()->acceptedInPass(0));
    }

    void aFlowsPlotsAreExportedToo()
    {
        Replay replay(makeFlowTrace());
        QSignalSpy written(replay.window->figures(), &FigureExport::written);
        for (FigureView* view : replay.window->figureViews()) {
            const QString path = replay.folder.filePath(view->figureName() + ".svg");
            replay.window->figures()->exportTo(view, path);
            QVERIFY(written.wait());
            QVERIFY(contentOf(path).contains("block"));
        }
    }

    /// A click with another button opens the menu, and goes nowhere.
    void theRightButtonGoesToNoBlock()
    {
        Replay replay(makeFlowTrace());
        replay.window->selection()->goToPass(1);
        QTest::mouseClick(replay.window->metricsView()->plot(), Qt::RightButton, {}, QPoint(80, 40));
        QCOMPARE(replay.window->selection()->currentPass(), 1);
        if (QWidget* popup = QApplication::activePopupWidget()) {
            popup->close();
        }
    }

    void aComparisonIsAFigure()
    {
        Studio studio;
        studio.type("a red house");
        QTRY_VERIFY(studio.isPhase(Phase::Ready));
        studio.press(Qt::Key_M);
        QVERIFY(studio.window->comparisonDialog() != nullptr);
        ComparisonDialog* dialog = studio.window->comparisonDialog();
        QTRY_VERIFY(!studio.window->comparison().isGoingOn() && studio.window->comparison().runs().back().passes > 0);
        const Figure figure = dialog->figure();
        const QByteArray svg = *figureBytes(figure, "c.svg", figurePage(dialog->figureCaption()));
        QVERIFY(svg.contains("Sequential") && svg.contains("seed "));
        const QByteArray csv = *figureBytes(figure, "c.csv", figurePage({}));
        const QList<QByteArray> lines = csv.split('\n');
        QVERIFY(lines[0].startsWith("method,window (positions)"));
        QVERIFY2(lines[1].startsWith("Sequential,,,"), lines[1]);
        QCOMPARE(lines.size(), static_cast<qsizetype>(studio.window->comparison().runs().size()) + 2);
        QPushButton* button = studio.button("Export figure…");
        QVERIFY(button != nullptr && button->isEnabled());
        dialog->close();
    }
};

JACOBI_TEST(FigureExportTest)
#include "tst_figureexport.moc"
