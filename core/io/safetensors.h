// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/error.h"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace jacobi {

enum class DType : std::uint8_t { Bool, U8, I8, I16, I32, I64, F16, BF16, F32, F64 };
std::size_t byteSize(DType dtype);
std::string_view name(DType dtype);

struct TensorEntry {
    std::string name;
    DType dtype = DType::F32;
    std::vector<std::int64_t> shape;
    std::uint64_t begin = 0; ///< bytes from the start of the data section
    std::uint64_t end = 0;
};

/// A safetensors file, opened and wholly checked: header at most 100 MB, JSON depth at most 32, known dtypes, rank at
/// most 8, byte range = shape x dtype through checked arithmetic, ranges that neither overlap nor leave holes and end
/// with the file, no name twice. Data is read on demand with bounded reads, never mapped (a file cut while in use is
/// an error, not a signal). A value that owns its handle; const calls are safe from one thread at a time.
class SafetensorsFile {
public:
    static Result<SafetensorsFile> open(const std::filesystem::path& path);

    const std::vector<TensorEntry>& entries() const; ///< in file order
    const TensorEntry* find(std::string_view name) const;
    const std::map<std::string, std::string>& metadata() const;
    std::uint64_t dataBytes() const;

    /// Reads exactly out.size() == entry.end - entry.begin bytes.
    Result<void> read(const TensorEntry& entry, std::span<std::byte> out) const;

private:
    struct State;
    std::shared_ptr<State> m_state;
};

struct TensorToWrite {
    std::string name;
    DType dtype = DType::F32;
    std::vector<std::int64_t> shape;
    std::span<const std::byte> data; ///< little-endian, contiguous, row-major; must outlive the call
};

/// Writes whole or not at all (AtomicFile); names sorted, so that the same tensors give the same bytes.
Result<void> writeSafetensors(const std::filesystem::path& path, std::span<const TensorToWrite> tensors,
                              const std::map<std::string, std::string>& metadata = {});

} // namespace jacobi
