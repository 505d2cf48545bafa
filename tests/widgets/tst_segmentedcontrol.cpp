// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/testmain.h"
#include "tests/widgets/stage.h"
#include "widgets/segmentedcontrol.h"
#include "widgets/theme.h"

#include <QAbstractButton>
#include <QApplication>
#include <QLineEdit>
#include <QSignalSpy>

using namespace jacobi;
using namespace jacobi::test;

namespace {

struct Shown {
    Shown()
    {
        control.addSegment("sequential", "Sequential", "One token a pass.");
        control.addSegment("sjd", "SJD", "Several a pass.");
        control.addSegment("gsd", "GSD", "Groups.");
        present(control, {360, 30});
        control.activateWindow();
        QVERIFY(QTest::qWaitForWindowActive(&control));
    }
    QAbstractButton* at(int index) const { return control.findChildren<QAbstractButton*>().at(index); }
    void click(int index) const { clickAt(at(index), QRectF(at(index)->rect()).center()); }
    SegmentedControl control;
};

} // namespace

class SegmentedControlTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void theFirstSegmentIsChosen()
    {
        SegmentedControl control;
        QCOMPARE(control.currentId(), QString());
        control.setCurrentId("sjd");
        QCOMPARE(control.currentId(), QString());
        control.addSegment("sequential", "Sequential");
        control.addSegment("sjd", "SJD");
        QCOMPARE(control.currentId(), QString("sequential"));
        QCOMPARE(control.count(), 2);
    }

    void aClickChooses()
    {
        const Shown shown;
        QSignalSpy changed(&shown.control, &SegmentedControl::currentChanged);
        QSignalSpy chosen(&shown.control, &SegmentedControl::chosen);
        shown.click(1);
        QCOMPARE(shown.control.currentId(), QString("sjd"));
        QCOMPARE(changed.size(), 1);
        QCOMPARE(chosen.size(), 1);
        QCOMPARE(chosen[0][0].toString(), QString("sjd"));
        shown.click(1);
        QCOMPARE(changed.size(), 1);
    }

    void theProgramChoosesWithoutSayingTheUserDid()
    {
        Shown shown;
        QSignalSpy changed(&shown.control, &SegmentedControl::currentChanged);
        QSignalSpy chosen(&shown.control, &SegmentedControl::chosen);
        shown.control.setCurrentId("gsd");
        shown.control.setCurrentId("gsd");
        shown.control.setCurrentId("nothing");
        QCOMPARE(shown.control.currentId(), QString("gsd"));
        QCOMPARE(changed.size(), 1);
        QCOMPARE(chosen.size(), 0);
    }

    void arrowKeysMove()
    {
        const Shown shown;
        shown.at(0)->setFocus();
        QTest::keyClick(shown.at(0), Qt::Key_Right);
        QCOMPARE(shown.control.currentId(), QString("sjd"));
        QVERIFY(shown.at(1)->hasFocus());
        QTest::keyClick(shown.at(1), Qt::Key_Right);
        QCOMPARE(shown.control.currentId(), QString("gsd"));
        QTest::keyClick(shown.at(2), Qt::Key_Left);
        QCOMPARE(shown.control.currentId(), QString("sjd"));
    }

    void theMouseChoosesWithoutTakingTheKeyboard()
    {
        Shown shown;
        QLineEdit other(&shown.control);
        other.show();
        other.setFocus();
        shown.click(1);
        QCOMPARE(shown.control.currentId(), QString("sjd"));
        QVERIFY(other.hasFocus());
    }

    void theTabKeyGoesToTheChosenSegment()
    {
        QWidget window;
        QLineEdit before(&window);
        SegmentedControl control(&window);
        QLineEdit after(&window);
        for (const char* id : {"sequential", "sjd", "gsd"}) {
            control.addSegment(id, id);
        }
        QWidget::setTabOrder(&before, control.findChildren<QAbstractButton*>().at(0));
        QWidget::setTabOrder(control.findChildren<QAbstractButton*>().at(0), &after);
        present(window, {300, 100});
        window.activateWindow();
        QVERIFY(QTest::qWaitForWindowActive(&window));
        for (const int chosen : {1, 2, 0}) {
            auto* segment = control.findChildren<QAbstractButton*>().at(chosen);
            control.setCurrentId(segment->text());
            before.setFocus();
            QTest::keyClick(&before, Qt::Key_Tab);
            QCOMPARE(QApplication::focusWidget(), static_cast<QWidget*>(segment));
            QTest::keyClick(segment, Qt::Key_Tab);
            QCOMPARE(QApplication::focusWidget(), static_cast<QWidget*>(&after));
        }
    }

    void aReasonDisablesASegment()
    {
        Shown shown;
        shown.control.setDisabledReason("sjd", "This model cannot.");
        QVERIFY(!shown.at(1)->isEnabled());
        QCOMPARE(shown.at(1)->toolTip(), QString("This model cannot."));
        shown.click(1);
        QCOMPARE(shown.control.currentId(), QString("sequential"));
        shown.at(0)->setFocus();
        QTest::keyClick(shown.at(0), Qt::Key_Right); // passes over it
        QCOMPARE(shown.control.currentId(), QString("gsd"));
        shown.control.setDisabledReason("nothing", "No such segment.");
    }

    void enabledAgainItSaysWhatItDidBefore()
    {
        Shown shown;
        shown.control.setDisabledReason("sjd", "This model cannot.");
        shown.control.setDisabledReason("sjd", "Nor this one.");
        shown.control.setDisabledReason("sjd", {});
        QVERIFY(shown.at(1)->isEnabled());
        QCOMPARE(shown.at(1)->toolTip(), QString("Several a pass."));
    }

    void theChosenOneIsFilled()
    {
        Shown shown;
        shown.control.setCurrentId("sjd");
        const QImage shot = shown.control.grab().toImage();
        const auto filled = [&](int index) { return pixelsOf(shot, shown.at(index)->geometry(), colours().accent); };
        QVERIFY(filled(1) > 500);
        QVERIFY(filled(0) < 300 && filled(2) < 300);
    }

    void choosingMovesNothing()
    {
        Shown shown;
        const QSize hint = shown.control.sizeHint();
        const QRect second = shown.at(1)->geometry();
        shown.control.setCurrentId("gsd");
        QCOMPARE(shown.control.sizeHint(), hint);
        QCOMPARE(shown.at(1)->geometry(), second);
        QCOMPARE(shown.at(1)->accessibleName(), QString("SJD"));
    }
};

JACOBI_TEST(SegmentedControlTest)
#include "tst_segmentedcontrol.moc"
