// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/error.h"

#include <cstdint>
#include <filesystem>
#include <utility>

namespace jacobi {

/// A new folder among the system's temporary files that only this user may enter; removed with all that is in it. One thread.
class TemporaryFolder {
public:
    /// bytes: what will be written into it. Error: Io, where so many are not free or no folder can be made, with what to do.
    static Result<TemporaryFolder> make(std::uint64_t bytes);
    ~TemporaryFolder();
    TemporaryFolder(TemporaryFolder&& other) noexcept : m_path(std::exchange(other.m_path, {})) {}
    TemporaryFolder& operator=(TemporaryFolder&&) = delete;

    const std::filesystem::path& path() const { return m_path; }

private:
    explicit TemporaryFolder(std::filesystem::path path) : m_path(std::move(path)) {}

    std::filesystem::path m_path;
};

} // namespace jacobi
