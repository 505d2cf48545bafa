// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/limits.h"
#include "core/io/png.h"
#include "core/trace/memorytrace.h"
#include "core/trace/previewcost.h"
#include "core/trace/tracefile.h"
#include "core/trace/tracerecords.h"

#include <new>
#include <unistd.h>

namespace jacobi {
namespace {

constexpr std::chrono::seconds kSyncEvery{2};

// A sink must not throw: what runs out of memory becomes an error like a full disk.
template <class Work>
Result<std::vector<std::byte>> withoutThrowing(Work&& work)
{
    try {
        return work();
    } catch (const std::bad_alloc&) {
        return fail(ErrorCode::OutOfMemory,
                    "There is not enough memory to write the trace; the run goes on without it.");
    }
}

tl::unexpected<Error> outOfOrder(const std::string& what)
{
    return fail(ErrorCode::Internal, "The run could not be written to its trace.", what);
}

} // namespace

Result<std::unique_ptr<TraceWriter>> TraceWriter::create(const std::filesystem::path& path, Clock clock)
{
    Result<OutputFile> file = OutputFile::createOrOpenAlone(path);
    if (!file) {
        return tl::unexpected(file.error());
    }
    return std::unique_ptr<TraceWriter>(new TraceWriter(std::move(*file), std::move(clock)));
}

TraceWriter::TraceWriter(OutputFile file, Clock clock)
    : m_file(std::move(file)), m_clock(std::move(clock)), m_lastSync(m_clock())
{
}

TraceWriter::~TraceWriter()
{
    const bool holdsHeader = m_wholeBytes > kTraceMagic.size();
    if (!holdsHeader && m_file.wasCreated()) {
        ::unlink(m_file.path().c_str());
    }
}

std::optional<Error> TraceWriter::error() const
{
    const std::lock_guard lock(m_mutex);
    return m_error;
}

bool TraceWriter::canWrite() const
{
    const std::lock_guard lock(m_mutex);
    return m_hasHeader && !m_isFinished && !m_error;
}

void TraceWriter::stop(const Error& error)
{
    // Best effort: a reader copes with the part of a record, but without it the file is as good as finished.
    if (m_hasHeader) {
        [[maybe_unused]] const auto cut = m_file.truncate(m_wholeBytes);
    }
    const std::lock_guard lock(m_mutex);
    if (!m_error) {
        m_error = error;
    }
}

void TraceWriter::append(const Result<std::vector<std::byte>>& record)
{
    if (!record) {
        stop(record.error());
        return;
    }
    if (auto written = m_file.write(*record); !written) {
        stop(written.error());
        return;
    }
    m_wholeBytes += record->size();
}

void TraceWriter::syncIfDue()
{
    if (error()) {
        return;
    }
    const std::chrono::nanoseconds now = m_clock();
    if (!m_isFinished && now - m_lastSync < kSyncEvery) {
        return;
    }
    m_lastSync = now;
    if (auto synced = m_file.sync(); !synced) {
        stop(synced.error());
    }
}

void TraceWriter::header(const std::shared_ptr<const RunHeader>& header)
{
    if (m_hasHeader || error()) {
        return;
    }
    m_layout = header->layout;
    const Result<std::vector<std::byte>> record = withoutThrowing([&] {
        return encodeHeader(*header).and_then(
            [](const auto& payload) { return makeRecord(RecordKind::Header, payload); });
    });
    if (!record) {
        stop(record.error());
        return;
    }
    if (auto emptied = m_file.truncate(0); !emptied) {
        stop(emptied.error());
        return;
    }
    m_hasHeader = true;
    if (auto written = m_file.write(std::as_bytes(std::span(kTraceMagic))); !written) {
        stop(written.error());
        return;
    }
    m_wholeBytes = kTraceMagic.size();
    append(record);
    if (!canWrite()) {
        return;
    }
    if (auto synced = syncFolder(m_file.path().parent_path()); !synced) {
        stop(synced.error());
    }
}

void TraceWriter::step(const std::shared_ptr<const Step>& step)
{
    if (!canWrite()) {
        return;
    }
    append(withoutThrowing([&]() -> Result<std::vector<std::byte>> {
        if (step->pass > m_steps) {
            return outOfOrder("pass " + std::to_string(step->pass) + " came after " + std::to_string(m_steps) +
                              " steps");
        }
        return encodeStep(*step, m_layout).and_then([](const auto& payload) {
            return makeRecord(RecordKind::Step, payload);
        });
    }));
    ++m_steps;
    syncIfDue();
}

void TraceWriter::preview(const std::shared_ptr<const Preview>& preview)
{
    if (!pngSupport()) {
        return; // a trace need not have any
    }
    const std::uint64_t pixels = std::uint64_t{preview->width} * preview->height;
    if (!canWrite() || m_previewPixels + pixels > kMaxTracePreviewPixels) {
        return; // a reader would refuse more of them; the passes matter more
    }
    m_previewPixels += pixels;
    append(withoutThrowing([&]() -> Result<std::vector<std::byte>> {
        if (preview->pass > m_steps) {
            return outOfOrder("a preview of pass " + std::to_string(preview->pass) + " came too early");
        }
        return encodePreview(*preview, m_layout).and_then([](const auto& payload) {
            return makeRecord(RecordKind::Preview, payload);
        });
    }));
    syncIfDue();
}

std::int64_t TraceWriter::previewNs(std::uint32_t width, std::uint32_t height) const
{
    return error() ? 0 : previewPngNs(width, height);
}

void TraceWriter::summary(const RunSummary& summary)
{
    if (!canWrite()) {
        return;
    }
    append(withoutThrowing([&] {
        return encodeSummary(summary).and_then(
            [](const auto& payload) { return makeRecord(RecordKind::Summary, payload); });
    }));
    m_isFinished = true;
    syncIfDue();
}

Result<void> writeTrace(const std::filesystem::path& path, const Trace& trace)
{
    const Result<std::unique_ptr<TraceWriter>> writer = TraceWriter::create(path);
    if (!writer) {
        return tl::unexpected(writer.error());
    }
    replay(trace, **writer);
    if (const std::optional<Error> error = (*writer)->error()) {
        return tl::unexpected(*error);
    }
    return {};
}

} // namespace jacobi
