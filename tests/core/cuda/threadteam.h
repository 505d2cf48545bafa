// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/cuda/serialteam.h"

#include <atomic>
#include <barrier>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <thread>
#include <vector>

namespace jacobi::test {

/// A Team whose lanes are threads, barrier for barrier what BlockTeam does on a GPU: a lane that takes another way than the
/// others hangs or computes something else, and a race detector sees what one lane reads while another writes.
class ThreadTeam {
public:
    struct Shared {
        explicit Shared(std::uint32_t lanes)
            : lanes(lanes), barrier(lanes), values(std::size_t{2} * lanes), slots(std::size_t{64} * lanes)
        {
        }
        std::uint32_t lanes;
        std::barrier<> barrier;
        std::vector<double> values;
        std::vector<std::byte> slots;
        std::atomic<std::uint32_t> found = 0;
    };

    ThreadTeam(Shared& shared, std::uint32_t lane) : m_shared(&shared), m_lane(lane) {}

    std::uint32_t lanes() const { return m_shared->lanes; }
    double* laneValues() { return m_shared->values.data(); }

    template <class F>
    void each(std::uint32_t count, F f)
    {
        sync();
        for (std::uint32_t i = m_lane; i < count; i += lanes()) {
            f(i);
        }
        sync();
    }
    template <class T, class Make>
    void change(std::uint32_t count, T* row, Make make)
    {
        each(count, [&](std::uint32_t i) { row[i] = make(i, row[i]); });
    }
    template <class F>
    void eachLane(F f)
    {
        sync();
        f(m_lane);
        sync();
    }
    template <class F>
    void once(F f)
    {
        sync();
        if (m_lane == 0) {
            f();
        }
        sync();
    }
    template <class T, class Add, class Join>
    T fold(std::uint32_t count, T start, Add add, Join join)
    {
        T mine = start;
        for (std::uint32_t i = m_lane; i < count; i += lanes()) {
            mine = add(mine, i);
        }
        T* slots = reinterpret_cast<T*>(m_shared->slots.data());
        slots[m_lane] = mine;
        sync();
        if (m_lane == 0) {
            slots[0] = SerialTeam::joinLanes(slots, lanes(), start, join);
        }
        sync();
        const T result = slots[0];
        sync();
        return result;
    }
    template <class T, class Fetch, class Add, class Join>
    T foldAhead(std::uint32_t count, T start, Fetch fetch, Add add, Join join)
    {
        return fold(
            count, start, [&](const T& before, std::uint32_t i) { return add(before, i, fetch(i)); }, join);
    }
    template <class T, class Wanted, class Make>
    std::uint32_t gather(std::uint32_t count, Wanted wanted, Make make, T* list, std::uint32_t room)
    {
        once([&] { m_shared->found = 0; });
        for (std::uint32_t i = m_lane; i < count; i += lanes()) {
            if (wanted(i)) {
                const std::uint32_t slot = m_shared->found++;
                if (slot < room) {
                    list[slot] = make(i);
                }
            }
        }
        sync();
        const std::uint32_t result = m_shared->found;
        sync();
        return result;
    }
    void publish(std::uint64_t* where, std::uint64_t number)
    {
        sync();
        if (m_lane == 0) {
            SerialTeam::publish(where, number);
        }
    }

private:
    void sync() { m_shared->barrier.arrive_and_wait(); }

    Shared* m_shared;
    std::uint32_t m_lane;
};

/// body(team) on that many threads.
template <class Body>
void runOnThreads(std::uint32_t lanes, const Body& body)
{
    ThreadTeam::Shared shared(lanes);
    std::vector<std::jthread> threads;
    for (std::uint32_t lane = 0; lane < lanes; ++lane) {
        threads.emplace_back([&shared, &body, lane] {
            ThreadTeam team(shared, lane);
            body(team);
        });
    }
}

} // namespace jacobi::test
