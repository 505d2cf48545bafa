// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/io/png.h"

#include "core/base/limits.h"
#include "core/base/utf8.h"
#include "core/io/atomicfile.h"
#include "core/io/pngerrors.h"

#include <algorithm>
#include <csetjmp>
#include <cstring>
#include <new>
#include <optional>
#include <png.h>

namespace jacobi {
namespace {

// Text in the encoding it is written in.
struct PlacedText {
    std::string key;  // Latin-1
    std::string text; // Latin-1 or UTF-8
    bool isLatin1 = false;
};

// Latin-1 of the text, where all of it is printable there; newline and tab are let through, as everybody does.
std::optional<std::string> latin1(std::string_view utf8)
{
    if (!isValidUtf8(utf8)) {
        return std::nullopt;
    }
    std::string result;
    for (const char32_t c : codePoints(utf8)) {
        const bool printable = (c >= 0x20 && c < 0x7F) || (c >= 0xA0 && c <= 0xFF) || c == '\n' || c == '\t';
        if (!printable) {
            return std::nullopt;
        }
        result += static_cast<char>(static_cast<unsigned char>(c));
    }
    return result;
}

bool isKeyAllowed(const std::string& key)
{
    return !key.empty() && key.size() <= kMaxPngKeyLength && key.front() != ' ' && key.back() != ' ' &&
           key.find("  ") == std::string::npos && key.find_first_of("\n\t\xA0") == std::string::npos;
}

Result<PlacedText> place(const PngText& text)
{
    const std::optional<std::string> key = latin1(text.key);
    if (!key || !isKeyAllowed(*key)) {
        return fail(ErrorCode::InvalidRequest, "A text of the picture has a name that PNG files cannot have.",
                    text.key);
    }
    if (std::optional<std::string> plain = latin1(text.text); plain && plain->size() <= kMaxPngTextBytes) {
        return PlacedText{*key, std::move(*plain), true};
    }
    std::string repaired = repairedUtf8(text.text);
    if (repaired.size() > kMaxPngTextBytes) {
        return fail(ErrorCode::InvalidRequest, "The text \"" + text.key + "\" is too long to be put into the picture.");
    }
    std::replace(repaired.begin(), repaired.end(), '\0', ' ');
    return PlacedText{*key, std::move(repaired), false};
}

struct WriteJob {
    std::uint32_t width = 0;
    std::uint32_t height = 0;
    const std::uint8_t* rgb = nullptr;
    std::vector<png_text> texts;
    PngEffort effort = PngEffort::Usual;
    std::vector<std::byte> out;
    bool outOfMemory = false;
};

void appendBytes(png_structp png, png_bytep data, std::size_t size)
{
    auto* job = static_cast<WriteJob*>(png_get_io_ptr(png));
    bool stored = false;
    try {
        const auto bytes = std::as_bytes(std::span(data, size));
        job->out.insert(job->out.end(), bytes.begin(), bytes.end());
        stored = true;
    } catch (const std::bad_alloc&) {
        job->outOfMemory = true;
    }
    if (!stored) {
        png_error(png, "out of memory");
    }
}

// libpng leaves this function by longjmp: no object with a destructor may live in it.
bool encodeGuarded(png_structp png, png_infop info, WriteJob* job)
{
    if (setjmp(png_jmpbuf(png)) != 0) {
        return false;
    }
    png_set_write_fn(png, job, appendBytes, nullptr);
    png_set_user_limits(png, kMaxPictureSide, kMaxPictureSide);
    png_set_IHDR(png, info, job->width, job->height, 8, PNG_COLOR_TYPE_RGB, PNG_INTERLACE_NONE,
                 PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
    if (job->effort == PngEffort::Fast) {
        png_set_compression_level(png, 1);
        png_set_filter(png, PNG_FILTER_TYPE_BASE, PNG_FILTER_SUB);
    }
    png_set_sRGB(png, info, PNG_sRGB_INTENT_PERCEPTUAL);
    if (!job->texts.empty()) {
        png_set_text(png, info, job->texts.data(), static_cast<int>(job->texts.size()));
    }
    png_write_info(png, info);
    for (std::uint32_t row = 0; row < job->height; ++row) {
        png_write_row(png, job->rgb + std::size_t{row} * job->width * 3);
    }
    png_write_end(png, nullptr);
    return true;
}

std::vector<png_text> textTable(std::vector<PlacedText>& texts)
{
    std::vector<png_text> table;
    for (PlacedText& text : texts) {
        png_text entry{};
        entry.compression = text.isLatin1 ? PNG_TEXT_COMPRESSION_NONE : PNG_ITXT_COMPRESSION_NONE;
        entry.key = text.key.data();
        entry.text = text.text.data();
        (text.isLatin1 ? entry.text_length : entry.itxt_length) = text.text.size();
        table.push_back(entry);
    }
    return table;
}

Result<void> checkSize(std::uint32_t width, std::uint32_t height, std::span<const std::uint8_t> rgb)
{
    if (width == 0 || height == 0 || width > kMaxPictureSide || height > kMaxPictureSide ||
        std::uint64_t{width} * height > kMaxPicturePixels) {
        return fail(ErrorCode::InvalidRequest,
                    "A picture of " + std::to_string(width) + " x " + std::to_string(height) +
                        " pixels cannot be saved; it may have at most " + std::to_string(kMaxPictureSide) + " a side.");
    }
    if (rgb.size() != std::uint64_t{width} * height * 3) {
        return fail(ErrorCode::Internal, "The picture could not be saved.", "its pixels do not fill its size");
    }
    return {};
}

} // namespace

Result<void> pngSupport()
{
    return {};
}

Result<std::vector<std::byte>> encodePng(std::uint32_t width, std::uint32_t height, std::span<const std::uint8_t> rgb,
                                         std::span<const PngText> texts, PngEffort effort)
{
    if (auto checked = checkSize(width, height, rgb); !checked) {
        return tl::unexpected(checked.error());
    }
    if (texts.size() > kMaxPngTexts) {
        return fail(ErrorCode::InvalidRequest,
                    "A picture can carry at most " + std::to_string(kMaxPngTexts) + " texts.");
    }
    std::vector<PlacedText> placed;
    for (const PngText& text : texts) {
        Result<PlacedText> one = place(text);
        if (!one) {
            return tl::unexpected(one.error());
        }
        placed.push_back(std::move(*one));
    }
    WriteJob job{width, height, rgb.data(), textTable(placed), effort, {}, false};
    PngErrors errors;
    png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, &errors, keepPngError, ignorePngWarning);
    png_infop info = png != nullptr ? png_create_info_struct(png) : nullptr;
    const bool created = info != nullptr;
    const bool encoded = created && encodeGuarded(png, info, &job);
    png_destroy_write_struct(&png, &info);
    if (!encoded) {
        const bool noMemory = job.outOfMemory || !created;
        return fail(noMemory ? ErrorCode::OutOfMemory : ErrorCode::Internal,
                    noMemory ? "There is not enough memory to save the picture." : "The picture could not be encoded.",
                    errors.text.data());
    }
    return std::move(job.out);
}

Result<void> writePng(const std::filesystem::path& path, std::uint32_t width, std::uint32_t height,
                      std::span<const std::uint8_t> rgb, std::span<const PngText> texts)
{
    const Result<std::vector<std::byte>> bytes = encodePng(width, height, rgb, texts);
    if (!bytes) {
        return tl::unexpected(bytes.error());
    }
    return writeFileAtomically(path, *bytes);
}

} // namespace jacobi
