// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/testmain.h"
#include "tests/widgets/stage.h"
#include "widgets/theme.h"
#include "widgets/trajectoryraster.h"

#include <QRectF>

#include <set>

using namespace jacobi;
using namespace jacobi::test;

namespace {

QRectF wholeOf(const TraceModel& model)
{
    return {0.0, 0.0, static_cast<double>(model.positions()), static_cast<double>(model.passes())};
}

QRgb colourAt(const TraceModel& model, int pass, int position, const Palette& palette)
{
    return cellColour(static_cast<int>(model.stateAt(pass, position)), palette);
}

} // namespace

class TrajectoryRasterTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void everyStateHasItsOwnColour_data()
    {
        QTest::addColumn<bool>("dark");
        QTest::newRow("dark") << true;
        QTest::newRow("light") << false;
    }

    void everyStateHasItsOwnColour()
    {
        QFETCH(bool, dark);
        const Palette& palette = Theme::palette(dark);
        std::set<QRgb> colours;
        for (int state = 0; state <= static_cast<int>(CellState::AcceptedBefore); ++state) {
            colours.insert(cellColour(state, palette));
        }
        QCOMPARE(colours.size(), std::size_t{6});
        QCOMPARE(cellColour(static_cast<int>(CellState::AcceptedNow), palette), palette.accepted.rgb());
        QCOMPARE(cellColour(static_cast<int>(CellState::Redrawn), palette), palette.redrawn.rgb());
        QCOMPARE(cellColour(99, palette), palette.plotGround.rgb());
    }

    void largeCellsAreSquaresOfTheirColour()
    {
        Stage stage(MadeTrace{});
        const TraceModel& model = stage.model;
        const Palette& palette = Theme::palette(true);
        const QSize size(model.positions() * 3, model.passes() * 5);
        const QImage image = renderTrajectory(model, wholeOf(model), size, palette);
        QCOMPARE(image.size(), size);
        for (int y = 0; y < size.height(); ++y) {
            for (int x = 0; x < size.width(); ++x) {
                QCOMPARE(image.pixel(x, y), colourAt(model, y / 5, x / 3, palette));
            }
        }
    }

    void aPartShowsItsOwnCells()
    {
        Stage stage(MadeTrace{});
        const Palette& palette = Theme::palette(false);
        const QImage image = renderTrajectory(stage.model, {10.0, 4.0, 6.0, 3.0}, {24, 12}, palette);
        for (int pass = 0; pass < 3; ++pass) {
            for (int position = 0; position < 6; ++position) {
                QCOMPARE(image.pixel(position * 4 + 2, pass * 4 + 2),
                         colourAt(stage.model, pass + 4, position + 10, palette));
            }
        }
    }

    void beyondTheTraceIsGround()
    {
        Stage stage(MadeTrace{});
        const int passes = stage.model.passes();
        const Palette& palette = Theme::palette(true);
        const QImage image = renderTrajectory(stage.model, {-8.0, passes - 4.0, 80.0, 8.0}, {160, 16}, palette);
        QCOMPARE(image.pixel(2, 2), palette.plotGround.rgb());
        QCOMPARE(image.pixel(158, 2), palette.plotGround.rgb());
        QCOMPARE(image.pixel(80, 14), palette.plotGround.rgb());
        QVERIFY(image.pixel(80, 2) != palette.plotGround.rgb());
    }

    // Four cells a pixel: the colour is their mean, and no cell is lost.
    void smallCellsAreAveraged()
    {
        TraceModel model;
        model.appendHeader(makeHeader(1, 4));
        model.appendStep(makeStep(0, {1, 2}, 1));
        model.appendStep(makeStep(1, {2, 3}, 1));
        const Palette& palette = Theme::palette(true);
        double sum[3] = {0.0, 0.0, 0.0};
        for (int pass = 0; pass < 2; ++pass) {
            for (int position = 0; position < 2; ++position) {
                const QRgb colour = colourAt(model, pass, position, palette);
                sum[0] += qRed(colour) / 4.0;
                sum[1] += qGreen(colour) / 4.0;
                sum[2] += qBlue(colour) / 4.0;
            }
        }
        const QRgb mean = renderTrajectory(model, {0.0, 0.0, 4.0, 2.0}, {2, 1}, palette).pixel(0, 0);
        QVERIFY(std::abs(qRed(mean) - sum[0]) <= 1.0);
        QVERIFY(std::abs(qGreen(mean) - sum[1]) <= 1.0);
        QVERIFY(std::abs(qBlue(mean) - sum[2]) <= 1.0);
    }

    void partialCellsWeighByWhatIsSeenOfThem()
    {
        TraceModel model;
        model.appendHeader(makeHeader(1, 4));
        model.appendStep(makeStep(0, {1, 2}, 1)); // accepted now, new, outside, outside
        const Palette& palette = Theme::palette(true);
        // One pixel over [0, 1.5): two thirds accepted, one third new.
        const QRgb pixel = renderTrajectory(model, {0.0, 0.0, 1.5, 1.0}, {1, 1}, palette).pixel(0, 0);
        QVERIFY(std::abs(qGreen(pixel) - (palette.accepted.green() * 2.0 + palette.fresh.green()) / 3.0) <= 1.0);
    }

    void nothingToPaintIsNoImage()
    {
        Stage stage(MadeTrace{});
        const Palette& palette = Theme::palette(true);
        QVERIFY(renderTrajectory(stage.model, wholeOf(stage.model), {0, 5}, palette).isNull());
        QVERIFY(renderTrajectory(stage.model, {0.0, 0.0, 0.0, 5.0}, {5, 5}, palette).isNull());
        QVERIFY(renderTrajectory(stage.model, {0.0, 0.0, qQNaN(), 5.0}, {5, 5}, palette).isNull());
        const QImage empty = renderTrajectory(TraceModel(), {0.0, 0.0, 5.0, 5.0}, {5, 5}, palette);
        QCOMPARE(pixelsOf(empty, empty.rect(), palette.plotGround), 25);
    }
};

JACOBI_TEST(TrajectoryRasterTest)
#include "tst_trajectoryraster.moc"
