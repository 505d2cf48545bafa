// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/io/outputfile.h"

#include "core/io/filefault.h"
#include "core/io/filelock.h"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <string>
#include <sys/stat.h>
#include <unistd.h>

namespace jacobi {

Error writeError(const std::filesystem::path& path, int error)
{
    const std::string name = "\"" + path.string() + "\"";
    const std::string detail = std::strerror(error);
    switch (error) {
    case ENOSPC:
    case EDQUOT:
        return {ErrorCode::Io, "The disk is full, so " + name + " could not be written. Free some space and try again.",
                detail};
    case EFBIG:
        return {ErrorCode::Io, name + " would become larger than this disk or account allows. Choose another folder.",
                detail};
    case EACCES:
    case EPERM:
    case EROFS: return {ErrorCode::Io, "There is no permission to write " + name + ". Choose another folder.", detail};
    case ENOENT:
    case ENOTDIR:
        return {ErrorCode::NotFound, "The folder of " + name + " does not exist. Make it or choose another.", detail};
    case EISDIR: return {ErrorCode::InvalidRequest, name + " is a folder. Give the name of a file.", detail};
    case ENAMETOOLONG:
        return {ErrorCode::InvalidRequest, "The name " + name + " is too long. Choose a shorter one.", detail};
    default: return {ErrorCode::Io, name + " could not be written (" + detail + "). Try another folder.", detail};
    }
}

Result<OutputFile> OutputFile::createNew(const std::filesystem::path& path, const std::filesystem::path& shown)
{
    if (const int error = injectedFault(FileCall::Create); error != 0) {
        return tl::unexpected(writeError(shown, error));
    }
    return openWith(path, shown, O_CREAT | O_EXCL | O_NOFOLLOW);
}

Result<OutputFile> OutputFile::createOrOpen(const std::filesystem::path& path)
{
    if (const int error = injectedFault(FileCall::Create); error != 0) {
        return tl::unexpected(writeError(path, error));
    }
    Result<OutputFile> created = openWith(path, path, O_CREAT | O_EXCL);
    return created ? std::move(created) : openWith(path, path, O_CREAT | O_NONBLOCK);
}

Result<OutputFile> OutputFile::createOrOpenAlone(const std::filesystem::path& path)
{
    // Whoever had the file may remove it between our opening and locking it; then there is one more to be made.
    constexpr int kAttempts = 100;
    for (int attempt = 0;; ++attempt) {
        Result<OutputFile> file = createOrOpen(path);
        struct stat status {};
        if (!file || ::fstat(file->descriptor(), &status) != 0 || !S_ISREG(status.st_mode)) {
            return file;
        }
        if (!tryLock(file->descriptor())) {
            return fail(ErrorCode::Io, "Another run is writing \"" + path.string() +
                                           "\". Choose another name, or wait until that run is done.");
        }
        if (attempt == kAttempts || file->isStillThere()) {
            return file;
        }
    }
}

bool OutputFile::isStillThere() const
{
    struct stat mine {};
    struct stat named {};
    return ::fstat(m_handle.descriptor(), &mine) == 0 && ::stat(m_path.c_str(), &named) == 0 &&
           mine.st_dev == named.st_dev && mine.st_ino == named.st_ino;
}

Result<OutputFile> OutputFile::openWith(const std::filesystem::path& path, const std::filesystem::path& shown,
                                        int flags)
{
    OutputFile file;
    file.m_path = path;
    file.m_shown = shown;
    file.m_created = (flags & O_EXCL) != 0;
    file.m_handle = FileHandle(::open(path.c_str(), O_WRONLY | O_CLOEXEC | O_NOCTTY | flags, 0666));
    if (!file.m_handle.isOpen()) {
        return tl::unexpected(writeError(shown, errno));
    }
    // Only opening must not wait for a pipe's reader; writing does, or a slow one would fail the write.
    if ((flags & O_NONBLOCK) != 0 && ::fcntl(file.m_handle.descriptor(), F_SETFL, 0) != 0) {
        return tl::unexpected(writeError(shown, errno));
    }
    return file;
}

Result<void> OutputFile::write(std::span<const std::byte> bytes)
{
    const int injected = injectedFault(FileCall::Write);
    std::span<const std::byte> rest = injected == 0 ? bytes : bytes.first(bytes.size() / 2);
    while (!rest.empty()) {
        const ssize_t written = ::write(m_handle.descriptor(), rest.data(), rest.size());
        if (written < 0 && errno == EINTR) {
            continue;
        }
        if (written < 0) {
            return tl::unexpected(writeError(m_shown, errno));
        }
        rest = rest.subspan(static_cast<std::size_t>(written));
    }
    if (injected != 0) {
        return tl::unexpected(writeError(m_shown, injected));
    }
    return {};
}

Result<void> OutputFile::truncate(std::uint64_t bytes)
{
    struct stat status {};
    if (::fstat(m_handle.descriptor(), &status) != 0) {
        return tl::unexpected(writeError(m_shown, errno));
    }
    if (!S_ISREG(status.st_mode)) {
        return {};
    }
    const auto offset = static_cast<off_t>(bytes);
    if (::ftruncate(m_handle.descriptor(), offset) != 0 || ::lseek(m_handle.descriptor(), offset, SEEK_SET) < 0) {
        return tl::unexpected(writeError(m_shown, errno));
    }
    return {};
}

Result<void> OutputFile::sync()
{
    const int injected = injectedFault(FileCall::SyncFile);
    const int error = injected != 0 ? injected : ::fsync(m_handle.descriptor()) == 0 ? 0 : errno;
    // Pipes and some devices cannot be synced; there is nothing to wait for.
    if (error != 0 && error != EINVAL && error != ENOTSUP) {
        return tl::unexpected(writeError(m_shown, error));
    }
    return {};
}

Result<void> syncFolder(const std::filesystem::path& folder)
{
    const std::filesystem::path path = folder.empty() ? "." : folder;
    int error = injectedFault(FileCall::SyncFolder);
    if (error == 0) {
        const FileHandle handle(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
        if (!handle.isOpen() || ::fsync(handle.descriptor()) != 0) {
            error = errno;
        }
    }
    // Some network file systems cannot sync folders, and a folder may be writable but not readable.
    if (error != 0 && error != EINVAL && error != ENOTSUP && error != EACCES) {
        return tl::unexpected(writeError(path, error));
    }
    return {};
}

} // namespace jacobi
