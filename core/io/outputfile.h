// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/error.h"
#include "core/io/filehandle.h"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>

namespace jacobi {

/// A file being written from its first byte on. Every call can fail with a sentence for the user (a full disk, a
/// folder without permission); none throws. One thread at a time.
class OutputFile {
public:
    /// Creates a file that must not be there yet; a link in its place is not followed. Error sentences call it `shown`.
    static Result<OutputFile> createNew(const std::filesystem::path& path, const std::filesystem::path& shown);

    /// Creates a file or opens the one that is there, its bytes untouched until truncate(). Links are followed: for
    /// files the user named.
    static Result<OutputFile> createOrOpen(const std::filesystem::path& path);

    /// createOrOpen for a file that takes long to write: Io where it is open this way already, here or in another program,
    /// its bytes untouched. What is no regular file may be opened by many.
    static Result<OutputFile> createOrOpenAlone(const std::filesystem::path& path);

    /// All of the bytes. After a failure the file may hold a part of them.
    Result<void> write(std::span<const std::byte> bytes);

    /// Cuts the file to this many bytes and goes on writing there. What is no regular file stays as it is.
    Result<void> truncate(std::uint64_t bytes);

    /// Returns when what was written has reached the disk.
    Result<void> sync();

    const std::filesystem::path& path() const { return m_path; }
    bool wasCreated() const { return m_created; } ///< it was not there before
    int descriptor() const { return m_handle.descriptor(); }
    void close() { m_handle.close(); }

private:
    static Result<OutputFile> openWith(const std::filesystem::path& path, const std::filesystem::path& shown,
                                       int flags);
    bool isStillThere() const; ///< under its name

    FileHandle m_handle;
    std::filesystem::path m_path;
    std::filesystem::path m_shown;
    bool m_created = false;
};

/// Makes a new or renamed name in this folder survive a power cut.
Result<void> syncFolder(const std::filesystem::path& folder);

/// The sentence for a failed write: what happened to `path` and what to do. `error` is an errno.
Error writeError(const std::filesystem::path& path, int error);

} // namespace jacobi
