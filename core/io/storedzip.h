// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/error.h"
#include "core/io/inputfile.h"

#include <cstdint>
#include <map>
#include <string>

namespace jacobi {

/// Where the bytes of one archive member lie in the file.
struct ZipMember {
    std::uint64_t offset = 0; ///< of the first data byte
    std::uint64_t bytes = 0;
};

/// The members of a zip archive by name (APPNOTE 6.3: central directory, zip64). Only members stored without
/// compression and encryption, which is all that torch.save writes: nothing is unpacked, so nothing can swell. Every
/// offset and size is held against the file; at most kMaxTensors members. Folders are left out.
/// Errors: Corrupt for a cut or lying archive or a name that comes twice, Unsupported for a packed member.
Result<std::map<std::string, ZipMember>> readStoredZip(const InputFile& file);

} // namespace jacobi
