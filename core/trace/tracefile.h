// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/clock.h"
#include "core/base/error.h"
#include "core/io/outputfile.h"
#include "core/trace/trace.h"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace jacobi {

/// Writes a run to a trace file as it happens: each record whole with one write, synced at least every two seconds of
/// passes, never rewritten. Trouble with the disk never stops a run: the first error is kept, the file is cut back to
/// its last whole record where that is possible, and nothing more is written. Without libpng (pngSupport) pictures are
/// left out.
///
/// The sink's calls: one thread at a time. error(): any thread.
class TraceWriter final : public TraceSink {
public:
    /// Opens the file, so that a wrong folder, or another run that writes it, is known before the run. A file that is there is replaced only once the
    /// run's header comes; one that was made here and never got a header is removed again.
    static Result<std::unique_ptr<TraceWriter>> create(const std::filesystem::path& path, Clock clock = steadyClock());
    ~TraceWriter() override;
    TraceWriter(const TraceWriter&) = delete;
    TraceWriter& operator=(const TraceWriter&) = delete;

    void header(const std::shared_ptr<const RunHeader>& header) override;
    void step(const std::shared_ptr<const Step>& step) override;
    void preview(const std::shared_ptr<const Preview>& preview) override;
    void summary(const RunSummary& summary) override;
    std::int64_t previewNs(std::uint32_t width, std::uint32_t height) const override;

    /// Why writing stopped, or nothing. Ask after the summary: then everything is on the disk or there is an error.
    std::optional<Error> error() const;

private:
    TraceWriter(OutputFile file, Clock clock);

    bool canWrite() const;
    void append(const Result<std::vector<std::byte>>& record);
    void stop(const Error& error);
    void syncIfDue();

    OutputFile m_file;
    Clock m_clock;
    TraceLayout m_layout;
    bool m_hasHeader = false;
    bool m_isFinished = false;
    std::uint64_t m_wholeBytes = 0; ///< the file up to here is whole records
    std::uint64_t m_steps = 0;
    std::uint64_t m_previewPixels = 0;
    std::chrono::nanoseconds m_lastSync{0};
    mutable std::mutex m_mutex; ///< guards m_error
    std::optional<Error> m_error;
};

/// Takes a trace file's bytes in pieces of any size and sends each record to a sink as soon as it is whole and checked.
/// Without libpng (pngSupport) pictures are passed over.
/// One thread at a time.
class TraceReader {
public:
    explicit TraceReader(TraceSink& sink) : m_sink(sink) {}

    /// More bytes. An error only where this is no trace or its header is damaged; damage after the header ends reading
    /// and is told by damage().
    Result<void> feed(std::span<const std::byte> bytes);

    /// No more bytes come: an error where the header is missing; a record cut in its middle becomes damage(), as one whose
    /// length cannot be right does.
    Result<void> finish();

    /// Nothing more will be read: the summary came or there is damage.
    bool isDone() const { return m_isDone || !m_damage.empty(); }

    /// Empty, or a sentence on why reading stopped before the end.
    const std::string& damage() const { return m_damage; }
    /// Whether that is so for bytes that cannot be read: not for a record cut by the end of the file.
    bool isDamaged() const { return !m_damage.empty() && !m_isCut; }

private:
    /// Takes one record from the front of the pending bytes; false where more bytes are needed or reading has ended.
    Result<bool> takeRecord(std::span<const std::byte>& bytes);
    Result<void> takePayload(std::uint32_t kind, std::span<const std::byte> payload);
    Result<void> takeStep(std::span<const std::byte> payload);
    Result<void> takePreview(std::span<const std::byte> payload);
    Result<bool> damaged(const std::string& what);

    TraceSink& m_sink;
    std::vector<std::byte> m_pending;
    std::uint64_t m_consumed = 0; ///< bytes of the file before m_pending
    std::shared_ptr<const RunHeader> m_header;
    std::uint64_t m_records = 0;
    std::uint64_t m_steps = 0;
    std::uint64_t m_previewPixels = 0;
    bool m_isCut = false;
    bool m_hasMagic = false;
    bool m_isDone = false;
    std::string m_damage;
};

/// A whole trace file. Where it is cut or damaged after its header, everything before is returned and Trace::damage
/// says so.
Result<Trace> readTrace(const std::filesystem::path& path);
Result<Trace> readTrace(std::span<const std::byte> bytes);

/// Writes a trace as a run would have; the same trace gives the same bytes.
Result<void> writeTrace(const std::filesystem::path& path, const Trace& trace);

} // namespace jacobi
