// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/io/safetensors.h"

namespace jacobi {

/// What the JSON header of a safetensors file says, before it is held against the file's size.
struct SafetensorsHeader {
    std::vector<TensorEntry> entries; ///< as written
    std::map<std::string, std::string> metadata;
};

/// Parses and checks the header's own shape: JSON of bounded depth, known types, no name or key twice, every byte
/// range as long as shape x dtype. `shown` names the file in error sentences.
Result<SafetensorsHeader> parseSafetensorsHeader(std::string_view json, const std::string& shown);

/// shape x dtype in bytes; an error where that overflows.
Result<std::uint64_t> tensorBytes(const TensorEntry& entry, const std::string& shown);

} // namespace jacobi
