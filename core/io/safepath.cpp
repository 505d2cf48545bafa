// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/io/safepath.h"

#include "core/base/printable.h"
#include "core/base/utf8.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <string>

namespace jacobi {
namespace {

constexpr std::size_t kMaxNameBytes = 255;

tl::unexpected<Error> refuse(std::string_view name, const std::string& why)
{
    return fail(ErrorCode::Corrupt, "The file name \"" + printable(name, 80) + "\" is refused: " + why + ".");
}

// Left-to-right and right-to-left marks, embeddings, overrides, isolates; they make a name look like another.
bool isDirectionMark(char32_t c)
{
    return c == 0x061C || c == 0x200E || c == 0x200F || (c >= 0x202A && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069);
}

bool isForbidden(char32_t c)
{
    constexpr std::u32string_view kReserved = U"/\\:*?\"<>|";
    return c < 0x20 || (c >= 0x7F && c < 0xA0) || c == 0x2028 || c == 0x2029 || kReserved.find(c) != kReserved.npos ||
           isDirectionMark(c);
}

// CON, PRN, AUX, NUL, CONIN$, CONOUT$, COM0-9 and LPT0-9 name devices on Windows, whatever follows the first dot.
bool isDeviceName(std::string_view name)
{
    std::string stem(name.substr(0, name.find('.')));
    while (!stem.empty() && stem.back() == ' ') {
        stem.pop_back();
    }
    std::transform(stem.begin(), stem.end(), stem.begin(),
                   [](unsigned char c) { return static_cast<char>(c < 0x80 ? std::toupper(c) : c); });
    constexpr std::array<std::string_view, 6> kDevices{"CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$"};
    if (std::find(kDevices.begin(), kDevices.end(), stem) != kDevices.end()) {
        return true;
    }
    if (!stem.starts_with("COM") && !stem.starts_with("LPT")) {
        return false;
    }
    const std::string number = stem.substr(3);
    const bool isSuperscript = number == "\u00B9" || number == "\u00B2" || number == "\u00B3";
    return isSuperscript || (number.size() == 1 && number[0] >= '0' && number[0] <= '9');
}

// The folder of a downloads cache that holds the data which its snapshots link to, or nothing.
std::filesystem::path blobsOf(const std::filesystem::path& folder)
{
    const std::filesystem::path snapshots = folder.parent_path();
    return snapshots.filename() == "snapshots" ? snapshots.parent_path() / "blobs" : std::filesystem::path();
}

} // namespace

Result<void> checkFileName(std::string_view name)
{
    if (name.empty()) {
        return refuse(name, "it is empty");
    }
    if (name.size() > kMaxNameBytes) {
        return refuse(name, "it is longer than " + std::to_string(kMaxNameBytes) + " bytes");
    }
    if (!isValidUtf8(name)) {
        return refuse(name, "it is not UTF-8");
    }
    const std::vector<char32_t> characters = codePoints(name);
    if (std::any_of(characters.begin(), characters.end(), isForbidden)) {
        return refuse(name, "it must be a bare file name without folders or special characters");
    }
    if (name == "." || name == ".." || name.back() == '.' || name.back() == ' ' || name.front() == ' ') {
        return refuse(name, "it must not be a folder nor begin with a blank or end with a blank or dot");
    }
    if (isDeviceName(name)) {
        return refuse(name, "it is the name of a device");
    }
    return {};
}

Result<InputFile> openInside(const std::filesystem::path& folder, std::string_view name)
{
    if (auto checked = checkFileName(name); !checked) {
        return tl::unexpected(checked.error());
    }
    std::error_code error;
    const std::filesystem::path home = std::filesystem::canonical(folder, error);
    if (error) {
        return fail(ErrorCode::NotFound, "There is no folder \"" + folder.string() + "\".", error.message());
    }
    const std::filesystem::path resolved = std::filesystem::canonical(home / name, error);
    if (error) {
        return fail(ErrorCode::NotFound, "\"" + folder.string() + "\" lacks the file \"" + std::string(name) + "\".",
                    error.message());
    }
    const std::filesystem::path place = resolved.parent_path();
    if (place != home && (blobsOf(home).empty() || place != blobsOf(home))) {
        return fail(ErrorCode::Corrupt,
                    "The file \"" + std::string(name) + "\" of \"" + folder.string() +
                        "\" leads out of its folder and is not opened.",
                    resolved.string());
    }
    return InputFile::openNoLink(resolved);
}

} // namespace jacobi
