// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/selection.h"

#include "widgets/tracemodel.h"

#include <algorithm>

namespace jacobi {

Selection::Selection(QObject* parent) : QObject(parent)
{
    qRegisterMetaType<jacobi::Cell>();
    qRegisterMetaType<jacobi::IndexRange>();
}

void Selection::attach(TraceModel* model)
{
    if (m_model) {
        m_model->disconnect(this);
    }
    m_model = model;
    reset();
    if (model == nullptr) {
        return;
    }
    connect(model, &TraceModel::reset, this, &Selection::reset);
    connect(model, &TraceModel::passesAdded, this, [this](int, int to) { setPassCount(to); });
    setPassCount(model->passes());
}

void Selection::setRun(const QString& run)
{
    if (run != m_run) {
        m_run = run;
        Q_EMIT runChanged(run);
    }
}

Cell Selection::resolvedFocus() const
{
    Cell cell = focus();
    if (!cell.isNull() && cell.pass < 0) {
        cell.pass = m_currentPass;
    }
    return cell;
}

void Selection::reset()
{
    m_passCount = 0;
    setCurrent(-1);
    setHovered({});
    unpin();
    setPassRange({});
    setPositionRange({});
    setFollowLive(true);
}

void Selection::setCurrent(int pass)
{
    if (pass != m_currentPass) {
        m_currentPass = pass;
        Q_EMIT currentPassChanged(pass);
    }
}

void Selection::setPassCount(int passes)
{
    m_passCount = std::max(passes, 0);
    if (m_followLive || m_currentPass >= m_passCount) {
        setCurrent(m_passCount - 1);
    }
}

void Selection::goToPass(int pass)
{
    if (m_passCount == 0) {
        return;
    }
    const int target = std::clamp(pass, 0, m_passCount - 1);
    // Following is settled first, so that whoever hears of the pass already sees the right state.
    const bool follow = target == m_passCount - 1;
    if (follow != m_followLive) {
        m_followLive = follow;
        Q_EMIT followLiveChanged(follow);
    }
    setCurrent(target);
}

void Selection::stepBy(int passes)
{
    goToPass(m_currentPass + passes);
}

void Selection::first()
{
    goToPass(0);
}

void Selection::last()
{
    goToPass(m_passCount - 1);
}

void Selection::setFollowLive(bool follow)
{
    if (follow != m_followLive) {
        m_followLive = follow;
        Q_EMIT followLiveChanged(follow);
    }
    if (follow && m_passCount > 0) {
        setCurrent(m_passCount - 1);
    }
}

void Selection::setHovered(Cell cell)
{
    if (cell != m_hovered) {
        m_hovered = cell;
        Q_EMIT hoveredChanged(cell);
    }
}

void Selection::pin(Cell cell)
{
    if (cell != m_pinned) {
        m_pinned = cell;
        Q_EMIT pinnedChanged(cell);
    }
}

void Selection::togglePin(Cell cell)
{
    pin(cell == m_pinned ? Cell{} : cell);
}

void Selection::setPassRange(IndexRange range)
{
    if (range != m_passRange) {
        m_passRange = range;
        Q_EMIT passRangeChanged(range);
    }
}

void Selection::setPositionRange(IndexRange range)
{
    if (range != m_positionRange) {
        m_positionRange = range;
        Q_EMIT positionRangeChanged(range);
    }
}

} // namespace jacobi
