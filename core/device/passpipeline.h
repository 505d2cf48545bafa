// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/error.h"
#include "core/trace/step.h"

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <vector>

namespace jacobi {

/// A device that makes passes: what PassPipeline drives, and what a test puts in its place. A replay is one enqueued
/// pass; replays are numbered from 0 and run in order. Its record stays readable until kRingSlots further replays were
/// enqueued. Worker thread only.
class PassDevice {
public:
    virtual ~PassDevice() = default;

    virtual std::uint32_t items() const = 0;
    /// Puts one more pass behind those that are enqueued, and returns at once. Errors: NoDevice, OutOfMemory, Internal.
    virtual Result<void> enqueue() = 0;
    /// Passes that have not begun when they see it set change nothing (the record says so).
    virtual void hold(bool wanted) = 0;
    /// Blocks until the record of that replay is there. Errors: the device stopped working.
    virtual Result<void> await(std::uint64_t replay) = 0;

    /// What a record says of one picture.
    struct Outcome {
        bool held = false;                        ///< nothing changed: hold was set
        bool idle = false;                        ///< nothing changed: the picture was done
        bool done = false;                        ///< the picture is done
        std::optional<std::uint32_t> badPosition; ///< whose logits were no numbers: the picture is stuck
        std::uint64_t nearTies = 0;               ///< so far
    };
    virtual Outcome outcome(std::uint64_t replay, std::uint32_t item) const = 0;
    virtual Step step(std::uint64_t replay, std::uint32_t item) const = 0;
};

/// The host's side of passes that a device makes on its own: keeps a few of them enqueued, takes their records out of the
/// ring in order, and turns them into steps. While one record is read the device is at work on the next pass, so it never
/// waits for the host.
///
/// Pause: withdraw() makes passes that are enqueued but have not begun change nothing; what they would have done is done
/// when next() is called again. A cancelled run calls withdraw() and takes what is left.
///
/// Thread rule: one thread. The device must outlive it.
class PassPipeline {
public:
    static constexpr std::uint32_t kMostAhead = 2; ///< passes enqueued beyond the steps that were taken
    static constexpr std::uint32_t kRingSlots = 4; ///< more than are ever in flight

    explicit PassPipeline(PassDevice& device);
    /// Waits for what is in flight: the device's memory may be given back afterwards.
    ~PassPipeline();
    PassPipeline(const PassPipeline&) = delete;
    PassPipeline& operator=(const PassPipeline&) = delete;

    /// How many passes may be enqueued when next() returns: 0 while single-stepping, at most kMostAhead.
    void setAhead(std::uint32_t passes);

    /// The next completed step, pictures of a pass one after the other. Must not be called once done(). Error Numeric
    /// where logits were no numbers, with the position; whatever else the device reports. The steps of pictures that were
    /// well in that pass come before the error.
    Result<std::shared_ptr<Step>> next();

    /// Nothing further is begun; returns when nothing is in flight. Passes that were completed by then are still to be
    /// taken with next().
    Result<void> withdraw();

    bool done() const;
    /// Whether every step of the pass taken last was taken.
    bool passComplete() const { return m_ready.empty() || m_ready.front()->pass != m_lastPass; }
    std::uint64_t nearTies() const;
    std::uint32_t inFlight() const { return static_cast<std::uint32_t>(m_enqueued - m_collected); }
    std::uint64_t replays() const { return m_enqueued; } ///< enqueued so far, held ones included

private:
    Result<void> fill(std::uint32_t passes);
    Result<void> collect();
    bool allDone() const;

    PassDevice* m_device;
    std::uint32_t m_ahead = kMostAhead;
    bool m_held = false;
    std::uint64_t m_enqueued = 0;
    std::uint64_t m_collected = 0;
    std::uint32_t m_lastPass = 0;
    std::vector<bool> m_done;              ///< [items]
    std::vector<std::uint64_t> m_nearTies; ///< [items]
    std::deque<std::shared_ptr<Step>> m_ready;
    std::optional<Error> m_failure; ///< told after the steps before it
};

} // namespace jacobi
