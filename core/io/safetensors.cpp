// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/io/safetensors.h"

#include "core/base/checkedmath.h"
#include "core/base/limits.h"
#include "core/base/printable.h"
#include "core/io/atomicfile.h"
#include "core/io/bytewriter.h"
#include "core/io/inputfile.h"
#include "core/io/safetensorsheader.h"

#include <algorithm>
#include <new>
#include <nlohmann/json.hpp>
#include <set>

namespace jacobi {

std::size_t byteSize(DType dtype)
{
    switch (dtype) {
    case DType::Bool:
    case DType::U8:
    case DType::I8: return 1;
    case DType::I16:
    case DType::F16:
    case DType::BF16: return 2;
    case DType::I32:
    case DType::F32: return 4;
    case DType::I64:
    case DType::F64: return 8;
    }
    return 0;
}

std::string_view name(DType dtype)
{
    switch (dtype) {
    case DType::Bool: return "BOOL";
    case DType::U8: return "U8";
    case DType::I8: return "I8";
    case DType::I16: return "I16";
    case DType::I32: return "I32";
    case DType::I64: return "I64";
    case DType::F16: return "F16";
    case DType::BF16: return "BF16";
    case DType::F32: return "F32";
    case DType::F64: return "F64";
    }
    return "";
}

struct SafetensorsFile::State {
    InputFile file;
    std::uint64_t dataStart = 0;
    std::uint64_t dataBytes = 0;
    std::vector<TensorEntry> entries;
    std::vector<std::size_t> byName; ///< indices into entries, sorted by name
    std::map<std::string, std::string> metadata;
};

namespace {

tl::unexpected<Error> corrupt(const std::filesystem::path& path, const std::string& why)
{
    return fail(ErrorCode::Corrupt, "\"" + path.string() + "\" is damaged: " + why + ". Get the file again.");
}

// The 8 bytes in front of the header, held against the file's size and the format's limit.
Result<std::uint64_t> readHeaderLength(const InputFile& file)
{
    if (file.size() < 8) {
        return corrupt(file.path(), "it is too short to be a safetensors file");
    }
    std::uint64_t length = 0;
    if (auto read = file.readAt(0, std::as_writable_bytes(std::span(&length, 1))); !read) {
        return tl::unexpected(read.error());
    }
    if (length > kMaxSafetensorsHeaderBytes) {
        return corrupt(file.path(), "its header claims " + std::to_string(length) + " bytes; the format allows " +
                                        std::to_string(kMaxSafetensorsHeaderBytes));
    }
    if (length > file.size() - 8) {
        return corrupt(file.path(), "its header claims " + std::to_string(length) + " bytes, but the file ends before");
    }
    return length;
}

// The tensors in file order must follow one another without overlap or hole up to the end of the file.
Result<void> checkRanges(const std::filesystem::path& path, const std::vector<TensorEntry>& entries,
                         std::uint64_t dataBytes)
{
    std::uint64_t expected = 0;
    for (const TensorEntry& entry : entries) {
        const std::string about = "the tensor \"" + printable(entry.name, 200) + "\"";
        if (entry.end > dataBytes) {
            return corrupt(path, about + " reaches beyond the end of the file");
        }
        if (entry.begin < expected) {
            return corrupt(path, about + " overlaps another one");
        }
        if (entry.begin > expected) {
            return corrupt(path, "there is a hole before " + about);
        }
        expected = entry.end;
    }
    if (expected != dataBytes) {
        return corrupt(path, std::to_string(dataBytes - expected) + " bytes at its end belong to no tensor");
    }
    return {};
}

} // namespace

Result<SafetensorsFile> SafetensorsFile::open(const std::filesystem::path& path)
{
    Result<InputFile> file = InputFile::open(path);
    if (!file) {
        return tl::unexpected(file.error());
    }
    const Result<std::uint64_t> length = readHeaderLength(*file);
    if (!length) {
        return tl::unexpected(length.error());
    }
    try {
        std::string json(static_cast<std::size_t>(*length), '\0');
        if (auto read = file->readAt(8, std::as_writable_bytes(std::span(json))); !read) {
            return tl::unexpected(read.error());
        }
        Result<SafetensorsHeader> header = parseSafetensorsHeader(json, path.string());
        if (!header) {
            return tl::unexpected(header.error());
        }
        const auto state = std::make_shared<State>();
        state->dataStart = 8 + *length;
        state->dataBytes = file->size() - state->dataStart;
        state->file = std::move(*file);
        state->entries = std::move(header->entries);
        state->metadata = std::move(header->metadata);
        std::stable_sort(state->entries.begin(), state->entries.end(), [](const TensorEntry& a, const TensorEntry& b) {
            return std::pair(a.begin, a.end) < std::pair(b.begin, b.end);
        });
        if (auto checked = checkRanges(path, state->entries, state->dataBytes); !checked) {
            return tl::unexpected(checked.error());
        }
        state->byName.resize(state->entries.size());
        for (std::size_t i = 0; i < state->byName.size(); ++i) {
            state->byName[i] = i;
        }
        std::sort(state->byName.begin(), state->byName.end(),
                  [&](std::size_t a, std::size_t b) { return state->entries[a].name < state->entries[b].name; });
        SafetensorsFile result;
        result.m_state = state;
        return result;
    } catch (const std::bad_alloc&) {
        return fail(ErrorCode::OutOfMemory, "There is not enough memory to open \"" + path.string() + "\".");
    }
}

const std::vector<TensorEntry>& SafetensorsFile::entries() const
{
    return m_state->entries;
}

const TensorEntry* SafetensorsFile::find(std::string_view name) const
{
    const auto& entries = m_state->entries;
    const auto found =
        std::lower_bound(m_state->byName.begin(), m_state->byName.end(), name,
                         [&](std::size_t index, std::string_view wanted) { return entries[index].name < wanted; });
    return found != m_state->byName.end() && entries[*found].name == name ? &entries[*found] : nullptr;
}

const std::map<std::string, std::string>& SafetensorsFile::metadata() const
{
    return m_state->metadata;
}

std::uint64_t SafetensorsFile::dataBytes() const
{
    return m_state->dataBytes;
}

Result<void> SafetensorsFile::read(const TensorEntry& entry, std::span<std::byte> out) const
{
    if (entry.begin > entry.end || entry.end > m_state->dataBytes || out.size() != entry.end - entry.begin) {
        return fail(ErrorCode::Internal, "A tensor of \"" + m_state->file.path().string() + "\" could not be read.",
                    "the range or the buffer of \"" + entry.name + "\" does not fit the file");
    }
    return m_state->file.readAt(m_state->dataStart + entry.begin, out);
}

namespace {

tl::unexpected<Error> cannotWrite(const std::filesystem::path& path, const std::string& why)
{
    return fail(ErrorCode::Internal, "\"" + path.string() + "\" could not be written.", why);
}

Result<void> checkToWrite(const std::filesystem::path& path, const std::vector<const TensorToWrite*>& sorted)
{
    std::set<std::string_view> names;
    for (const TensorToWrite* tensor : sorted) {
        if (tensor->name == "__metadata__" || tensor->shape.size() > kMaxTensorRank) {
            return cannotWrite(path, "the tensor \"" + tensor->name + "\" has a name or rank that the format lacks");
        }
        const Result<std::uint64_t> bytes =
            tensorBytes({tensor->name, tensor->dtype, tensor->shape, 0, 0}, path.string());
        if (!bytes || *bytes != tensor->data.size()) {
            return cannotWrite(path, "the tensor \"" + tensor->name + "\" has data of another size than its shape");
        }
        if (!names.insert(tensor->name).second) {
            return cannotWrite(path, "the tensor \"" + tensor->name + "\" comes twice");
        }
    }
    return {};
}

// 8 bytes of length, then the JSON, padded with blanks so that the data starts at a multiple of 8.
Result<std::vector<std::byte>> headerBytes(const std::filesystem::path& path,
                                           const std::vector<const TensorToWrite*>& sorted,
                                           const std::map<std::string, std::string>& metadata)
{
    try {
        nlohmann::json header = nlohmann::json::object();
        std::uint64_t offset = 0;
        for (const TensorToWrite* tensor : sorted) {
            header[tensor->name] = {{"dtype", name(tensor->dtype)},
                                    {"shape", tensor->shape},
                                    {"data_offsets", {offset, offset + tensor->data.size()}}};
            offset += tensor->data.size();
        }
        if (!metadata.empty()) {
            header["__metadata__"] = metadata;
        }
        std::string text = header.dump();
        text.resize((text.size() + 7) / 8 * 8, ' ');
        ByteWriter bytes;
        bytes.write(static_cast<std::uint64_t>(text.size()));
        bytes.append(text);
        return bytes.take();
    } catch (const std::exception& thrown) { // a name or text that is not UTF-8, or no memory
        return cannotWrite(path, thrown.what());
    }
}

} // namespace

Result<void> writeSafetensors(const std::filesystem::path& path, std::span<const TensorToWrite> tensors,
                              const std::map<std::string, std::string>& metadata)
{
    // Wide types first, as the reference implementation does: every tensor then starts at a multiple of its type.
    std::vector<const TensorToWrite*> sorted;
    for (const TensorToWrite& tensor : tensors) {
        sorted.push_back(&tensor);
    }
    std::sort(sorted.begin(), sorted.end(), [](const TensorToWrite* a, const TensorToWrite* b) {
        return byteSize(a->dtype) != byteSize(b->dtype) ? byteSize(a->dtype) > byteSize(b->dtype) : a->name < b->name;
    });
    if (auto checked = checkToWrite(path, sorted); !checked) {
        return checked;
    }
    const Result<std::vector<std::byte>> header = headerBytes(path, sorted, metadata);
    if (!header) {
        return tl::unexpected(header.error());
    }
    Result<AtomicFile> file = AtomicFile::create(path);
    if (!file) {
        return tl::unexpected(file.error());
    }
    if (auto written = file->write(*header); !written) {
        return written;
    }
    for (const TensorToWrite* tensor : sorted) {
        if (auto written = file->write(tensor->data); !written) {
            return written;
        }
    }
    return file->commit();
}

} // namespace jacobi
