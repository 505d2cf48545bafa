// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/testmain.h"
#include "tests/widgets/stage.h"
#include "widgets/progressstrip.h"
#include "widgets/theme.h"

using namespace jacobi;
using namespace jacobi::test;
using State = ProgressStrip::State;

namespace {

// A live run of 100 tokens: each pass takes 2 ms and accepts `each`.
void run(TraceModel& model, int passes, std::uint32_t each)
{
    model.appendHeader(makeHeader(10, 10));
    for (int pass = 0; pass < passes; ++pass) {
        const auto begin = static_cast<std::uint32_t>(model.committed());
        model.appendStep(makeStep(begin, std::vector<std::int32_t>(each + 1, 1), begin + each));
    }
}

} // namespace

class ProgressStripTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void textsOfEachState_data()
    {
        QTest::addColumn<State>("state");
        QTest::addColumn<QString>("left");
        QTest::addColumn<QString>("right");
        const QString numbers = "10 of 100 tokens · 2.0 tokens per pass";
        QTest::newRow("idle") << State::Idle << numbers << "";
        QTest::newRow("loading") << State::Loading << "Loading the model"
                                 << "";
        QTest::newRow("running") << State::Running << numbers << "0.1 s left · about 50 passes instead of 100";
        QTest::newRow("paused") << State::Paused << numbers << "Paused, 0.1 s left · about 50 passes instead of 100";
        QTest::newRow("stopped") << State::Stopped << numbers << "Stopped after 10 ms";
        QTest::newRow("failed") << State::Failed << "This run failed."
                                << "";
        QTest::newRow("complete") << State::Complete << numbers << "10 ms · 5 passes instead of 100";
        QTest::newRow("replay") << State::Replay << numbers << "Replay of a part, 10 ms · 5 passes";
    }

    void textsOfEachState()
    {
        QFETCH(State, state);
        QFETCH(QString, left);
        QFETCH(QString, right);
        TraceModel model;
        run(model, 5, 2);
        ProgressStrip strip(&model);
        strip.setState(state);
        QCOMPARE(strip.state(), state);
        QCOMPARE(strip.leftText(), left);
        QCOMPARE(strip.rightText(), right);
        QCOMPARE(strip.accessibleDescription(), left + ". " + right);
    }

    /// Of a run that did not get to its end nobody can say what it saved; and the summary knows how long it took.
    void aReplaySaysHowTheRunEnded()
    {
        const auto words = [](Outcome outcome) {
            TraceModel model;
            run(model, 5, 2);
            RunSummary summary;
            summary.outcome = outcome;
            summary.seconds = 1.5;
            model.appendSummary(summary);
            ProgressStrip strip(&model);
            strip.setState(State::Replay);
            return strip.rightText();
        };
        QCOMPARE(words(Outcome::Complete), QString("Replay, took 1.5 s · 5 passes instead of 100"));
        QCOMPARE(words(Outcome::Cancelled), QString("Replay, stopped after 1.5 s · 5 passes"));
        QCOMPARE(words(Outcome::Failed), QString("Replay, failed after 1.5 s · 5 passes"));
    }

    void textsBeforeTheFirstPass()
    {
        TraceModel model;
        ProgressStrip strip(&model);
        QCOMPARE(strip.leftText(), QString());
        QCOMPARE(strip.rightText(), QString("Ready"));
        model.appendHeader(makeHeader(10, 10));
        strip.setState(State::Running);
        QCOMPARE(strip.rightText(), QString("Starting"));
        strip.setState(State::Paused);
        QCOMPARE(strip.rightText(), QString("Paused"));
    }

    void aSentenceTakesTheUsualOnesPlace()
    {
        TraceModel model;
        run(model, 5, 2);
        ProgressStrip strip(&model);
        for (const State state :
             {State::Idle, State::Running, State::Paused, State::Stopped, State::Complete, State::Replay}) {
            strip.setState(state, "A sentence.");
            QCOMPARE(strip.rightText(), QString("A sentence."));
            QVERIFY(strip.leftText().startsWith("10 of 100"));
        }
        for (const State state : {State::Loading, State::Failed}) { // here it gets all the room
            strip.setState(state, "A sentence.");
            QCOMPARE(strip.leftText(), QString("A sentence."));
            QCOMPARE(strip.rightText(), QString());
        }
        strip.setState(State::Idle);
        QVERIFY(!strip.rightText().contains("sentence"));
    }

    /// What is known to be done fills the bar from the left, as a run does.
    void whatIsLoadedFillsTheBar()
    {
        TraceModel model;
        ProgressStrip strip(&model);
        strip.resize(400, strip.sizeHint().height());
        strip.setState(State::Loading, "Measuring", 0.5);
        QCOMPARE(strip.leftText(), QString("Measuring"));
        const auto at = [&strip](int x) { return strip.grab().toImage().pixelColor(x, 4); };
        const QColor done = at(20), left = at(380);
        QVERIFY(done != left);
        QCOMPARE(at(180), done);
        QCOMPARE(at(220), left);
        strip.setState(State::Loading, "Measuring", 0.75);
        QCOMPARE(at(220), done);
    }

    void timeLeftIsByTheLatestPasses()
    {
        TraceModel model;
        model.appendHeader(makeHeader(10, 10));
        QCOMPARE(ProgressStrip::secondsLeft(model), -1.0);
        QCOMPARE(ProgressStrip::expectedPasses(model), -1);
        for (int pass = 0; pass < 4; ++pass) { // slow ones that accept nothing
            const auto slow = makeStep(0, {1}, 0);
            slow->forwardNs = 1'000'000'000;
            model.appendStep(slow);
        }
        QVERIFY(ProgressStrip::secondsLeft(model) < 0.0); // nobody can know
        for (std::uint32_t pass = 0; pass < 16; ++pass) {
            model.appendStep(makeStep(pass, {1}, pass + 1));
        }
        // The last sixteen count: 84 tokens are left, one a pass of 2 ms.
        QVERIFY(qAbs(ProgressStrip::secondsLeft(model) - 0.168) < 1e-9);
        QCOMPARE(ProgressStrip::expectedPasses(model), 20 + 84);
    }

    void nothingIsLeftOfAWholeRun()
    {
        Stage stage(MadeTrace{});
        QCOMPARE(ProgressStrip::secondsLeft(stage.model), 0.0);
        QCOMPARE(ProgressStrip::expectedPasses(stage.model), stage.model.passes());
    }

    void passesAreRoundedUp()
    {
        TraceModel model;
        run(model, 3, 7); // 79 left, seven a pass
        QCOMPARE(ProgressStrip::expectedPasses(model), 3 + 12);
    }

    void onePassIsOne()
    {
        TraceModel model;
        run(model, 1, 99);
        ProgressStrip strip(&model);
        strip.setState(State::Complete);
        QVERIFY(strip.rightText().endsWith("1 pass instead of 100"));
    }

    void durations_data()
    {
        QTest::addColumn<double>("seconds");
        QTest::addColumn<QString>("text");
        QTest::newRow("none") << 0.0 << "0.0 s";
        QTest::newRow("a flow's picture") << 0.0404 << "40 ms";
        QTest::newRow("a tenth") << 0.0999 << "0.1 s";
        QTest::newRow("tenths") << 0.94 << "0.9 s";
        QTest::newRow("below ten") << 9.94 << "9.9 s";
        QTest::newRow("ten") << 9.95 << "10 s";
        QTest::newRow("below a minute") << 59.4 << "59 s";
        QTest::newRow("rounded to a minute") << 59.6 << "1 min 0 s";
        QTest::newRow("minutes") << 125.0 << "2 min 5 s";
        QTest::newRow("rounded to an hour") << 3599.7 << "1 h 0 min";
        QTest::newRow("hours") << 3840.0 << "1 h 4 min";
        QTest::newRow("negative") << -1.0 << "unknown";
        QTest::newRow("no number") << qQNaN() << "unknown";
        QTest::newRow("endless") << qInf() << "unknown";
    }

    void durations()
    {
        QFETCH(double, seconds);
        QFETCH(QString, text);
        QCOMPARE(ProgressStrip::duration(seconds), text);
    }

    void itFollowsALiveRun()
    {
        TraceModel model;
        ProgressStrip strip(&model);
        strip.setState(State::Running);
        run(model, 5, 2);
        QTRY_VERIFY(strip.leftText().startsWith("10 of 100"));
        strip.setState(State::Complete);
        model.appendStep(makeStep(10, {1}, 11));
        model.appendSummary({});
        QVERIFY(strip.leftText().startsWith("11 of 100")); // at once
        model.clear();
        QCOMPARE(strip.leftText(), QString());
    }

    void itNeverChangesItsSize()
    {
        TraceModel model;
        ProgressStrip strip(&model);
        const QSize size = strip.sizeHint();
        const QSize least = strip.minimumSizeHint();
        run(model, 40, 2);
        for (int state = 0; state <= static_cast<int>(State::Replay); ++state) {
            strip.setState(static_cast<State>(state), state % 2 == 0 ? QString() : QString(200, 'm'));
            QCOMPARE(strip.sizeHint(), size);
            QCOMPARE(strip.minimumSizeHint(), least);
        }
        QCOMPARE(strip.sizePolicy().verticalPolicy(), QSizePolicy::Fixed);
    }

    void theBarIsAsLongAsWhatIsAccepted()
    {
        TraceModel model;
        run(model, 20, 2);
        ProgressStrip strip(&model);
        present(strip, {500, 34});
        strip.setState(State::Running);
        const auto length = [&strip](const QColor& colour) { return pixelsOf(strip, {0, 4, 500, 1}, colour); };
        QVERIFY(qAbs(length(colours().accepted) - 200) <= 1);
        strip.setState(State::Paused);
        QVERIFY(qAbs(length(colours().kept) - 200) <= 1);
        strip.setState(State::Failed);
        QVERIFY(qAbs(length(colours().rejected) - 200) <= 1);
    }

    void whatDoesNotFitIsInTheToolTip()
    {
        TraceModel model;
        ProgressStrip strip(&model);
        present(strip, {220, 34});
        const QString sentence = "Not enough GPU memory: needs 14.2 GB, 11.8 GB free. Lower the batch.";
        strip.setState(State::Failed, sentence);
        strip.grab();
        QCOMPARE(strip.toolTip(), sentence);
        strip.resize(900, 34);
        strip.grab();
        QCOMPARE(strip.toolTip(), QString());
    }

    void clausesGoAsAWhole()
    {
        const QFont font = Theme::instance().bodyFont();
        const QString all = "Replay, took 2.1 s · 100 passes instead of 576";
        const qreal width = QFontMetricsF(font).horizontalAdvance(all);
        QCOMPARE(ProgressStrip::clausesThatFit(all, font, 2 * width), all);
        QCOMPARE(ProgressStrip::clausesThatFit(all, font, 0.8 * width), QString("Replay, took 2.1 s"));
        const QString cut = ProgressStrip::clausesThatFit(all, font, 0.25 * width);
        QVERIFY2(cut.startsWith("Rep") && cut.endsWith(QChar(0x2026)), qPrintable(cut));
    }
};

JACOBI_TEST(ProgressStripTest)
#include "tst_progressstrip.moc"
