// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <atomic>
#include <cstdint>
#include <vector>

namespace jacobi {

// The kernels' bodies are templates over a Team: lanes that walk through the same code together, in bulk steps with a
// barrier before and after each. On a GPU a team is a block of threads (blockteam.cuh). What a Team has:
//
//     lanes()                         how many
//     each(count, f)                  f(i) for every i below count, in no order
//     change(count, row, make)        row[i] = make(i, row[i]) for every i below count, in no order; several are read before the
//                                     first is written, so that their way from memory overlaps: make may read nothing else of row
//     eachLane(f)                     f(lane) for every lane, in no order
//     once(f)                         f() on one lane
//     fold(count, start, add, join)   add(accumulator, i) over i = lane, lane + lanes(), ... on every lane, then join() of
//                                     the lanes' accumulators; every lane gets the result. start: neutral for join. What
//                                     add writes, only the same lane's add may read
//     foldAhead(count, start, fetch, add, join)
//                                     the same of what fetch(i) gives, add(accumulator, i, fetched). Several are fetched before the
//                                     first is added, so that their way from memory overlaps: fetch may read nothing that add writes
//                                     for another i
//     gather(count, wanted, make, list, room)
//                                     list: make(i) of every i for which wanted(i), in no order. Returns how many there are; of
//                                     more than room some are missing
//     laneValues()                    [2 * lanes()] double, shared
//     publish(where, number)          number becomes visible to the host after everything written before
//
// Between two steps all lanes hold the same values in their variables and take the same branches.

/// A team on the host: one thread plays all lanes, one after the other, and joins in the order in which a block does. With
/// one lane a sum runs from the first to the last, as the CPU's decoders do it.
class SerialTeam {
public:
    /// lanes: 1, or a multiple of 32 up to 1024.
    explicit SerialTeam(std::uint32_t lanes = 1) : m_lanes(lanes), m_values(std::size_t{2} * lanes) {}

    std::uint32_t lanes() const { return m_lanes; }
    double* laneValues() { return m_values.data(); }

    template <class F>
    void each(std::uint32_t count, F f)
    {
        for (std::uint32_t i = 0; i < count; ++i) {
            f(i);
        }
    }
    template <class T, class Make>
    void change(std::uint32_t count, T* row, Make make)
    {
        for (std::uint32_t i = 0; i < count; ++i) {
            row[i] = make(i, row[i]);
        }
    }
    template <class F>
    void eachLane(F f)
    {
        each(m_lanes, f);
    }
    template <class F>
    void once(F f)
    {
        f();
    }

    template <class T, class Add, class Join>
    T fold(std::uint32_t count, T start, Add add, Join join)
    {
        std::vector<T> lanes(m_lanes, start);
        for (std::uint32_t lane = 0; lane < m_lanes; ++lane) {
            for (std::uint32_t i = lane; i < count; i += m_lanes) {
                lanes[lane] = add(lanes[lane], i);
            }
        }
        return joinLanes(lanes.data(), m_lanes, start, join);
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
        std::uint32_t found = 0;
        for (std::uint32_t i = count; i-- > 0;) { // any order must do
            if (wanted(i) && found++ < room) {
                list[found - 1] = make(i);
            }
        }
        return found;
    }

    /// Of the accumulators of that many lanes, which are overwritten.
    template <class T, class Join>
    static T joinLanes(T* lanes, std::uint32_t count, T start, Join join)
    {
        if (count == 1) {
            return lanes[0];
        }
        std::vector<T> warps(kWarp, start);
        for (std::uint32_t warp = 0; warp < count / kWarp; ++warp) {
            warps[warp] = joined(lanes + std::size_t{warp} * kWarp, join);
        }
        return joined(warps.data(), join);
    }

    static void publish(std::uint64_t* where, std::uint64_t number)
    {
        std::atomic_ref<std::uint64_t>(*where).store(number, std::memory_order_release);
    }

private:
    static constexpr std::uint32_t kWarp = 32;

    template <class T, class Join>
    static T joined(T* values, Join join)
    {
        for (std::uint32_t offset = kWarp / 2; offset > 0; offset /= 2) {
            for (std::uint32_t i = 0; i < offset; ++i) {
                values[i] = join(values[i], values[i + offset]);
            }
        }
        return values[0];
    }

    std::uint32_t m_lanes;
    std::vector<double> m_values;
};

} // namespace jacobi
