// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/trace/tracerecords.h"

#include "core/base/base64.h"
#include "core/base/crc32c.h"
#include "core/base/limits.h"
#include "core/base/utf8.h"
#include "core/io/bytewriter.h"
#include "core/io/jsonfields.h"
#include "core/io/jsontext.h"
#include "core/io/png.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace jacobi {
namespace {

// Of a preview's flags; the lane plus one lies above them, 0 where there is none.
constexpr std::uint32_t kFinal = 1;
constexpr std::uint32_t kLaneShift = 8;
constexpr const char* kHeaderWhat = "The trace's header";
constexpr std::size_t kMaxMessageBytes = 65'536;
constexpr std::size_t kMaxReadPromptBytes = 65'536;
constexpr double kMaxSeconds = 1e9;
constexpr std::array<const char*, 3> kOutcomes{"complete", "cancelled", "failed"};

std::string_view asText(std::span<const std::byte> bytes)
{
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

std::vector<std::byte> asBytes(const std::string& text)
{
    const auto bytes = std::as_bytes(std::span(text));
    return {bytes.begin(), bytes.end()};
}

std::string coloursAsText(const std::vector<CodeColours>& colours)
{
    std::vector<std::uint8_t> bytes;
    bytes.reserve(colours.size() * sizeof(CodeColours));
    for (const CodeColours& colour : colours) {
        bytes.insert(bytes.end(), colour.begin(), colour.end());
    }
    return base64(bytes);
}

void readColours(JsonFields& fields, std::vector<CodeColours>& colours)
{
    std::string text;
    fields.text("codeColours", text, kMaxTraceRecordBytes);
    const std::optional<std::vector<std::uint8_t>> bytes = fromBase64(text);
    if (!bytes || bytes->size() % sizeof(CodeColours) != 0) {
        fields.refuse("codeColours", "must be the base64 of 48 bytes a code");
        return;
    }
    colours.resize(bytes->size() / sizeof(CodeColours));
    for (std::size_t i = 0; i < colours.size(); ++i) {
        std::copy_n(bytes->begin() + static_cast<std::ptrdiff_t>(i * sizeof(CodeColours)), sizeof(CodeColours),
                    colours[i].begin());
    }
}

void readLayout(JsonFields& fields, TraceLayout& layout)
{
    fields.object("layout", [&](const nlohmann::json& json) {
        JsonFields read(json, std::string(kHeaderWhat) + ": layout");
        read.whole("rows", layout.rows);
        read.whole("columns", layout.columns);
        read.whole("codes", layout.codes);
        read.whole("patchPixels", layout.patchPixels);
        if (json.is_object() && json.contains("blocks")) { // of a flow
            read.whole("blocks", layout.blocks, 1U, kMaxTraceBlocks);
            read.list("reversed", kMaxTraceBlocks, [&](const nlohmann::json& one) {
                if (!one.is_boolean()) {
                    read.refuse("reversed", "must be a list of true and false");
                }
                layout.reversed.push_back(one == true);
            });
        }
        fields.adopt(read.error());
    });
}

nlohmann::json layoutJson(const TraceLayout& layout)
{
    nlohmann::json json{{"rows", layout.rows},
                        {"columns", layout.columns},
                        {"codes", layout.codes},
                        {"patchPixels", layout.patchPixels}};
    if (layout.isFlow()) {
        json["blocks"] = layout.blocks;
        json["reversed"] = layout.reversed;
    }
    return json;
}

// A message as a reader takes it: a run that failed at length must not lose its summary for that.
std::string readableMessage(const std::string& message)
{
    std::string text = repairedUtf8(message);
    if (text.size() > kMaxMessageBytes) {
        std::size_t end = kMaxMessageBytes;
        while ((static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) {
            --end; // within a character
        }
        text.resize(end);
    }
    return text;
}

double readableSeconds(double seconds)
{
    return std::isfinite(seconds) ? std::clamp(seconds, 0.0, kMaxSeconds) : 0.0;
}

tl::unexpected<Error> damaged(const std::string& what)
{
    return fail(ErrorCode::Corrupt, "The trace is damaged.", what);
}

} // namespace

Result<std::vector<std::byte>> makeRecord(RecordKind kind, std::span<const std::byte> payload)
{
    if (payload.size() > kMaxTraceRecordBytes) {
        return fail(ErrorCode::Unsupported, "The run does not fit the trace file's format.",
                    "a record of " + std::to_string(payload.size()) + " bytes");
    }
    ByteWriter record;
    record.write(static_cast<std::uint32_t>(kind));
    record.write(static_cast<std::uint32_t>(payload.size()));
    record.append(payload);
    record.write(crc32c(record.bytes()));
    return record.take();
}

Result<std::vector<std::byte>> encodeHeader(const RunHeader& header)
{
    if (auto checked = checkHeader(header); !checked) {
        return tl::unexpected(checked.error());
    }
    nlohmann::json json = {{"schema", header.schema},
                           {"request", toJson(header.request)},
                           {"layout", layoutJson(header.layout)},
                           {"modelName", header.modelName},
                           {"deviceName", header.deviceName},
                           {"software", header.software},
                           {"startedAt", header.startedAt},
                           {"codeColours", coloursAsText(header.codeColours)}};
    if (!header.prompts.empty()) {
        json["prompts"] = header.prompts;
    }
    std::vector<std::byte> payload = asBytes(jsonText(json));
    // A text too long for a reader or a number that JSON lacks is told now, not when the file is opened.
    if (const auto readable = decodeHeader(payload); !readable) {
        return tl::unexpected(readable.error());
    }
    return payload;
}

Result<RunHeader> decodeHeader(std::span<const std::byte> payload)
{
    const Result<nlohmann::json> json = parseJson(asText(payload), kHeaderWhat);
    if (!json) {
        return tl::unexpected(json.error());
    }
    RunHeader header;
    JsonFields fields(*json, kHeaderWhat);
    fields.whole("schema", header.schema, 1);
    if (!fields.error() && header.schema != 1) {
        return fail(ErrorCode::Unsupported,
                    "The trace was made by a newer version of this program. Update the program.");
    }
    fields.object("request", [&](const nlohmann::json& entry) {
        Result<RunRequest> request = runRequestFromJson(entry);
        if (request) {
            header.request = std::move(*request);
        } else {
            fields.refuse("request", "is wrong (" + request.error().message + ")");
        }
    });
    readLayout(fields, header.layout);
    fields.text("modelName", header.modelName);
    fields.text("deviceName", header.deviceName);
    fields.text("software", header.software);
    fields.text("startedAt", header.startedAt);
    readColours(fields, header.codeColours);
    if (json->contains("prompts")) { // of a run whose prompt was completed
        fields.texts("prompts", header.prompts, kMostPictures, kMaxReadPromptBytes);
    }
    if (fields.error()) {
        return tl::unexpected(*fields.error());
    }
    if (auto checked = checkHeader(header); !checked) {
        return tl::unexpected(checked.error());
    }
    return header;
}

Result<std::vector<std::byte>> encodePreview(const Preview& preview, const TraceLayout& layout)
{
    if (auto checked = checkPreview(preview, layout); !checked) {
        return tl::unexpected(checked.error());
    }
    // What is shown on the way is made while the run waits.
    const Result<std::vector<std::byte>> png =
        encodePng(preview.width, preview.height, preview.rgb, {}, preview.isFinal ? PngEffort::Usual : PngEffort::Fast);
    if (!png) {
        return tl::unexpected(png.error());
    }
    const std::uint32_t flags = (preview.isFinal ? kFinal : 0U) | static_cast<std::uint32_t>(preview.lane + 1)
                                                                      << kLaneShift;
    ByteWriter out;
    for (const std::uint32_t value :
         {preview.item, preview.pass, preview.committedEnd, flags, preview.width, preview.height}) {
        out.write(value);
    }
    out.append(*png);
    return out.take();
}

Result<Preview> decodePreview(std::span<const std::byte> payload, const TraceLayout& layout)
{
    ByteReader reader(payload);
    Preview preview;
    std::uint32_t flags = 0;
    if (!(reader.read(preview.item) && reader.read(preview.pass) && reader.read(preview.committedEnd) &&
          reader.read(flags) && reader.read(preview.width) && reader.read(preview.height))) {
        return damaged("a preview is too short");
    }
    preview.isFinal = (flags & kFinal) != 0;
    preview.lane = static_cast<std::int32_t>(flags >> kLaneShift) - 1;
    // Held against the layout before anything is decoded, so that a small file cannot ask for a huge picture.
    const std::uint64_t width = std::uint64_t{layout.columns} * layout.patchPixels;
    const std::uint64_t height = std::uint64_t{layout.rows} * layout.patchPixels;
    const auto png = reader.take(reader.left());
    if (preview.width != width || preview.height != height || !png) {
        return damaged("a preview has another size than the layout says");
    }
    Result<PngPicture> picture = decodePng(*png, {kMaxPictureSide, width * height});
    if (!picture) {
        return tl::unexpected(picture.error());
    }
    if (picture->width != preview.width || picture->height != preview.height) {
        return damaged("a preview's picture has another size than it says");
    }
    preview.rgb = std::move(picture->rgb);
    if (auto checked = checkPreview(preview, layout); !checked) {
        return tl::unexpected(checked.error());
    }
    return preview;
}

Result<std::vector<std::byte>> encodeSummary(const RunSummary& summary)
{
    return asBytes(jsonText({{"outcome", kOutcomes[static_cast<std::size_t>(summary.outcome)]},
                             {"message", readableMessage(summary.message)},
                             {"tokens", summary.tokens},
                             {"passes", summary.passes},
                             {"seconds", readableSeconds(summary.seconds)},
                             {"forwardSeconds", readableSeconds(summary.forwardSeconds)},
                             {"samplingSeconds", readableSeconds(summary.samplingSeconds)},
                             {"previewSeconds", readableSeconds(summary.previewSeconds)},
                             {"nonFinite", summary.nonFinite},
                             {"nearTies", summary.nearTies},
                             {"fallbacks", summary.fallbacks}}));
}

Result<RunSummary> decodeSummary(std::span<const std::byte> payload)
{
    const Result<nlohmann::json> json = parseJson(asText(payload), "The trace's summary");
    if (!json) {
        return tl::unexpected(json.error());
    }
    RunSummary summary;
    std::string outcome;
    JsonFields fields(*json, "The trace's summary");
    fields.text("outcome", outcome);
    fields.text("message", summary.message, kMaxMessageBytes);
    fields.whole("tokens", summary.tokens);
    fields.whole("passes", summary.passes);
    fields.number("seconds", summary.seconds, 0.0, kMaxSeconds);
    fields.number("forwardSeconds", summary.forwardSeconds, 0.0, kMaxSeconds);
    fields.number("samplingSeconds", summary.samplingSeconds, 0.0, kMaxSeconds);
    fields.number("previewSeconds", summary.previewSeconds, 0.0, kMaxSeconds);
    fields.whole("nonFinite", summary.nonFinite);
    if (json->is_object() && json->contains("nearTies")) { // Version 0.1.0 did not count them.
        fields.whole("nearTies", summary.nearTies);
    }
    if (json->is_object() && json->contains("fallbacks")) {
        fields.whole("fallbacks", summary.fallbacks);
    }
    const auto known = std::find(kOutcomes.begin(), kOutcomes.end(), outcome);
    if (known == kOutcomes.end()) {
        fields.refuse("outcome", "must be complete, cancelled or failed");
    }
    if (fields.error()) {
        return tl::unexpected(*fields.error());
    }
    summary.outcome = static_cast<Outcome>(known - kOutcomes.begin());
    return summary;
}

} // namespace jacobi
