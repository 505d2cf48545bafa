// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/trace/trace.h"

#include <utility>
#include <vector>

namespace jacobi {

/// Keeps a run in memory. One thread at a time.
class MemoryTrace final : public TraceSink {
public:
    void header(const std::shared_ptr<const RunHeader>& header) override { m_trace.header = header; }
    void step(const std::shared_ptr<const Step>& step) override { m_trace.steps.push_back(step); }
    void preview(const std::shared_ptr<const Preview>& preview) override { m_trace.previews.push_back(preview); }
    void summary(const RunSummary& summary) override { m_trace.summary = summary; }

    const Trace& trace() const { return m_trace; }
    Trace take() { return std::exchange(m_trace, {}); }

private:
    Trace m_trace;
};

/// Passes everything on to several sinks, in order. They must outlive it. One thread at a time.
class FanOutSink final : public TraceSink {
public:
    explicit FanOutSink(std::vector<TraceSink*> sinks) : m_sinks(std::move(sinks)) {}

    void header(const std::shared_ptr<const RunHeader>& header) override
    {
        for (TraceSink* sink : m_sinks) {
            sink->header(header);
        }
    }
    void step(const std::shared_ptr<const Step>& step) override
    {
        for (TraceSink* sink : m_sinks) {
            sink->step(step);
        }
    }
    void preview(const std::shared_ptr<const Preview>& preview) override
    {
        for (TraceSink* sink : m_sinks) {
            sink->preview(preview);
        }
    }
    void summary(const RunSummary& summary) override
    {
        for (TraceSink* sink : m_sinks) {
            sink->summary(summary);
        }
    }
    std::int64_t previewNs(std::uint32_t width, std::uint32_t height) const override
    {
        std::int64_t all = 0;
        for (const TraceSink* sink : m_sinks) {
            all += sink->previewNs(width, height);
        }
        return all;
    }

private:
    std::vector<TraceSink*> m_sinks;
};

/// Sends a trace to a sink as a run would: previews after the pass they show, the summary last.
void replay(const Trace& trace, TraceSink& sink);

} // namespace jacobi
