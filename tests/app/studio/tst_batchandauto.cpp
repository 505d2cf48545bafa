// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/studio/recentstrip.h"
#include "tests/app/studio/studiodriver.h"
#include "tests/testmain.h"
#include "widgets/chiplabel.h"
#include "widgets/labeledslider.h"
#include "widgets/pictureview.h"
#include "widgets/progressstrip.h"
#include "widgets/titleline.h"

#include <QAbstractButton>
#include <QDir>
#include <QMessageBox>
#include <QSlider>

using namespace jacobi;
using namespace jacobi::test;
using Phase = Session::Phase;

namespace {

LabeledSlider* slider(const Studio& studio, const QString& name)
{
    for (LabeledSlider* found : studio.window->requestPanel()->findChildren<LabeledSlider*>()) {
        if (found->name() == name) {
            return found;
        }
    }
    return nullptr;
}

/// What stands at the right of a slider, as screen readers get it.
QString shownValue(const LabeledSlider* slider)
{
    return slider->slider()->accessibleDescription();
}

} // namespace

/// Several pictures a run, and the window that is measured.
class BatchAndAutoTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void anAutomaticWindowIsMeasuredOnceAndShown()
    {
        Studio studio;
        studio.type("a red house");
        QTRY_VERIFY(studio.isPhase(Phase::Ready));
        LabeledSlider* window = slider(studio, "Window");
        QCOMPARE(shownValue(window), QString("12"));
        QTest::keyClick(window->slider(), Qt::Key_Home);
        QCOMPARE(shownValue(window), QString("auto"));
        QCOMPARE(studio.window->requestPanel()->shownRequest().window, kAutoWindow);
        studio.generate();
        QTRY_VERIFY(studio.isPhase(Phase::Ready) && studio.plan->runs == 1);
        QCOMPARE(studio.plan->measurings.load(), 1);
        QCOMPARE(studio.plan->lastRequest.window, kMeasuredWindow);
        QCOMPARE(shownValue(window), QString("auto · 9"));
        QCOMPARE(studio.window->traceModel()->header()->request.window, kMeasuredWindow);
        studio.generate();
        QTRY_VERIFY(studio.isPhase(Phase::Ready) && studio.plan->runs == 2);
        QCOMPARE(studio.plan->measurings.load(), 1);
        slider(studio, "Pictures")->setValue(2); // another batch has another window
        QCOMPARE(shownValue(window), QString("auto"));
        window->setValue(5);
        QCOMPARE(studio.window->requestPanel()->shownRequest().window, 5);
        QCOMPARE(shownValue(window), QString("5"));
    }

    void measuringIsToldAndCanBeStopped()
    {
        auto plan = std::make_shared<FakePlan>();
        plan->measureMs = 5000;
        Studio studio(plan);
        studio.type("a red house");
        QTRY_VERIFY(studio.isPhase(Phase::Ready));
        slider(studio, "Window")->setValue(0);
        studio.generate();
        QTRY_VERIFY(studio.window->progressStrip()->leftText().contains("fastest window"));
        QTRY_VERIFY(studio.window->progressStrip()->leftText().contains(" 4 %"));
        studio.press(Qt::Key_Period);
        QTRY_VERIFY(studio.isPhase(Phase::Ready));
        QCOMPARE(plan->runs.load(), 0);
        QVERIFY(!plan->knowsTheWindow);
        QVERIFY(!studio.window->progressStrip()->leftText().contains("fastest"));
    }

    void aBatchShowsEachOfItsPicturesAndKeepsThemAll()
    {
        Studio studio;
        studio.type("a red house");
        QTRY_VERIFY(studio.isPhase(Phase::Ready));
        slider(studio, "Pictures")->setValue(3);
        studio.generate();
        QTRY_VERIFY(studio.isPhase(Phase::Ready) && studio.plan->runs == 1);
        QCOMPARE(studio.plan->lastRequest.pictures, 3);
        TraceModel* model = studio.window->traceModel();
        QCOMPARE(model->items(), 3);
        QCOMPARE(model->item(), 0);
        QVERIFY(!model->finalPicture().isNull());
        studio.window->pictureView()->setFocus();
        QTest::keyClick(studio.window.get(), Qt::Key_BracketRight);
        QCOMPARE(model->item(), 1);
        QCOMPARE(model->committed(), model->positions());
        QVERIFY(!model->finalPicture().isNull());
        QTest::keyClick(studio.window.get(), Qt::Key_BracketLeft);
        QTest::keyClick(studio.window.get(), Qt::Key_BracketLeft);
        QCOMPARE(model->item(), 2); // around the end
        const auto chips = studio.window->pictureView()->findChildren<ChipLabel*>();
        QVERIFY(std::ranges::any_of(chips, [](ChipLabel* c) { return c->isVisible() && c->text() == "3 of 3"; }));
        const quint64 seed = studio.plan->lastRequest.seed;
        const auto title = [&] { return studio.window->pictureView()->findChild<TitleLine*>()->text(); };
        QVERIFY2(title().endsWith(QStringLiteral("seed %1").arg(seed + 2)), qPrintable(title())); // that picture's own
        model->setItem(0);
        QVERIFY(title().endsWith(QStringLiteral("seed %1").arg(seed)));
        QTRY_COMPARE(studio.window->recentStrip()->runs().size(), 1);
        const QDir runs(studio.folder.filePath("runs"));
        QCOMPARE(runs.entryList({"*.png"}).size(), 3);
        QCOMPARE(runs.entryList({"*.jtrace"}).size(), 1);
        slider(studio, "Pictures")->setValue(1);
        studio.generate();
        QTRY_VERIFY(studio.isPhase(Phase::Ready) && studio.plan->runs == 2);
        QCOMPARE(model->item(), 0);
        QVERIFY(std::ranges::none_of(chips, [](ChipLabel* c) { return c->isVisible() && c->text().contains(" of "); }));
    }

    void allPicturesOfABatchAreSavedAndNothingIsReplacedUnasked()
    {
        Studio studio;
        studio.type("a red house");
        QTRY_VERIFY(studio.isPhase(Phase::Ready));
        slider(studio, "Pictures")->setValue(3);
        studio.generate();
        QTRY_VERIFY(studio.isPhase(Phase::Ready) && studio.plan->runs == 1);
        const QDir folder(studio.folder.path());
        QSignalSpy saved(studio.window.get(), &MainWindow::fileSaved);
        studio.window->savePicturesTo(folder.path());
        QTRY_COMPARE(saved.size(), 1);
        QVERIFY(saved.first().at(1).toBool());
        const quint64 seed = studio.plan->lastRequest.seed;
        const QString third = folder.filePath(QStringLiteral("tiny-%1.png").arg(seed + 2));
        QCOMPARE(folder.entryList({"tiny-*.png"}).size(), 3);
        QVERIFY(QFile::exists(third));

        QFile mine(third);
        QVERIFY(mine.open(QIODevice::WriteOnly) && mine.write("mine") == 4);
        mine.close();
        studio.window->savePicturesTo(folder.path());
        auto* box = studio.window->findChild<QMessageBox*>();
        QVERIFY(box != nullptr && box->isVisible());
        QTest::keyClick(box, Qt::Key_Escape);
        QTest::qWait(30);
        QCOMPARE(saved.size(), 1);
        QCOMPARE(QFileInfo(third).size(), 4);
    }
};

JACOBI_TEST(BatchAndAutoTest)
#include "tst_batchandauto.moc"
