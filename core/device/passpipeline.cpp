// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/device/passpipeline.h"

#include <algorithm>
#include <cassert>
#include <numeric>
#include <string>

namespace jacobi {

PassPipeline::PassPipeline(PassDevice& device)
    : m_device(&device), m_done(device.items(), false), m_nearTies(device.items(), 0)
{
    m_device->hold(false);
}

PassPipeline::~PassPipeline()
{
    static_cast<void>(withdraw()); // an error has nobody left to hear it
}

void PassPipeline::setAhead(std::uint32_t passes)
{
    m_ahead = std::min(passes, kMostAhead);
}

bool PassPipeline::allDone() const
{
    return std::all_of(m_done.begin(), m_done.end(), [](bool done) { return done; });
}

bool PassPipeline::done() const
{
    return m_ready.empty() && !m_failure && allDone();
}

std::uint64_t PassPipeline::nearTies() const
{
    return std::accumulate(m_nearTies.begin(), m_nearTies.end(), std::uint64_t{0});
}

/// Until so many passes are in flight. A pass too many at the end finds every picture done and changes nothing.
Result<void> PassPipeline::fill(std::uint32_t passes)
{
    while (inFlight() < passes) {
        if (const Result<void> enqueued = m_device->enqueue(); !enqueued) {
            return enqueued;
        }
        ++m_enqueued;
    }
    return {};
}

/// Waits for the oldest pass in flight and takes its steps.
Result<void> PassPipeline::collect()
{
    const std::uint64_t replay = m_collected;
    if (const Result<void> came = m_device->await(replay); !came) {
        m_collected = m_enqueued; // nothing more will come
        return came;
    }
    std::optional<std::uint32_t> bad;
    for (std::uint32_t item = 0; item < m_device->items(); ++item) {
        const PassDevice::Outcome outcome = m_device->outcome(replay, item);
        m_nearTies[item] = outcome.nearTies;
        m_done[item] = outcome.done;
        if (outcome.badPosition) {
            bad = bad ? bad : outcome.badPosition;
        } else if (!outcome.held && !outcome.idle) {
            m_ready.push_back(std::make_shared<Step>(m_device->step(replay, item)));
        }
    }
    ++m_collected;
    if (bad) {
        return fail(ErrorCode::Numeric,
                    "The model produced a value that is not a number; its weights may be damaged. Choose another "
                    "model or install it again.",
                    "position " + std::to_string(*bad));
    }
    return {};
}

Result<std::shared_ptr<Step>> PassPipeline::next()
{
    assert(!done());
    if (m_held && m_ready.empty() && !m_failure) {
        m_device->hold(false); // nothing is in flight: withdraw() waited
        m_held = false;
    }
    while (m_ready.empty() && !m_failure) {
        Result<void> went = fill(std::max(m_ahead, 1U));
        went = went ? collect() : went;
        if (!went) {
            m_failure = went.error();
        }
    }
    if (m_ready.empty()) {
        return tl::unexpected(*m_failure);
    }
    std::shared_ptr<Step> step = std::move(m_ready.front());
    m_ready.pop_front();
    m_lastPass = step->pass;
    // The device gets its next pass before the caller does anything with this one.
    if (!m_held && !m_failure && !allDone()) {
        if (const Result<void> filled = fill(m_ahead); !filled) {
            m_failure = filled.error();
        }
    }
    return step;
}

Result<void> PassPipeline::withdraw()
{
    m_device->hold(true);
    m_held = true;
    while (inFlight() > 0) {
        if (const Result<void> collected = collect(); !collected) {
            m_failure = m_failure ? m_failure : collected.error();
            // A picture that is stuck does not stop the records of other passes.
        }
    }
    return m_failure ? Result<void>(tl::unexpected(*m_failure)) : Result<void>();
}

} // namespace jacobi
