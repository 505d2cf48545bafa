// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/studio/eventpump.h"

#include <utility>

namespace jacobi {

void EventPump::header(const std::shared_ptr<const RunHeader>& header)
{
    const std::lock_guard lock(m_mutex);
    m_waiting.header = header;
}

void EventPump::step(const std::shared_ptr<const Step>& step)
{
    const std::lock_guard lock(m_mutex);
    m_waiting.steps.push_back(step);
}

void EventPump::preview(const std::shared_ptr<const Preview>& preview)
{
    const std::lock_guard lock(m_mutex);
    m_waiting.preview = preview;
}

void EventPump::summary(const RunSummary& summary)
{
    const std::lock_guard lock(m_mutex);
    m_waiting.summary = summary;
}

EventBatch EventPump::take()
{
    const std::lock_guard lock(m_mutex);
    return std::exchange(m_waiting, {});
}

} // namespace jacobi
