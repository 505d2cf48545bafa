// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <future>
#include <utility>

namespace jacobi {

/// The items of a numbered series, of which the next few are made on threads of their own while the caller works with the
/// last one: so that a GPU does not wait for pictures to be drawn. An item depends on its number alone, so the series is
/// the same however many are made ahead.
///
/// Thread rule: one thread takes; make() runs on others, several at a time.
template <class Item>
class MadeAhead {
public:
    /// ahead: how many items are being made at any time, a thread each; 0: take() makes each itself.
    MadeAhead(std::function<Item(std::int64_t)> make, std::size_t ahead) : m_make(std::move(make)), m_ahead(ahead) {}

    /// Throws what make() threw for this number. Asking for another number than the next drops what was made ahead.
    Item take(std::int64_t number)
    {
        if (m_ahead == 0) {
            return m_make(number);
        }
        if (m_first != number) {
            m_items.clear();
            m_first = number;
        }
        while (m_items.size() < m_ahead) {
            const std::int64_t next = m_first + static_cast<std::int64_t>(m_items.size());
            m_items.push_back(std::async(std::launch::async, m_make, next));
        }
        std::future<Item> item = std::move(m_items.front());
        m_items.pop_front();
        ++m_first;
        return item.get();
    }

private:
    std::function<Item(std::int64_t)> m_make;
    std::size_t m_ahead;
    std::int64_t m_first = 0; ///< number of the first of m_items
    std::deque<std::future<Item>> m_items;
};

} // namespace jacobi
