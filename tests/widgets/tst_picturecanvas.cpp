// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/testmain.h"
#include "tests/widgets/stage.h"
#include "widgets/picturecanvas.h"
#include "widgets/scalarmap.h"
#include "widgets/theme.h"

#include <QPainter>

#include <cmath>

using namespace jacobi;
using namespace jacobi::test;

namespace {

// A canvas on a screen with more pixels a point.
class SharpCanvas : public PictureCanvas {
public:
    SharpCanvas(Stage& stage, int ratio) : PictureCanvas(&stage.model, &stage.selection, nullptr), m_ratio(ratio) {}

    QImage shot()
    {
        QImage image(size() * m_ratio, QImage::Format_RGB32);
        image.setDevicePixelRatio(m_ratio);
        image.fill(Qt::black);
        render(&image, {}, {}, QWidget::DrawWindowBackground);
        return image;
    }

protected:
    int metric(PaintDeviceMetric which) const override
    {
        switch (which) {
        case PdmDevicePixelRatio: return m_ratio;
        case PdmDevicePixelRatioScaled: return static_cast<int>(m_ratio * devicePixelRatioFScale());
        default: return PictureCanvas::metric(which);
        }
    }

private:
    int m_ratio;
};

struct Shown : Stage {
    explicit Shown(const MadeTrace& made = {}, const QSize& size = {400, 400})
        : Stage(made), canvas(&model, &selection, nullptr)
    {
        present(canvas, size);
    }
    int accentAround(int position)
    {
        return pixelsOf(canvas, canvas.patchRect(position).toAlignedRect().adjusted(-1, -1, 1, 1), colours().accent);
    }
    PictureCanvas canvas;
};

QPointF middleOf(const PictureCanvas& canvas, int position)
{
    return canvas.patchRect(position).center();
}

} // namespace

class PictureCanvasTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void patchesAndPointsAreInverse()
    {
        Shown shown;
        for (int position = 0; position < shown.model.positions(); ++position) {
            const QRectF patch = shown.canvas.patchRect(position);
            QCOMPARE(shown.canvas.positionAt(patch.center()), position);
            QCOMPARE(shown.canvas.positionAt(patch.topLeft() + QPointF(0.25, 0.25)), position);
            QCOMPARE(shown.canvas.positionAt(patch.bottomRight() - QPointF(0.25, 0.25)), position);
        }
        QVERIFY(shown.canvas.patchRect(-1).isEmpty() && shown.canvas.patchRect(64).isEmpty());
        const QRectF picture = shown.canvas.pictureRect();
        QCOMPARE(shown.canvas.positionAt(picture.topLeft() - QPointF(2, 2)), -1);
        QCOMPARE(shown.canvas.positionAt(picture.bottomRight() + QPointF(2, 2)), -1);
    }

    void thePictureIsEnlargedInWholeSteps()
    {
        Shown shown({}, {400, 500}); // 64 pixels wide: six times fit
        QCOMPARE(shown.canvas.pictureRect().size(), QSizeF(384, 384));
        QCOMPARE(shown.canvas.pictureRect().center().toPoint(), QPoint(200, 250));
        QCOMPARE(shown.canvas.scalePercent(), 600.0);
        MadeTrace large;
        large.patchPixels = 100; // 800 pixels: shrunk to fit
        Shown shrunk(large, {400, 500});
        QCOMPARE(shrunk.canvas.pictureRect().size(), QSizeF(400, 400));
        QCOMPARE(shrunk.canvas.scalePercent(), 50.0);
    }

    void atHundredPercentAPixelIsAPixel_data()
    {
        QTest::addColumn<int>("ratio");
        QTest::newRow("one pixel a point") << 1;
        QTest::newRow("two pixels a point") << 2;
    }

    void atHundredPercentAPixelIsAPixel()
    {
        QFETCH(int, ratio);
        Stage stage(MadeTrace{});
        SharpCanvas canvas(stage, ratio);
        canvas.resize(251, 203); // odd, so that the middle falls between pixels
        canvas.setOverlay(Overlay::None, 30);
        canvas.setActualSize(true);
        QCOMPARE(canvas.devicePixelRatioF(), static_cast<qreal>(ratio));
        QCOMPARE(canvas.scalePercent(), 100.0);
        const QImage picture = stage.model.compose(stage.selection.currentPass());
        const QImage shot = canvas.shot();
        const QPoint at = (canvas.pictureRect().topLeft() * ratio).toPoint();
        QCOMPARE(canvas.pictureRect().topLeft() * ratio, QPointF(at)); // on the screen's own grid
        for (int y = 0; y < picture.height(); ++y) {
            for (int x = 0; x < picture.width(); ++x) {
                QCOMPARE(shot.pixel(at.x() + x, at.y() + y), picture.pixel(x, y));
            }
        }
    }

    void hoveringAPatchSelectsItsToken()
    {
        Shown shown;
        moveTo(&shown.canvas, middleOf(shown.canvas, 19));
        QCOMPARE(shown.selection.hovered(), (Cell{-1, 19}));
        moveTo(&shown.canvas, {3.0, 3.0}); // beside the picture
        QVERIFY(shown.selection.hovered().isNull());
        moveTo(&shown.canvas, middleOf(shown.canvas, 63));
        QCOMPARE(shown.selection.hovered(), (Cell{-1, 63}));
        QEvent leave(QEvent::Leave);
        QApplication::sendEvent(&shown.canvas, &leave);
        QVERIFY(shown.selection.hovered().isNull());
    }

    void aClickPinsAndFrees()
    {
        Shown shown;
        clickAt(&shown.canvas, middleOf(shown.canvas, 19));
        QCOMPARE(shown.selection.pinned(), (Cell{-1, 19}));
        clickAt(&shown.canvas, middleOf(shown.canvas, 19), Qt::RightButton);
        clickAt(&shown.canvas, {3.0, 3.0});
        QCOMPARE(shown.selection.pinned(), (Cell{-1, 19}));
        clickAt(&shown.canvas, middleOf(shown.canvas, 19));
        QVERIFY(!shown.selection.isPinned());
    }

    void withoutAPictureTheMouseFindsNothing()
    {
        Stage stage;
        PictureCanvas canvas(&stage.model, &stage.selection, nullptr);
        present(canvas, {300, 300});
        clickAt(&canvas, {150.0, 150.0});
        moveTo(&canvas, {151.0, 150.0});
        QVERIFY(!stage.selection.isPinned() && stage.selection.hovered().isNull());
        stage.model.appendHeader(makeHeader(2, 2)); // a layout, but no pass yet
        moveTo(&canvas, {152.0, 150.0});
        QVERIFY(stage.selection.hovered().isNull());
    }

    void anEmptyCanvasShowsThatItHasTheKeyboard()
    {
        Stage stage;
        PictureCanvas canvas(&stage.model, &stage.selection, nullptr);
        present(canvas, {300, 300});
        canvas.activateWindow();
        QVERIFY(QTest::qWaitForWindowActive(&canvas));
        canvas.setFocus();
        QVERIFY(canvas.hasFocus());
        QVERIFY(pixelsOf(canvas, canvas.rect(), colours().accent) > 800); // around it
        canvas.clearFocus();
        QCOMPARE(pixelsOf(canvas, canvas.rect(), colours().accent), 0);
    }

    void whatIsHoveredElsewhereIsOutlined()
    {
        Shown shown;
        QCOMPARE(shown.accentAround(19), 0);
        shown.selection.setHovered({2, 19}); // as the trajectory does
        const int outline = shown.accentAround(19);
        QVERIFY(outline > 100);
        QCOMPARE(shown.accentAround(21), 0);
        shown.selection.clearHovered();
        QCOMPARE(shown.accentAround(19), 0);
        shown.selection.pin({-1, 19});
        shown.selection.setHovered({-1, 44});
        QVERIFY(shown.accentAround(19) > 100 && shown.accentAround(44) > 100);
    }

    void aHoveredPassOutlinesWhatItAccepted()
    {
        Shown shown;
        const int pass = shown.model.passOfAcceptance(30);
        shown.selection.setHovered({pass, -1});
        const int begin = shown.model.committedEnd(pass - 1);
        const int end = shown.model.committedEnd(pass);
        for (int position = begin; position < end; ++position) {
            QVERIFY(shown.accentAround(position) > 50);
        }
        QCOMPARE(shown.accentAround(begin > 31 ? 5 : 60), 0);
        shown.selection.setHovered({shown.model.passes() + 3, -1});
        const QRect inside = shown.canvas.pictureRect().toAlignedRect().adjusted(2, 2, -2, -2); // of the focus frame
        QCOMPARE(pixelsOf(shown.canvas, inside, colours().accent), 0);
    }

    void shiftAndArrowsMoveThePin()
    {
        Shown shown;
        shown.selection.goToPass(4);
        const auto press = [&](Qt::Key key) { QTest::keyClick(&shown.canvas, key, Qt::ShiftModifier); };
        press(Qt::Key_Right); // begins at the first token that is not final
        const int begin = shown.model.committedEnd(4);
        QCOMPARE(shown.selection.pinned(), (Cell{-1, begin}));
        press(Qt::Key_Right);
        press(Qt::Key_Down);
        QCOMPARE(shown.selection.pinned(), (Cell{-1, begin + 9}));
        press(Qt::Key_Up);
        press(Qt::Key_Left);
        QCOMPARE(shown.selection.pinned(), (Cell{-1, begin}));
        QTest::keyClick(&shown.canvas, Qt::Key_Right); // alone they are the scrubber's
        QCOMPARE(shown.selection.pinned(), (Cell{-1, begin}));
        shown.selection.pin({-1, 63});
        press(Qt::Key_Right);
        press(Qt::Key_Down);
        QCOMPARE(shown.selection.pinned(), (Cell{-1, 63}));
    }

    // The sentence of a run without a picture is the same while it is under way and after it.
    void aRunWithoutAPictureSaysSoWhileItRuns()
    {
        const auto shot = [](bool live) {
            Stage stage;
            PictureCanvas canvas(&stage.model, &stage.selection, nullptr);
            present(canvas, {300, 200});
            stage.model.appendHeader(makeHeader(1, 4, 0)); // patches of no pixels
            stage.model.appendStep(makeStep(0, {1}, 1));
            if (!live) {
                stage.model.appendSummary({});
            }
            return canvas.grab().toImage();
        };
        QCOMPARE(shot(true), shot(false));
    }

    void itDescribesItself()
    {
        Shown shown;
        shown.selection.goToPass(3);
        const QString text = QString("Pass 3, %1 of 64 tokens accepted").arg(shown.model.committedEnd(3));
        QTRY_COMPARE(shown.canvas.accessibleDescription(), text);
    }
};

JACOBI_TEST(PictureCanvasTest)
#include "tst_picturecanvas.moc"
