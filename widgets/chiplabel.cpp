// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/chiplabel.h"

#include "widgets/numberlabel.h"
#include "widgets/theme.h"

#include <QEvent>
#include <QKeyEvent>
#include <QMenu>
#include <QPainter>

#include <algorithm>
#include <cmath>
#include <iterator>

namespace jacobi {
namespace {

constexpr int kHeight = 22;
constexpr int kPadding = 10;

QColor toneColour(ChipLabel::Tone tone)
{
    const Palette& c = colours();
    switch (tone) {
    case ChipLabel::Tone::Good: return c.accepted;
    case ChipLabel::Tone::Accent: return c.accent;
    case ChipLabel::Tone::Warning: return c.redrawn;
    case ChipLabel::Tone::Bad: return c.rejected;
    case ChipLabel::Tone::Neutral: break;
    }
    return c.secondary;
}

} // namespace

ChipLabel::ChipLabel(const QString& text, QWidget* parent) : ChipLabel(text, Tone::Neutral, parent) {}

ChipLabel::ChipLabel(const QString& text, Tone tone, QWidget* parent) : QAbstractButton(parent), m_tone(tone)
{
    setText(text);
    setSizePolicy(QSizePolicy::Fixed, QSizePolicy::Fixed);
    setFocusPolicy(Qt::NoFocus);
    setFont(Theme::instance().secondaryFont());
    connect(&Theme::instance(), &Theme::changed, this, [this] {
        setFont(Theme::instance().secondaryFont());
        update();
    });
}

void ChipLabel::setTone(Tone tone)
{
    if (tone != m_tone) {
        m_tone = tone;
        update();
    }
}

void ChipLabel::setClickable(bool clickable)
{
    m_clickable = clickable;
    setFocusPolicy(clickable ? Qt::TabFocus : Qt::NoFocus); // a click leaves the keys to what is looked at
    setCursor(clickable ? Qt::PointingHandCursor : Qt::ArrowCursor);
    setAttribute(Qt::WA_Hover, clickable);
}

void ChipLabel::setMenu(QMenu* menu)
{
    m_menu = menu;
    setClickable(menu != nullptr);
    disconnect(this, &QAbstractButton::clicked, this, &ChipLabel::openMenu);
    if (menu != nullptr) {
        connect(this, &QAbstractButton::clicked, this, &ChipLabel::openMenu);
    }
}

void ChipLabel::openMenu()
{
    m_menu->popup(mapToGlobal(QPoint(0, height() + 2)));
}

void ChipLabel::setWidestText(const QString& text)
{
    m_widest = text;
    updateGeometry();
}

QSize ChipLabel::sizeHint() const
{
    const qreal width = std::max(tabularWidth(font(), text()), tabularWidth(font(), m_widest));
    return {static_cast<int>(std::ceil(width)) + 2 * kPadding, kHeight};
}

bool ChipLabel::hitButton(const QPoint& position) const
{
    return m_clickable && rect().contains(position);
}

void ChipLabel::keyPressEvent(QKeyEvent* event)
{
    if (m_clickable && (event->key() == Qt::Key_Return || event->key() == Qt::Key_Enter)) {
        click();
        return;
    }
    constexpr Qt::Key kArrows[] = {Qt::Key_Left, Qt::Key_Right, Qt::Key_Up, Qt::Key_Down};
    if (std::ranges::find(kArrows, event->key()) != std::end(kArrows)) {
        event->ignore(); // a button would look for another one at that side
        return;
    }
    QAbstractButton::keyPressEvent(event);
}

bool ChipLabel::event(QEvent* event)
{
    if (event->type() == QEvent::PaletteChange || event->type() == QEvent::FontChange) {
        updateGeometry();
        update();
    }
    return QAbstractButton::event(event);
}

void ChipLabel::paintEvent(QPaintEvent*)
{
    const Palette& c = colours();
    const bool neutral = m_tone == Tone::Neutral;
    const QColor tone = toneColour(m_tone);
    const bool lit = isEnabled() && m_clickable && (underMouse() || isDown());
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    const QRectF pill = QRectF(rect()).adjusted(0.5, 0.5, -0.5, -0.5);
    QColor fill = neutral ? c.raised : tone;
    if (!neutral) {
        fill.setAlphaF(lit ? 0.26F : isChecked() || !isCheckable() ? 0.12F : 0.0F);
    } else if (lit) {
        fill = c.line;
    }
    const bool isOn = neutral && isCheckable() && isChecked();
    if (isOn && !lit) {
        fill = c.accent;
        fill.setAlphaF(0.18F);
    }
    const bool focused = hasFocus();
    painter.setBrush(fill);
    painter.setPen(QPen(focused || isOn ? c.accent : neutral ? c.line : tone, focused ? 1.6 : 1.0));
    painter.drawRoundedRect(pill, pill.height() / 2.0, pill.height() / 2.0);
    QColor ink = isOn ? c.text : neutral ? c.secondary : tone;
    if (!isEnabled()) {
        ink.setAlphaF(0.5F);
    }
    painter.setFont(font());
    painter.setPen(ink);
    drawTabular(painter, rect(), Qt::AlignCenter, text());
}

} // namespace jacobi
