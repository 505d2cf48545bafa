// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/studio/topbar.h"

#include "widgets/chiplabel.h"
#include "widgets/segmentedcontrol.h"
#include "widgets/theme.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QMenu>
#include <QPainter>
#include <QPushButton>
#include <QToolButton>

#include <algorithm>

namespace jacobi {
namespace {

constexpr int kHeight = 44;

} // namespace

TopBar::TopBar(QMenu* menu, QWidget* parent)
    : QWidget(parent),
      m_tabs(new SegmentedControl(this)),
      m_device(new ChipLabel(tr("Starting"), this)),
      m_pause(new QPushButton(tr("Resume"), this)),
      m_step(new QPushButton(tr("Step"), this)),
      m_stop(new QPushButton(tr("Stop"), this))
{
    setFixedHeight(kHeight);
    auto* name = new QLabel(tr("Jacobi Studio"), this);
    Theme::setRole(name, Theme::Role::Title);
    auto* more = new QToolButton(this);
    more->setText(tr("Menu"));
    more->setMenu(menu);
    more->setPopupMode(QToolButton::InstantPopup);
    more->setStyleSheet(QStringLiteral("QToolButton::menu-indicator { image: none; }"));
    more->setAccessibleName(tr("Menu"));

    m_tabs->setAccessibleName(tr("Workspace"));
    m_tabs->addSegment(QLatin1String(kImage), tr("Image"), tr("Pictures of tokens, many a pass (Ctrl+1)"));
    m_tabs->addSegment(QLatin1String(kFlow), tr("Flow"), tr("Pictures by a normalizing flow (Ctrl+2)"));
    connect(m_tabs, &SegmentedControl::chosen, this, &TopBar::workspaceChosen);

    auto* row = new QHBoxLayout(this);
    row->setContentsMargins(14, 0, 14, 0);
    row->setSpacing(8);
    row->addWidget(name);
    row->addSpacing(8);
    row->addWidget(m_tabs);
    row->addSpacing(8);
    row->addWidget(more);
    row->addStretch(1);
    row->addWidget(m_device);
    row->addSpacing(4);
    // Wide enough for both its words: nothing moves when it changes.
    m_pause->setFixedWidth(std::max(m_pause->sizeHint().width(), QPushButton(tr("Pause")).sizeHint().width()) + 8);
    for (QPushButton* button : {m_pause, m_step, m_stop}) {
        row->addWidget(button);
    }
    m_step->setToolTip(tr("Make one pass, then pause"));
    m_stop->setToolTip(tr("Stop the run within one pass (Escape, Ctrl+.)"));

    connect(m_pause, &QPushButton::clicked, this, [this] {
        if (m_phase == Session::Phase::Paused) {
            Q_EMIT resumeRequested();
        } else {
            Q_EMIT pauseRequested();
        }
    });
    connect(m_step, &QPushButton::clicked, this, &TopBar::stepRequested);
    connect(m_stop, &QPushButton::clicked, this, &TopBar::stopRequested);
    showPhase(m_phase);
}

void TopBar::showPhase(Session::Phase phase)
{
    using Phase = Session::Phase;
    m_phase = phase;
    const bool canPause = phase == Phase::Running || phase == Phase::Paused;
    const bool holdsFocus = m_pause->hasFocus() || m_step->hasFocus() || m_stop->hasFocus();
    if (holdsFocus && !canPause) { // else it would wander into the prompt
        window()->setFocus();
    }
    m_pause->setText(phase == Phase::Paused ? tr("Resume") : tr("Pause"));
    m_pause->setToolTip(phase == Phase::Paused ? tr("Go on with the run") : tr("Pause the run after this pass"));
    m_pause->setEnabled(canPause);
    m_step->setEnabled(canPause);
    m_stop->setEnabled(canPause || phase == Phase::Starting || m_isAnalysing);
}

void TopBar::showAnalysing(bool on)
{
    m_isAnalysing = on;
    showPhase(m_phase);
}

void TopBar::showDevice(const QString& text, const QString& detail, bool isTrouble)
{
    m_device->setText(text);
    m_device->setTone(isTrouble ? ChipLabel::Tone::Bad : ChipLabel::Tone::Good);
    m_device->setToolTip(detail);
    m_device->setAccessibleDescription(detail);
}

void TopBar::paintEvent(QPaintEvent*)
{
    QPainter painter(this);
    painter.fillRect(rect(), colours().panel);
    painter.fillRect(QRect(0, height() - 1, width(), 1), colours().line);
}

} // namespace jacobi
