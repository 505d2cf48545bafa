// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/io/storedzip.h"

#include "core/base/limits.h"
#include "core/base/printable.h"
#include "core/io/bytereader.h"

#include <algorithm>
#include <vector>

namespace jacobi {
namespace {

constexpr std::uint32_t kEndSignature = 0x06054b50;
constexpr std::uint32_t kEnd64Signature = 0x06064b50;
constexpr std::uint32_t kLocator64Signature = 0x07064b50;
constexpr std::uint32_t kDirectorySignature = 0x02014b50;
constexpr std::uint32_t kLocalSignature = 0x04034b50;
constexpr std::uint64_t kEndBytes = 22;
constexpr std::uint64_t kLocator64Bytes = 20;
constexpr std::uint64_t kEnd64Bytes = 56;
constexpr std::uint64_t kLocalBytes = 30;
constexpr std::uint32_t kIn64 = 0xFFFFFFFF; ///< "see the zip64 record"
constexpr std::uint64_t kMaxDirectoryBytes = kMaxSafetensorsHeaderBytes;

tl::unexpected<Error> corrupt(const InputFile& file, const std::string& why)
{
    return fail(ErrorCode::Corrupt, "\"" + file.path().string() + "\" is damaged: " + why + ". Get the file again.");
}

Result<std::vector<std::byte>> bytesAt(const InputFile& file, std::uint64_t offset, std::uint64_t count)
{
    if (offset > file.size() || count > file.size() - offset) {
        return corrupt(file, "a part of its directory lies beyond the end of the file");
    }
    std::vector<std::byte> bytes(static_cast<std::size_t>(count));
    if (auto read = file.readAt(offset, bytes); !read) {
        return tl::unexpected(read.error());
    }
    return bytes;
}

template <class T>
T numberAt(std::span<const std::byte> bytes, std::size_t at)
{
    T value{};
    ByteReader reader(bytes.subspan(at));
    return reader.read(value) ? value : T{};
}

struct Directory {
    std::uint64_t entries = 0;
    std::uint64_t bytes = 0;
    std::uint64_t offset = 0;
};

// The end record is the last thing in the file, behind it only a comment of at most 65535 bytes.
Result<Directory> findDirectory(const InputFile& file)
{
    const std::uint64_t tail = std::min<std::uint64_t>(file.size(), kEndBytes + 0xFFFF);
    const auto bytes = bytesAt(file, file.size() - tail, tail);
    if (!bytes) {
        return tl::unexpected(bytes.error());
    }
    for (std::uint64_t back = kEndBytes; back <= tail; ++back) {
        const auto record = std::span(*bytes).subspan(static_cast<std::size_t>(tail - back));
        if (numberAt<std::uint32_t>(record, 0) != kEndSignature ||
            numberAt<std::uint16_t>(record, 20) != back - kEndBytes) {
            continue;
        }
        Directory directory{numberAt<std::uint16_t>(record, 10), numberAt<std::uint32_t>(record, 12),
                            numberAt<std::uint32_t>(record, 16)};
        const bool in64 = directory.entries == 0xFFFF || directory.bytes == kIn64 || directory.offset == kIn64;
        if (!in64) {
            return directory;
        }
        if (file.size() - back < kLocator64Bytes) {
            return corrupt(file, "its zip64 directory is missing");
        }
        const auto locator = bytesAt(file, file.size() - back - kLocator64Bytes, kLocator64Bytes);
        if (!locator || numberAt<std::uint32_t>(*locator, 0) != kLocator64Signature) {
            return corrupt(file, "its zip64 directory is missing");
        }
        const auto end64 = bytesAt(file, numberAt<std::uint64_t>(*locator, 8), kEnd64Bytes);
        if (!end64 || numberAt<std::uint32_t>(*end64, 0) != kEnd64Signature) {
            return corrupt(file, "its zip64 directory is missing");
        }
        return Directory{numberAt<std::uint64_t>(*end64, 32), numberAt<std::uint64_t>(*end64, 40),
                         numberAt<std::uint64_t>(*end64, 48)};
    }
    return corrupt(file, "the directory at its end is missing, so it was probably cut");
}

struct DirectoryEntry {
    std::string name;
    std::uint16_t flags = 0;
    std::uint16_t method = 0;
    std::uint64_t packed = 0;
    std::uint64_t bytes = 0;
    std::uint64_t offset = 0; ///< of the local header
};

// Numbers that did not fit 32 bits stand in the extra field with the id 1, in this order, only those.
bool readExtra64(ByteReader extra, DirectoryEntry& entry)
{
    std::uint16_t id = 0;
    std::uint16_t size = 0;
    while (extra.read(id) && extra.read(size)) {
        const auto field = extra.take(size);
        if (!field) {
            return false;
        }
        ByteReader reader(*field);
        if (id == 1) {
            return (entry.bytes != kIn64 || reader.read(entry.bytes)) &&
                   (entry.packed != kIn64 || reader.read(entry.packed)) &&
                   (entry.offset != kIn64 || reader.read(entry.offset));
        }
    }
    return entry.bytes != kIn64 && entry.packed != kIn64 && entry.offset != kIn64;
}

bool readEntry(ByteReader& reader, DirectoryEntry& entry)
{
    const auto fixed = reader.take(46);
    if (!fixed || numberAt<std::uint32_t>(*fixed, 0) != kDirectorySignature) {
        return false;
    }
    entry.flags = numberAt<std::uint16_t>(*fixed, 8);
    entry.method = numberAt<std::uint16_t>(*fixed, 10);
    entry.packed = numberAt<std::uint32_t>(*fixed, 20);
    entry.bytes = numberAt<std::uint32_t>(*fixed, 24);
    entry.offset = numberAt<std::uint32_t>(*fixed, 42);
    const auto name = reader.take(numberAt<std::uint16_t>(*fixed, 28));
    const auto extra = name ? reader.take(numberAt<std::uint16_t>(*fixed, 30)) : std::nullopt;
    if (!extra || !reader.take(numberAt<std::uint16_t>(*fixed, 32))) {
        return false;
    }
    entry.name.assign(reinterpret_cast<const char*>(name->data()), name->size());
    const bool in64 = entry.bytes == kIn64 || entry.packed == kIn64 || entry.offset == kIn64;
    return !in64 || readExtra64(ByteReader(*extra), entry);
}

// The data follow the member's own header, whose two variable parts have lengths of their own.
Result<ZipMember> locate(const InputFile& file, const DirectoryEntry& entry)
{
    const auto header = bytesAt(file, entry.offset, kLocalBytes);
    if (!header || numberAt<std::uint32_t>(*header, 0) != kLocalSignature) {
        return corrupt(file, "its directory names a place where no member begins");
    }
    const std::uint64_t offset = entry.offset + kLocalBytes + numberAt<std::uint16_t>(*header, 26) +
                                 numberAt<std::uint16_t>(*header, 28);
    if (offset > file.size() || entry.bytes > file.size() - offset) {
        return corrupt(file, "\"" + printable(entry.name, 200) + "\" reaches beyond the end of the file");
    }
    return ZipMember{offset, entry.bytes};
}

} // namespace

Result<std::map<std::string, ZipMember>> readStoredZip(const InputFile& file)
{
    const auto directory = findDirectory(file);
    if (!directory) {
        return tl::unexpected(directory.error());
    }
    if (directory->entries > kMaxTensors || directory->bytes > kMaxDirectoryBytes) {
        return corrupt(file, "its directory claims " + std::to_string(directory->entries) + " members");
    }
    const auto bytes = bytesAt(file, directory->offset, directory->bytes);
    if (!bytes) {
        return tl::unexpected(bytes.error());
    }
    std::map<std::string, ZipMember> members;
    ByteReader reader(*bytes);
    for (std::uint64_t i = 0; i < directory->entries; ++i) {
        DirectoryEntry entry;
        if (!readEntry(reader, entry)) {
            return corrupt(file, "its directory ends before its last member");
        }
        if (entry.name.ends_with('/')) {
            continue;
        }
        if (entry.method != 0 || (entry.flags & 1U) != 0 || entry.packed != entry.bytes) {
            return fail(ErrorCode::Unsupported, "\"" + file.path().string() + "\" is a packed or encrypted archive; "
                                                "save the weights again with torch.save.");
        }
        const auto member = locate(file, entry);
        if (!member) {
            return tl::unexpected(member.error());
        }
        if (!members.emplace(std::move(entry.name), *member).second) {
            return corrupt(file, "a member comes twice");
        }
    }
    return members;
}

} // namespace jacobi
