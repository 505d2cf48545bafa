// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/engine/temporaryfolder.h"

#include "core/engine/memory.h"

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <string>
#include <system_error>

namespace jacobi {

Result<TemporaryFolder> TemporaryFolder::make(std::uint64_t bytes)
{
    std::error_code error;
    const std::filesystem::path parent = std::filesystem::temp_directory_path(error);
    if (error) {
        return fail(ErrorCode::Io, "There is no folder for temporary files. Set TMPDIR to one.", error.message());
    }
    const std::filesystem::space_info space = std::filesystem::space(parent, error);
    if (!error && space.available < bytes) {
        return fail(ErrorCode::Io, "This needs " + memoryText(bytes) + " for temporary files, but only " +
                                       memoryText(space.available) + " is free in \"" + parent.string() +
                                       "\". Set TMPDIR to another folder.");
    }
    std::string name = (parent / "jacobi-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) {
        return fail(ErrorCode::Io,
                    "No temporary folder could be made in \"" + parent.string() + "\". Set TMPDIR to another folder.",
                    std::strerror(errno));
    }
    return TemporaryFolder(name);
}

TemporaryFolder::~TemporaryFolder()
{
    if (!m_path.empty()) {
        std::error_code ignored;
        std::filesystem::remove_all(m_path, ignored);
    }
}

} // namespace jacobi
