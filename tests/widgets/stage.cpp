// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/widgets/stage.h"

#include "widgets/theme.h"

#include <QApplication>
#include <QWheelEvent>
#include <QWindow>
#include <QtTest>

namespace jacobi::test {
namespace {

QPoint inWindow(const QWidget* widget, const QPointF& point)
{
    return widget->mapTo(widget->window(), point).toPoint();
}

QWindow* windowOf(const QWidget* widget)
{
    return widget->window()->windowHandle();
}

} // namespace

QColor codeColourOf(int code)
{
    return {(40 + 13 * code) % 256, (200 - 11 * code) & 255, (90 + 29 * code) % 256};
}

std::shared_ptr<RunHeader> makeHeader(std::uint32_t rows, std::uint32_t columns, std::uint32_t patchPixels,
                                      std::uint32_t codes)
{
    auto header = std::make_shared<RunHeader>();
    header->layout = {rows, columns, codes, patchPixels};
    header->codeColours.resize(codes);
    for (std::uint32_t code = 0; code < codes; ++code) {
        const QColor colour = codeColourOf(static_cast<int>(code));
        for (std::size_t i = 0; i < 48; i += 3) {
            header->codeColours[code][i] = static_cast<std::uint8_t>(colour.red());
            header->codeColours[code][i + 1] = static_cast<std::uint8_t>(colour.green());
            header->codeColours[code][i + 2] = static_cast<std::uint8_t>(colour.blue());
        }
    }
    return header;
}

std::shared_ptr<Step> makeStep(std::uint32_t begin, std::vector<std::int32_t> tokens, std::uint32_t committedEnd)
{
    auto step = std::make_shared<Step>();
    step->begin = begin;
    step->end = begin + static_cast<std::uint32_t>(tokens.size());
    step->committedEnd = committedEnd;
    step->forwardNs = 1'500'000;
    step->samplingNs = 500'000;
    step->token = std::move(tokens);
    return step;
}

std::shared_ptr<Preview> makePreview(std::uint32_t width, std::uint32_t height, const QColor& colour,
                                     std::uint32_t committedEnd)
{
    auto preview = std::make_shared<Preview>();
    preview->width = width;
    preview->height = height;
    preview->committedEnd = committedEnd;
    for (std::uint32_t pixel = 0; pixel < width * height; ++pixel) {
        for (const int channel : {colour.red(), colour.green(), colour.blue()}) {
            preview->rgb.push_back(static_cast<std::uint8_t>(channel));
        }
    }
    return preview;
}

void present(QWidget& widget, const QSize& size, bool dark)
{
    Theme::apply(*qApp, dark ? Theme::Mode::Dark : Theme::Mode::Light);
    widget.resize(size);
    widget.show();
    QVERIFY(QTest::qWaitForWindowExposed(&widget));
}

void moveTo(QWidget* widget, const QPointF& point)
{
    QTest::mouseMove(windowOf(widget), inWindow(widget, point));
}

void pressAt(QWidget* widget, const QPointF& point, Qt::MouseButton button)
{
    QTest::mousePress(windowOf(widget), button, {}, inWindow(widget, point));
}

void releaseAt(QWidget* widget, const QPointF& point, Qt::MouseButton button)
{
    QTest::mouseRelease(windowOf(widget), button, {}, inWindow(widget, point));
}

void clickAt(QWidget* widget, const QPointF& point, Qt::MouseButton button)
{
    QTest::mouseClick(windowOf(widget), button, {}, inWindow(widget, point));
}

void doubleClickAt(QWidget* widget, const QPointF& point)
{
    QTest::mouseDClick(windowOf(widget), Qt::LeftButton, {}, inWindow(widget, point));
}

void wheelAt(QWidget* widget, const QPointF& point, int notches)
{
    QWheelEvent event(point, widget->mapToGlobal(point), QPoint(), QPoint(0, 120 * notches), Qt::NoButton,
                      Qt::NoModifier, Qt::NoScrollPhase, false);
    QApplication::sendEvent(widget, &event);
}

int pixelsOf(const QImage& image, const QRect& part, const QColor& colour)
{
    int found = 0;
    const QRect inside = part & image.rect();
    for (int y = inside.top(); y <= inside.bottom(); ++y) {
        for (int x = inside.left(); x <= inside.right(); ++x) {
            found += image.pixelColor(x, y).rgb() == colour.rgb() ? 1 : 0;
        }
    }
    return found;
}

int pixelsOf(QWidget& widget, const QRect& part, const QColor& colour)
{
    return pixelsOf(widget.grab().toImage(), part, colour);
}

} // namespace jacobi::test
