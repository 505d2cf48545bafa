// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/io/torchfile.h"

#include "core/base/limits.h"
#include "core/io/inputfile.h"
#include "core/io/pickle.h"
#include "core/io/storedzip.h"
#include "core/io/torchtensors.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <new>

namespace jacobi {

struct TorchFile::State {
    InputFile file;
    TorchListing listing;
};

namespace {

tl::unexpected<Error> unsupported(const std::filesystem::path& path, const std::string& why)
{
    return fail(ErrorCode::Unsupported, "\"" + path.string() + "\" " + why);
}

// What the first bytes say about files that are no zip archive.
Result<void> checkMagic(const InputFile& file)
{
    std::array<unsigned char, 4> magic{};
    if (file.size() < magic.size()) {
        return fail(ErrorCode::Corrupt, "\"" + file.path().string() +
                                            "\" is damaged: it is too short to hold weights. Get the file again.");
    }
    if (auto read = file.readAt(0, std::as_writable_bytes(std::span(magic))); !read) {
        return read;
    }
    if (magic[0] == 'P' && magic[1] == 'K') {
        return {};
    }
    if (magic[0] == 0x80 && magic[2] == 0x8a && magic[3] == 0x0a) {
        return unsupported(file.path(), "was saved in the format from before torch 1.6; save it again with a newer "
                                        "torch, or convert it to safetensors.");
    }
    return unsupported(file.path(), "is not a file of torch.save; choose a .pt or .pth file.");
}

Result<std::vector<std::byte>> readMember(const InputFile& file, const ZipMember& member, std::uint64_t most)
{
    if (member.bytes > most) {
        return unsupported(file.path(), "has a list of tensors of " + std::to_string(member.bytes) +
                                            " bytes; at most " + std::to_string(most) + " are read.");
    }
    std::vector<std::byte> bytes(static_cast<std::size_t>(member.bytes));
    if (auto read = file.readAt(member.offset, bytes); !read) {
        return tl::unexpected(read.error());
    }
    return bytes;
}

constexpr std::string_view kPickleMember = "/data.pkl";

// The folder inside the archive that holds everything; its name is the file's name when it was saved.
Result<std::string> findRoot(const InputFile& file, const std::map<std::string, ZipMember>& members)
{
    for (const auto& [name, member] : members) {
        if (name.ends_with(kPickleMember)) {
            const std::string root = name.substr(0, name.size() - kPickleMember.size());
            const auto code = members.lower_bound(root + "/code/");
            if (members.contains(root + "/constants.pkl") ||
                (code != members.end() && code->first.starts_with(root + "/code/"))) {
                return unsupported(file.path(), "is a TorchScript program, not weights, and is not run; save its "
                                                "state_dict with torch.save.");
            }
            return root;
        }
    }
    return unsupported(file.path(), "is an archive without data.pkl, so not a file of torch.save; choose a .pt or .pth "
                                    "file.");
}

Result<void> checkByteOrder(const InputFile& file, const std::map<std::string, ZipMember>& members,
                            const std::string& root)
{
    const auto found = members.find(root + "/byteorder");
    if (found == members.end()) {
        return {}; // written since torch 2.1
    }
    const auto bytes = readMember(file, found->second, 16);
    constexpr std::string_view kLittle = "little";
    if (!bytes || bytes->size() != kLittle.size() || std::memcmp(bytes->data(), kLittle.data(), kLittle.size()) != 0) {
        return unsupported(file.path(), "was saved on a big-endian machine; save it again on a usual one.");
    }
    return {};
}

Result<TorchListing> listing(const InputFile& file)
{
    if (auto checked = checkMagic(file); !checked) {
        return tl::unexpected(checked.error());
    }
    const auto members = readStoredZip(file);
    if (!members) {
        return tl::unexpected(members.error());
    }
    const auto root = findRoot(file, *members);
    if (!root) {
        return tl::unexpected(root.error());
    }
    if (auto checked = checkByteOrder(file, *members, *root); !checked) {
        return tl::unexpected(checked.error());
    }
    const auto bytes = readMember(file, members->at(*root + std::string(kPickleMember)), kMaxPickleBytes);
    if (!bytes) {
        return tl::unexpected(bytes.error());
    }
    const std::string shown = file.path().string();
    const auto pickle = readPickle(*bytes, shown);
    if (!pickle) {
        return tl::unexpected(pickle.error());
    }
    auto listed = listTorchTensors(*pickle, *members, *root, file.size(), shown);
    if (listed && listed->tensors.empty() && !listed->inert.empty()) {
        return unsupported(file.path(), "holds no plain tensors, only objects that are not read (" +
                                            listed->inert.front() +
                                            "; nothing of it was run); save a state_dict instead.");
    }
    return listed;
}

/// Steps through the elements in row-major order; the last dimension is the innermost.
void gather(const TorchTensor& entry, const std::byte* from, std::span<std::byte> out)
{
    const std::size_t element = byteSize(entry.dtype);
    std::vector<std::int64_t> at(entry.shape.size(), 0);
    std::int64_t offset = 0;
    for (std::size_t done = 0; done < out.size(); done += element) {
        std::memcpy(out.data() + done, from + static_cast<std::size_t>(offset) * element, element);
        for (std::size_t d = at.size(); d-- > 0;) {
            offset += entry.strides[d];
            if (++at[d] < entry.shape[d]) {
                break;
            }
            offset -= at[d] * entry.strides[d];
            at[d] = 0;
        }
    }
}

bool isContiguous(const TorchTensor& entry)
{
    std::int64_t expected = 1;
    for (std::size_t d = entry.shape.size(); d-- > 0;) {
        if (entry.shape[d] != 1 && entry.strides[d] != expected) {
            return false;
        }
        expected *= entry.shape[d];
    }
    return true;
}

} // namespace

Result<TorchFile> TorchFile::open(const std::filesystem::path& path)
{
    Result<InputFile> file = InputFile::open(path);
    if (!file) {
        return tl::unexpected(file.error());
    }
    try {
        Result<TorchListing> listed = listing(*file);
        if (!listed) {
            return tl::unexpected(listed.error());
        }
        TorchFile result;
        result.m_state = std::make_shared<State>(State{std::move(*file), std::move(*listed)});
        return result;
    } catch (const std::bad_alloc&) {
        return fail(ErrorCode::OutOfMemory, "There is not enough memory to open \"" + path.string() + "\".");
    }
}

const std::vector<TorchTensor>& TorchFile::entries() const
{
    return m_state->listing.tensors;
}

const std::vector<std::string>& TorchFile::inert() const
{
    return m_state->listing.inert;
}

const TorchTensor* TorchFile::find(std::string_view name) const
{
    const auto& entries = this->entries();
    const auto found = std::lower_bound(entries.begin(), entries.end(), name,
                                        [](const TorchTensor& entry, std::string_view wanted) { return entry.name < wanted; });
    return found != entries.end() && found->name == name ? &*found : nullptr;
}

Result<void> TorchFile::read(const TorchTensor& entry, std::span<std::byte> out) const
{
    if (out.size() != entry.bytes) {
        return fail(ErrorCode::Internal, "A tensor of \"" + m_state->file.path().string() + "\" could not be read.",
                    "the buffer does not fit \"" + entry.name + "\"");
    }
    if (out.empty()) {
        return {};
    }
    if (isContiguous(entry)) {
        return m_state->file.readAt(entry.begin, out);
    }
    std::uint64_t elements = 1;
    for (std::size_t d = 0; d < entry.shape.size(); ++d) {
        elements += static_cast<std::uint64_t>((entry.shape[d] - 1) * entry.strides[d]);
    }
    try {
        std::vector<std::byte> span(static_cast<std::size_t>(elements * byteSize(entry.dtype)));
        if (auto read = m_state->file.readAt(entry.begin, span); !read) {
            return read;
        }
        gather(entry, span.data(), out);
        return {};
    } catch (const std::bad_alloc&) {
        return fail(ErrorCode::OutOfMemory,
                    "There is not enough memory to read \"" + m_state->file.path().string() + "\".");
    }
}

} // namespace jacobi
