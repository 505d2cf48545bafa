// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/testmain.h"
#include "widgets/plotparts.h"
#include "widgets/theme.h"

#include <algorithm>
#include <cmath>
#include <set>

using namespace jacobi;

namespace {

QVector<double> ticksOf(double begin, double end, int unit, int count = 6)
{
    WholeTicker ticker;
    ticker.setTickCount(count);
    ticker.setUnit(unit);
    QVector<double> ticks;
    QVector<QString> labels;
    ticker.generate(QCPRange(begin, end), QLocale::c(), QChar('f'), 2, ticks, nullptr, &labels);
    for (qsizetype at = 0; at < ticks.size(); ++at) {
        QTest::qCompare(labels[at], QString::number(std::llround(ticks[at])), "label", "tick", __FILE__, __LINE__);
    }
    return ticks;
}

int inside(const QVector<double>& ticks, double begin, double end)
{
    return static_cast<int>(
        std::count_if(ticks.cbegin(), ticks.cend(), [=](double tick) { return tick >= begin && tick <= end; }));
}

} // namespace

class PlotPartsTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void aGrowingAxisHasRoomAndRarelyMoves()
    {
        std::set<int> ends;
        int before = 0;
        for (int count = 0; count <= 5000; ++count) {
            const int end = roomyEnd(count);
            QVERIFY(end > count);
            QVERIFY(end - count <= std::max(10.0, count / 8.0));
            QVERIFY(end >= before);
            before = end;
            ends.insert(end);
        }
        QVERIFY(ends.size() < 80);
    }

    void ticksAreWholeNumbers()
    {
        for (const double end : {3.0, 8.0, 17.0, 40.5, 333.0, 2304.0}) {
            const auto ticks = ticksOf(0.0, end, 1);
            for (const double tick : ticks) {
                QCOMPARE(tick, std::round(tick));
            }
            QVERIFY(inside(ticks, 0.0, end) >= 3);
            QVERIFY(inside(ticks, 0.0, end) <= 14);
        }
    }

    void ticksOfALongAxisAreMultiplesOfItsUnit()
    {
        for (const int columns : {8, 16, 24, 48}) {
            const double end = columns * columns;
            const auto ticks = ticksOf(0.0, end, columns);
            for (const double tick : ticks) {
                QCOMPARE(std::fmod(tick, columns), 0.0);
            }
            QVERIFY(inside(ticks, 0.0, end) >= 3);
            QVERIFY(inside(ticks, 0.0, end) <= 12);
        }
        const auto zoomed = ticksOf(100.0, 110.0, 24); // within a row every number counts again
        QVERIFY(inside(zoomed, 100.0, 110.0) >= 4);
    }

    void labelsOfAShortAxisStayApart()
    {
        Theme::apply(*qApp, Theme::Mode::Dark);
        QWidget window;
        QCustomPlot* plot = makePlot(&window);
        plot->axisRect()->setAutoMargins(QCP::msNone);
        plot->axisRect()->setMargins(QMargins(44, 8, 50, 38));
        setMostTicks(plot->xAxis, 7);
        for (QCPAxis* axis : {plot->xAxis, plot->yAxis}) {
            axis->setTicker(QSharedPointer<WholeTicker>(new WholeTicker));
            axis->setRange(0.0, 1024.0);
        }
        stylePlot(plot);
        for (const QSize& size : {QSize(260, 110), QSize(420, 200), QSize(900, 400)}) {
            plot->setViewport(QRect(QPoint(), size));
            plot->replot();
            for (const QCPAxis* axis : {plot->xAxis, plot->yAxis}) {
                const bool across = axis->orientation() == Qt::Horizontal;
                const QFontMetrics face(axis->tickLabelFont());
                const int label = across ? face.horizontalAdvance("1000") + 4 : face.height();
                const QVector<double> ticks = axis->tickVector();
                QVERIFY(ticks.size() >= 2 && ticks.size() <= 9);
                for (int at = 1; at < ticks.size(); ++at) {
                    const double apart = axis->coordToPixel(ticks[at]) - axis->coordToPixel(ticks[at - 1]);
                    QVERIFY2(std::abs(apart) >= label, qPrintable(QString::number(apart)));
                }
            }
        }
    }

    void aPinIsSolidAndHoveringDashed()
    {
        QCOMPARE(cursorPen(true).style(), Qt::SolidLine);
        QCOMPARE(cursorPen(false).style(), Qt::CustomDashLine);
        QCOMPARE(cursorPen(false).color(), colours().accent);
    }

    void plotsLookAsTheThemeSays()
    {
        Theme::apply(*qApp, Theme::Mode::Light);
        QWidget window;
        QCustomPlot* plot = makePlot(&window);
        stylePlot(plot);
        QCOMPARE(plot->xAxis->tickLabelColor(), colours().secondary);
        QCOMPARE(plot->xAxis->tickLabelFont().pointSizeF(), Theme::instance().secondaryFont().pointSizeF());
        QCOMPARE(plot->focusPolicy(), Qt::NoFocus);
        QVERIFY(plot->layer("cursor") != nullptr);
        QCOMPARE(plot->layer("cursor")->mode(), QCPLayer::lmBuffered);
    }
};

JACOBI_TEST(PlotPartsTest)
#include "tst_plotparts.moc"
