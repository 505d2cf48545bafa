// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/error.h"
#include "core/io/outputfile.h"

#include <cstddef>
#include <filesystem>
#include <memory>
#include <span>
#include <string_view>

namespace jacobi {

/// The one way to replace a file: at every moment, also across a power cut, its name holds the old bytes or the new
/// ones, never a mixture. Writes a temporary file beside it, syncs it, renames it over the name and syncs the folder.
/// A link in the target's place is replaced, not followed. One thread at a time.
class AtomicFile {
public:
    static Result<AtomicFile> create(const std::filesystem::path& path);
    ~AtomicFile(); ///< without commit(): the temporary file is removed, the old file stays
    AtomicFile(AtomicFile&&) noexcept = default;
    AtomicFile& operator=(AtomicFile&&) = delete;

    Result<void> write(std::span<const std::byte> bytes);

    /// Puts the new file in its place. Fails without having touched the old file if a write failed before; fails with
    /// the new file in its place, but perhaps not yet durable, only where the folder could not be synced.
    Result<void> commit();

private:
    AtomicFile(OutputFile file, std::filesystem::path target);

    OutputFile m_file;
    std::filesystem::path m_target;
    bool m_failed = false;
};

/// All of it in one call.
Result<void> writeFileAtomically(const std::filesystem::path& path, std::span<const std::byte> bytes);
Result<void> writeFileAtomically(const std::filesystem::path& path, std::string_view text);

} // namespace jacobi
