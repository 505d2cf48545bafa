// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/studio/evidencedocks.h"
#include "app/studio/flowpanel.h"
#include "app/studio/recentstrip.h"
#include "core/trace/tracefile.h"
#include "tests/app/studio/studiodriver.h"
#include "tests/testmain.h"
#include "tests/widgets/flowstage.h"
#include "widgets/chiplabel.h"
#include "widgets/flowview.h"
#include "widgets/labeledslider.h"
#include "widgets/metricsview.h"
#include "widgets/residualview.h"
#include "widgets/titleline.h"

#include <QComboBox>
#include <QDockWidget>

#include <algorithm>

using namespace jacobi;
using namespace jacobi::test;
using Phase = Session::Phase;

namespace {

void generateFlow(Studio& studio)
{
    const int before = studio.plan->runs;
    QTest::keyClick(studio.window->flowPanel()->classBox(), Qt::Key_Return, Qt::ControlModifier);
    QTRY_VERIFY(studio.plan->runs == before + 1 && studio.isPhase(Phase::Ready));
}

} // namespace

class WorkspacesTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void eachHasItsSettingsAndViews()
    {
        Studio studio;
        QTRY_VERIFY(studio.isPhase(Phase::Ready));
        QVERIFY(studio.window->requestPanel()->isVisible());
        QVERIFY(!studio.window->flowDocks()->docks().first()->isVisible());
        studio.window->setWorkspace(Workspace::Flow);
        QVERIFY(!studio.window->requestPanel()->isVisible());
        QVERIFY(studio.window->flowPanel()->isVisible());
        QVERIFY(studio.window->flowView()->isVisible());
        QVERIFY(studio.window->residualView()->isVisible());
        QVERIFY(!studio.window->docks()->docks().first()->isVisible());
        QCOMPARE(studio.window->flowPanel()->model()->id, std::string("tinyflow"));
        QCOMPARE(studio.window->requestPanel()->model()->id, std::string("tiny"));
        QTest::keyClick(studio.window.get(), Qt::Key_1, Qt::ControlModifier);
        QTRY_VERIFY(studio.window->requestPanel()->isVisible());
        QVERIFY(studio.window->docks()->docks().first()->isVisible());
        QVERIFY(!studio.window->residualView()->isVisible());
    }

    void aFlowRunsAsItsPanelSays()
    {
        Studio studio;
        QTRY_VERIFY(studio.isPhase(Phase::Ready));
        studio.window->setWorkspace(Workspace::Flow);
        FlowPanel* panel = studio.window->flowPanel();
        panel->classBox()->setCurrentIndex(2);
        generateFlow(studio);
        QCOMPARE(studio.plan->lastRequest.method, std::string("gs-jacobi"));
        QCOMPARE(studio.plan->lastRequest.strategy, std::string(kAutoTime));
        QCOMPARE(studio.plan->lastRequest.className, std::string("night, hills"));
        QVERIFY(studio.plan->lastRequest.coupling.empty());
        panel->methodBox()->setCurrentIndex(panel->methodBox()->findData("front"));
        generateFlow(studio);
        QCOMPARE(studio.plan->lastRequest.method, std::string("front"));
        QVERIFY(studio.plan->lastRequest.strategy.empty());
        QCOMPARE(studio.window->flowTrace().runs().size(), std::size_t{3});
        QVERIFY(!studio.window->flowView()->picture().isNull());
    }

    void theOtherWorkspaceKeepsItsRun()
    {
        Studio studio;
        studio.type("a red house");
        studio.generate();
        QTRY_VERIFY(studio.plan->runs == 1 && studio.isPhase(Phase::Ready));
        const int passes = studio.window->traceModel()->passes();
        studio.window->selection()->goToPass(2);
        studio.window->setWorkspace(Workspace::Flow);
        QVERIFY(studio.window->traceModel()->isEmpty());
        generateFlow(studio);
        QVERIFY(studio.window->flowTrace().isFlow());
        studio.window->setWorkspace(Workspace::Image);
        QCOMPARE(studio.window->traceModel()->passes(), passes);
        QVERIFY(!studio.window->flowTrace().isFlow());
        QCOMPARE(studio.window->selection()->currentPass(), 2);
        studio.window->setWorkspace(Workspace::Flow);
        QCOMPARE(studio.window->traceModel()->passes(), 26);
    }

    void theStripMarksTheRunOfTheWorkspace()
    {
        Studio studio;
        studio.type("a red house");
        studio.generate();
        QTRY_COMPARE(studio.window->recentStrip()->runs().size(), 1);
        const QString image = studio.window->recentStrip()->runs().front().tracePath;
        QCOMPARE(studio.window->recentStrip()->current(), image);
        studio.window->setWorkspace(Workspace::Flow);
        QVERIFY(studio.window->recentStrip()->current().isEmpty());
        studio.window->setWorkspace(Workspace::Image);
        QCOMPARE(studio.window->recentStrip()->current(), image);
        studio.window->setWorkspace(Workspace::Flow);
        generateFlow(studio);
        QTRY_COMPARE(studio.window->recentStrip()->runs().size(), 2);
        const QString flow = studio.window->recentStrip()->current();
        QVERIFY(!flow.isEmpty() && flow != image);
        studio.window->setWorkspace(Workspace::Image);
        QCOMPARE(studio.window->recentStrip()->current(), image);
        studio.window->setWorkspace(Workspace::Flow);
        QCOMPARE(studio.window->recentStrip()->current(), flow);
    }

    void aRunThatGoesOnIsSeenWhenOneComesBack()
    {
        Studio studio;
        studio.plan->passMs = 20;
        studio.type("a red house");
        studio.generate();
        QTRY_VERIFY(studio.window->traceModel()->passes() > 1);
        studio.window->setWorkspace(Workspace::Flow);
        QVERIFY(studio.window->traceModel()->isEmpty());
        QVERIFY(!studio.window->flowPanel()->canGenerate());
        studio.window->setWorkspace(Workspace::Image);
        QVERIFY(studio.window->traceModel()->passes() > 1);
        QTRY_VERIFY(studio.isPhase(Phase::Ready));
        QVERIFY(studio.window->traceModel()->isFinished());
    }

    /// A run that never began leaves what was looked at meanwhile alone.
    void aRunStoppedBeforeItBeganIsNotShownElsewhere()
    {
        Studio studio;
        studio.type("a red house");
        studio.generate();
        QTRY_VERIFY(studio.plan->runs == 1 && studio.isPhase(Phase::Ready));
        const int passes = studio.window->traceModel()->passes();
        studio.plan->measureMs = 10'000;
        RunRequest request = studio.window->requestPanel()->shownRequest();
        request.window = kAutoWindow;
        studio.window->requestPanel()->setRequest(request);
        studio.generate();
        QTRY_VERIFY(studio.isPhase(Phase::Starting));
        studio.window->setWorkspace(Workspace::Flow);
        QTest::keyClick(studio.window.get(), Qt::Key_Period, Qt::ControlModifier);
        QTRY_VERIFY(studio.isPhase(Phase::Ready));
        QVERIFY(!studio.window->session()->isLiveShown());
        QVERIFY(studio.window->traceModel()->isEmpty());
        studio.window->setWorkspace(Workspace::Image);
        QCOMPARE(studio.window->traceModel()->passes(), passes);
        studio.window->setWorkspace(Workspace::Flow);
        QVERIFY(studio.window->traceModel()->isEmpty());
        QVERIFY(studio.window->windowTitle().isEmpty());
    }

    /// Which workspace a run belongs to is known before it begins.
    void theRunThatIsBeingMadeIsShownWhereItWasAskedFor()
    {
        Studio studio;
        studio.type("a red house");
        studio.generate();
        QTRY_VERIFY(studio.plan->runs == 1 && studio.isPhase(Phase::Ready));
        QTRY_COMPARE(studio.window->recentStrip()->runs().size(), 1);
        const QString path = studio.window->recentStrip()->runs().front().tracePath;
        studio.plan->measureMs = 300;
        studio.window->setWorkspace(Workspace::Flow);
        QTest::keyClick(studio.window->flowPanel()->classBox(), Qt::Key_Return, Qt::ControlModifier);
        QTRY_VERIFY(studio.isPhase(Phase::Starting));
        QSignalSpy opened(studio.window.get(), &MainWindow::fileOpened);
        studio.window->openFile(path);
        QTRY_COMPARE(opened.size(), 1);
        QVERIFY(studio.window->workspace() == Workspace::Image);
        QTest::keyClick(studio.window.get(), Qt::Key_L, Qt::ControlModifier);
        QVERIFY(studio.window->workspace() == Workspace::Flow);
        QVERIFY(studio.window->traceModel()->isEmpty()); // not the picture before it
        QTRY_VERIFY(studio.plan->runs == 2 && studio.isPhase(Phase::Ready));
        QVERIFY(studio.window->flowTrace().isFlow());
    }

    void aStoredRunOpensWhereItBelongs()
    {
        Studio studio;
        QTRY_VERIFY(studio.isPhase(Phase::Ready));
        const QString path = studio.folder.filePath("flow.jtrace");
        {
            const Trace trace = makeFlowTrace();
            auto writer = TraceWriter::create(path.toStdString());
            QVERIFY(writer.has_value());
            (*writer)->header(trace.header);
            for (const auto& step : trace.steps) {
                (*writer)->step(step);
            }
            (*writer)->summary(*trace.summary);
        }
        QSignalSpy opened(studio.window.get(), &MainWindow::fileOpened);
        studio.window->openFile(path);
        QTRY_COMPARE(opened.size(), 1);
        QVERIFY(studio.window->workspace() == Workspace::Flow);
        QCOMPARE(studio.window->flowTrace().blocks(), 3);
        studio.window->useShownSettings();
        QCOMPARE(studio.window->flowPanel()->shownRequest().strategy, std::string(kAutoPasses));
        QVERIFY(studio.window->flowPanel()->isSeedLocked());
    }

    /// In the line over the picture, where the settings stand.
    void numbersThatWereSetBackAreSaid()
    {
        Studio studio(std::make_shared<FakePlan>(), false);
        studio.window->setWorkspace(Workspace::Flow);
        Trace trace = makeFlowTrace();
        trace.summary->nonFinite = 199;
        studio.window->session()->showTrace(std::move(trace));
        const auto lines = studio.window->flowView()->findChildren<TitleLine*>();
        QVERIFY(std::ranges::any_of(lines, [](const TitleLine* line) { return line->text().contains("199 numbers set back"); }));
    }

    void anAnalysisIsMadeOnRequest()
    {
        Studio studio;
        QTRY_VERIFY(studio.isPhase(Phase::Ready));
        studio.window->setWorkspace(Workspace::Flow);
        ChipLabel* chip = studio.window->metricsView()->chip();
        chip->setFocus();
        QTest::mouseClick(chip, Qt::LeftButton);
        QCOMPARE(studio.window->focusWidget(), static_cast<QWidget*>(studio.window->metricsView())); // and stays near
        QTRY_COMPARE(studio.plan->analyses.load(), 1);
        QTRY_VERIFY(chip->isEnabled());
    }

    /// Also while it measures and tells of no progress; and when the window closes.
    void anAnalysisCanBeStopped()
    {
        const auto plan = std::make_shared<FakePlan>();
        plan->analysesAreLong = true;
        {
            Studio studio(plan);
            QTRY_VERIFY(studio.isPhase(Phase::Ready));
            studio.window->setWorkspace(Workspace::Flow);
            ChipLabel* chip = studio.window->metricsView()->chip();
            QTest::mouseClick(chip, Qt::LeftButton);
            QTRY_COMPARE(plan->analyses.load(), 1);
            QVERIFY(studio.window->session()->isAnalysing());
            studio.window->session()->stop();
            QTRY_VERIFY(!studio.window->session()->isAnalysing());
            QCOMPARE(plan->analysesStopped.load(), 1);
            QTRY_VERIFY(chip->isEnabled());
            QTest::mouseClick(chip, Qt::LeftButton);
            QTRY_COMPARE(plan->analyses.load(), 2);
        }
        QCOMPARE(plan->analysesStopped.load(), 2);
    }

    /// At the size of a small laptop's screen every view names everything it draws.
    void noLegendIsCutOnASmallScreen()
    {
        Studio studio;
        QTRY_VERIFY(studio.isPhase(Phase::Ready));
        const auto cut = [&] {
            QTest::qWait(60); // views repaint at most thirty times a second
            QStringList names;
            for (TitleLine* line : studio.window->findChildren<TitleLine*>()) {
                line->grab();
                if (!line->visibleRegion().isEmpty() && !line->moreRect().isEmpty()) { // not behind a tab
                    names << line->text();
                }
            }
            return names.join(", ");
        };
        const auto lookAt = [&](QDockWidget* dock) {
            dock->raise();
            return cut();
        };
        Trace trace = makeTrace({});
        for (auto& step : trace.steps) { // some of it as SJD2 makes it: that is one entry more
            auto noisy = std::make_shared<Step>(*step);
            noisy->state.back() = TokenState::Noisy;
            noisy->noiseLevel.assign(noisy->state.size(), 0.5F);
            step = noisy;
        }
        studio.window->resize(1366, 768);
        studio.window->resetLayout();
        studio.window->session()->showTrace(std::move(trace));
        QVERIFY(studio.window->traceModel()->hasNoise());
        for (QDockWidget* dock : studio.window->docks()->docks()) {
            QCOMPARE(lookAt(dock), QString());
        }
        studio.window->setWorkspace(Workspace::Flow);
        studio.window->resetLayout();
        FlowAnalysis analysis;
        analysis.blocks = {{0, 1.0, 50.0, 0.5, 3.0, 6.0}, {1, 0.6, 30.0, 1.0, 4.0, 5.0}, {2, 0.4, 20.0, 2.0, 1.0, 4.0}};
        analysis.images = 256;
        studio.window->session()->showTrace(makeFlowTrace());
        QCOMPARE(cut(), QString());
        studio.window->metricsView()->setAnalysis(analysis);
        QVERIFY(analysis.igmCorrelation() < 0.0); // its text is as long as it gets
        for (QDockWidget* dock : studio.window->flowDocks()->docks()) {
            QCOMPARE(lookAt(dock), QString());
        }
    }

    /// The lists of a panel are empty until the models are known; what was chosen waits for them.
    void whatWasChosenWaitsForTheModels()
    {
        Theme::apply(*qApp, Theme::Mode::Dark);
        FlowPanel panel;
        RunRequest request = fakeFlowModel().defaults;
        request.modelId = fakeFlowModel().id;
        request.method = "gs-jacobi";
        request.className = "night, hills";
        request.strategy = kAutoPasses;
        panel.setRequest(request);
        QCOMPARE(panel.shownRequest().className, request.className);
        QCOMPARE(panel.shownRequest().strategy, request.strategy);
        panel.setModels({fakeFlowModel()});
        QCOMPARE(panel.shownRequest().className, request.className);
        QCOMPARE(panel.shownRequest().strategy, request.strategy);
        panel.setModels({fakeFlowModel()}); // as when the generating part is there
        QCOMPARE(panel.shownRequest().className, request.className);
        QCOMPARE(panel.shownRequest().strategy, request.strategy);
    }

    void settingsOfAFlowAreHeldExactly()
    {
        Theme::apply(*qApp, Theme::Mode::Dark);
        FlowPanel panel;
        panel.setModels({fakeFlowModel()});
        RunRequest request = panel.shownRequest();
        request.method = "gs-jacobi";
        request.strategy = "";
        request.denoise = 0.04;
        request.clip = 2.345;
        request.guidance = 1.23;
        request.tolerance = 2.5e-7;
        request.pictures = 20;
        panel.setRequest(request);
        QCOMPARE(toJson(panel.shownRequest()), toJson(request));
        panel.setModels({fakeFlowModel()});
        QCOMPARE(toJson(panel.shownRequest()), toJson(request));
    }

    /// Nothing that decides the picture is kept where it cannot be seen.
    void howAFlowIsGuidedIsSeenAndCanBeChanged()
    {
        Theme::apply(*qApp, Theme::Mode::Dark);
        FlowPanel panel;
        panel.setModels({fakeFlowModel()});
        QVERIFY(!panel.attentionTemperature()->isVisibleTo(&panel)); // there is no guidance
        RunRequest request = panel.shownRequest();
        request.guidance = 1.5;
        request.attentionTemperature = 1.37;
        request.guidanceSchedule = kConstant;
        panel.setRequest(request);
        QVERIFY(panel.attentionTemperature()->isVisibleTo(&panel) && panel.scheduleBox()->isVisibleTo(&panel));
        QCOMPARE(panel.attentionTemperature()->value(), 1.37);
        QCOMPARE(toJson(panel.shownRequest()), toJson(request));
        panel.attentionTemperature()->setValue(1.0);
        panel.scheduleBox()->setCurrentIndex(panel.scheduleBox()->findData(QString(kAnnealed)));
        QCOMPARE(panel.shownRequest().attentionTemperature, 1.0);
        QCOMPARE(panel.shownRequest().guidanceSchedule, std::string(kAnnealed));
    }

    void theWorkspaceAndItsSettingsAreRemembered()
    {
        Studio studio;
        QTRY_VERIFY(studio.isPhase(Phase::Ready));
        studio.window->setWorkspace(Workspace::Flow);
        QComboBox* method = studio.window->flowPanel()->methodBox();
        method->setCurrentIndex(method->findData("jacobi"));
        studio.window->close();
        const StudioSettings kept = readSettings(studio.folder.filePath("settings.ini"));
        QVERIFY(kept.isFlowShown);
        QVERIFY(kept.flowRequest.has_value());
        QCOMPARE(kept.flowRequest->method, std::string("jacobi"));
        QVERIFY(!kept.layout.isEmpty());
        QVERIFY(kept.layout != kept.flowLayout);
    }
};

JACOBI_TEST(WorkspacesTest)
#include "tst_workspaces.moc"
