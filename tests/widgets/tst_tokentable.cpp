// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/testmain.h"
#include "tests/widgets/stage.h"
#include "widgets/theme.h"
#include "widgets/tokentable.h"

#include <QClipboard>
#include <QGuiApplication>
#include <QSignalSpy>
#include <QScrollBar>
#include <QTableView>

#include <cstdlib>
#include <memory>

using namespace jacobi;
using namespace jacobi::test;

namespace {

TokenTable::Row row(const QStringList& cells)
{
    TokenTable::Row made;
    made.cells = cells;
    return made;
}

const QStringList kHeading = {"code", "p", "u"};

QString cell(const TokenTable& table, int at, int column)
{
    return table.data(table.index(at, column), Qt::DisplayRole).toString();
}

} // namespace

class TokenTableTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void columnsInWhichNothingStandsAreAbsent()
    {
        TokenTable table;
        QSignalSpy reset(&table, &QAbstractItemModel::modelReset);
        table.setContents(kHeading, {row({"7", "–", "0.5"}), row({"8", "", "–"})}, 0);
        QCOMPARE(reset.size(), 1);
        QCOMPARE(table.columnCount(), 2);
        QCOMPARE(table.rowCount(), 2);
        QCOMPARE(table.headerData(0, Qt::Horizontal, Qt::DisplayRole).toString(), QString("code"));
        QCOMPARE(table.headerData(1, Qt::Horizontal, Qt::DisplayRole).toString(), QString("u"));
        QCOMPARE(cell(table, 0, 1), QString("0.5"));
        QCOMPARE(cell(table, 1, 1), QString("–"));
        table.setContents(kHeading, {row({"7", "0.1", "0.5"})}, 0);
        QCOMPARE(table.columnCount(), 3);
    }

    void withoutRowsThereAreNoColumns()
    {
        TokenTable table;
        table.setContents(kHeading, {}, 0);
        QCOMPARE(table.rowCount(), 0);
        QCOMPARE(table.columnCount(), 0);
        QCOMPARE(table.swatchColumn(), -1);
        QVERIFY(!table.headerData(0, Qt::Horizontal, Qt::DisplayRole).isValid());
    }

    void aRowMayBeShorterThanTheHeading()
    {
        TokenTable table;
        table.setContents(kHeading, {row({"7"}), row({"8", "0.1", "0.2", "more"})}, 0);
        QCOMPARE(table.columnCount(), 3);
        QCOMPARE(cell(table, 0, 2), QString());
        QCOMPARE(cell(table, 1, 2), QString("0.2"));
    }

    void theSwatchColumnMovesWithTheColumnsBeforeIt()
    {
        TokenTable table;
        table.setContents(kHeading, {row({"–", "0.1", "0.2"})}, 1);
        QCOMPARE(table.swatchColumn(), 0);
        table.setContents(kHeading, {row({"7", "–", "0.2"})}, 1);
        QCOMPARE(table.swatchColumn(), -1);
    }

    void theVerdictIsTheLastColumnUnlessItIsSaid()
    {
        TokenTable table;
        table.setHints({"a code", {}, "a number"});
        table.setContents(kHeading, {row({"7", "–", "0.2"})}, 0);
        QCOMPARE(table.verdictColumn(), 1);
        QCOMPARE(table.headerData(1, Qt::Horizontal, Qt::ToolTipRole).toString(), QString("a number"));
        table.setVerdictColumn(0);
        QCOMPARE(table.verdictColumn(), 0);
        table.setVerdictColumn(1);
        QCOMPARE(table.verdictColumn(), -1); // nothing stands there
    }

    void columnsAreEqualWhateverTheNumbersAre()
    {
        TokenTable table;
        const std::unique_ptr<QTableView> view(makeTokenTableView(&table, "Table", nullptr));
        table.setContents(kHeading, {row({"7", "0.1", "0.2"})}, 0);
        present(*view, {303, 120});
        const int width = view->columnWidth(0);
        QCOMPARE(width * 3, view->viewport()->width());
        table.setContents(kHeading, {row({"123456", "0.000000001", "0.2"})}, 0);
        for (int column = 0; column < 3; ++column) {
            QCOMPARE(view->columnWidth(column), width);
        }
        view->resize(603, 120);
        QVERIFY(view->columnWidth(0) > width);
        QCOMPARE(view->accessibleName(), QString("Table"));
    }

    void neitherAreTheCells()
    {
        TokenTable table;
        const std::unique_ptr<QTableView> view(makeTokenTableView(&table, "Table", nullptr));
        table.setContents({"block", "method", "ms"}, {row({"7", "one by one", "0.25"}), row({"6", "front 8", "1234567.8"})}, -1);
        present(*view, {150, 120});
        const auto isWhole = [&](int column, const QString& text) {
            return view->columnWidth(column) >= QFontMetrics(Theme::instance().bodyFont()).horizontalAdvance(text) + 8;
        };
        QVERIFY(isWhole(1, "one by one") && isWhole(2, "1234567.8"));
        QTRY_VERIFY(view->horizontalScrollBar()->maximum() > 0);
        const int width = view->columnWidth(2);
        table.setContents({"block", "method", "ms"}, {row({"7", "one by one", "0.25"})}, -1);
        QCOMPARE(view->columnWidth(2), width); // what it needed it keeps
    }

    void aHeadingIsNeverCut()
    {
        TokenTable table;
        const std::unique_ptr<QTableView> view(makeTokenTableView(&table, "Table", nullptr));
        table.setUsual({"", "", "converged"});
        table.setContents({"u", "a long heading", "v", "w"}, {row({"0.1", "0.2", "kept", "0.3"})}, 0);
        present(*view, {300, 120});
        const auto widths = [&] {
            QVector<int> all;
            for (int column = 0; column < 4; ++column) {
                all << view->columnWidth(column);
            }
            return all;
        };
        const auto isWhole = [&](int column, const QString& text) {
            return widths()[column] >= QFontMetrics(Theme::instance().bodyFont()).horizontalAdvance(text) + 8;
        };
        QCOMPARE(widths()[0] + widths()[1] + widths()[2] + widths()[3], view->viewport()->width());
        QVERIFY(isWhole(1, "a long heading") && isWhole(2, "converged"));
        QVERIFY(widths()[1] > widths()[2] && widths()[2] > widths()[0]);
        QVERIFY(std::abs(widths()[0] - widths()[3]) <= 1); // what is left is shared out evenly
        QCOMPARE(view->horizontalScrollBar()->maximum(), 0);

        view->resize(140, 120);
        QVERIFY(isWhole(1, "a long heading") && isWhole(2, "converged") && isWhole(0, "0.000"));
        QTRY_VERIFY(view->horizontalScrollBar()->maximum() > 0);
        view->resize(603, 120);
        QTRY_COMPARE(view->horizontalScrollBar()->maximum(), 0);
        QVERIFY(std::abs(widths()[0] - widths()[1]) <= 1); // room for all is shared out as ever
    }

    void anEmptyTableShowsThatItHasTheKeyboard()
    {
        TokenTable table;
        const std::unique_ptr<QTableView> view(makeTokenTableView(&table, "Table", nullptr));
        present(*view, {300, 140});
        view->activateWindow();
        QVERIFY(QTest::qWaitForWindowActive(view.get()));
        view->setFocus();
        QVERIFY(view->hasFocus());
        const auto frame = [&] { return pixelsOf(*view->viewport(), view->viewport()->rect(), colours().accent); };
        QVERIFY(frame() > 700); // two lines across, two down
        view->clearFocus();
        QCOMPARE(frame(), 0);
    }

    void copyTakesTheSelectedRowsWithTheirHeading()
    {
        TokenTable table;
        const std::unique_ptr<QTableView> view(makeTokenTableView(&table, "Table", nullptr));
        table.setContents(kHeading, {row({"7", "–", "0.1"}), row({"8", "–", "0.2"}), row({"9", "–", "0.3"})}, 0);
        present(*view, {300, 140});
        const auto middleOf = [&](int at) { return QRectF(view->visualRect(table.index(at, 1))).center(); };
        QTest::mouseClick(view->viewport(), Qt::LeftButton, {}, middleOf(2).toPoint());
        QTest::mouseClick(view->viewport(), Qt::LeftButton, Qt::ControlModifier, middleOf(0).toPoint());
        QTest::keyClick(view.get(), Qt::Key_C, Qt::ControlModifier);
        QCOMPARE(QGuiApplication::clipboard()->text(), QString("code\tu\n7\t0.1\n9\t0.3\n"));
    }

    void theVerdictAndTheSwatchHaveTheirColours()
    {
        TokenTable table;
        const std::unique_ptr<QTableView> view(makeTokenTableView(&table, "Table", nullptr));
        TokenTable::Row coloured = row({"7", "0.1", "accepted"});
        coloured.swatch = QColor(200, 10, 220);
        coloured.verdict = QColor(10, 220, 30);
        table.setContents({"code", "p", "verdict"}, {coloured, row({"8", "0.2", "kept"})}, 0);
        present(*view, {330, 120});
        const QImage shot = view->viewport()->grab().toImage();
        const auto count = [&](int at, int column, const QColor& colour) {
            return pixelsOf(shot, view->visualRect(table.index(at, column)), colour);
        };
        QVERIFY(count(0, 0, coloured.swatch) > 40);
        QCOMPARE(count(1, 0, coloured.swatch), 0);
        QCOMPARE(count(0, 1, coloured.verdict), 0);
        QVERIFY(count(0, 2, coloured.verdict) > 0);
        QCOMPARE(count(1, 2, coloured.verdict), 0);
    }
};

JACOBI_TEST(TokenTableTest)
#include "tst_tokentable.moc"
