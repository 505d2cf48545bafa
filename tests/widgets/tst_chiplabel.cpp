// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/testmain.h"
#include "tests/widgets/stage.h"
#include "widgets/chiplabel.h"
#include "widgets/theme.h"

#include <QApplication>
#include <QHBoxLayout>
#include <QKeyEvent>
#include <QMenu>
#include <QSignalSpy>

using namespace jacobi;
using namespace jacobi::test;
using Tone = ChipLabel::Tone;

namespace {

// A chip in a window of its own: left of it is room for the mouse.
struct Shown {
    explicit Shown(ChipLabel* made) : chip(made)
    {
        auto* row = new QHBoxLayout(&window);
        row->addStretch();
        row->addWidget(chip);
        present(window, {260, 60});
    }
    void click() const { clickAt(chip, QRectF(chip->rect()).center()); }
    QWidget window;
    ChipLabel* chip;
};

} // namespace

class ChipLabelTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void aChipIsPassive()
    {
        const Shown shown(new ChipLabel("lossless", Tone::Good));
        QSignalSpy clicked(shown.chip, &QAbstractButton::clicked);
        shown.click();
        QCOMPARE(clicked.size(), 0);
        QCOMPARE(shown.chip->focusPolicy(), Qt::NoFocus);
        QCOMPARE(shown.chip->tone(), Tone::Good);
        QCOMPARE(shown.chip->text(), QString("lossless"));
    }

    void aClickableChipTakesMouseAndKeys()
    {
        const Shown shown(new ChipLabel("Queue 2"));
        shown.chip->setClickable(true);
        QSignalSpy clicked(shown.chip, &QAbstractButton::clicked);
        shown.click();
        QCOMPARE(clicked.size(), 1);
        QCOMPARE(shown.chip->focusPolicy(), Qt::TabFocus);
        for (const Qt::Key key : {Qt::Key_Return, Qt::Key_Enter, Qt::Key_Space}) {
            QTest::keyClick(shown.chip, key);
        }
        QCOMPARE(clicked.size(), 4);
        shown.chip->setEnabled(false);
        shown.click();
        QCOMPARE(clicked.size(), 4);
        shown.chip->setEnabled(true);
        shown.chip->setClickable(false);
        shown.click();
        QTest::keyClick(shown.chip, Qt::Key_Return);
        QCOMPARE(clicked.size(), 4);
    }

    /// They are for what is looked at; a button would take them to go to its neighbours.
    void arrowKeysArePassedOn()
    {
        const Shown shown(new ChipLabel("Overlay"));
        shown.chip->setClickable(true);
        for (const Qt::Key key : {Qt::Key_Left, Qt::Key_Right, Qt::Key_Up, Qt::Key_Down}) {
            QKeyEvent event(QEvent::KeyPress, key, Qt::NoModifier);
            QApplication::sendEvent(shown.chip, &event);
            QVERIFY(!event.isAccepted());
        }
    }

    void aCheckableChipToggles()
    {
        const Shown shown(new ChipLabel("follow"));
        shown.chip->setCheckable(true);
        shown.chip->setClickable(true);
        shown.click();
        QVERIFY(shown.chip->isChecked());
        QTest::keyClick(shown.chip, Qt::Key_Space);
        QVERIFY(!shown.chip->isChecked());
    }

    void aCheckedChipLooksIt()
    {
        const Shown shown(new ChipLabel("Table"));
        shown.chip->setCheckable(true);
        const QImage off = shown.chip->grab().toImage();
        shown.chip->setChecked(true);
        const QImage on = shown.chip->grab().toImage();
        QVERIFY(on != off);
        const QPoint inside(6, on.height() / 2); // on the pill, left of the word
        QVERIFY(on.pixelColor(inside) != off.pixelColor(inside));
        shown.chip->setChecked(false);
        QCOMPARE(shown.chip->grab().toImage(), off);
    }

    void aClickOpensItsMenuOnce()
    {
        const Shown shown(new ChipLabel("Overlay"));
        QMenu menu;
        menu.addAction("one");
        shown.chip->setMenu(&menu);
        shown.chip->setMenu(&menu);
        QSignalSpy opened(&menu, &QMenu::aboutToShow);
        shown.click();
        QVERIFY(menu.isVisible());
        QCOMPARE(opened.size(), 1);
        menu.close();
        shown.chip->setMenu(nullptr);
        shown.click();
        QVERIFY(!menu.isVisible());
    }

    void theWidestTextKeepsTheWidth()
    {
        ChipLabel chip("opacity 5 %");
        const int narrow = chip.sizeHint().width();
        chip.setWidestText("opacity 100 %");
        const int wide = chip.sizeHint().width();
        QVERIFY(wide > narrow);
        for (int percent = 0; percent <= 100; ++percent) {
            chip.setText(QString("opacity %1 %").arg(percent));
            QCOMPARE(chip.sizeHint().width(), wide);
        }
        chip.setText("opacity of the overlay");
        QVERIFY(chip.sizeHint().width() > wide); // but nothing is cut
        QCOMPARE(chip.minimumSizeHint(), chip.sizeHint());
    }

    void theToneIsSeen()
    {
        const Shown shown(new ChipLabel("failed"));
        const auto count = [&](const QColor& colour) { return pixelsOf(*shown.chip, shown.chip->rect(), colour); };
        QCOMPARE(count(colours().rejected), 0);
        shown.chip->setTone(Tone::Bad);
        QVERIFY(count(colours().rejected) > 20); // the outline
        shown.chip->setTone(Tone::Warning);
        QVERIFY(count(colours().redrawn) > 20);
        shown.chip->setTone(Tone::Accent);
        QVERIFY(count(colours().accent) > 20);
        shown.chip->setTone(Tone::Good);
        QVERIFY(count(colours().accepted) > 20);
    }
};

JACOBI_TEST(ChipLabelTest)
#include "tst_chiplabel.moc"
