// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/device/passpipeline.h"

#include <algorithm>
#include <array>
#include <optional>
#include <stdexcept>
#include <vector>

namespace jacobi::test {

/// A device that makes passes when it is told to, or when somebody waits for one. Pass k of a picture commits 1 + k mod 3
/// of its positions. Keeps its records in a ring, as a GPU does, and refuses to read one that was overwritten.
class FakePassDevice final : public PassDevice {
public:
    FakePassDevice(std::uint32_t items, std::uint32_t positions) : m_positions(items, positions), m_pictures(items) {}

    void setPositions(std::uint32_t item, std::uint32_t positions) { m_positions[item] = positions; }
    std::optional<std::uint64_t> badPass;     ///< item 0 has no numbers from here on
    std::optional<std::uint64_t> lostAt;      ///< waiting for this replay or a later one fails
    std::optional<std::uint64_t> refusesFrom; ///< this replay cannot be enqueued
    std::uint32_t mostInFlight = 0;           ///< enqueued, record not read yet
    std::uint64_t enqueued() const { return m_enqueued; }
    std::uint64_t ran() const { return m_ran; }

    /// The device gets on with what it has; false where there is nothing.
    bool runOne()
    {
        if (m_ran == m_enqueued) {
            return false;
        }
        for (std::uint32_t item = 0; item < items(); ++item) {
            record(m_ran)[item] = pass(item);
        }
        ++m_ran;
        return true;
    }

    std::uint32_t items() const override { return static_cast<std::uint32_t>(m_positions.size()); }
    Result<void> enqueue() override
    {
        if (refusesFrom && m_enqueued >= *refusesFrom) {
            return fail(ErrorCode::OutOfMemory, "The GPU ran out of memory.");
        }
        ++m_enqueued;
        mostInFlight = std::max(mostInFlight, static_cast<std::uint32_t>(m_enqueued - m_awaited));
        return {};
    }
    void hold(bool wanted) override { m_hold = wanted; }
    Result<void> await(std::uint64_t replay) override
    {
        if (lostAt && replay >= *lostAt) {
            return fail(ErrorCode::NoDevice, "The GPU stopped working.");
        }
        while (m_ran <= replay) {
            if (!runOne()) {
                throw std::logic_error("waits for a pass that was never enqueued");
            }
        }
        m_awaited = replay + 1;
        return {};
    }
    Outcome outcome(std::uint64_t replay, std::uint32_t item) const override { return at(replay, item).outcome; }
    Step step(std::uint64_t replay, std::uint32_t item) const override { return at(replay, item).step; }

private:
    struct Record {
        Outcome outcome;
        Step step;
    };
    struct Picture {
        std::uint32_t committed = 0;
        std::uint32_t pass = 0;
        bool stuck = false;
    };

    std::vector<Record>& record(std::uint64_t replay)
    {
        std::vector<Record>& slot = m_ring[replay % m_ring.size()];
        slot.resize(items());
        return slot;
    }
    const Record& at(std::uint64_t replay, std::uint32_t item) const
    {
        if (replay >= m_ran || m_ran - replay > m_ring.size()) {
            throw std::logic_error("reads a record that is not there");
        }
        return m_ring[replay % m_ring.size()][item];
    }
    Record pass(std::uint32_t item)
    {
        Picture& picture = m_pictures[item];
        Record record;
        picture.stuck = picture.stuck || (item == 0 && badPass && picture.pass >= *badPass && !m_hold);
        record.outcome.held = m_hold;
        record.outcome.idle = picture.committed == m_positions[item];
        if (picture.stuck) {
            record.outcome.badPosition = picture.committed + 1;
        } else if (!record.outcome.held && !record.outcome.idle) {
            record.step.item = item;
            record.step.pass = picture.pass;
            record.step.begin = picture.committed;
            picture.committed = std::min(m_positions[item], picture.committed + 1 + picture.pass % 3);
            record.step.committedEnd = record.step.end = picture.committed;
            ++picture.pass;
        }
        record.outcome.nearTies = picture.pass;
        record.outcome.done = picture.committed == m_positions[item];
        return record;
    }

    std::vector<std::uint32_t> m_positions;
    std::vector<Picture> m_pictures;
    std::array<std::vector<Record>, PassPipeline::kRingSlots> m_ring;
    std::uint64_t m_enqueued = 0;
    std::uint64_t m_ran = 0;
    std::uint64_t m_awaited = 0;
    bool m_hold = false;
};

} // namespace jacobi::test
