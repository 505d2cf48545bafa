// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/crc32c.h"
#include "core/base/limits.h"
#include "core/io/bytereader.h"
#include "core/io/inputfile.h"
#include "core/io/png.h"
#include "core/trace/memorytrace.h"
#include "core/trace/tracefile.h"
#include "core/trace/tracerecords.h"

#include <algorithm>
#include <cstring>
#include <new>
#include <vector>

namespace jacobi {
namespace {

constexpr std::size_t kPieceBytes = 1U << 20U;
constexpr std::ptrdiff_t kChecksumBytes = 4;

bool isKnown(std::uint32_t kind)
{
    return kind >= static_cast<std::uint32_t>(RecordKind::Header) &&
           kind <= static_cast<std::uint32_t>(RecordKind::Summary);
}

Result<void> checkMagic(std::span<const std::byte> bytes)
{
    const std::string_view found(reinterpret_cast<const char*>(bytes.data()), kTraceMagic.size());
    if (found == kTraceMagic) {
        return {};
    }
    if (found.starts_with("JTRACE")) {
        return fail(ErrorCode::Unsupported,
                    "The trace was made by a newer version of this program. Update the program.");
    }
    return fail(ErrorCode::Corrupt,
                "This is not a trace of Jacobi Studio, or its beginning is damaged. Choose another file.");
}

Result<Trace> finished(TraceReader& reader, MemoryTrace& memory)
{
    if (auto end = reader.finish(); !end) {
        return tl::unexpected(end.error());
    }
    Trace trace = memory.take();
    trace.damage = reader.damage();
    trace.isDamaged = reader.isDamaged();
    return trace;
}

// A record from its first byte on, and behind it anything; false where there is none, or not all of it.
bool beginsWithRecord(std::span<const std::byte> bytes, std::uint64_t& hashed)
{
    ByteReader reader(bytes);
    std::uint32_t kind = 0;
    std::uint32_t length = 0;
    std::uint32_t written = 0;
    if (!reader.read(kind) || !isKnown(kind) || !reader.read(length) || !reader.take(length) || !reader.read(written)) {
        return false;
    }
    hashed += kRecordHeadBytes + length;
    return crc32c(bytes.first(kRecordHeadBytes + length)) == written;
}

// Whether the whole of it is one record but for the length it claims, which would reach beyond the file.
bool isRecordOfOtherLength(std::span<const std::byte> bytes)
{
    if (bytes.size() < kRecordHeadBytes + kChecksumBytes) {
        return false;
    }
    std::vector<std::byte> record(bytes.begin(), bytes.end() - kChecksumBytes);
    const auto length = static_cast<std::uint32_t>(record.size() - kRecordHeadBytes);
    std::memcpy(record.data() + sizeof length, &length, sizeof length);
    std::uint32_t written = 0;
    std::memcpy(&written, bytes.data() + record.size(), sizeof written);
    return crc32c(record) == written;
}

// Of a record that claims more bytes than the file has left: whether these show that its length is damaged, since they end as
// it would, or a whole record begins among them. Else the file was cut.
bool isLengthDamaged(std::span<const std::byte> bytes)
{
    if (isRecordOfOtherLength(bytes)) {
        return true;
    }
    // Lengths are found everywhere in a step's numbers. What is hashed for nothing has a limit, so that no file takes long.
    constexpr std::uint64_t kMostHashed = 4ULL * kMaxTraceRecordBytes;
    std::uint64_t hashed = 0;
    for (std::size_t at = kRecordHeadBytes; at < bytes.size() && hashed < kMostHashed; ++at) {
        if (beginsWithRecord(bytes.subspan(at), hashed)) {
            return true;
        }
    }
    return false;
}

tl::unexpected<Error> outOfMemory()
{
    return fail(ErrorCode::OutOfMemory, "There is not enough memory to open the trace. Close other programs.");
}

} // namespace

Result<bool> TraceReader::damaged(const std::string& what)
{
    if (!m_header) {
        return fail(ErrorCode::Corrupt, "The trace cannot be opened: its header is damaged.", what);
    }
    m_damage = "The trace is damaged after " + std::to_string(m_steps) + " passes (byte " + std::to_string(m_consumed) +
               ", record " + std::to_string(m_records + 1) + ": " + what + "); what comes before is shown.";
    return false;
}

Result<void> TraceReader::feed(std::span<const std::byte> bytes)
{
    if (isDone()) {
        return {};
    }
    m_pending.insert(m_pending.end(), bytes.begin(), bytes.end());
    std::span<const std::byte> rest = m_pending;
    if (!m_hasMagic && rest.size() >= kTraceMagic.size()) {
        if (auto checked = checkMagic(rest); !checked) {
            return checked;
        }
        m_hasMagic = true;
        m_consumed = kTraceMagic.size();
        rest = rest.subspan(kTraceMagic.size());
    }
    while (m_hasMagic && !isDone()) {
        const Result<bool> taken = takeRecord(rest);
        if (!taken) {
            return tl::unexpected(taken.error());
        }
        if (!*taken) {
            break;
        }
    }
    m_pending.erase(m_pending.begin(), m_pending.end() - static_cast<std::ptrdiff_t>(rest.size()));
    return {};
}

Result<bool> TraceReader::takeRecord(std::span<const std::byte>& bytes)
{
    ByteReader reader(bytes);
    std::uint32_t kind = 0;
    std::uint32_t length = 0;
    if (!(reader.read(kind) && reader.read(length))) {
        return false;
    }
    if (length > kMaxTraceRecordBytes) {
        return damaged("a record claims " + std::to_string(length) + " bytes");
    }
    const auto payload = reader.take(length);
    std::uint32_t written = 0;
    if (!payload || !reader.read(written)) {
        return false;
    }
    if (crc32c(bytes.first(kRecordHeadBytes + length)) != written) {
        return damaged("a record's checksum is wrong");
    }
    if (auto taken = takePayload(kind, *payload); !taken) {
        if (!m_header) {
            return tl::unexpected(taken.error());
        }
        return damaged(taken.error().detail.empty() ? taken.error().message : taken.error().detail);
    }
    bytes = bytes.subspan(reader.position());
    m_consumed += reader.position();
    ++m_records;
    return true;
}

Result<void> TraceReader::takePayload(std::uint32_t kind, std::span<const std::byte> payload)
{
    if (!isKnown(kind)) {
        return {}; // of a newer version; it must not matter for what this one shows
    }
    const auto known = static_cast<RecordKind>(kind);
    if ((known == RecordKind::Header) != (m_header == nullptr)) {
        return fail(ErrorCode::Corrupt, "The trace cannot be opened: its records are out of order.",
                    "a header is missing or comes twice");
    }
    switch (known) {
    case RecordKind::Header: {
        Result<RunHeader> header = decodeHeader(payload);
        if (!header) {
            return tl::unexpected(header.error());
        }
        m_header = std::make_shared<const RunHeader>(std::move(*header));
        m_sink.header(m_header);
        return {};
    }
    case RecordKind::Step: return takeStep(payload);
    case RecordKind::Preview: return takePreview(payload);
    case RecordKind::Summary: {
        const Result<RunSummary> summary = decodeSummary(payload);
        if (!summary) {
            return tl::unexpected(summary.error());
        }
        m_isDone = true;
        m_sink.summary(*summary);
        return {};
    }
    }
    return {};
}

Result<void> TraceReader::takeStep(std::span<const std::byte> payload)
{
    Result<Step> step = decodeStep(payload, m_header->layout);
    if (!step) {
        return tl::unexpected(step.error());
    }
    // Each pass has a step, so its number cannot run ahead of them: a view may count on that.
    if (step->pass > m_steps) {
        return fail(ErrorCode::Corrupt, "The trace is damaged.", "a pass has the number " + std::to_string(step->pass));
    }
    ++m_steps;
    m_sink.step(std::make_shared<const Step>(std::move(*step)));
    return {};
}

Result<void> TraceReader::takePreview(std::span<const std::byte> payload)
{
    const TraceLayout& layout = m_header->layout;
    m_previewPixels += std::uint64_t{layout.positions()} * layout.patchPixels * layout.patchPixels;
    if (m_previewPixels > kMaxTracePreviewPixels) {
        return fail(ErrorCode::Unsupported, "The trace has more previews than fit memory.", "too many previews");
    }
    if (!pngSupport()) {
        return {}; // the passes can be read without
    }
    Result<Preview> preview = decodePreview(payload, layout);
    if (!preview) {
        return tl::unexpected(preview.error());
    }
    if (preview->pass > m_steps) {
        return fail(ErrorCode::Corrupt, "The trace is damaged.", "a preview is of a pass that did not happen");
    }
    m_sink.preview(std::make_shared<const Preview>(std::move(*preview)));
    return {};
}

Result<void> TraceReader::finish()
{
    if (m_hasMagic && !isDone() && isLengthDamaged(m_pending)) {
        std::uint32_t length = 0;
        std::memcpy(&length, m_pending.data() + sizeof(std::uint32_t), sizeof length);
        const Result<bool> told = damaged("a record claims " + std::to_string(length) + " bytes, more than there are");
        return told ? Result<void>() : tl::unexpected(told.error());
    }
    if (!m_header) {
        return fail(ErrorCode::Corrupt,
                    m_hasMagic || m_pending.empty()
                        ? "The trace holds no run: it was cut before its header was whole."
                        : "This is not a trace of Jacobi Studio, or its beginning is damaged. Choose another file.");
    }
    if (!isDone() && !m_pending.empty()) {
        m_isCut = true;
        [[maybe_unused]] const auto told = damaged("the last record is cut");
    }
    return {};
}

Result<Trace> readTrace(std::span<const std::byte> bytes)
{
    try {
        MemoryTrace memory;
        TraceReader reader(memory);
        if (auto fed = reader.feed(bytes); !fed) {
            return tl::unexpected(fed.error());
        }
        return finished(reader, memory);
    } catch (const std::bad_alloc&) {
        return outOfMemory();
    }
}

Result<Trace> readTrace(const std::filesystem::path& path)
{
    const Result<InputFile> file = InputFile::open(path);
    if (!file) {
        return tl::unexpected(file.error());
    }
    if (file->size() > kMaxTraceFileBytes) {
        return fail(ErrorCode::Unsupported, "\"" + path.string() + "\" is too large to be opened as a trace.");
    }
    try {
        MemoryTrace memory;
        TraceReader reader(memory);
        std::vector<std::byte> piece(kPieceBytes);
        for (std::uint64_t offset = 0; offset < file->size() && !reader.isDone(); offset += kPieceBytes) {
            const auto now = std::span(piece).first(
                static_cast<std::size_t>(std::min<std::uint64_t>(kPieceBytes, file->size() - offset)));
            if (auto read = file->readAt(offset, now); !read) {
                return tl::unexpected(read.error());
            }
            if (auto fed = reader.feed(now); !fed) {
                return tl::unexpected(fed.error());
            }
        }
        return finished(reader, memory);
    } catch (const std::bad_alloc&) {
        return outOfMemory();
    }
}

} // namespace jacobi
