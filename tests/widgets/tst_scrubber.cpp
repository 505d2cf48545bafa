// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/testmain.h"
#include "tests/widgets/stage.h"
#include "widgets/chiplabel.h"
#include "widgets/numberlabel.h"
#include "widgets/scrubber.h"

#include <QMenu>
#include <QSignalSpy>
#include <QSlider>

using namespace jacobi;
using namespace jacobi::test;

namespace {

struct Shown : Stage {
    explicit Shown(const MadeTrace& made = {}) : Stage(made) { present(scrubber, {600, 34}); }
    QAbstractButton* button(const QString& name) const
    {
        for (QAbstractButton* button : scrubber.findChildren<QAbstractButton*>()) {
            if (button->accessibleName() == name) {
                return button;
            }
        }
        return nullptr;
    }
    void click(const QString& name) const { clickAt(button(name), QRectF(button(name)->rect()).center()); }
    int current() const { return selection.currentPass(); }
    int end() const { return model.passes() - 1; }

    Scrubber scrubber{&model, &selection};
    QSlider* slider = scrubber.findChild<QSlider*>();
    NumberLabel* label = scrubber.findChild<NumberLabel*>();
    ChipLabel* follow = scrubber.findChild<ChipLabel*>();
};

} // namespace

class ScrubberTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void theSliderKeepsSomeRoom()
    {
        Shown shown;
        QVERIFY(shown.button("Speed of playing")->isVisible());
        const int wide = shown.button("Play")->width();
        shown.scrubber.resize(shown.scrubber.minimumSizeHint().width(), 34);
        QTRY_VERIFY(!shown.button("Speed of playing")->isVisible());
        QTRY_VERIFY(shown.slider->width() >= 90 && shown.button("Play")->width() < wide);
        QVERIFY(shown.scrubber.rect().contains(shown.follow->geometry()));
        QVERIFY(shown.scrubber.minimumSizeHint().width() <= 388); // the middle at its narrowest
        shown.scrubber.resize(600, 34);
        QTRY_VERIFY(shown.button("Speed of playing")->isVisible());
        QTRY_COMPARE(shown.button("Play")->width(), wide);
    }

    void buttonsStepAndKnowTheEnds()
    {
        Shown shown;
        QVERIFY(!shown.button("One pass forward")->isEnabled());
        shown.click("One pass back");
        QCOMPARE(shown.current(), shown.end() - 1);
        QVERIFY(shown.button("One pass forward")->isEnabled());
        shown.click("One pass forward");
        QCOMPARE(shown.current(), shown.end());
        shown.scrubber.first();
        QCOMPARE(shown.current(), 0);
        QVERIFY(!shown.button("One pass back")->isEnabled());
        shown.scrubber.stepBy(3);
        QCOMPARE(shown.current(), 3);
        shown.scrubber.last();
        QCOMPARE(shown.current(), shown.end());
    }

    void theSliderIsTheSelection()
    {
        Shown shown;
        QCOMPARE(shown.slider->maximum(), shown.end());
        QCOMPARE(shown.slider->value(), shown.end());
        QSignalSpy current(&shown.selection, &Selection::currentPassChanged);
        QTest::keyClick(shown.slider, Qt::Key_Left);
        QCOMPARE(shown.current(), shown.end() - 1);
        QCOMPARE(current.size(), 1);
        QTest::keyClick(shown.slider, Qt::Key_Home);
        QCOMPARE(shown.current(), 0);
        clickAt(shown.slider, QRectF(shown.slider->rect()).center()); // goes where it was clicked
        QVERIFY(std::abs(shown.current() - shown.end() / 2) <= 1);
        QCOMPARE(current.size(), 3);
    }

    void theSelectionMovesTheSliderWithoutAnEcho()
    {
        Shown shown;
        QSignalSpy current(&shown.selection, &Selection::currentPassChanged);
        QSignalSpy slider(shown.slider, &QSlider::valueChanged);
        shown.selection.goToPass(4);
        QCOMPARE(shown.slider->value(), 4);
        QCOMPARE(shown.label->text(), QString("pass 4"));
        QCOMPARE(current.size(), 1);
        QCOMPARE(slider.size(), 0);
    }

    void aGrowingRunIsFollowedWithoutAnEcho()
    {
        Shown shown;
        shown.model.appendHeader(makeHeader(1, 8));
        QCOMPARE(shown.label->text(), QString("no pass"));
        QVERIFY(!shown.slider->isEnabled() && !shown.button("Play")->isEnabled());
        QSignalSpy current(&shown.selection, &Selection::currentPassChanged);
        for (int pass = 0; pass < 5; ++pass) {
            shown.model.appendStep(makeStep(0, {1}, 0));
            QCOMPARE(shown.slider->maximum(), pass);
            QCOMPARE(shown.slider->value(), pass);
        }
        QCOMPARE(current.size(), 5);
        shown.selection.goToPass(1);
        shown.model.appendStep(makeStep(0, {1}, 0));
        QCOMPARE(shown.slider->maximum(), 5);
        QCOMPARE(shown.current(), 1); // a longer slider moves nobody
        QCOMPARE(current.size(), 6);
    }

    void speedIsBounded()
    {
        Shown shown;
        QCOMPARE(shown.scrubber.speed(), 1.0);
        shown.scrubber.setSpeed(1e6);
        QCOMPARE(shown.scrubber.speed(), 16.0);
        shown.scrubber.setSpeed(-3.0);
        QCOMPARE(shown.scrubber.speed(), 0.25);
        shown.scrubber.setSpeed(qQNaN());
        QCOMPARE(shown.scrubber.speed(), 1.0);
    }

    void playingKeepsTheRunsPaceWithinBounds()
    {
        Shown shown;
        const auto pace = [&](std::int64_t ns) {
            shown.model.appendHeader(makeHeader(1, 8));
            for (int pass = 0; pass < 4; ++pass) {
                const auto step = makeStep(0, {1}, 0);
                step->forwardNs = ns;
                step->samplingNs = 0;
                shown.model.appendStep(step);
            }
            return shown.scrubber.passesPerSecond();
        };
        QCOMPARE(pace(50'000'000), 20.0);
        QCOMPARE(pace(1'000'000), 60.0);
        QCOMPARE(pace(5'000'000'000), 10.0);
        QCOMPARE(pace(0), 10.0);
        shown.scrubber.setSpeed(4.0);
        QCOMPARE(shown.scrubber.passesPerSecond(), 40.0);
        shown.model.clear();
        QCOMPARE(shown.scrubber.passesPerSecond(), 40.0);
    }

    void playingGoesFromTheFirstPassToTheLastAndStops()
    {
        Shown shown;
        QSignalSpy playing(&shown.scrubber, &Scrubber::playingChanged);
        QSignalSpy current(&shown.selection, &Selection::currentPassChanged);
        shown.scrubber.setSpeed(16.0);
        shown.click("Play"); // at the last pass: from the beginning
        QTRY_COMPARE(playing.size(), 2);
        QVERIFY(playing[0][0].toBool() && !playing[1][0].toBool());
        QCOMPARE(current[0][0].toInt(), 0);
        QCOMPARE(shown.current(), shown.end());
        QVERIFY(shown.selection.followLive());
        for (qsizetype at = 1; at < current.size(); ++at) {
            QVERIFY(current[at][0].toInt() > current[at - 1][0].toInt());
        }
    }

    void whateverTheUserDoesStopsPlaying_data()
    {
        QTest::addColumn<int>("what");
        for (int what = 0; what < 6; ++what) {
            QTest::addRow("%d", what) << what;
        }
    }

    void whateverTheUserDoesStopsPlaying()
    {
        QFETCH(int, what);
        Shown shown;
        shown.scrubber.setSpeed(0.25);
        shown.scrubber.play();
        shown.scrubber.play(); // once is enough
        QVERIFY(shown.scrubber.isPlaying());
        QVERIFY(shown.button("Pause playing") != nullptr && shown.button("Play") == nullptr);
        switch (what) {
        case 0: shown.scrubber.togglePlay(); break;
        case 1: shown.scrubber.stepBy(2); break;
        case 2: QTest::keyClick(shown.slider, Qt::Key_End); break;
        case 3: shown.click("Follow the newest pass"); break;
        case 4: shown.scrubber.last(); break;
        default: shown.model.setTrace(makeTrace(MadeTrace{})); break;
        }
        QVERIFY(!shown.scrubber.isPlaying());
    }

    void thereIsNothingToPlayInNoneOrOnePass()
    {
        Shown shown;
        shown.model.clear();
        shown.scrubber.play();
        QVERIFY(!shown.scrubber.isPlaying());
        MadeTrace made;
        made.maxPasses = 1;
        shown.model.setTrace(makeTrace(made));
        shown.scrubber.togglePlay();
        QVERIFY(!shown.scrubber.isPlaying());
    }

    void aLiveRunAtItsNewestPassIsFollowedNotPlayed()
    {
        Shown shown;
        const Trace trace = makeTrace(MadeTrace{});
        shown.model.appendHeader(trace.header);
        shown.model.appendSteps(trace.steps);
        shown.scrubber.play();
        QVERIFY(!shown.scrubber.isPlaying() && shown.selection.followLive());
        shown.selection.goToPass(0);
        shown.scrubber.setSpeed(16.0);
        shown.scrubber.play();
        QTRY_VERIFY(!shown.scrubber.isPlaying()); // caught up
        QVERIFY(shown.selection.followLive());
    }

    void theChipSaysAndSwitchesFollowing()
    {
        Shown shown;
        QCOMPARE(shown.follow->text(), QString("following"));
        const QSize size = shown.follow->sizeHint();
        shown.click("Follow the newest pass");
        QVERIFY(!shown.selection.followLive() && !shown.follow->isChecked());
        QCOMPARE(shown.follow->text(), QString("follow"));
        QCOMPARE(shown.follow->sizeHint(), size); // nothing beside it moves
        shown.selection.goToPass(2);
        shown.click("Follow the newest pass");
        QCOMPARE(shown.current(), shown.end());
        QVERIFY(shown.selection.followLive() && shown.follow->isChecked());
    }

    void theLabelKeepsItsWidth()
    {
        Shown shown;
        shown.selection.first();
        const QSize size = shown.label->sizeHint();
        shown.selection.goToPass(10);
        QCOMPARE(shown.label->text(), QString("pass 10"));
        QCOMPARE(shown.label->sizeHint(), size);
    }

    void theSpeedIsChosenFromAMenu()
    {
        Shown shown;
        shown.click("Speed of playing");
        auto* menu = qobject_cast<QMenu*>(QApplication::activePopupWidget());
        QVERIFY(menu != nullptr);
        menu->actions().last()->trigger();
        menu->close();
        QCOMPARE(shown.scrubber.speed(), 16.0);
        QCOMPARE(shown.button("Speed of playing")->text(), QString("16×"));
    }
};

JACOBI_TEST(ScrubberTest)
#include "tst_scrubber.moc"
