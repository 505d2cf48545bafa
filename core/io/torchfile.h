// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/error.h"
#include "core/io/safetensors.h"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace jacobi {

/// A tensor of a torch.save file, checked: every element it can name lies inside its storage.
struct TorchTensor {
    std::string name; ///< its keys from the top on, joined by '/': "model/tok_embeddings.weight"
    DType dtype = DType::F32;
    std::vector<std::int64_t> shape;
    std::vector<std::int64_t> strides; ///< in elements, none negative
    std::uint64_t bytes = 0;           ///< of all elements, packed
    std::uint64_t begin = 0;           ///< byte of the file where its first element lies
};

/// The tensors of a `.pt`, `.pth`, `.ckpt` or `.bin` file of torch.save (its zip format, since torch 1.6), opened and
/// wholly checked. Nothing in such a file is ever run: its pickle is read as data (readPickle), tensors and plain
/// containers are taken out of it, and whatever else it mentions is a name in inert(). Data is read on demand with
/// bounded reads. A value that owns its handle; const calls are safe from one thread at a time.
///
/// Errors of open(): Corrupt for a cut or lying file (storages of another size than they claim, tensors beyond their
/// storage, a name twice), Unsupported for files from before torch 1.6, TorchScript programs, big-endian data, and
/// files whose tensors are all hidden inside objects of classes, which are named.
class TorchFile {
public:
    static Result<TorchFile> open(const std::filesystem::path& path);

    const std::vector<TorchTensor>& entries() const; ///< by name
    const TorchTensor* find(std::string_view name) const;

    /// Classes and functions that the file mentions and that were left alone ("argparse.Namespace"); printable, each
    /// once, sorted.
    const std::vector<std::string>& inert() const;

    /// Reads the elements in row-major order; out.size() must be entry.bytes.
    Result<void> read(const TorchTensor& entry, std::span<std::byte> out) const;

private:
    struct State;
    std::shared_ptr<State> m_state;
};

} // namespace jacobi
