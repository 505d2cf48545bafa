// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/scenes/tensorfile.h"

#include "core/decode/finitenumbers.h"
#include "core/io/safetensors.h"

#include <ATen/ATen.h>

#include <optional>
#include <set>
#include <span>

namespace jacobi {
namespace {

std::optional<at::ScalarType> scalarType(DType type)
{
    switch (type) {
    case DType::F16: return at::kHalf;
    case DType::F32: return at::kFloat;
    case DType::F64: return at::kDouble;
    case DType::I64: return at::kLong;
    default: return std::nullopt;
    }
}

DType storedType(at::ScalarType type)
{
    switch (type) {
    case at::kHalf: return DType::F16;
    case at::kDouble: return DType::F64;
    case at::kLong: return DType::I64;
    default: return DType::F32;
    }
}

std::string text(const std::vector<std::int64_t>& shape)
{
    std::string out = "[";
    for (std::size_t i = 0; i < shape.size(); ++i) {
        out += (i == 0 ? "" : ", ") + std::to_string(shape[i]);
    }
    return out + "]";
}

tl::unexpected<Error> refuse(const std::filesystem::path& path, const std::string& why)
{
    return fail(ErrorCode::Corrupt,
                "The weights in " + path.string() + " cannot be used: " + why + ". Install the model again.");
}

Result<at::Tensor> readEntry(const std::filesystem::path& path, const SafetensorsFile& file, const TensorEntry& entry)
{
    const std::optional<at::ScalarType> type = scalarType(entry.dtype);
    if (!type) {
        return refuse(path, "the tensor " + entry.name + " has the type " + std::string(name(entry.dtype)) +
                                ", which this program does not read");
    }
    at::Tensor tensor = at::empty(entry.shape, at::TensorOptions().dtype(*type));
    auto* bytes = static_cast<std::byte*>(tensor.data_ptr());
    if (auto read = file.read(entry, std::span(bytes, static_cast<std::size_t>(entry.end - entry.begin))); !read) {
        return tl::unexpected(read.error());
    }
    if (!isFinite(tensor)) {
        return refuse(path, "the tensor " + entry.name + " holds a number that is not finite");
    }
    return tensor;
}

} // namespace

Result<TensorFile> readTensorFile(const std::filesystem::path& path)
{
    const auto file = SafetensorsFile::open(path);
    if (!file) {
        return tl::unexpected(file.error());
    }
    TensorFile result;
    result.metadata = file->metadata();
    for (const TensorEntry& entry : file->entries()) {
        auto tensor = readEntry(path, *file, entry);
        if (!tensor) {
            return tl::unexpected(tensor.error());
        }
        result.tensors[entry.name] = std::move(*tensor);
    }
    return result;
}

Result<TensorMap> readTensors(const std::filesystem::path& path, const std::vector<TensorSpec>& specs,
                              at::ScalarType type, bool exact)
{
    const auto file = SafetensorsFile::open(path);
    if (!file) {
        return tl::unexpected(file.error());
    }
    TensorMap tensors;
    // Everything the header says is checked before the first byte of data is read.
    for (const TensorSpec& spec : specs) {
        const TensorEntry* entry = file->find(spec.name);
        if (entry == nullptr) {
            return refuse(path, "the tensor " + spec.name + " is missing");
        }
        if (entry->shape != spec.shape) {
            return refuse(path, "the tensor " + spec.name + " has the shape " + text(entry->shape) + " instead of " +
                                    text(spec.shape));
        }
        if (entry->dtype != DType::F16 && entry->dtype != DType::F32) {
            return refuse(path, "the tensor " + spec.name + " has the type " + std::string(name(entry->dtype)) +
                                    " instead of F16 or F32");
        }
    }
    if (exact && file->entries().size() != specs.size()) {
        std::set<std::string> known;
        for (const TensorSpec& spec : specs) {
            known.insert(spec.name);
        }
        for (const TensorEntry& entry : file->entries()) {
            if (!known.contains(entry.name)) {
                return refuse(path, "the tensor " + entry.name + " does not belong to this kind of model");
            }
        }
    }
    for (const TensorSpec& spec : specs) {
        auto tensor = readEntry(path, *file, *file->find(spec.name));
        if (!tensor) {
            return tl::unexpected(tensor.error());
        }
        tensors[spec.name] = tensor->to(type);
    }
    return tensors;
}

Result<void> writeTensorFile(const std::filesystem::path& path, const TensorMap& tensors,
                             const std::map<std::string, std::string>& metadata)
{
    std::vector<at::Tensor> kept; // keeps contiguous copies alive until the file is written
    std::vector<TensorToWrite> list;
    kept.reserve(tensors.size());
    for (const auto& [name, tensor] : tensors) {
        kept.push_back(tensor.detach().cpu().contiguous());
        const at::Tensor& whole = kept.back();
        list.push_back({name, storedType(whole.scalar_type()), whole.sizes().vec(),
                        std::span(static_cast<const std::byte*>(whole.const_data_ptr()), whole.nbytes())});
    }
    return writeSafetensors(path, list, metadata);
}

} // namespace jacobi
