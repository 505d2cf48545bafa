// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/studio/noticebar.h"

#include "widgets/theme.h"

#include <QAccessible>
#include <QApplication>
#include <QEvent>
#include <QHBoxLayout>
#include <QLabel>
#include <QPainter>
#include <QPushButton>

#include <algorithm>
#include <utility>

namespace jacobi {
namespace {

constexpr int kMargin = 16; // to the parent's sides
constexpr int kStripe = 4;  // of the tone's colour at the left

} // namespace

NoticeBar::NoticeBar(QWidget* parent, int top)
    : QFrame(parent), m_text(new QLabel(this)), m_action(new QPushButton(this)), m_top(top)
{
    auto* close = new QPushButton(tr("Close"), this);
    m_text->setWordWrap(true);
    m_text->setTextFormat(Qt::PlainText);
    m_text->setTextInteractionFlags(Qt::TextSelectableByMouse);
    auto* row = new QHBoxLayout(this);
    row->setContentsMargins(14 + kStripe, 8, 10, 8);
    row->setSpacing(8);
    row->addWidget(m_text, 1);
    row->addWidget(m_action);
    row->addWidget(close);
    connect(close, &QPushButton::clicked, this, [this] {
        dismiss();
        Q_EMIT closed();
    });
    m_timer.setSingleShot(true);
    connect(&m_timer, &QTimer::timeout, this, [this] {
        const QWidget* focus = window()->focusWidget();
        if (underMouse() || (focus != nullptr && isAncestorOf(focus))) {
            waitToPass();
        } else {
            dismiss();
        }
    });
    connect(m_action, &QPushButton::clicked, this, [this] {
        const std::function<void()> action = std::exchange(m_onAction, nullptr);
        dismiss();
        if (action) {
            action();
        }
    });
    parent->installEventFilter(this);
    connect(qApp, &QApplication::focusChanged, this, [this](QWidget* old, QWidget* now) {
        if (now != nullptr && isAncestorOf(now) && old != nullptr && !isAncestorOf(old)) {
            m_before = old;
        }
    });
    hide();
}

void NoticeBar::show(Tone tone, const QString& sentence, const QString& buttonText, std::function<void()> action)
{
    m_tone = tone;
    m_text->setText(sentence);
    m_action->setText(buttonText);
    m_action->setVisible(!buttonText.isEmpty());
    m_onAction = std::move(action);
    setAccessibleName(sentence);
    setVisible(true);
    place();
    raise();
    update();
    waitToPass();
    QAccessibleEvent alert(this, QAccessible::Alert);
    QAccessible::updateAccessibility(&alert);
}

void NoticeBar::setQuietPlace(QWidget* place)
{
    m_quietPlace = place;
    place->installEventFilter(this);
}

bool NoticeBar::passes() const
{
    return m_tone == Tone::Note && m_action->isHidden();
}

void NoticeBar::waitToPass()
{
    constexpr int kLetterMs = 40; // of reading
    m_timer.stop();
    if (passes()) {
        m_timer.start(m_patience + std::chrono::milliseconds(kLetterMs * m_text->text().size()));
    }
}

void NoticeBar::enterEvent(QEnterEvent*)
{
    m_timer.stop();
}

void NoticeBar::leaveEvent(QEvent*)
{
    waitToPass();
}

QString NoticeBar::sentence() const
{
    return isVisibleTo(parentWidget()) ? m_text->text() : QString();
}

void NoticeBar::dismiss()
{
    // What is hidden gives the keyboard to whatever comes next in line, be it a setting: it goes back where it was.
    const QWidget* focus = window()->focusWidget();
    if (isVisible() && focus != nullptr && isAncestorOf(focus)) {
        const bool isThere =
            m_before != nullptr && m_before->window() == window() && m_before->isVisible() && m_before->isEnabled();
        (isThere ? m_before.data() : parentWidget())->setFocus();
    }
    m_timer.stop();
    setVisible(false);
}

void NoticeBar::place()
{
    const int width = parentWidget()->width() - 2 * kMargin;
    const int height = layout()->hasHeightForWidth() ? layout()->totalHeightForWidth(width) : sizeHint().height();
    int top = m_top;
    if (passes() && m_quietPlace != nullptr) {
        const int bottom = m_quietPlace->mapTo(parentWidget(), QPoint(0, m_quietPlace->height())).y();
        top = std::max(m_top, bottom - height);
    }
    setGeometry(kMargin, top, width, height);
}

bool NoticeBar::eventFilter(QObject* watched, QEvent* event)
{
    const bool isOther = event->type() == QEvent::Resize || (event->type() == QEvent::Move && watched == m_quietPlace);
    if ((watched == parentWidget() || watched == m_quietPlace) && isOther && isVisible()) {
        place();
    }
    return QFrame::eventFilter(watched, event);
}

void NoticeBar::paintEvent(QPaintEvent*)
{
    const Palette& c = colours();
    const QColor tone = m_tone == Tone::Error ? c.rejected : m_tone == Tone::Warning ? c.redrawn : c.accent;
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(QPen(c.line, 1.0));
    painter.setBrush(c.panel);
    painter.drawRoundedRect(QRectF(rect()).adjusted(0.5, 0.5, -0.5, -0.5), 6, 6);
    painter.setPen(Qt::NoPen);
    painter.setBrush(tone);
    painter.drawRoundedRect(QRectF(6, 8, kStripe, height() - 16), 2, 2);
}

} // namespace jacobi
