// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/error.h"
#include "core/io/filehandle.h"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <vector>

namespace jacobi {

/// A regular file, open for reading. What kind of file it is is asked of the open handle, so that a FIFO or a device
/// is refused without being waited for. Data comes through bounded reads, never a mapping. One thread at a time.
class InputFile {
public:
    /// Opens a file the user named; symbolic links are followed.
    static Result<InputFile> open(const std::filesystem::path& path);

    /// Opens a file whose last part must not be a symbolic link.
    static Result<InputFile> openNoLink(const std::filesystem::path& path);

    const std::filesystem::path& path() const { return m_path; }
    std::uint64_t size() const { return m_size; } ///< bytes, when it was opened

    /// Fills out with the bytes from offset on; a file that has been cut since is an error.
    Result<void> readAt(std::uint64_t offset, std::span<std::byte> out) const;

private:
    static Result<InputFile> openWith(const std::filesystem::path& path, int extraFlags);

    FileHandle m_handle;
    std::filesystem::path m_path;
    std::uint64_t m_size = 0;
};

/// A whole file of at most maxBytes; a larger one is an error that names the limit.
Result<std::vector<std::byte>> readWholeFile(const InputFile& file, std::uint64_t maxBytes);
Result<std::vector<std::byte>> readWholeFile(const std::filesystem::path& path, std::uint64_t maxBytes);

/// The SHA-256 of a file's bytes, hexadecimal; read in pieces.
Result<std::string> sha256OfFile(const InputFile& file);

} // namespace jacobi
