// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/studio/evidencedocks.h"
#include "app/studio/mainwindow.h"
#include "app/studio/noticebar.h"
#include "app/studio/promptedit.h"
#include "app/studio/recentstrip.h"
#include "app/studio/requestpanel.h"
#include "app/studio/runwords.h"
#include "core/trace/picturefile.h"
#include "core/trace/tracefile.h"
#include "tests/app/studio/studiodriver.h"
#include "tests/testmain.h"
#include "tests/widgets/stage.h"
#include "widgets/chiplabel.h"
#include "widgets/pictureview.h"
#include "widgets/progressstrip.h"

#include <QAction>
#include <QDialog>
#include <QDockWidget>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>

#include <algorithm>
#include <chrono>
#include <set>
#include <vector>

using namespace jacobi;
using namespace jacobi::test;
using Phase = Session::Phase;

namespace {

/// How often a widget was put before the others.
class RaiseCount : public QObject {
public:
    int count = 0;
    bool eventFilter(QObject*, QEvent* event) override
    {
        count += event->type() == QEvent::ZOrderChange ? 1 : 0;
        return false;
    }
};

} // namespace

/// The window, driven by keys and clicks.
class MainWindowTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void aPromptAndCtrlEnterMakeAPicture()
    {
        Studio studio;
        studio.type("a red house");
        studio.generate();
        QTRY_VERIFY(studio.isPhase(Phase::Ready) && studio.plan->runs == 1);
        const TraceModel* model = studio.window->traceModel();
        QVERIFY(model->passes() > 3);
        QCOMPARE(model->committed(), model->positions());
        QCOMPARE(studio.plan->lastRequest.prompt, std::string("a red house"));
        QCOMPARE(studio.plan->lastRequest.window, 12); // the model's own default
        QCOMPARE(studio.window->progressStrip()->state(), ProgressStrip::State::Complete);
        QVERIFY(studio.window->windowTitle().contains("a red house"));
        QTRY_COMPARE(studio.window->recentStrip()->runs().size(), 1);
        QVERIFY(QFile::exists(studio.window->recentStrip()->runs().first().tracePath));
    }

    void generatingBeforeTheBackendIsThereWaitsForIt()
    {
        Studio studio(std::make_shared<FakePlan>(), false);
        studio.type("a red house");
        studio.window->openBackend();
        studio.generate();
        QCOMPARE(studio.window->progressStrip()->state(), ProgressStrip::State::Loading);
        QTRY_VERIFY(studio.isPhase(Phase::Ready) && studio.plan->runs == 1);
    }

    void pauseStepResumeAndStopActWithinOnePass()
    {
        auto plan = std::make_shared<FakePlan>();
        plan->passMs = 5;
        plan->trace.acceptance = 0.1;
        Studio studio(plan);
        studio.type("a red house");
        studio.generate();
        QTRY_VERIFY(studio.isPhase(Phase::Running) && plan->passesMade > 2);
        QTest::mouseClick(studio.button("Pause"), Qt::LeftButton);
        QVERIFY(studio.isPhase(Phase::Paused));
        QTest::qWait(50); // a pass under way may still end
        const int held = plan->passesMade;
        QTest::qWait(50);
        QCOMPARE(plan->passesMade.load(), held);

        QTest::mouseClick(studio.button("Step"), Qt::LeftButton);
        QTRY_COMPARE(plan->passesMade.load(), held + 1);
        QTest::qWait(50);
        QCOMPARE(plan->passesMade.load(), held + 1);

        QTest::mouseClick(studio.button("Resume"), Qt::LeftButton);
        QTRY_VERIFY(plan->passesMade > held + 2);
        studio.press(Qt::Key_Period);
        QTRY_VERIFY(studio.isPhase(Phase::Ready));
        QCOMPARE(studio.window->progressStrip()->state(), ProgressStrip::State::Stopped);
        QVERIFY(studio.window->traceModel()->committed() < 64);
        QTRY_COMPARE(studio.window->recentStrip()->runs().size(), 1); // what was done is kept
    }

    void aBadRequestIsToldAndThePictureStays()
    {
        Studio studio;
        studio.type("a red house");
        studio.generate();
        QTRY_VERIFY(studio.isPhase(Phase::Ready) && studio.plan->runs == 1);
        studio.window->requestPanel()->promptEdit()->clear();
        studio.generate();
        QTRY_VERIFY(studio.window->notice()->sentence().contains("prompt is empty"));
        QCOMPARE(studio.plan->runs.load(), 1);
        QCOMPARE(studio.window->traceModel()->committed(), 64);
        QVERIFY(studio.window->requestPanel()->canGenerate());
        QCOMPARE(studio.window->progressStrip()->state(), ProgressStrip::State::Complete);
    }

    void aTypedSeedSurvivesARefusedRequest()
    {
        Studio studio;
        QTRY_VERIFY(studio.isPhase(Phase::Ready));
        RunRequest request = studio.window->requestPanel()->shownRequest();
        request.seed = 1;
        studio.window->requestPanel()->setRequest(request);
        QLineEdit* seed = nullptr;
        for (QLineEdit* field : studio.window->requestPanel()->findChildren<QLineEdit*>()) {
            seed = field->accessibleName() == "Seed" ? field : seed;
        }
        QVERIFY(seed != nullptr);
        seed->selectAll();
        QTest::keyClicks(seed, "42");
        studio.generate(); // refused: the prompt is empty
        QTRY_VERIFY(studio.window->notice()->sentence().contains("prompt is empty"));
        studio.type("a red house");
        studio.generate();
        QTRY_VERIFY(studio.isPhase(Phase::Ready) && studio.plan->runs == 1);
        QCOMPARE(studio.plan->lastRequest.seed, 42U);
        studio.generate();
        QTRY_VERIFY(studio.isPhase(Phase::Ready) && studio.plan->runs == 2);
        QVERIFY(studio.plan->lastRequest.seed != 42U);
    }

    void everySamplingSettingIsShownAndAskedFor()
    {
        Studio studio;
        QTRY_VERIFY(studio.isPhase(Phase::Ready));
        RunRequest request = studio.window->requestPanel()->shownRequest();
        request.prompt = "a red house";
        request.guidance = 3.5;
        request.temperature = 0.85;
        request.topK = 5;
        request.topP = 0.75;
        request.minP = 0.12;
        studio.window->requestPanel()->setRequest(request);
        studio.generate();
        QTRY_VERIFY(studio.isPhase(Phase::Ready) && studio.plan->runs == 1);
        const RunRequest& made = studio.plan->lastRequest;
        QCOMPARE(made.guidance, 3.5);
        QCOMPARE(made.temperature, 0.85);
        QCOMPARE(made.topK, 5);
        QCOMPARE(made.topP, 0.75);
        QCOMPARE(made.minP, 0.12);
        const QString words = settingWords(made);
        QVERIFY2(words.contains("top-p 0.75") && words.contains("min-p 0.12"), qPrintable(words));
    }

    void settingsMadeWithAnotherModelUseTheOneAtHand()
    {
        Studio studio;
        QTRY_VERIFY(studio.isPhase(Phase::Ready));
        RunRequest request;
        request.modelId = "not installed here";
        request.prompt = "a red house";
        request.precision = "float64";
        studio.window->requestPanel()->setRequest(request);
        QCOMPARE(studio.window->requestPanel()->shownRequest().modelId, std::string("tiny"));
        QCOMPARE(studio.window->requestPanel()->shownRequest().precision, std::string("auto"));
    }

    /// Using a run's settings says what of them is another here; and nothing where all of them are kept.
    void whatCannotBeKeptOfARunIsTold()
    {
        Studio studio;
        QTRY_VERIFY(studio.isPhase(Phase::Ready));
        const auto use = [&](const std::string& modelId, const std::string& precision) {
            Trace trace = makeTrace({});
            auto header = std::make_shared<RunHeader>(*trace.header);
            header->request = studio.window->requestPanel()->shownRequest();
            header->request.modelId = modelId;
            header->request.precision = precision;
            trace.header = header;
            studio.window->session()->showTrace(std::move(trace));
            studio.window->notice()->dismiss();
            studio.window->useShownSettings();
            return studio.window->notice()->sentence();
        };
        QCOMPARE(use("tiny", "float32"), QString());
        const QString words = use("not installed here", "float64");
        QVERIFY2(words.contains("“not installed here” is not installed") && words.contains("“Tiny”"), qPrintable(words));
        QVERIFY2(words.contains("float32, not in float64"), qPrintable(words));
        QCOMPARE(studio.window->notice()->tone(), NoticeBar::Tone::Warning);
    }

    /// Settings that come before the models are known are told of once they are.
    void whatCannotBeKeptIsToldOnceTheModelsAreKnown()
    {
        Studio studio(std::make_shared<FakePlan>(), false);
        Trace trace = makeTrace({});
        auto header = std::make_shared<RunHeader>(*trace.header);
        header->request.modelId = "not installed here";
        trace.header = header;
        studio.window->session()->showTrace(std::move(trace));
        studio.window->useShownSettings();
        QCOMPARE(studio.window->notice()->sentence(), QString());
        studio.window->openBackend();
        QTRY_VERIFY(studio.window->notice()->sentence().contains("not installed here"));
    }

    void aPromptFromAFileIsNeverReadAsMarkup()
    {
        Studio studio(std::make_shared<FakePlan>(), false);
        Trace trace = makeTrace({});
        auto header = std::make_shared<RunHeader>(*trace.header);
        header->request.prompt = "<img src=/etc/hostname> & more";
        trace.header = header;
        studio.window->session()->showTrace(std::move(trace));
        QVERIFY(studio.window->pictureView()->toolTip().contains("&lt;img"));
    }

    /// Once, below the prompt, where they stand: not over the results as well.
    void wordsTheModelNeverSawAreNamedWhereThePromptIs()
    {
        Studio studio;
        QTRY_VERIFY(studio.isPhase(Phase::Ready));
        studio.type("a red zebra");
        QCOMPARE(studio.window->requestPanel()->promptEdit()->unknownWords(), QStringList{"zebra"});
        const auto labels = studio.window->requestPanel()->findChildren<QLabel*>();
        const auto isNamed = [&] {
            return std::ranges::any_of(labels, [](const QLabel* label) { return label->text().contains("never saw “zebra”"); });
        };
        QVERIFY(isNamed());
        int prepared = 0;
        connect(studio.window->session(), &Session::prepared, this, [&](const ResolvedRequest& resolved) {
            ++prepared;
            QCOMPARE(resolved.unknownWords, std::vector<std::string>{"zebra"});
            QVERIFY2(!studio.window->notice()->sentence().contains("zebra"), qPrintable(studio.window->notice()->sentence()));
        });
        studio.generate();
        QTRY_VERIFY(studio.isPhase(Phase::Ready) && studio.plan->runs == 1);
        QVERIFY(isNamed());
        RunRequest request = studio.window->requestPanel()->shownRequest();
        request.method = "sjd2"; // what it is lossless to stands beside it
        QVERIFY(studio.window->session()->generate(request));
        QTRY_VERIFY(studio.isPhase(Phase::Ready) && studio.plan->runs == 2);
        QCOMPARE(prepared, 2);
        QCOMPARE(studio.window->notice()->sentence(), QString());
        studio.plan->note = "Something else is so.";
        studio.generate();
        QTRY_VERIFY(studio.isPhase(Phase::Ready) && studio.plan->runs == 3);
        QCOMPARE(studio.window->notice()->sentence(), QString("Something else is so."));
    }

    void aFailedRunSaysWhyAndTheNextOneWorks()
    {
        auto plan = std::make_shared<FakePlan>();
        plan->failsToRun = true;
        Studio studio(plan);
        studio.type("a red house");
        studio.generate();
        QTRY_VERIFY(studio.window->notice()->sentence().contains("not a number"));
        plan->failsToRun = false;
        studio.generate();
        QTRY_COMPARE(studio.window->traceModel()->committed(), 64);
        QVERIFY(studio.window->notice()->sentence().isEmpty());
    }

    void aNoticeGivesTheKeyboardBackToWhatHadIt()
    {
        Studio studio;
        QVERIFY(studio.isActive);
        QTRY_VERIFY(studio.isPhase(Phase::Ready));
        QWidget* prompt = studio.window->requestPanel()->promptEdit();
        prompt->setFocus();
        int acted = 0;
        for (const char* text : {"Do it", "Close"}) {
            studio.window->notice()->show(NoticeBar::Tone::Note, "Something is so.", "Do it", [&acted] { ++acted; });
            studio.button(text)->setFocus();
            QTest::keyClick(studio.button(text), Qt::Key_Space);
            QVERIFY(studio.window->notice()->sentence().isEmpty());
            QCOMPARE(QApplication::focusWidget(), prompt);
        }
        QCOMPARE(acted, 1);
    }

    void aNoteThatAsksForNothingGoesByItself()
    {
        Studio studio;
        QTRY_VERIFY(studio.isPhase(Phase::Ready));
        NoticeBar* notice = studio.window->notice();
        notice->setPatience(std::chrono::milliseconds(1));
        notice->show(NoticeBar::Tone::Note, "Saved.");
        const QRect strip(studio.window->recentStrip()->mapTo(notice->parentWidget(), QPoint()), studio.window->recentStrip()->size());
        QCOMPARE(notice->geometry().bottom(), strip.bottom()); // not over the picture
        QTRY_VERIFY(notice->sentence().isEmpty());
        notice->show(NoticeBar::Tone::Error, "No.");
        QTest::qWait(300);
        QCOMPARE(notice->sentence(), QString("No."));
        QVERIFY(notice->geometry().bottom() < strip.top());
        notice->show(NoticeBar::Tone::Note, "So?", "Yes", [] {});
        QTest::qWait(300);
        QCOMPARE(notice->sentence(), QString("So?"));
        notice->show(NoticeBar::Tone::Note, "Saved.");
        studio.button("Close")->setFocus(); // read by keyboard
        QTest::qWait(300);
        QCOMPARE(notice->sentence(), QString("Saved."));
        studio.window->centralWidget()->setFocus();
        QTRY_VERIFY(notice->sentence().isEmpty());
    }

    void escapeDoesOneThingAtATime()
    {
        auto plan = std::make_shared<FakePlan>();
        plan->passMs = 20;
        plan->trace.acceptance = 0.1;
        Studio studio(plan);
        studio.type("a red house");
        studio.generate();
        QTRY_VERIFY(studio.isPhase(Phase::Running) && studio.window->traceModel()->passes() > 1);
        studio.generate(); // the next one
        studio.window->selection()->pin({1, 3});
        const auto escape = [&] { QTest::keyClick(studio.window->requestPanel()->promptEdit(), Qt::Key_Escape); };
        escape();
        QVERIFY(!studio.window->selection()->isPinned());
        QVERIFY(!studio.window->notice()->sentence().isEmpty());
        escape();
        QVERIFY(studio.window->notice()->sentence().isEmpty());
        QVERIFY(studio.isPhase(Phase::Running));
        escape();
        QTRY_VERIFY(studio.isPhase(Phase::Ready));
        QCOMPARE(studio.window->progressStrip()->state(), ProgressStrip::State::Stopped);
        QTest::qWait(100);
        QCOMPARE(plan->runs.load(), 1);
    }

    void copyingGivesASign()
    {
        Studio studio;
        studio.type("a red house");
        studio.generate();
        QTRY_VERIFY(studio.isPhase(Phase::Ready) && studio.plan->runs == 1);
        studio.window->copyPicture();
        QVERIFY(studio.window->notice()->sentence().contains("copied"));
    }

    void aRunTakesTheKeyboardFromTheButtonThatBeganIt()
    {
        auto plan = std::make_shared<FakePlan>();
        plan->passMs = 5;
        plan->trace.acceptance = 0.1;
        Studio studio(plan);
        QVERIFY(studio.isActive);
        QTRY_VERIFY(studio.isPhase(Phase::Ready));
        studio.type("a red house");
        QPushButton* generate = studio.button("Generate   Ctrl+Enter");
        generate->setFocus();
        QTest::keyClick(generate, Qt::Key_Space);
        QTRY_VERIFY(studio.isPhase(Phase::Running));
        QVERIFY(!generate->isEnabled());
        QCOMPARE(QApplication::focusWidget(), static_cast<QWidget*>(studio.window->requestPanel()));
        QTest::keyClick(QApplication::focusWidget(), Qt::Key_Space);
        QTRY_VERIFY(studio.isPhase(Phase::Paused));
        studio.press(Qt::Key_Period);
        QTRY_VERIFY(studio.isPhase(Phase::Ready));
    }

    void theSeedIsNewForEachRunUnlessLocked()
    {
        Studio studio;
        studio.type("a red house");
        std::set<std::uint64_t> seeds;
        for (int run = 1; run <= 3; ++run) {
            studio.generate();
            QTRY_VERIFY(studio.isPhase(Phase::Ready) && studio.plan->runs == run);
            seeds.insert(studio.plan->lastRequest.seed);
            QCOMPARE(studio.window->requestPanel()->shownRequest().seed, studio.plan->lastRequest.seed);
        }
        QVERIFY(seeds.size() > 1);
        QTest::mouseClick(studio.button("Lock"), Qt::LeftButton);
        studio.generate();
        QTRY_VERIFY(studio.isPhase(Phase::Ready) && studio.plan->runs == 4);
        QVERIFY(seeds.contains(studio.plan->lastRequest.seed));
    }

    void keysWithoutCtrlActOutsideTextFieldsOnly()
    {
        Studio studio;
        studio.type("a red");
        studio.generate();
        QTRY_VERIFY(studio.isPhase(Phase::Ready) && studio.plan->runs == 1);
        const int last = studio.window->traceModel()->passes() - 1;
        PromptEdit* prompt = studio.window->requestPanel()->promptEdit();
        QTest::keyClick(prompt, Qt::Key_Space);
        QTest::keyClick(prompt, Qt::Key_Home);
        QCOMPARE(prompt->toPlainText(), QString("a red "));
        QCOMPARE(studio.window->selection()->currentPass(), last);

        studio.window->centralWidget()->setFocus();
        QTest::keyClick(studio.window->centralWidget(), Qt::Key_Home);
        QCOMPARE(studio.window->selection()->currentPass(), 0);
        QTest::keyClick(studio.window->centralWidget(), Qt::Key_Right);
        QCOMPARE(studio.window->selection()->currentPass(), 1);
        QTest::keyClick(studio.window->centralWidget(), Qt::Key_End);
        QCOMPARE(studio.window->selection()->currentPass(), last);
        QTest::keyClick(studio.window->centralWidget(), Qt::Key_3);
        QCOMPARE(studio.window->pictureView()->overlay(), Overlay::Changes);
        studio.window->selection()->pin({1, 3});
        QTest::keyClick(studio.window->centralWidget(), Qt::Key_Escape);
        QVERIFY(!studio.window->selection()->isPinned());
    }

    /// A click on a chip leaves the arrow keys with the passes; so does a chip that was reached by Tab.
    void arrowKeysGoFromPassToPassAfterAClickOnAChip()
    {
        Studio studio;
        studio.type("a red house");
        studio.generate();
        QTRY_VERIFY(studio.isPhase(Phase::Ready) && studio.plan->runs == 1);
        const auto chips = studio.window->pictureView()->findChildren<ChipLabel*>();
        const auto scale = std::ranges::find_if(
            chips, [](const ChipLabel* chip) { return chip->isVisible() && chip->accessibleName().startsWith("Scale"); });
        QVERIFY(scale != chips.end());
        const int last = studio.window->traceModel()->passes() - 1;
        clickAt(*scale, QPointF((*scale)->rect().center()));
        QVERIFY(!(*scale)->hasFocus());
        QTest::keyClick(QApplication::focusWidget(), Qt::Key_Left);
        QCOMPARE(studio.window->selection()->currentPass(), last - 1);
        (*scale)->setFocus(Qt::TabFocusReason);
        QTest::keyClick(*scale, Qt::Key_Left);
        QCOMPARE(studio.window->selection()->currentPass(), last - 2);
    }

    /// Whatever the menu and the window take.
    void everyKeyIsListed()
    {
        Studio studio;
        QVERIFY(studio.isActive);
        QTest::keyClick(studio.window.get(), Qt::Key_F1);
        const auto* list = studio.window->findChild<QDialog*>();
        QVERIFY(list != nullptr && list->isVisible());
        QString keys;
        for (const QLabel* label : list->findChildren<QLabel*>()) {
            keys += label->text() + '\n';
        }
        for (const QAction* action : studio.window->actions()) {
            const QString key = action->shortcut().toString(QKeySequence::PortableText);
            QVERIFY2(key.isEmpty() || keys.contains(key + '\n'), qPrintable(key));
        }
        QVERIFY(keys.contains("images only"));
    }

    void settingsSurviveARestart()
    {
        Studio studio;
        QTRY_VERIFY(studio.isPhase(Phase::Ready));
        studio.type("a blue boat");
        studio.window->pictureView()->setOpacityPercent(55);
        studio.window->requestPanel()->setSeedLocked(true);
        const quint64 seed = studio.window->requestPanel()->shownRequest().seed;
        studio.window->close();

        StudioPlaces places;
        places.source = fakeSource(studio.plan);
        places.settingsFile = studio.folder.filePath("settings.ini");
        MainWindow again(places);
        QCOMPARE(again.requestPanel()->shownRequest().prompt, std::string("a blue boat"));
        QCOMPARE(again.requestPanel()->shownRequest().seed, seed);
        QVERIFY(again.requestPanel()->isSeedLocked());
        QCOMPARE(again.pictureView()->opacityPercent(), 55);
    }

    void closingWhileARunGoesOnStopsItAndKeepsItsTrace()
    {
        auto plan = std::make_shared<FakePlan>();
        plan->passMs = 10;
        plan->trace.acceptance = 0.1;
        Studio studio(plan);
        studio.type("a red house");
        studio.generate();
        QTRY_VERIFY(plan->passesMade > 1);
        studio.window->close();
        studio.window.reset();
        const QStringList traces = QDir(studio.folder.filePath("runs")).entryList({"*.jtrace"});
        QCOMPARE(traces.size(), 1);
        const auto trace = readTrace((studio.folder.filePath("runs/") + traces.first()).toStdString());
        QVERIFY(trace.has_value() && trace->damage.empty());
        QCOMPARE(trace->summary->outcome, Outcome::Cancelled);
    }

    void docksCanBeHiddenFloatedAndPutBack()
    {
        Studio studio;
        QDockWidget* dock = studio.window->docks()->docks().first();
        dock->setFloating(true);
        studio.window->docks()->docks().last()->hide();
        studio.window->resetLayout();
        QVERIFY(!dock->isFloating());
        for (const QDockWidget* each : studio.window->docks()->docks()) {
            QVERIFY(each->isVisible());
        }
    }

    void aDockThatFloatsLiesBeforeTheWindowAfterARestart()
    {
        Studio studio;
        QTRY_VERIFY(studio.isPhase(Phase::Ready));
        studio.window->docks()->docks().first()->setFloating(true);
        QTRY_VERIFY(studio.window->docks()->docks().first()->isVisible());
        studio.window->close();

        StudioPlaces places;
        places.source = fakeSource(studio.plan);
        places.settingsFile = studio.folder.filePath("settings.ini");
        MainWindow again(places);
        QDockWidget* dock = again.docks()->docks().first();
        RaiseCount raised;
        dock->installEventFilter(&raised);
        again.show();
        QVERIFY(dock->isFloating() && dock->isVisible());
        const int before = raised.count;
        QTRY_VERIFY(raised.count > before); // once the window is there
    }

    void everyControlHasAnAccessibleName()
    {
        Studio studio;
        QTRY_VERIFY(studio.isPhase(Phase::Ready));
        for (const QWidget* widget : studio.window->findChildren<QWidget*>()) {
            const bool takesFocus = (widget->focusPolicy() & Qt::TabFocus) != 0 && widget->isVisible();
            const auto* button = qobject_cast<const QAbstractButton*>(widget);
            const bool named = !widget->accessibleName().isEmpty() || (button != nullptr && !button->text().isEmpty());
            QVERIFY2(!takesFocus || named, widget->metaObject()->className());
        }
    }
};

JACOBI_TEST(MainWindowTest)
#include "tst_mainwindow.moc"
