// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/io/filehandle.h"

#include <filesystem>

namespace jacobi {

/// Takes the lock of an open file or folder (flock), which all programs that ask for it share; it is held until every
/// copy of the descriptor is closed. Does not wait: false where another has it. True also where the file system has no
/// locks, for working without one is better than not working. Any thread.
bool tryLock(int descriptor);

/// Holds a folder's lock while it lives, so that a file in it can be read, changed and replaced by one program at a time.
/// Waits for another that holds it, which takes moments; after some seconds (a stopped program) it goes on without. One
/// thread.
class FolderLock {
public:
    /// A folder that is not there, or cannot be read, is not locked. An empty path is the current one.
    explicit FolderLock(const std::filesystem::path& folder);

private:
    FileHandle m_handle;
};

} // namespace jacobi
