// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/testmain.h"
#include "tests/widgets/stage.h"
#include "widgets/chiplabel.h"
#include "widgets/labeledslider.h"
#include "widgets/picturecanvas.h"
#include "widgets/pictureview.h"
#include "widgets/titleline.h"

#include <QMenu>
#include <QSignalSpy>
#include <QSlider>

using namespace jacobi;
using namespace jacobi::test;

namespace {

struct Shown : Stage {
    explicit Shown(const MadeTrace& made = {}) : Stage(made), view(&model, &selection) { present(view, {500, 440}); }
    ChipLabel* chip(const QString& beginning) const
    {
        for (ChipLabel* chip : view.findChildren<ChipLabel*>()) {
            if (chip->text().startsWith(beginning)) {
                return chip;
            }
        }
        return nullptr;
    }
    // The scale's chip is the one without a word.
    ChipLabel* scaleChip() const
    {
        for (ChipLabel* chip : view.findChildren<ChipLabel*>()) {
            if (chip->accessibleName().startsWith("Scale")) {
                return chip;
            }
        }
        return nullptr;
    }
    PictureView view;
};

} // namespace

class PictureViewTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void numbersChooseTheOverlay()
    {
        Shown shown;
        QSignalSpy changed(&shown.view, &PictureView::overlayChanged);
        QCOMPARE(shown.view.overlay(), Overlay::State);
        QVERIFY(shown.chip("Overlay: state") != nullptr);
        shown.view.setOverlayNumber(2);
        QCOMPARE(shown.view.overlay(), Overlay::AcceptancePass);
        shown.view.setOverlayNumber(3);
        QVERIFY(shown.chip("Overlay: changes") != nullptr);
        shown.view.setOverlayNumber(4);
        QCOMPARE(shown.view.overlay(), Overlay::Entropy);
        shown.view.setOverlayNumber(5);
        QCOMPARE(shown.view.overlay(), Overlay::None);
        QVERIFY(!shown.chip("opacity")->isEnabled()); // of nothing
        shown.view.setOverlayNumber(6);
        shown.view.setOverlayNumber(0);
        QCOMPARE(shown.view.overlay(), Overlay::None);
        shown.view.setOverlay(Overlay::None);
        QCOMPARE(changed.size(), 4);
    }

    void entropyIsOfferedWhereTheTraceHasIt()
    {
        MadeTrace made;
        made.withEntropy = false;
        Shown shown(made);
        shown.view.setOverlayNumber(4);
        QCOMPARE(shown.view.overlay(), Overlay::State);
        shown.model.setTrace(makeTrace(MadeTrace{}));
        shown.view.setOverlayNumber(4);
        QCOMPARE(shown.view.overlay(), Overlay::Entropy);
    }

    /// What a run has nothing of is not laid over it; what was chosen is there again with the next that has.
    void anOverlayTheRunLacksIsNotShown()
    {
        Shown shown;
        shown.view.setOverlay(Overlay::Entropy);
        ChipLabel* chip = shown.chip("Overlay");
        QCOMPARE(chip->text(), QString("Overlay: entropy"));
        MadeTrace without;
        without.withEntropy = false;
        shown.model.setTrace(makeTrace(without));
        QCOMPARE(chip->text(), QString("Overlay: state"));
        QCOMPARE(shown.view.overlay(), Overlay::Entropy); // which is what is remembered
        shown.model.setTrace(makeTrace(MadeTrace{}));
        QCOMPARE(chip->text(), QString("Overlay: entropy"));
    }

    void aClickOnTheChipOpensTheMenuOfOverlays()
    {
        Shown shown;
        QVERIFY(QTest::qWaitForWindowActive(&shown.view));
        clickAt(shown.chip("Overlay"), {8.0, 8.0});
        auto* menu = qobject_cast<QMenu*>(QApplication::activePopupWidget());
        QVERIFY(menu != nullptr);
        QCOMPARE(menu->actions().size(), 6);
        QVERIFY(menu->actions()[0]->isChecked());
        QTest::keyClick(menu, Qt::Key_Down);
        QTest::keyClick(menu, Qt::Key_Down);
        QTest::keyClick(menu, Qt::Key_Return);
        QCOMPARE(shown.view.overlay(), Overlay::AcceptancePass);
        QVERIFY(menu->actions()[1]->isChecked() && !menu->actions()[0]->isChecked());
        shown.view.setOverlayNumber(1);
        QVERIFY(menu->actions()[0]->isChecked());
    }

    void opacity()
    {
        Shown shown;
        QSignalSpy changed(&shown.view, &PictureView::opacityChanged);
        shown.view.setOpacityPercent(130);
        QCOMPARE(shown.view.opacityPercent(), 100);
        shown.view.setOpacityPercent(-4);
        shown.view.setOpacityPercent(0);
        QCOMPARE(shown.view.opacityPercent(), 0);
        QVERIFY(shown.chip("opacity 0 %") != nullptr);
        QCOMPARE(changed.size(), 2);
        auto* slider = shown.view.findChild<LabeledSlider*>();
        QCOMPARE(slider->value(), 0.0);
        QTest::keyClick(slider->slider(), Qt::Key_Right);
        QCOMPARE(shown.view.opacityPercent(), 5);
    }

    void thePictureToSaveIsWhatIsSeen()
    {
        Shown shown;
        shown.selection.goToPass(6);
        const QImage bare = shown.view.picture(false);
        QCOMPARE(bare, shown.model.compose(6));
        shown.view.setOpacityPercent(0);
        QCOMPARE(shown.view.picture(true), bare);
        shown.view.setOpacityPercent(60);
        QVERIFY(shown.view.picture(true) != bare);
        QCOMPARE(shown.view.picture(false), bare); // what is kept is not painted over
        shown.view.setOverlayNumber(5);
        QCOMPARE(shown.view.picture(true), bare);
        shown.model.clear();
        QVERIFY(shown.view.picture(true).isNull());
    }

    void theScaleChipSwitchesToHundredPercent()
    {
        Shown shown;
        QCOMPARE(shown.scaleChip()->text(), QString("600 %"));
        clickAt(shown.scaleChip(), {8.0, 8.0});
        QVERIFY(shown.view.isActualSize());
        QCOMPARE(shown.scaleChip()->text(), QString("100 %"));
        QCOMPARE(shown.view.patchRect(0).size(), QSize(8, 8));
        clickAt(shown.scaleChip(), {8.0, 8.0});
        QCOMPARE(shown.scaleChip()->text(), QString("600 %"));
        shown.view.resize(900, 700);
        QTRY_COMPARE(shown.scaleChip()->text(), QString("1000 %"));
    }

    void patchesLieWhereTheMouseFindsThem()
    {
        Shown shown;
        for (const int position : {0, 7, 20, 63}) {
            moveTo(&shown.view, shown.view.patchRect(position).center());
            QCOMPARE(shown.selection.hovered(), (Cell{-1, position}));
        }
        QVERIFY(shown.view.patchRect(64).isNull());
    }

    void titleAndPlaceholder()
    {
        Shown shown;
        shown.view.setTitle("SJD", "window 48");
        QCOMPARE(shown.view.findChild<TitleLine*>()->text(), QString("SJD · window 48"));
        shown.model.clear();
        auto* canvas = shown.view.findChild<PictureCanvas*>();
        QTRY_VERIFY(canvas->accessibleDescription().contains("Ctrl+Enter"));
        shown.view.setPlaceholder("Nothing here.");
        shown.selection.setHovered({0, 0}); // any repaint
        QTRY_COMPARE(canvas->accessibleDescription(), QString("Nothing here."));
    }

    void overlaysHaveNames()
    {
        QCOMPARE(PictureView::overlayName(Overlay::State), QString("state"));
        QCOMPARE(PictureView::overlayName(Overlay::AcceptancePass), QString("pass of acceptance"));
        QCOMPARE(PictureView::overlayName(Overlay::None), QString("none"));
    }
};

JACOBI_TEST(PictureViewTest)
#include "tst_pictureview.moc"
