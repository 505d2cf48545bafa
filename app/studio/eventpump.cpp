// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/studio/eventpump.h"

#include <algorithm>
#include <utility>

namespace jacobi {

void EventPump::header(const std::shared_ptr<const RunHeader>& header)
{
    const std::lock_guard lock(m_mutex);
    m_isFlow = header != nullptr && header->layout.isFlow();
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
    if (m_isFlow) {
        m_waiting.previews.push_back(preview);
        return;
    }
    const auto older = std::ranges::find(m_waiting.previews, preview->item,
                                         [](const auto& waiting) { return waiting->item; });
    if (older != m_waiting.previews.end()) {
        m_waiting.previews.erase(older);
    }
    m_waiting.previews.push_back(preview);
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
