// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/error.h"
#include "core/trace/trace.h"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace jacobi {

// The records of a trace file as bytes; README.md beside this file describes them for other programs. What is written
// and what is read pass the same checks, so that a file can never make a reader index outside a picture.

inline constexpr std::string_view kTraceMagic = "JTRACE1\n";
inline constexpr std::size_t kRecordHeadBytes = 8; ///< kind and length
inline constexpr std::size_t kRecordTailBytes = 4; ///< CRC32C

enum class RecordKind : std::uint32_t { Header = 1, Step = 2, Preview = 3, Summary = 4 };

/// A whole record around a payload; an error where the payload is longer than a record may be.
Result<std::vector<std::byte>> makeRecord(RecordKind kind, std::span<const std::byte> payload);

// Whether a value can stand in a trace of this layout; the detail of the error says why not.
Result<void> checkHeader(const RunHeader& header);
Result<void> checkStep(const Step& step, const TraceLayout& layout);
Result<void> checkPreview(const Preview& preview, const TraceLayout& layout);

// Payloads. Encoding checks first; decoding checks last.
Result<std::vector<std::byte>> encodeHeader(const RunHeader& header);
Result<RunHeader> decodeHeader(std::span<const std::byte> payload);
Result<std::vector<std::byte>> encodeStep(const Step& step, const TraceLayout& layout);
Result<Step> decodeStep(std::span<const std::byte> payload, const TraceLayout& layout);
Result<std::vector<std::byte>> encodePreview(const Preview& preview, const TraceLayout& layout);
Result<Preview> decodePreview(std::span<const std::byte> payload, const TraceLayout& layout);
Result<std::vector<std::byte>> encodeSummary(const RunSummary& summary);
Result<RunSummary> decodeSummary(std::span<const std::byte> payload);

} // namespace jacobi
