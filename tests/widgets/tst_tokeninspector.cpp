// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/testmain.h"
#include "tests/widgets/stage.h"
#include "widgets/titleline.h"
#include "widgets/tokeninspector.h"
#include "widgets/tokenwords.h"

#include <QAbstractItemModel>
#include <QHeaderView>
#include <QLabel>
#include <QTableView>

#include <limits>

using namespace jacobi;
using namespace jacobi::test;

namespace {

QStringList headingOf(const QTableView* view)
{
    QStringList heading;
    for (int column = 0; column < view->model()->columnCount(); ++column) {
        heading << view->model()->headerData(column, Qt::Horizontal).toString();
    }
    return heading;
}

QStringList rowOf(const QTableView* view, int row)
{
    QStringList cells;
    for (int column = 0; column < view->model()->columnCount(); ++column) {
        cells << view->model()->index(row, column).data().toString();
    }
    return cells;
}

// A token that is drafted, redrawn and then replaced by the third pass.
Trace threePasses()
{
    const float none = std::numeric_limits<float>::quiet_NaN();
    Trace trace;
    trace.header = makeHeader(2, 4);
    const auto first = makeStep(0, {1, 2, 3}, 1);
    first->state = {TokenState::Bonus, TokenState::New, TokenState::New};
    const auto second = makeStep(1, {2, 5, 6}, 2);
    second->state = {TokenState::Accepted, TokenState::Redrawn, TokenState::New};
    second->draft = {2, 3, -1};
    second->p = {0.5F, 0.25F, none};
    second->q = {0.5F, 0.125F, none};
    const auto third = makeStep(2, {7, 6, 8}, 3);
    third->state = {TokenState::Resampled, TokenState::Kept, TokenState::New};
    third->draft = {5, 6, -1};
    third->p = {0.1F, 0.3F, none};
    third->q = {0.4F, 0.3F, none};
    third->u = {0.75F, none, none};
    third->topK.resize(3);
    third->topK[0][0] = {7, 0.6F, 0.2F};
    third->topK[0][1] = {5, 0.1F, 0.4F};
    trace.steps = {first, second, third};
    return trace;
}

struct Shown : Stage {
    explicit Shown(const Trace& trace)
    {
        model.setTrace(trace);
        present(inspector, {420, 500});
    }
    void look(const Cell& cell)
    {
        selection.setHovered(cell);
        QTRY_COMPARE(inspector.position(), cell.position);
        QTRY_COMPARE(inspector.pass(), selection.resolvedFocus().pass);
    }
    QString title() const { return inspector.findChild<TitleLine*>()->text(); }
    QString place() const { return inspector.findChild<TitleLine*>()->rightText(); }
    TokenInspector inspector{&model, &selection};
};

} // namespace

class TokenInspectorTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void anEmptyInspectorSaysWhatItWillShow()
    {
        Shown shown{Trace{}};
        auto* hint = shown.inspector.findChild<QLabel*>();
        QVERIFY(hint->isVisible() && hint->text().startsWith("Nothing has run yet"));
        QVERIFY(!shown.inspector.candidates()->isVisible() && !shown.inspector.history()->isVisible());
        shown.model.setTrace(threePasses());
        QTRY_VERIFY(hint->text().startsWith("Move the mouse"));
        QCOMPARE(shown.inspector.position(), -1);
    }

    void theHistoryTellsEveryPass()
    {
        Shown shown(threePasses());
        shown.look({-1, 2});
        const QTableView* history = shown.inspector.history();
        QVERIFY(history->isVisible());
        QCOMPARE(headingOf(history), (QStringList{"pass", "draft", "p now", "q drawn", "p/q", "u", "verdict", "becomes"}));
        QCOMPARE(history->model()->rowCount(), 3);
        QCOMPARE(rowOf(history, 0), (QStringList{"0", "–", "–", "–", "–", "–", "new", "3"}));
        QCOMPARE(rowOf(history, 1), (QStringList{"1", "3", "0.250", "0.125", "2.00", "–", "redrawn", "5"}));
        QCOMPARE(rowOf(history, 2), (QStringList{"2", "5", "0.100", "0.400", "0.25", "0.750", "replaced", "7"}));
        QCOMPARE(shown.title(), QString("Token 2"));
        QCOMPARE(shown.place(), QString("row 1, column 3 · changed 2 times"));
    }

    void headingsAreWholeInANarrowDock()
    {
        Shown shown(threePasses());
        for (const int width : {428, 260}) { // in a window of 1280 pixels, and the least
            shown.inspector.resize(width, 500);
            shown.look({-1, 2});
            const QHeaderView* header = shown.inspector.history()->horizontalHeader();
            QCOMPARE(header->count(), 8);
            for (int column = 0; column < header->count(); ++column) {
                const QString text = header->model()->headerData(column, Qt::Horizontal).toString();
                const int least = QFontMetrics(header->font()).horizontalAdvance(text) + 12;
                QVERIFY2(header->sectionSize(column) >= least, qPrintable(text));
            }
        }
    }

    void theTestedDraftComesFirstAmongTheCandidates()
    {
        Shown shown(threePasses());
        shown.look({2, 2});
        const QTableView* candidates = shown.inspector.candidates();
        QVERIFY(candidates->isVisible());
        QCOMPARE(headingOf(candidates), (QStringList{"code", "p now", "q drawn", "p/q", "u", "verdict"}));
        QCOMPARE(candidates->model()->rowCount(), 2);
        QCOMPARE(rowOf(candidates, 0), (QStringList{"5", "0.100", "0.400", "0.25", "0.750", "replaced"}));
        QCOMPARE(rowOf(candidates, 1), (QStringList{"7", "0.600", "0.200", "3.00", "", ""}));
    }

    void aTestedDraftThatIsNoCandidateIsAdded()
    {
        Trace trace = threePasses();
        auto third = std::make_shared<Step>(*trace.steps[2]);
        third->topK[0][1] = {9, 0.05F, 0.3F};
        trace.steps[2] = third;
        Shown shown(trace);
        shown.look({2, 2});
        QCOMPARE(shown.inspector.candidates()->model()->rowCount(), 3);
        QCOMPARE(rowOf(shown.inspector.candidates(), 0)[0], QString("5"));
        QCOMPARE(rowOf(shown.inspector.candidates(), 2)[0], QString("9"));
    }

    void whatTheTraceLacksHasNoColumn()
    {
        Trace trace = threePasses();
        for (auto& step : trace.steps) {
            auto bare = std::make_shared<Step>(*step);
            bare->u.clear();
            bare->q.clear();
            bare->topK.clear();
            step = bare;
        }
        Shown shown(trace);
        shown.look({-1, 2});
        QCOMPARE(headingOf(shown.inspector.history()), (QStringList{"pass", "draft", "p now", "verdict", "becomes"}));
        QVERIFY(!shown.inspector.candidates()->isVisible());
    }

    void aPatchFollowsTheCurrentPassAndACellDoesNot()
    {
        Shown shown(threePasses());
        shown.look({-1, 2});
        QCOMPARE(shown.inspector.pass(), 2);
        shown.selection.goToPass(1);
        QTRY_COMPARE(shown.inspector.pass(), 1);
        QCOMPARE(shown.place(), QString("row 1, column 3 · changed once"));
        shown.look({0, 2});
        shown.selection.goToPass(2);
        QTest::qWait(80);
        QCOMPARE(shown.inspector.pass(), 0);
        QCOMPARE(shown.place(), QString("row 1, column 3 · not changed yet"));
    }

    void aPinHoldsTheToken()
    {
        Shown shown(threePasses());
        shown.selection.pin({-1, 1});
        QTRY_COMPARE(shown.inspector.position(), 1);
        QVERIFY(shown.title().contains("pinned"));
        shown.selection.setHovered({-1, 3});
        QTest::qWait(80);
        QCOMPARE(shown.inspector.position(), 1);
        shown.selection.unpin();
        QTRY_COMPARE(shown.inspector.position(), 3);
        QVERIFY(!shown.title().contains("pinned"));
    }

    void whatWasLookedAtStaysWhileTheMouseIsElsewhere()
    {
        Shown shown(threePasses());
        shown.look({-1, 1});
        shown.selection.clearHovered();
        shown.selection.goToPass(0); // any refresh
        QTRY_COMPARE(shown.inspector.pass(), 0);
        QCOMPARE(shown.inspector.position(), 1);
        shown.selection.setHovered({1, -1}); // a bar is no token
        QTest::qWait(80);
        QCOMPARE(shown.inspector.position(), 1);
    }

    // Whether or not a repaint came between the two runs.
    void anotherRunIsLookedAtAnew()
    {
        Shown shown(makeTrace(MadeTrace{}));
        shown.look({10, 5});
        shown.model.setTrace(threePasses());
        QTRY_COMPARE(shown.inspector.position(), -1);
        QCOMPARE(shown.inspector.pass(), -1);
    }

    void aTokenTheWindowHasNotReached()
    {
        Shown shown(threePasses());
        shown.look({-1, 7});
        QCOMPARE(shown.inspector.history()->model()->rowCount(), 0);
        QVERIFY(!shown.inspector.candidates()->isVisible());
        QCOMPARE(shown.inspector.findChildren<TitleLine*>().last()->rightText(),
                 QString("the window has not reached it"));
    }
};

JACOBI_TEST(TokenInspectorTest)
#include "tst_tokeninspector.moc"
