// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/tarflow/loadtarflow.h"

#include "core/decode/finitenumbers.h"
#include "core/io/safetensors.h"
#include "core/io/torchfile.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <charconv>
#include <functional>
#include <span>
#include <system_error>

namespace jacobi {
namespace {

/// A checkpoint of either format: shapes first, data on demand.
struct Checkpoint {
    struct Entry {
        DType dtype = DType::F32;
        std::vector<std::int64_t> shape;
        std::function<Result<void>(std::span<std::byte>)> read;
    };
    std::map<std::string, Entry> entries;
};

std::optional<at::ScalarType> realTypeOf(DType dtype)
{
    switch (dtype) {
    case DType::F16: return at::kHalf;
    case DType::BF16: return at::kBFloat16;
    case DType::F32: return at::kFloat;
    case DType::F64: return at::kDouble;
    default: return std::nullopt;
    }
}

bool isTorchFile(const std::filesystem::path& file)
{
    const std::string extension = file.extension().string();
    return extension == ".pth" || extension == ".pt" || extension == ".ckpt" || extension == ".bin";
}

/// "model/blocks.0..." -> "blocks.0...": what training scripts wrap a state dict in.
std::string withoutWrapper(const std::string& name)
{
    for (const std::string_view wrapper : {"model/", "module/", "state_dict/"}) {
        if (name.starts_with(wrapper)) {
            return name.substr(wrapper.size());
        }
    }
    return name;
}

Result<Checkpoint> openCheckpoint(const std::filesystem::path& path)
{
    Checkpoint checkpoint;
    if (isTorchFile(path)) {
        const auto file = TorchFile::open(path);
        if (!file) {
            return tl::unexpected(file.error());
        }
        for (const TorchTensor& tensor : file->entries()) {
            checkpoint.entries[withoutWrapper(tensor.name)] = {
                tensor.dtype, tensor.shape,
                [file = *file, &tensor](std::span<std::byte> out) { return file.read(tensor, out); }};
        }
        return checkpoint;
    }
    const auto file = SafetensorsFile::open(path);
    if (!file) {
        return tl::unexpected(file.error());
    }
    for (const TensorEntry& entry : file->entries()) {
        checkpoint.entries[entry.name] = {
            entry.dtype, entry.shape,
            [file = *file, &entry](std::span<std::byte> out) { return file.read(entry, out); }};
    }
    return checkpoint;
}

tl::unexpected<Error> refuse(const std::string& shown, const std::string& why)
{
    return fail(ErrorCode::Corrupt, "\"" + shown + "\" cannot be used: " + why + ". Get the file again.");
}

Result<at::Tensor> converted(const at::Tensor& tensor, at::ScalarType type, const std::string& name,
                             const std::string& shown)
{
    if (!isFinite(tensor.contiguous())) {
        return refuse(shown, "the tensor " + name + " holds a number that is not finite");
    }
    return tensor.to(type).contiguous();
}

Result<at::Tensor> readEntry(const Checkpoint::Entry& entry, at::ScalarType type, const std::string& name,
                             const std::string& shown)
{
    const auto stored = realTypeOf(entry.dtype);
    if (!stored) {
        return refuse(shown, "the tensor " + name + " has the type " + std::string(jacobi::name(entry.dtype)) +
                                 " instead of real numbers");
    }
    at::Tensor tensor = at::empty(entry.shape, at::TensorOptions().dtype(*stored));
    if (auto read = entry.read(std::span(static_cast<std::byte*>(tensor.data_ptr()), tensor.nbytes())); !read) {
        return tl::unexpected(read.error());
    }
    return converted(tensor, type, name, shown);
}

/// The weights, unless what is called a basis is none: turning and turning back must give the same picture.
Result<TarFlowWeights> checkedWeights(const TarFlowConfig& config, const TarFlowTensors& tensors,
                                      const std::string& shown)
{
    constexpr double kMostOff = 1e-4;
    TarFlowWeights weights = tarflowWeights(config, tensors);
    if (weights.basis.defined()) {
        const at::Tensor product = at::mm(weights.basis, weights.basis.t());
        if ((product - at::eye(product.size(0), product.options())).abs().max().item<double>() > kMostOff) {
            return refuse(shown, "the rows of the tensor basis are not orthonormal");
        }
    }
    return weights;
}

bool looksLikeTarFlow(const std::filesystem::path& file)
{
    const auto checkpoint = openCheckpoint(file);
    return checkpoint && checkpoint->entries.contains("blocks.0.proj_in.weight");
}

} // namespace

Result<TarFlowWeights> loadTarFlow(const std::filesystem::path& file, at::ScalarType type)
{
    const auto checkpoint = openCheckpoint(file);
    if (!checkpoint) {
        return tl::unexpected(checkpoint.error());
    }
    TensorShapes shapes;
    for (const auto& [name, entry] : checkpoint->entries) {
        shapes[name] = entry.shape;
    }
    const auto config = inferTarFlowConfig(shapes, file.string());
    if (!config) {
        return tl::unexpected(config.error());
    }
    TarFlowTensors tensors;
    for (const auto& [name, shape] : tarflowTensors(*config)) {
        auto tensor = readEntry(checkpoint->entries.at(name), type, name, file.string());
        if (!tensor) {
            return tl::unexpected(tensor.error());
        }
        tensors[name] = std::move(*tensor);
    }
    return checkedWeights(*config, tensors, file.string());
}

Result<TarFlowWeights> tarflowFromTensors(const TarFlowTensors& tensors, at::ScalarType type, const std::string& shown)
{
    TensorShapes shapes;
    for (const auto& [name, tensor] : tensors) {
        shapes[name] = tensor.sizes().vec();
    }
    const auto config = inferTarFlowConfig(shapes, shown);
    if (!config) {
        return tl::unexpected(config.error());
    }
    TarFlowTensors usable;
    for (const auto& [name, shape] : tarflowTensors(*config)) {
        auto tensor = converted(tensors.at(name), type, name, shown);
        if (!tensor) {
            return tl::unexpected(tensor.error());
        }
        usable[name] = std::move(*tensor);
    }
    return checkedWeights(*config, usable, shown);
}

Result<std::filesystem::path> findTarFlowFile(const std::filesystem::path& place)
{
    std::error_code error;
    if (!std::filesystem::is_directory(place, error)) {
        return place;
    }
    std::vector<std::filesystem::path> files;
    for (const auto& entry : std::filesystem::directory_iterator(place, error)) {
        const std::string name = entry.path().filename().string();
        if (name == "weights.safetensors" || name == "model.safetensors") {
            return entry.path();
        }
        if (name.ends_with(".safetensors") || isTorchFile(entry.path())) {
            files.push_back(entry.path());
        }
    }
    std::sort(files.begin(), files.end());
    std::erase_if(files, [](const std::filesystem::path& file) { return !looksLikeTarFlow(file); });
    if (files.size() == 1) {
        return files.front();
    }
    return fail(ErrorCode::NotFound, "The folder \"" + place.string() + "\" holds " + std::to_string(files.size()) +
                                         " TarFlow checkpoints; name the file itself.");
}

std::optional<double> noiseOfFileName(const std::filesystem::path& file)
{
    const std::string stem = file.stem().string();
    const std::size_t last = stem.rfind('_');
    if (last == std::string::npos || stem.find("_model_") == std::string::npos) {
        return std::nullopt;
    }
    double noise = 0.0;
    const auto [end, error] = std::from_chars(stem.data() + last + 1, stem.data() + stem.size(), noise);
    const bool isWhole = error == std::errc() && end == stem.data() + stem.size();
    return isWhole && noise >= 0.0 && noise < 1.0 ? std::optional(noise) : std::nullopt;
}

} // namespace jacobi
