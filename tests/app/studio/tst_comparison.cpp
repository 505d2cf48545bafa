// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/studio/comparison.h"

#include "app/studio/comparisondialog.h"
#include "app/studio/noticebar.h"
#include "app/studio/recentstrip.h"
#include "tests/app/studio/studiodriver.h"
#include "tests/testmain.h"

#include <QClipboard>
#include <QLabel>
#include <QScrollBar>
#include <QTableView>

#include <algorithm>
#include <cmath>

using namespace jacobi;
using namespace jacobi::test;
using State = ComparedRun::State;
using Phase = Session::Phase;

/// The same seed by every method, from one key.
class ComparisonTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void requestsDifferInTheMethodOnly()
    {
        RunRequest request;
        request.prompt = std::string("a boat");
        request.seed = 7;
        request.pictures = 4;
        request.guidance = 3.0;
        request.method = std::string("sjd2");
        request.noiseSteps = 3;
        ModelInfo model = fakeModel();
        QCOMPARE(comparedRequests(request, model).size(), std::size_t{4});
        model.mostNoiseSteps = 2;
        const std::vector<RunRequest> all = comparedRequests(request, model);
        QCOMPARE(all.size(), std::size_t{5});
        QCOMPARE(all[0].method, std::string("sequential"));
        QCOMPARE(all[1].coupling, std::string("independent"));
        QCOMPARE(all[4].method, std::string("sjd2"));
        QCOMPARE(all[4].noiseSteps, 2); // the most it was trained for
        for (const RunRequest& one : all) {
            QCOMPARE(one.pictures, 1);
            QCOMPARE(one.seed, std::uint64_t{7});
            QCOMPARE(one.guidance, 3.0);
            QCOMPARE(one.prompt, request.prompt);
        }
    }

    void oneKeyRunsThemAll()
    {
        Studio studio;
        studio.type("a red house");
        QTRY_VERIFY(studio.isPhase(Phase::Ready));
        studio.press(Qt::Key_M);
        const Comparison& comparison = studio.window->comparison();
        QVERIFY(comparison.isGoingOn());
        QCOMPARE(comparison.runs().size(), std::size_t{4});
        QTRY_VERIFY(!comparison.isGoingOn());
        QCOMPARE(studio.plan->runs.load(), 4);
        for (std::size_t at = 0; at < comparison.runs().size(); ++at) {
            const ComparedRun& run = comparison.runs()[at];
            QVERIFY(run.state == State::Done);
            QCOMPARE(run.request.seed, comparison.runs()[0].request.seed);
            QVERIFY(!run.picture.isNull());
            QVERIFY(run.passes > 3 && run.tokensPerPass > 0.0);
            QCOMPARE(comparison.equalTokens(at), 1.0); // the fake draws the same whatever the method
            QVERIFY(QFile::exists(run.tracePath));
        }
        QTRY_COMPARE(studio.window->recentStrip()->runs().size(), 4);

        ComparisonDialog* dialog = studio.window->comparisonDialog();
        QVERIFY(dialog != nullptr && dialog->isVisible());
        QVERIFY2(dialog->words().contains("a red house"), qPrintable(dialog->words()));
        const QAbstractItemModel* rows = dialog->table()->model();
        QCOMPARE(rows->rowCount(), 4);
        const auto cell = [&](int row, int column) { return rows->index(row, column).data().toString(); };
        QCOMPARE(cell(0, 0), QString("Sequential"));
        QCOMPARE(cell(2, 0), QString("SJD, maximal coupling"));
        QCOMPARE(cell(0, 1) + cell(0, 2), QString("––")); // it has neither window nor drafts
        QCOMPARE(cell(2, 1), QString::number(comparison.runs()[2].request.window));
        QCOMPARE(cell(2, 2), QString("Any code"));
        const auto labels = dialog->findChildren<QLabel*>();
        QVERIFY(std::ranges::any_of(labels, [](const QLabel* label) { return label->text().contains("one run each"); }));
        QCOMPARE(cell(1, 3), QString::number(comparison.runs()[1].passes));
        QCOMPARE(cell(1, 5), QString("1.00 x"));
        QCOMPARE(cell(3, 8), QString("100.0 %"));
        QTRY_VERIFY(comparison.runs()[1].judgement.has_value());
        const int side = comparison.runs()[0].picture.width();
        QCOMPARE(cell(0, 9), QString("%1 of %1").arg(side));
        QCOMPARE(cell(1, 9), QString("1 of %1").arg(side));
        QVERIFY(rows->index(1, 9).data(Qt::ToolTipRole).toString().contains("left colour"));
        QTest::mouseClick(studio.button("Copy the table"), Qt::LeftButton);
        QCOMPARE(QApplication::clipboard()->text().count('\n'), 5);

        QSignalSpy opened(studio.window.get(), &MainWindow::fileOpened);
        QTest::mouseClick(dialog->pictures(), Qt::LeftButton, {},
                          dialog->pictures()->pictureRect(1).center().toPoint());
        QTRY_COMPARE(opened.size(), 1);
        QCOMPARE(studio.window->traceModel()->header()->request.coupling, std::string("independent"));
    }

    void nothingOverlapsHoweverSmallItIsMade()
    {
        Studio studio;
        studio.type("a red house a blue boat");
        QTRY_VERIFY(studio.isPhase(Phase::Ready));
        studio.press(Qt::Key_M);
        QTRY_VERIFY(!studio.window->comparison().isGoingOn());
        ComparisonDialog* dialog = studio.window->comparisonDialog();
        dialog->resize(100, 100);
        QTest::qWait(20);
        const QList<QWidget*> parts = dialog->findChildren<QWidget*>(Qt::FindDirectChildrenOnly);
        QVERIFY(parts.size() >= 5);
        for (QWidget* part : parts) {
            QVERIFY2(dialog->rect().contains(part->geometry()), part->metaObject()->className());
            QVERIFY2(!part->hasHeightForWidth() || part->height() >= part->heightForWidth(part->width()),
                     part->metaObject()->className());
            for (const QWidget* other : parts) {
                QVERIFY(other == part || !other->geometry().intersects(part->geometry()));
            }
        }
        QCOMPARE(dialog->table()->horizontalScrollBar()->maximum(), 0);
        QVERIFY(dialog->pictures()->height() >= dialog->pictures()->minimumSizeHint().height());
    }

    void theSeedIsTheOneThatIsSeen()
    {
        Studio studio;
        studio.type("a red house");
        QTRY_VERIFY(studio.isPhase(Phase::Ready));
        studio.generate();
        QTRY_VERIFY(studio.plan->runs == 1 && studio.isPhase(Phase::Ready));
        const quint64 seen = studio.window->requestPanel()->seed();
        studio.press(Qt::Key_M);
        for (const ComparedRun& run : studio.window->comparison().runs()) {
            QCOMPARE(run.request.seed, std::uint64_t{seen});
        }
        QTRY_VERIFY(!studio.window->comparison().isGoingOn());
    }

    void stoppingARunEndsIt()
    {
        auto plan = std::make_shared<FakePlan>();
        plan->passMs = 5;
        Studio studio(plan);
        studio.type("a red house");
        QTRY_VERIFY(studio.isPhase(Phase::Ready));
        studio.press(Qt::Key_M);
        const Comparison& comparison = studio.window->comparison();
        QTRY_VERIFY(plan->runs == 2 && comparison.runs()[1].state == State::Running);
        QVERIFY(std::isnan(comparison.equalTokens(1)));
        QTest::mouseClick(studio.button("Stop"), Qt::LeftButton);
        QTRY_VERIFY(!comparison.isGoingOn());
        QTRY_VERIFY(studio.isPhase(Phase::Ready));
        QVERIFY(comparison.runs()[0].state == State::Done);
        QVERIFY(comparison.runs()[1].state == State::Stopped);
        QVERIFY(comparison.runs()[2].state == State::Waiting);
        QCOMPARE(plan->runs.load(), 2);
    }

    void escapeStopsIt()
    {
        auto plan = std::make_shared<FakePlan>();
        plan->passMs = 5;
        Studio studio(plan);
        studio.type("a red house");
        QTRY_VERIFY(studio.isPhase(Phase::Ready));
        studio.press(Qt::Key_M);
        QTRY_VERIFY(plan->passesMade > 1);
        QTest::keyClick(studio.window->comparisonDialog(), Qt::Key_Escape);
        QTRY_VERIFY(!studio.window->comparison().isGoingOn());
        QVERIFY(!studio.window->comparisonDialog()->isVisible());
        QVERIFY(studio.window->comparison().runs()[0].state == State::Stopped);
    }

    void aRunThatFailsEndsItToo()
    {
        auto plan = std::make_shared<FakePlan>();
        plan->failsToRun = true;
        Studio studio(plan);
        studio.type("a red house");
        QTRY_VERIFY(studio.isPhase(Phase::Ready));
        studio.press(Qt::Key_M);
        QTRY_VERIFY(plan->runs == 1 && !studio.window->comparison().isGoingOn());
        QVERIFY(studio.window->comparison().runs()[0].state == State::Failed);
        QTRY_VERIFY(studio.isPhase(Phase::Ready));
        plan->failsToRun = false;
        studio.window->compareMethods(); // and again, from the start
        QTRY_VERIFY(!studio.window->comparison().isGoingOn());
        QVERIFY(studio.window->comparison().runs()[3].state == State::Done);
    }

    void theOtherWorkspaceHasNone()
    {
        Studio studio;
        QTRY_VERIFY(studio.isPhase(Phase::Ready));
        studio.window->setWorkspace(Workspace::Flow);
        QTest::keyClick(studio.window.get(), Qt::Key_M, Qt::ControlModifier);
        QVERIFY(!studio.window->comparison().isGoingOn());
        QVERIFY(studio.window->comparisonDialog() == nullptr);
        QVERIFY(studio.window->notice()->sentence().contains("workspace of images"));
        QTest::mouseClick(studio.button("Go there"), Qt::LeftButton);
        QVERIFY(studio.window->workspace() == Workspace::Image);
        QCOMPARE(studio.window->notice()->sentence(), QString());
    }
};

JACOBI_TEST(ComparisonTest)
#include "tst_comparison.moc"
