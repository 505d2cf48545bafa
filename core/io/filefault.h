// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>

namespace jacobi {

/// What the program asks of the disk while it writes.
enum class FileCall { Create, Write, SyncFile, Rename, SyncFolder };

/// Tests only: decides before each call on this thread whether it fails; returns 0 to let it through, or the errno it
/// fails with. A failing write leaves the first half of its bytes in the file, as a full disk does.
using FileFault = std::function<int(FileCall call)>;

/// Installs a fault for this thread while it lives; not nested.
class ScopedFileFault {
public:
    explicit ScopedFileFault(FileFault fault);
    ~ScopedFileFault();
    ScopedFileFault(const ScopedFileFault&) = delete;
    ScopedFileFault& operator=(const ScopedFileFault&) = delete;
};

/// Asks the installed fault, if any.
int injectedFault(FileCall call);

} // namespace jacobi
