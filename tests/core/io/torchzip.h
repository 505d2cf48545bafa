// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/io/bytewriter.h"
#include "tests/core/io/files.h"

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace jacobi::test {

/// What a test may get wrong on purpose.
struct ZipFaults {
    std::uint16_t method = 0;
    std::uint16_t flags = 0;
    std::uint32_t addToSize = 0; ///< of every member, in the directory
    bool zip64 = false;          ///< a correct zip64 archive
};

/// A zip archive of stored members, as torch.save writes it.
inline std::string zipOf(const std::vector<std::pair<std::string, std::string>>& members, const ZipFaults& faults = {})
{
    ByteWriter zip;
    ByteWriter directory;
    for (const auto& [name, data] : members) {
        const auto offset = static_cast<std::uint32_t>(zip.bytes().size());
        zip.write(std::uint32_t{0x04034b50});
        for (int i = 0; i < 11; ++i) {
            zip.write(std::uint16_t{0}); // version .. uncompressed size: the directory has them
        }
        zip.write(static_cast<std::uint16_t>(name.size()));
        zip.write(std::uint16_t{3});
        zip.append(name);
        zip.append(std::string("pad"));
        zip.append(data);
        const auto size = static_cast<std::uint32_t>(data.size()) + faults.addToSize;
        directory.write(std::uint32_t{0x02014b50});
        directory.write(std::uint32_t{0});
        directory.write(faults.flags);
        directory.write(faults.method);
        directory.write(std::uint64_t{0}); // time, date, checksum
        directory.write(faults.zip64 ? 0xFFFFFFFFU : size);
        directory.write(faults.zip64 ? 0xFFFFFFFFU : size);
        directory.write(static_cast<std::uint16_t>(name.size()));
        directory.write(static_cast<std::uint16_t>(faults.zip64 ? 28 : 0));
        directory.write(std::uint16_t{0});
        directory.write(std::uint64_t{0}); // disk, attributes
        directory.write(faults.zip64 ? 0xFFFFFFFFU : offset);
        directory.append(name);
        if (faults.zip64) {
            directory.write(std::uint16_t{1});
            directory.write(std::uint16_t{24});
            directory.write(std::uint64_t{size});
            directory.write(std::uint64_t{size});
            directory.write(std::uint64_t{offset});
        }
    }
    const std::uint64_t start = zip.bytes().size();
    const std::string listed = asText(directory.bytes());
    zip.append(listed);
    if (faults.zip64) {
        const std::uint64_t end = zip.bytes().size();
        zip.write(std::uint32_t{0x06064b50});
        zip.write(std::uint64_t{44});
        zip.write(std::uint32_t{0});
        zip.write(std::uint64_t{0});
        zip.write(std::uint64_t{members.size()});
        zip.write(std::uint64_t{members.size()});
        zip.write(std::uint64_t{listed.size()});
        zip.write(start);
        zip.write(std::uint32_t{0x07064b50});
        zip.write(std::uint32_t{0});
        zip.write(end);
        zip.write(std::uint32_t{1});
    }
    zip.write(std::uint32_t{0x06054b50});
    zip.write(std::uint32_t{0});
    for (int i = 0; i < 2; ++i) {
        zip.write(static_cast<std::uint16_t>(faults.zip64 ? 0xFFFF : members.size()));
    }
    zip.write(faults.zip64 ? 0xFFFFFFFFU : static_cast<std::uint32_t>(listed.size()));
    zip.write(faults.zip64 ? 0xFFFFFFFFU : static_cast<std::uint32_t>(start));
    zip.write(std::uint16_t{0});
    return asText(zip.bytes());
}

/// Pieces of a pickle, opcode by opcode.
namespace pickled {

inline std::string bytes(std::initializer_list<int> values)
{
    std::string out;
    for (const int value : values) {
        out += static_cast<char>(value);
    }
    return out;
}
inline std::string text(const std::string& value)
{
    return bytes({0x8c, static_cast<int>(value.size())}) + value;
}
inline std::string number(std::uint32_t value)
{
    ByteWriter out;
    out.write(value);
    return "J" + asText(out.bytes());
}
inline std::string global(const std::string& module, const std::string& name)
{
    return "c" + module + "\n" + name + "\n";
}
inline std::string tuple(const std::string& items)
{
    return "(" + items + "t";
}
inline std::string numbers(std::initializer_list<std::uint32_t> values)
{
    std::string items;
    for (const std::uint32_t value : values) {
        items += number(value);
    }
    return tuple(items);
}
inline std::string storage(const std::string& key, std::uint32_t elements, const std::string& type = "FloatStorage")
{
    return tuple(text("storage") + global("torch", type) + text(key) + text("cpu") + number(elements)) + "Q";
}
inline std::string tensor(const std::string& storage, std::uint32_t offset, std::initializer_list<std::uint32_t> shape,
                          std::initializer_list<std::uint32_t> strides)
{
    return global("torch._utils", "_rebuild_tensor_v2") +
           tuple(storage + number(offset) + numbers(shape) + numbers(strides) + bytes({0x89}) +
                 global("collections", "OrderedDict") + ")R") +
           "R";
}
inline std::string dict(const std::vector<std::pair<std::string, std::string>>& items)
{
    std::string inside;
    for (const auto& [key, value] : items) {
        inside += text(key) + value;
    }
    return "}(" + inside + "u";
}
inline std::string whole(const std::string& value)
{
    return bytes({0x80, 2}) + value + ".";
}

} // namespace pickled

} // namespace jacobi::test
