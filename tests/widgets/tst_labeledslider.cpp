// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/testmain.h"
#include "tests/widgets/stage.h"
#include "widgets/labeledslider.h"

#include <QAbstractButton>
#include <QLineEdit>
#include <QLocale>
#include <QSignalSpy>
#include <QSlider>

#include <cmath>
#include <utility>

using namespace jacobi;
using namespace jacobi::test;
using Scale = LabeledSlider::Scale;

namespace {

struct Shown {
    Shown()
    {
        present(slider, {260, 44});
        slider.activateWindow();
        QVERIFY(QTest::qWaitForWindowActive(&slider));
    }
    QString text() const { return button->text(); }
    void type(const QString& text) const
    {
        clickAt(button, QRectF(button->rect()).center());
        QVERIFY(field->isVisible());
        QTest::keyClicks(field, text); // over what was there: it is selected
    }
    LabeledSlider slider{"Width"};
    QAbstractButton* button = slider.findChild<QAbstractButton*>();
    QLineEdit* field = slider.findChild<QLineEdit*>();
    QSlider* handle = slider.slider();
};

} // namespace

class LabeledSliderTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void cleanup() { QLocale::setDefault(QLocale::c()); }

    void valuesAreClampedToWhatIsAllowed()
    {
        LabeledSlider slider("Width");
        slider.setRange(0.0, 2.0, 0.05, 2);
        QSignalSpy changed(&slider, &LabeledSlider::valueChanged);
        QSignalSpy edited(&slider, &LabeledSlider::edited);
        slider.setValue(1.02);
        QCOMPARE(slider.value(), 1.02); // between two grains
        slider.setValue(7.0);
        QCOMPARE(slider.value(), 2.0);
        slider.setValue(qQNaN());
        slider.setValue(qInf());
        QCOMPARE(slider.value(), 2.0);
        slider.setValue(-7.0);
        QCOMPARE(slider.value(), 0.0);
        QCOMPARE(changed.size(), 3);
        QCOMPARE(edited.size(), 0); // that was the program
        slider.setRange(0.5, 1.0, 0.1, 1);
        QCOMPARE(slider.value(), 0.5);
    }

    void whatHasNoDigitsAfterThePointIsWhole()
    {
        LabeledSlider slider("Pictures");
        slider.setRange(1, 16, 1, 0);
        slider.setValue(3.4);
        QCOMPARE(slider.value(), 3.0);
    }

    void aValueBetweenTwoGrainsIsHeldUntilTheSliderMoves()
    {
        Shown shown;
        shown.slider.setRange(1.0, 8.0, 0.1, 1);
        for (const auto& [key, next] : {std::pair{Qt::Key_Right, 2.3}, std::pair{Qt::Key_Left, 2.2}}) {
            shown.slider.setValue(2.25);
            QCOMPARE(shown.slider.value(), 2.25);
            QCOMPARE(shown.text(), QString("2.25"));
            shown.type(QString()); // looked at, and left alone
            QCOMPARE(shown.field->text(), QString("2.25"));
            QTest::keyClick(shown.field, Qt::Key_Return);
            QCOMPARE(shown.slider.value(), 2.25);
            QTest::keyClick(shown.handle, key);
            QCOMPARE(shown.slider.value(), next); // the very number, not a sum of grains
        }
    }

    void whatIsAllowedBeyondTheSlidersEndIsHeld()
    {
        Shown shown;
        shown.slider.setRange(1.0, 8.0, 0.1, 1);
        shown.slider.setLegalRange(0.0, 30.0);
        QSignalSpy edited(&shown.slider, &LabeledSlider::edited);
        shown.slider.setValue(9.5);
        QCOMPARE(shown.slider.value(), 9.5);
        QCOMPARE(shown.handle->value(), shown.handle->maximum());
        QTest::keyClick(shown.handle, Qt::Key_Left);
        QCOMPARE(shown.slider.value(), 8.0);
        shown.slider.setValue(0.5);
        QCOMPARE(shown.slider.value(), 0.5);
        QTest::keyClick(shown.handle, Qt::Key_Right);
        QCOMPARE(shown.slider.value(), 1.0);
        QCOMPARE(edited.size(), 2);
        shown.type("31");
        QTest::keyClick(shown.field, Qt::Key_Return);
        QCOMPARE(shown.slider.value(), 30.0);
        shown.type("12.75");
        QTest::keyClick(shown.field, Qt::Key_Return);
        QCOMPARE(shown.slider.value(), 12.75);
        shown.slider.setRange(1.0, 8.0, 0.1, 1);
        QCOMPARE(shown.slider.value(), 8.0); // a new range has only its own
    }

    void whatIsAllowedBelowALogarithmicScaleIsHeld()
    {
        Shown shown;
        shown.slider.setRange(1e-6, 1.0, 1e-6, 6, Scale::Logarithmic);
        shown.slider.setFloorValue(0.0);
        shown.slider.setLegalRange(0.0, 1000.0);
        for (const double value : {1e-8, 0.0, 50.0, 1e-3}) {
            shown.slider.setValue(value);
            QCOMPARE(shown.slider.value(), value);
            QVERIFY(!shown.text().isEmpty());
        }
    }

    void anArrowKeyIsOneGrain()
    {
        Shown shown;
        shown.slider.setRange(1, 96, 1, 0);
        shown.slider.setValue(48);
        QSignalSpy edited(&shown.slider, &LabeledSlider::edited);
        QTest::keyClick(shown.handle, Qt::Key_Right);
        QCOMPARE(shown.slider.value(), 49.0);
        QCOMPARE(shown.text(), QString("49"));
        QTest::keyClick(shown.handle, Qt::Key_Home);
        QCOMPARE(shown.slider.value(), 1.0);
        QTest::keyClick(shown.handle, Qt::Key_Left);
        QCOMPARE(shown.slider.value(), 1.0);
        QCOMPARE(edited.size(), 2);
        QCOMPARE(edited[0][0].toDouble(), 49.0);
    }

    void aClickGoesWhereItWasMade()
    {
        Shown shown;
        shown.slider.setRange(0, 100, 1, 0);
        QSignalSpy edited(&shown.slider, &LabeledSlider::edited);
        clickAt(shown.handle, QRectF(shown.handle->rect()).center());
        QVERIFY(std::abs(shown.slider.value() - 50.0) <= 2.0);
        QVERIFY(edited.size() >= 1);
    }

    void aLogarithmicScaleHasItsMeanInTheMiddle()
    {
        Shown shown;
        shown.slider.setRange(1, 10000, 1, 0, Scale::Logarithmic);
        shown.slider.setValue(100);
        QCOMPARE(shown.handle->value(), (shown.handle->minimum() + shown.handle->maximum()) / 2);
        QTest::keyClick(shown.handle, Qt::Key_End);
        QCOMPARE(shown.slider.value(), 10000.0);
        QTest::keyClick(shown.handle, Qt::Key_Home);
        QCOMPARE(shown.slider.value(), 1.0);
    }

    // Where the grain is wider than the slider's own step, a key press still moves by one.
    void everyArrowKeyCountsOnALogarithmicScale()
    {
        Shown shown;
        shown.slider.setRange(1, 512, 1, 0, Scale::Logarithmic);
        shown.slider.setValue(1);
        QSignalSpy edited(&shown.slider, &LabeledSlider::edited);
        for (const double expected : {2.0, 3.0, 4.0}) {
            QTest::keyClick(shown.handle, Qt::Key_Right);
            QCOMPARE(shown.slider.value(), expected);
        }
        for (const double expected : {3.0, 2.0, 1.0, 1.0}) {
            QTest::keyClick(shown.handle, Qt::Key_Left);
            QCOMPARE(shown.slider.value(), expected);
        }
        QCOMPARE(edited.size(), 6);
    }

    void theFloorIsBelowTheSlidersEnd()
    {
        Shown shown;
        shown.slider.setRange(1, 512, 1, 0, Scale::Logarithmic);
        shown.slider.setFloorValue(0);
        shown.slider.setFormatter([](double value) { return value == 0.0 ? QString("off") : QString::number(value); });
        QCOMPARE(shown.slider.minimum(), 0.0);
        shown.slider.setValue(1);
        QTest::keyClick(shown.handle, Qt::Key_Left);
        QCOMPARE(shown.slider.value(), 0.0);
        QCOMPARE(shown.text(), QString("off"));
        QTest::keyClick(shown.handle, Qt::Key_Right);
        QCOMPARE(shown.slider.value(), 1.0);
        QTest::keyClick(shown.handle, Qt::Key_Home);
        QCOMPARE(shown.slider.value(), 0.0);
        shown.slider.setValue(9);
        shown.type("Off "); // by its word
        QTest::keyClick(shown.field, Qt::Key_Return);
        QCOMPARE(shown.slider.value(), 0.0);
        shown.slider.setValue(0.4);
        QCOMPARE(shown.slider.value(), 0.0);
        shown.slider.setValue(0.6);
        QCOMPARE(shown.slider.value(), 1.0);
        shown.slider.setRange(1, 8, 1, 0); // another range has no floor
        shown.slider.setValue(0);
        QCOMPARE(shown.slider.value(), 1.0);
    }

    void theExactFieldTakesANumber()
    {
        Shown shown;
        shown.slider.setRange(0.0, 2.0, 0.01, 2);
        QSignalSpy edited(&shown.slider, &LabeledSlider::edited);
        QVERIFY(!shown.field->isVisible());
        shown.type("1.37");
        QTest::keyClick(shown.field, Qt::Key_Return);
        QCOMPARE(shown.slider.value(), 1.37);
        QVERIFY(!shown.field->isVisible());
        QVERIFY(shown.button->hasFocus());
        shown.type("99");
        QTest::keyClick(shown.field, Qt::Key_Enter, Qt::KeypadModifier);
        QCOMPARE(shown.slider.value(), 2.0);
        QCOMPARE(edited.size(), 2);
    }

    void escapeAndNonsenseChangeNothing()
    {
        Shown shown;
        shown.slider.setRange(0.0, 2.0, 0.01, 2);
        shown.slider.setValue(1.0);
        QSignalSpy edited(&shown.slider, &LabeledSlider::edited);
        shown.type("1.5");
        QTest::keyClick(shown.field, Qt::Key_Escape);
        QVERIFY(!shown.field->isVisible());
        for (const char* nonsense : {"wide", "nan", "inf", "1..2", " "}) {
            shown.type(nonsense);
            QTest::keyClick(shown.field, Qt::Key_Return);
            QCOMPARE(shown.slider.value(), 1.0);
        }
        QCOMPARE(edited.size(), 0);
    }

    void leavingTheFieldTakesTheNumber()
    {
        Shown shown;
        shown.slider.setRange(0, 100, 1, 0);
        shown.type("42");
        shown.handle->setFocus();
        QCOMPARE(shown.slider.value(), 42.0);
        QVERIFY(!shown.field->isVisible() && shown.handle->hasFocus());
        shown.type("17");
        QTest::keyClick(shown.field, Qt::Key_Return, Qt::ControlModifier); // the window's, but the number is taken
        QCOMPARE(shown.slider.value(), 17.0);
    }

    void keysOpenTheField()
    {
        Shown shown;
        shown.slider.setRange(0, 100, 1, 0);
        shown.slider.setValue(30);
        QTest::keyClick(shown.handle, Qt::Key_F2);
        QCOMPARE(shown.field->text(), QString("30"));
        QCOMPARE(shown.field->selectedText(), QString("30"));
        QTest::keyClick(shown.field, Qt::Key_Escape);
        QTest::keyClick(shown.button, Qt::Key_Return);
        QVERIFY(shown.field->isVisible());
        QTest::keyClick(shown.field, Qt::Key_Escape);
        QTest::keyClick(shown.handle, '7');
        QTest::keyClick(shown.field, '5');
        QTest::keyClick(shown.field, Qt::Key_Return);
        QCOMPARE(shown.slider.value(), 75.0);
    }

    void numbersAreWrittenAsTheUsersCountryDoes()
    {
        QLocale::setDefault(QLocale(QLocale::German));
        Shown shown;
        shown.slider.setRange(0.0, 2.0, 0.01, 2);
        shown.slider.setValue(0.5);
        QCOMPARE(shown.text(), QString("0,50"));
        shown.type("1,25");
        QTest::keyClick(shown.field, Qt::Key_Return);
        QCOMPARE(shown.slider.value(), 1.25);
        shown.type("1.75"); // and the point is understood everywhere
        QTest::keyClick(shown.field, Qt::Key_Return);
        QCOMPARE(shown.slider.value(), 1.75);
    }

    void aFormatterWritesTheValueButNotTheField()
    {
        Shown shown;
        shown.slider.setRange(1, 96, 1, 0);
        shown.slider.setValue(48);
        shown.slider.setFormatter([](double value) { return QString("auto · %1").arg(value); });
        QCOMPARE(shown.text(), QString("auto · 48"));
        QCOMPARE(shown.button->accessibleName(), QString("Width: auto · 48"));
        QCOMPARE(shown.handle->accessibleName(), QString("Width"));
        clickAt(shown.button, QRectF(shown.button->rect()).center());
        QCOMPARE(shown.field->text(), QString("48"));
    }

    void aReasonDisables()
    {
        Shown shown;
        shown.slider.setDisabledReason("Not used here.");
        QVERIFY(!shown.slider.isEnabled());
        QCOMPARE(shown.slider.toolTip(), QString("Not used here."));
        clickAt(shown.button, QRectF(shown.button->rect()).center());
        QVERIFY(!shown.field->isVisible());
        shown.slider.setDisabledReason({});
        QVERIFY(shown.slider.isEnabled() && shown.slider.toolTip().isEmpty());
    }

    void openingTheFieldMovesNothing()
    {
        Shown shown;
        const QRect button = shown.button->geometry();
        const QSize hint = shown.slider.sizeHint();
        clickAt(shown.button, QRectF(shown.button->rect()).center());
        QCOMPARE(shown.button->geometry(), button);
        QCOMPARE(shown.slider.sizeHint(), hint);
    }
};

JACOBI_TEST(LabeledSliderTest)
#include "tst_labeledslider.moc"
