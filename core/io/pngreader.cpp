// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/limits.h"
#include "core/base/utf8.h"
#include "core/io/bytereader.h"
#include "core/io/png.h"
#include "core/io/pngerrors.h"

#include <algorithm>
#include <array>
#include <bit>
#include <csetjmp>
#include <cstring>
#include <new>
#include <optional>
#include <string_view>

namespace jacobi {

[[noreturn]] void keepPngError(png_structp png, png_const_charp message)
{
    auto* errors = static_cast<PngErrors*>(png_get_error_ptr(png));
    std::strncpy(errors->text.data(), message, errors->text.size() - 1);
    png_longjmp(png, 1);
}

void ignorePngWarning(png_structp, png_const_charp) {}

namespace {

constexpr std::size_t kSignatureBytes = 8;
constexpr std::size_t kMaxTextChunkBytes = kMaxPngTextBytes + 1024; // the text, its key, language and translated key
constexpr std::uint64_t kMostInflation = 1032;                      // deflate makes at most this many bytes out of one

struct ReadJob {
    std::span<const std::byte> bytes;
    PngLimits limits{};
    PngPicture* picture = nullptr;
    const char* refused = nullptr; ///< why the picture is not decoded although it may be sound
    bool outOfMemory = false;
};

void takeBytes(png_structp png, png_bytep out, std::size_t size)
{
    auto* job = static_cast<ReadJob*>(png_get_io_ptr(png));
    if (job->bytes.size() < size) {
        png_error(png, "the file ends too early");
    }
    std::memcpy(out, job->bytes.data(), size);
    job->bytes = job->bytes.subspan(size);
}

bool allocatePixels(ReadJob* job, std::uint32_t width, std::uint32_t height)
{
    try {
        job->picture->width = width;
        job->picture->height = height;
        job->picture->rgb.resize(std::size_t{width} * height * 3);
        return true;
    } catch (const std::bad_alloc&) {
        job->outOfMemory = true;
        return false;
    }
}

// Any colour type to 8-bit RGB.
void requestRgb(png_structp png)
{
    png_set_expand(png);
    png_set_scale_16(png);
    png_set_strip_alpha(png);
    png_set_gray_to_rgb(png);
}

// libpng leaves this function by longjmp: no object with a destructor may live in it.
bool decodeGuarded(png_structp png, png_infop info, ReadJob* job)
{
    if (setjmp(png_jmpbuf(png)) != 0) {
        return false;
    }
    const std::uint64_t fileBytes = job->bytes.size();
    png_set_read_fn(png, job, takeBytes);
    png_set_user_limits(png, job->limits.side, job->limits.side);
    png_set_keep_unknown_chunks(png, PNG_HANDLE_CHUNK_NEVER, nullptr, -1); // texts, profiles, ...: not wanted here
    png_read_info(png, info);
    const std::uint32_t width = png_get_image_width(png, info);
    const std::uint32_t height = png_get_image_height(png, info);
    if (std::uint64_t{width} * height > job->limits.pixels) {
        job->refused = "it has too many pixels";
        return false;
    }
    if (png_get_rowbytes(png, info) * std::uint64_t{height} > kMostInflation * fileBytes) {
        job->refused = "it claims more pixels than its size can hold";
        return false;
    }
    requestRgb(png);
    const int passes = png_set_interlace_handling(png);
    png_read_update_info(png, info);
    if (png_get_rowbytes(png, info) != std::size_t{width} * 3 || !allocatePixels(job, width, height)) {
        return false;
    }
    for (int pass = 0; pass < passes; ++pass) {
        for (std::uint32_t row = 0; row < height; ++row) {
            png_read_row(png, job->picture->rgb.data() + std::size_t{row} * width * 3, nullptr);
        }
    }
    png_read_end(png, nullptr);
    return true;
}

tl::unexpected<Error> failure(const ReadJob& job, const PngErrors& errors)
{
    if (job.outOfMemory) {
        return fail(ErrorCode::OutOfMemory, "There is not enough memory to open the picture.");
    }
    if (job.refused != nullptr) {
        return fail(ErrorCode::Unsupported, std::string("The picture is not opened: ") + job.refused + ".");
    }
    return fail(ErrorCode::Corrupt, "The picture is damaged or not a PNG file.", errors.text.data());
}

// A PNG's chunks, one after another.
struct Chunk {
    std::string_view type;
    std::span<const std::byte> data;
    std::span<const std::byte> whole; ///< length, type, data and CRC
};

std::optional<Chunk> nextChunk(ByteReader& reader)
{
    const auto head = reader.take(8);
    if (!head) {
        return std::nullopt;
    }
    std::uint32_t length = 0;
    for (std::size_t i = 0; i < 4; ++i) {
        length = length << 8U | std::to_integer<std::uint32_t>((*head)[i]);
    }
    const auto rest = reader.take(std::uint64_t{length} + 4);
    if (!rest) {
        return std::nullopt;
    }
    return Chunk{{reinterpret_cast<const char*>(head->data()) + 4, 4},
                 rest->first(length),
                 {head->data(), head->size() + rest->size()}};
}

// A PNG of the same header and texts, in which the pixels begin at the end: libpng reads such a one up to them.
std::optional<std::vector<std::byte>> textsOnly(std::span<const std::byte> bytes)
{
    ByteReader reader(bytes);
    const auto signature = reader.take(kSignatureBytes);
    if (!signature || png_sig_cmp(reinterpret_cast<png_const_bytep>(signature->data()), 0, kSignatureBytes) != 0) {
        return std::nullopt;
    }
    std::vector<std::byte> result(signature->begin(), signature->end());
    std::size_t texts = 0;
    bool hasHeader = false;
    while (const std::optional<Chunk> chunk = nextChunk(reader)) {
        const bool isHeader = chunk->type == "IHDR" && !hasHeader;
        const bool isPalette = chunk->type == "PLTE" && hasHeader;
        const bool isText = chunk->type == "tEXt" || chunk->type == "zTXt" || chunk->type == "iTXt";
        if (isText && (chunk->data.size() > kMaxTextChunkBytes || texts >= kMaxPngTexts)) {
            continue;
        }
        if (isHeader || isPalette || isText) {
            result.insert(result.end(), chunk->whole.begin(), chunk->whole.end());
            hasHeader = hasHeader || isHeader;
            texts += isText ? 1 : 0;
        }
        if (chunk->type == "IEND") {
            break;
        }
    }
    for (const char byte : std::string_view("\0\0\0\0IDAT", 8)) {
        result.push_back(static_cast<std::byte>(byte));
    }
    return hasHeader ? std::optional(std::move(result)) : std::nullopt;
}

// libpng leaves this function by longjmp: no object with a destructor may live in it.
bool readTextsGuarded(png_structp png, png_infop info, ReadJob* job)
{
    if (setjmp(png_jmpbuf(png)) != 0) {
        return false;
    }
    png_set_read_fn(png, job, takeBytes);
    png_set_user_limits(png, kMaxPictureSide, kMaxPictureSide);
    png_set_chunk_malloc_max(png, kMaxTextChunkBytes);
    png_set_chunk_cache_max(png, kMaxPngTexts + 2);
    png_set_crc_action(png, PNG_CRC_ERROR_QUIT, PNG_CRC_WARN_DISCARD);
    png_read_info(png, info);
    return true;
}

std::string fromLatin1(std::string_view text)
{
    std::string result;
    for (const char c : text) {
        result += toUtf8(static_cast<unsigned char>(c));
    }
    return result;
}

std::vector<PngText> collectTexts(png_structp png, png_infop info)
{
    png_textp texts = nullptr;
    int count = 0;
    png_get_text(png, info, &texts, &count);
    std::vector<PngText> result;
    for (int i = 0; i < count; ++i) {
        const png_text& text = texts[i];
        const std::string_view key(text.key);
        if (key.empty() || key.size() > kMaxPngKeyLength) {
            continue;
        }
        const bool isInternational =
            text.compression == PNG_ITXT_COMPRESSION_NONE || text.compression == PNG_ITXT_COMPRESSION_zTXt;
        const std::string_view content(text.text != nullptr ? text.text : "",
                                       isInternational ? text.itxt_length : text.text_length);
        result.push_back({fromLatin1(key), isInternational ? repairedUtf8(content) : fromLatin1(content)});
    }
    return result;
}

} // namespace

Result<PngPicture> decodePng(std::span<const std::byte> bytes)
{
    return decodePng(bytes, {kMaxPictureSide, kMaxPicturePixels});
}

Result<PngPicture> decodePng(std::span<const std::byte> bytes, const PngLimits& limits)
{
    PngPicture picture;
    ReadJob job{bytes, limits, &picture, nullptr, false};
    PngErrors errors;
    png_structp png = png_create_read_struct(PNG_LIBPNG_VER_STRING, &errors, keepPngError, ignorePngWarning);
    png_infop info = png != nullptr ? png_create_info_struct(png) : nullptr;
    job.outOfMemory = info == nullptr;
    const bool decoded = info != nullptr && decodeGuarded(png, info, &job);
    png_destroy_read_struct(&png, &info, nullptr);
    if (!decoded) {
        return failure(job, errors);
    }
    return picture;
}

Result<std::vector<PngText>> readPngTexts(std::span<const std::byte> bytes)
{
    const std::optional<std::vector<std::byte>> reduced = textsOnly(bytes);
    if (!reduced) {
        return fail(ErrorCode::Corrupt, "The picture is damaged or not a PNG file.");
    }
    ReadJob job{*reduced, {}, nullptr, nullptr, false};
    PngErrors errors;
    png_structp png = png_create_read_struct(PNG_LIBPNG_VER_STRING, &errors, keepPngError, ignorePngWarning);
    png_infop info = png != nullptr ? png_create_info_struct(png) : nullptr;
    job.outOfMemory = info == nullptr;
    const bool read = info != nullptr && readTextsGuarded(png, info, &job);
    std::vector<PngText> texts;
    if (read) {
        texts = collectTexts(png, info);
    }
    png_destroy_read_struct(&png, &info, nullptr);
    if (!read) {
        return failure(job, errors);
    }
    return texts;
}

} // namespace jacobi
