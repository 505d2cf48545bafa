// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/io/atomicfile.h"

#include "core/io/filefault.h"

#include <atomic>
#include <cerrno>
#include <cstdio>
#include <string>
#include <sys/stat.h>
#include <unistd.h>

namespace jacobi {
namespace {

// A short name of its own: the target's name may already be as long as names can be.
std::filesystem::path temporaryBeside(const std::filesystem::path& target)
{
    static std::atomic<unsigned> count{0};
    return target.parent_path() /
           (".jacobi-" + std::to_string(::getpid()) + "-" + std::to_string(count.fetch_add(1)) + ".part");
}

} // namespace

AtomicFile::AtomicFile(OutputFile file, std::filesystem::path target)
    : m_file(std::move(file)), m_target(std::move(target))
{
}

Result<AtomicFile> AtomicFile::create(const std::filesystem::path& path)
{
    struct stat status {};
    const bool exists = ::lstat(path.c_str(), &status) == 0;
    if (!path.has_filename() || (exists && S_ISDIR(status.st_mode))) {
        return tl::unexpected(writeError(path, EISDIR));
    }
    if (exists && !S_ISREG(status.st_mode) && !S_ISLNK(status.st_mode)) {
        return fail(ErrorCode::Unsupported,
                    "\"" + path.string() + "\" is not a regular file and is not replaced. Choose another name.");
    }
    // A name left behind by a killed program with the same process number is passed over.
    constexpr int kAttempts = 100;
    for (int attempt = 0;; ++attempt) {
        const std::filesystem::path temporary = temporaryBeside(path);
        Result<OutputFile> file = OutputFile::createNew(temporary, path);
        struct stat other {};
        if (!file && attempt < kAttempts && ::lstat(temporary.c_str(), &other) == 0) {
            continue;
        }
        if (!file) {
            return tl::unexpected(file.error());
        }
        if (exists && S_ISREG(status.st_mode)) {
            // Best effort: the new file keeps who may read the old one.
            [[maybe_unused]] const int kept = ::fchmod(file->descriptor(), status.st_mode & 0777);
        }
        return AtomicFile(std::move(*file), path);
    }
}

AtomicFile::~AtomicFile()
{
    if (m_file.descriptor() >= 0) {
        m_file.close();
        ::unlink(m_file.path().c_str());
    }
}

Result<void> AtomicFile::write(std::span<const std::byte> bytes)
{
    Result<void> written = m_file.write(bytes);
    m_failed = m_failed || !written;
    return written;
}

Result<void> AtomicFile::commit()
{
    if (m_failed || m_file.descriptor() < 0) {
        return fail(ErrorCode::Io, "\"" + m_target.string() + "\" was not written, because writing it failed before.");
    }
    if (Result<void> synced = m_file.sync(); !synced) {
        m_failed = true;
        return synced;
    }
    const int injected = injectedFault(FileCall::Rename);
    if (injected != 0 || std::rename(m_file.path().c_str(), m_target.c_str()) != 0) {
        const int error = injected != 0 ? injected : errno;
        m_failed = true;
        return tl::unexpected(writeError(m_target, error));
    }
    m_file.close();
    return syncFolder(m_target.parent_path());
}

Result<void> writeFileAtomically(const std::filesystem::path& path, std::span<const std::byte> bytes)
{
    Result<AtomicFile> file = AtomicFile::create(path);
    if (!file) {
        return tl::unexpected(file.error());
    }
    if (auto written = file->write(bytes); !written) {
        return written;
    }
    return file->commit();
}

Result<void> writeFileAtomically(const std::filesystem::path& path, std::string_view text)
{
    return writeFileAtomically(path, std::as_bytes(std::span(text)));
}

} // namespace jacobi
