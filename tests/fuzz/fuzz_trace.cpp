// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/trace/tracefile.h"

#include <algorithm>
#include <cstdlib>

namespace {

/// Counts what arrives; the reader's promises on the order hold for any bytes.
class Counter final : public jacobi::TraceSink {
public:
    void header(const std::shared_ptr<const jacobi::RunHeader>&) override { ++m_headers; }
    void step(const std::shared_ptr<const jacobi::Step>&) override { require(m_headers == 1 && m_summaries == 0); }
    void preview(const std::shared_ptr<const jacobi::Preview>&) override
    {
        require(m_headers == 1 && m_summaries == 0);
    }
    void summary(const jacobi::RunSummary&) override { require(m_headers == 1 && ++m_summaries == 1); }

private:
    static void require(bool holds)
    {
        if (!holds) {
            std::abort();
        }
    }

    int m_headers = 0;
    int m_summaries = 0;
};

} // namespace

// The first byte says in what pieces the rest arrives, as from a file that is still being written.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    if (size == 0) {
        return 0;
    }
    const std::size_t piece = 1 + data[0] * std::size_t(7);
    const auto bytes = std::as_bytes(std::span(data, size)).subspan(1);
    Counter counter;
    jacobi::TraceReader reader(counter);
    for (std::size_t at = 0; at < bytes.size() && !reader.isDone(); at += piece) {
        if (!reader.feed(bytes.subspan(at, std::min(piece, bytes.size() - at)))) {
            return 0;
        }
    }
    static_cast<void>(reader.finish());
    static_cast<void>(jacobi::readTrace(bytes));
    return 0;
}
