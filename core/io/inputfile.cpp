// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/io/inputfile.h"

#include "core/base/sha256.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <new>
#include <sys/stat.h>
#include <unistd.h>

namespace jacobi {
namespace {

tl::unexpected<Error> openFailure(const std::filesystem::path& path, int error)
{
    const std::string name = path.string();
    switch (error) {
    case ENOENT:
    case ENOTDIR: return fail(ErrorCode::NotFound, "There is no file \"" + name + "\".", std::strerror(error));
    case EACCES:
    case EPERM: return fail(ErrorCode::Io, "There is no permission to read \"" + name + "\".", std::strerror(error));
    case ELOOP:
        return fail(ErrorCode::Unsupported, "\"" + name + "\" is a link to another place and is not followed.",
                    std::strerror(error));
    case ENAMETOOLONG: return fail(ErrorCode::InvalidRequest, "The name of a file is too long.", std::strerror(error));
    default: return fail(ErrorCode::Io, "\"" + name + "\" could not be opened.", std::strerror(error));
    }
}

} // namespace

Result<InputFile> InputFile::open(const std::filesystem::path& path)
{
    return openWith(path, 0);
}

Result<InputFile> InputFile::openNoLink(const std::filesystem::path& path)
{
    return openWith(path, O_NOFOLLOW);
}

Result<InputFile> InputFile::openWith(const std::filesystem::path& path, int extraFlags)
{
    // O_NONBLOCK: opening a FIFO must not wait for a writer.
    FileHandle handle(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK | extraFlags));
    if (!handle.isOpen()) {
        return openFailure(path, errno);
    }
    struct stat status {};
    if (::fstat(handle.descriptor(), &status) != 0) {
        return openFailure(path, errno);
    }
    if (S_ISDIR(status.st_mode)) {
        return fail(ErrorCode::InvalidRequest, "\"" + path.string() + "\" is a folder, not a file.");
    }
    if (!S_ISREG(status.st_mode)) {
        return fail(ErrorCode::Unsupported, "\"" + path.string() + "\" is not a regular file and is not read.");
    }
    InputFile file;
    file.m_handle = std::move(handle);
    file.m_path = path;
    file.m_size = static_cast<std::uint64_t>(status.st_size);
    return file;
}

Result<void> InputFile::readAt(std::uint64_t offset, std::span<std::byte> out) const
{
    while (!out.empty()) {
        const ssize_t got = ::pread(m_handle.descriptor(), out.data(), out.size(), static_cast<off_t>(offset));
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got < 0) {
            return fail(ErrorCode::Io, "\"" + m_path.string() + "\" could not be read.", std::strerror(errno));
        }
        if (got == 0) {
            return fail(ErrorCode::Corrupt, "\"" + m_path.string() +
                                                "\" became shorter while it was read. "
                                                "Get the file again.");
        }
        out = out.subspan(static_cast<std::size_t>(got));
        offset += static_cast<std::uint64_t>(got);
    }
    return {};
}

Result<std::vector<std::byte>> readWholeFile(const InputFile& file, std::uint64_t maxBytes)
{
    if (file.size() > maxBytes) {
        return fail(ErrorCode::Unsupported, "\"" + file.path().string() + "\" has " + std::to_string(file.size()) +
                                                " bytes; at most " + std::to_string(maxBytes) + " are read.");
    }
    try {
        std::vector<std::byte> bytes(static_cast<std::size_t>(file.size()));
        if (auto read = file.readAt(0, bytes); !read) {
            return tl::unexpected(read.error());
        }
        return bytes;
    } catch (const std::bad_alloc&) {
        return fail(ErrorCode::OutOfMemory, "There is not enough memory to read \"" + file.path().string() + "\".");
    }
}

Result<std::vector<std::byte>> readWholeFile(const std::filesystem::path& path, std::uint64_t maxBytes)
{
    const Result<InputFile> file = InputFile::open(path);
    if (!file) {
        return tl::unexpected(file.error());
    }
    return readWholeFile(*file, maxBytes);
}

Result<std::string> sha256OfFile(const InputFile& file)
{
    constexpr std::uint64_t kPiece = 1U << 20U;
    Sha256 hash;
    std::vector<std::byte> piece(static_cast<std::size_t>(std::min(kPiece, file.size())));
    for (std::uint64_t offset = 0; offset < file.size(); offset += piece.size()) {
        const auto now = std::span(piece).first(static_cast<std::size_t>(std::min(kPiece, file.size() - offset)));
        if (auto read = file.readAt(offset, now); !read) {
            return tl::unexpected(read.error());
        }
        hash.update(now);
    }
    return hash.finishHex();
}

} // namespace jacobi
