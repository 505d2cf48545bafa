// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/decode/decoder.h"

#include <deque>
#include <memory>
#include <optional>
#include <utility>

namespace jacobi {

/// A decoder that runs the network once for all pictures and gives the steps of that pass one by one. What ends a run is told
/// after the steps of the pictures that went on before it, and stays the answer from then on.
class PassDecoder : public Decoder {
public:
    bool passComplete() const final { return m_queue.empty() && !m_failure; }
    bool done() const final { return m_queue.empty() && allDone(); }

    Result<std::shared_ptr<Step>> step() final
    {
        if (m_queue.empty() && !m_failure) {
            if (const Result<void> passed = pass(); !passed) {
                m_failure = passed.error();
            }
        }
        if (m_queue.empty()) {
            return tl::unexpected(*m_failure);
        }
        std::shared_ptr<Step> step = std::move(m_queue.front());
        m_queue.pop_front();
        return step;
    }

protected:
    /// Whether no picture wants a further pass.
    virtual bool allDone() const = 0;
    /// One pass: give() for each picture that was not done, in their order.
    virtual Result<void> pass() = 0;

    void give(std::shared_ptr<Step> step) { m_queue.push_back(std::move(step)); }
    /// For start().
    void forgetSteps()
    {
        m_queue.clear();
        m_failure.reset();
    }

private:
    std::deque<std::shared_ptr<Step>> m_queue; ///< of the last pass, not taken yet
    std::optional<Error> m_failure;
};

} // namespace jacobi
