// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/studio/mainwindow.h"
#include "app/studio/noticebar.h"
#include "app/studio/promptedit.h"
#include "app/studio/requestpanel.h"
#include "app/studio/topbar.h"
#include "core/trace/picturefile.h"
#include "core/trace/tracefile.h"
#include "tests/app/studio/studiodriver.h"
#include "tests/testmain.h"
#include "tests/widgets/stage.h"
#include "widgets/chiplabel.h"
#include "widgets/progressstrip.h"

#include <QComboBox>

#include <vector>

using namespace jacobi;
using namespace jacobi::test;
using Phase = Session::Phase;

/// Where the window's runs are made, and those that wait for another.
class MainWindowRunsTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void theDeviceSaysWhatElseCouldBeChosen()
    {
        Studio studio;
        const auto tips = [&] {
            QStringList all;
            for (const ChipLabel* chip : studio.window->findChildren<ChipLabel*>()) {
                all << chip->toolTip();
            }
            return all;
        };
        QTRY_VERIFY(tips().contains("This is a test.\ncuda:0: NVIDIA Test.\nNVIDIA driver 580.159.04."));
    }

    /// "auto" finds out that a card cannot be used when a run wants it: then the bar names what the run is made on.
    void theDeviceThatIsReallyUsedIsShown()
    {
        auto plan = std::make_shared<FakePlan>();
        plan->hasGpu = true;
        Studio studio(plan);
        QTRY_VERIFY(studio.isPhase(Phase::Ready));
        const auto* chip = studio.window->topBar()->findChild<ChipLabel*>();
        QCOMPARE(chip->text(), QString("NVIDIA Test"));
        QVERIFY(chip->toolTip().startsWith("This is a test of a GPU."));
        plan->gpuHasNoKernels = true;
        QString whenPrepared;
        connect(studio.window->session(), &Session::prepared, this, [&] { whenPrepared = chip->text(); });
        studio.type("a red house");
        studio.generate();
        QTRY_VERIFY(studio.isPhase(Phase::Ready) && plan->runs == 1);
        QCOMPARE(whenPrepared, QString("CPU, 1 thread")); // before the model is loaded
        QCOMPARE(chip->text(), QString("CPU, 1 thread"));
        QCOMPARE(chip->toolTip(), QString(kNoKernels) + "\ncuda:0: NVIDIA Test.\nNVIDIA driver 580.159.04.");
        QCOMPARE(studio.window->notice()->sentence(), QString(kNoKernels));
        studio.window->notice()->dismiss();
        studio.generate();
        QTRY_VERIFY(studio.isPhase(Phase::Ready) && plan->runs == 2);
        QCOMPARE(studio.window->notice()->sentence(), QString()); // it was said
    }

    /// The precision goes into the run, comes back with it, and is the CPU's own where the GPU turns out not to be usable.
    void aRunOnAGpuHasThePrecisionOfThePanel()
    {
        auto plan = std::make_shared<FakePlan>();
        plan->hasGpu = true;
        Studio studio(plan);
        QTRY_VERIFY(studio.isPhase(Phase::Ready));
        QComboBox* box = studio.window->requestPanel()->precisionBox();
        QVERIFY(box->isVisibleTo(studio.window->requestPanel()));
        studio.type("a red house");
        studio.generate();
        QTRY_VERIFY(studio.isPhase(Phase::Ready) && plan->runs == 1);
        QCOMPARE(plan->lastRequest.precision, std::string("bfloat16"));
        box->setCurrentIndex(box->findData("int8"));
        QString loading;
        connect(studio.window->session(), &Session::prepared, this, [&] { loading = studio.window->progressStrip()->leftText(); });
        studio.generate();
        QTRY_VERIFY(studio.isPhase(Phase::Ready) && plan->runs == 2);
        QCOMPARE(plan->lastRequest.precision, std::string("int8"));
        QVERIFY2(loading.contains("Loading the model in int8"), qPrintable(loading));
        box->setCurrentIndex(0);
        studio.window->useShownSettings();
        QCOMPARE(box->currentData().toString(), QString("int8"));
        QCOMPARE(studio.window->notice()->sentence(), QString());
        plan->gpuHasNoKernels = true;
        studio.generate();
        QTRY_VERIFY(studio.isPhase(Phase::Ready) && plan->runs == 3);
        QCOMPARE(plan->lastRequest.precision, std::string("float32"));
        QVERIFY(!box->isVisibleTo(studio.window->requestPanel()));
        studio.generate(); // and from the start
        QTRY_VERIFY(studio.isPhase(Phase::Ready) && plan->runs == 4);
        studio.window->close();
        const StudioSettings kept = readSettings(studio.folder.filePath("settings.ini"));
        QVERIFY(kept.request.has_value());
        QCOMPARE(kept.request->precision, std::string("int8")); // for when the GPU can be used
    }

    void aGpuThatIsNotThereOffersTheCpu()
    {
        auto plan = std::make_shared<FakePlan>();
        plan->opens = false;
        Studio studio(plan);
        QTRY_VERIFY(studio.isPhase(Phase::Unavailable));
        QCOMPARE(studio.window->notice()->sentence(),
                 QString("There is no NVIDIA driver on this machine. The CPU can do it instead."));
        QVERIFY(!studio.window->session()->unavailableReason().contains("--"));
        QVERIFY(!studio.window->requestPanel()->canGenerate());
        QTest::mouseClick(studio.button("Use the CPU"), Qt::LeftButton);
        QTRY_VERIFY(studio.isPhase(Phase::Ready));
        QCOMPARE(plan->lastDevice, std::string("cpu"));
        QVERIFY(studio.window->requestPanel()->canGenerate());
    }

    void aRunTheGpuHasNoRoomForOffersTheCpu()
    {
        auto plan = std::make_shared<FakePlan>();
        plan->isFull = true;
        Studio studio(plan);
        studio.type("a red house");
        studio.generate();
        QTRY_COMPARE(studio.window->notice()->sentence(),
                     QString("The GPU ran out of memory. Choose fewer pictures. The CPU can do it instead."));
        QVERIFY(studio.button("Use the CPU") != nullptr);
        QTest::mouseClick(studio.button("Use the CPU"), Qt::LeftButton);
        QTRY_VERIFY(studio.isPhase(Phase::Ready) && plan->opened == 2);
        studio.generate();
        QTRY_COMPARE(studio.window->traceModel()->committed(), 64);
        QVERIFY(studio.window->notice()->sentence().isEmpty());
    }

    /// Ctrl+Enter while a run goes on: the next one waits for its end.
    void theNextRunWaitsForTheOneThatGoesOn()
    {
        auto plan = std::make_shared<FakePlan>();
        plan->passMs = 20;
        Studio studio(plan);
        studio.type("a red house");
        studio.generate();
        QTRY_VERIFY(studio.isPhase(Phase::Running));
        studio.window->requestPanel()->promptEdit()->setPlainText("a blue boat");
        studio.generate();
        QVERIFY(studio.window->notice()->sentence().contains("Next: a blue boat"));
        plan->passMs = 0;
        QTRY_VERIFY(plan->runs == 2 && studio.isPhase(Phase::Ready));
        QCOMPARE(plan->lastRequest.prompt, std::string("a blue boat"));
        QVERIFY(!studio.window->notice()->sentence().contains("Next"));
        QCOMPARE(studio.window->traceModel()->header()->request.prompt, std::string("a blue boat"));
    }

    void theNextRunHasASeedOfItsOwn()
    {
        auto plan = std::make_shared<FakePlan>();
        plan->passMs = 20;
        Studio studio(plan);
        studio.type("a red house");
        studio.generate();
        const quint64 first = studio.window->requestPanel()->seed();
        QTRY_VERIFY(studio.isPhase(Phase::Running));
        studio.generate();
        const QString told = studio.window->notice()->sentence();
        QVERIFY2(told.contains("Next: a red house"), qPrintable(told));
        QVERIFY(!told.contains(QStringLiteral("seed %1").arg(first)));
        plan->passMs = 0;
        QTRY_VERIFY(plan->runs == 2 && studio.isPhase(Phase::Ready));
        QVERIFY(plan->lastRequest.seed != first);
    }

    /// Nor does one that was asked for while the first was still being prepared take the seed of that one.
    void theNextRunHasASeedOfItsOwnBeforeTheFirstHasBegun()
    {
        auto plan = std::make_shared<FakePlan>();
        plan->measureMs = 400; // what the first one waits for
        Studio studio(plan);
        QTRY_VERIFY(studio.isPhase(Phase::Ready));
        RunRequest request = studio.window->requestPanel()->shownRequest();
        request.window = kAutoWindow;
        studio.window->requestPanel()->setRequest(request);
        std::vector<std::uint64_t> seeds; // of the runs that began
        const Session* session = studio.window->session();
        connect(session, &Session::runBegan, this, [&] { seeds.push_back(session->liveTrace().header->request.seed); });
        studio.type("a red house");
        studio.generate();
        const quint64 first = studio.window->requestPanel()->seed();
        QTRY_COMPARE(plan->measurings.load(), 1);
        studio.generate();
        QVERIFY(studio.isPhase(Phase::Starting)); // it had not begun
        QCOMPARE(plan->runs.load(), 0);
        const QString told = studio.window->notice()->sentence();
        QVERIFY2(told.contains("Next: a red house"), qPrintable(told));
        QVERIFY(!told.contains(QStringLiteral("seed %1").arg(first)));
        QTRY_VERIFY(seeds.size() == 2 && studio.isPhase(Phase::Ready));
        QCOMPARE(seeds[0], first);
        QVERIFY(seeds[1] != first);
        QVERIFY(told.contains(QStringLiteral("seed %1").arg(seeds[1])));
    }

    void stoppingARunForgetsTheNext()
    {
        auto plan = std::make_shared<FakePlan>();
        plan->passMs = 20;
        plan->trace.acceptance = 0.1;
        Studio studio(plan);
        studio.type("a red house");
        studio.generate();
        QTRY_VERIFY(studio.isPhase(Phase::Running));
        studio.generate();
        QVERIFY(studio.window->notice()->sentence().startsWith("Next"));
        studio.press(Qt::Key_Period);
        QVERIFY(studio.window->notice()->sentence().isEmpty());
        QTRY_VERIFY(studio.isPhase(Phase::Ready));
        QTest::qWait(100);
        QCOMPARE(plan->runs.load(), 1);
    }
};

JACOBI_TEST(MainWindowRunsTest)
#include "tst_mainwindowruns.moc"
