// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/segmentedcontrol.h"

#include "widgets/theme.h"

#include <QAbstractButton>
#include <QButtonGroup>
#include <QHBoxLayout>
#include <QPainter>
#include <QPainterPath>

#include <utility>

namespace jacobi {
namespace {

constexpr int kHeight = 30;

// One segment. Its row in the layout says which of its corners are round.
class Segment : public QAbstractButton {
public:
    Segment(const QString& text, QWidget* parent) : QAbstractButton(parent)
    {
        setText(text);
        setAccessibleName(text);
        setCheckable(true);
        setFocusPolicy(Qt::NoFocus); // until it is chosen
        setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
        setAttribute(Qt::WA_Hover);
    }

    QSize sizeHint() const override
    {
        QFont strong = font();
        strong.setWeight(QFont::DemiBold);
        return {QFontMetrics(strong).horizontalAdvance(text()) + 24, kHeight};
    }
    QSize minimumSizeHint() const override { return sizeHint(); }

protected:
    void paintEvent(QPaintEvent*) override
    {
        const Palette& c = colours();
        const QWidget* frame = parentWidget();
        QPainter painter(this);
        painter.setRenderHint(QPainter::Antialiasing);
        // The control's whole outline, of which this segment shows its own part.
        const QRectF whole = QRectF(frame->rect()).translated(-pos()).adjusted(0.5, 0.5, -0.5, -0.5);
        QPainterPath outline;
        outline.addRoundedRect(whole, 6, 6);
        painter.save();
        painter.setClipRect(rect());
        painter.fillPath(outline, underMouse() && isEnabled() && !isChecked() ? c.line : c.raised);
        if (isChecked()) {
            QPainterPath own;
            own.addRect(QRectF(rect()));
            painter.fillPath(outline.intersected(own), isEnabled() ? c.accent : c.kept);
        }
        painter.strokePath(outline, QPen(c.line, 1.0));
        if (pos().x() > 0) {
            painter.setRenderHint(QPainter::Antialiasing, false);
            painter.fillRect(QRect(0, 1, 1, height() - 2), c.line);
        }
        painter.restore();
        if (hasFocus()) {
            painter.setPen(QPen(isChecked() ? c.onAccent : c.accent, 1.0));
            painter.drawRoundedRect(QRectF(rect()).adjusted(2.5, 2.5, -2.5, -2.5), 4, 4);
        }
        QFont face = font();
        face.setWeight(isChecked() ? QFont::DemiBold : QFont::Normal);
        painter.setFont(face);
        painter.setPen(isChecked() ? c.onAccent : c.secondary);
        painter.setOpacity(isEnabled() ? 1.0 : 0.5);
        painter.drawText(rect(), Qt::AlignCenter, text());
    }
};

} // namespace

SegmentedControl::SegmentedControl(QWidget* parent) : QWidget(parent), m_group(new QButtonGroup(this))
{
    auto* row = new QHBoxLayout(this);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(0);
    m_group->setExclusive(true);
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    connect(m_group, &QButtonGroup::idToggled, this, [this](int index, bool checked) {
        if (checked) {
            takeTabStop(m_group->button(index));
            Q_EMIT currentChanged(m_ids.at(index));
        }
    });
    connect(m_group, &QButtonGroup::idClicked, this, [this](int index) { Q_EMIT chosen(m_ids.at(index)); });
    connect(&Theme::instance(), &Theme::changed, this, [this] { update(); });
}

void SegmentedControl::addSegment(const QString& id, const QString& text, const QString& toolTip)
{
    auto* segment = new Segment(text, this);
    segment->setToolTip(toolTip);
    layout()->addWidget(segment);
    m_ids.push_back(id);
    m_toolTips.push_back(toolTip);
    m_group->addButton(segment, count() - 1);
    if (count() == 1) {
        segment->setChecked(true);
    }
}

/// In the place of the one before it, wherever in the window's order that is.
void SegmentedControl::takeTabStop(QAbstractButton* segment)
{
    QAbstractButton* before = std::exchange(m_stop, segment);
    segment->setFocusPolicy(Qt::TabFocus);
    if (before == nullptr || before == segment) {
        return;
    }
    setTabOrder(before, segment);
    before->setFocusPolicy(Qt::NoFocus);
    if (before->hasFocus()) {
        segment->setFocus(Qt::OtherFocusReason);
    }
}

QAbstractButton* SegmentedControl::button(const QString& id) const
{
    return m_group->button(static_cast<int>(m_ids.indexOf(id)));
}

void SegmentedControl::setDisabledReason(const QString& id, const QString& reason)
{
    if (QAbstractButton* segment = m_ids.contains(id) ? button(id) : nullptr) {
        segment->setEnabled(reason.isEmpty());
        segment->setToolTip(reason.isEmpty() ? m_toolTips.at(m_ids.indexOf(id)) : reason);
    }
}

QString SegmentedControl::currentId() const
{
    const int index = m_group->checkedId();
    return index < 0 ? QString() : m_ids.at(index);
}

void SegmentedControl::setCurrentId(const QString& id)
{
    if (m_ids.contains(id)) {
        button(id)->setChecked(true);
    }
}

} // namespace jacobi
