// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/io/safetensors.h"
#include "tests/fuzz/inputfile.h"

// Whatever the bytes are: a file that opens can be read wholly, and each range has the size its shape says.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    const auto file = jacobi::SafetensorsFile::open(jacobi::fuzz::asFile(data, size));
    if (!file) {
        return 0;
    }
    for (const jacobi::TensorEntry& entry : file->entries()) {
        std::vector<std::byte> bytes(entry.end - entry.begin);
        if (entry.end > size || !file->read(entry, bytes)) {
            std::abort();
        }
    }
    return 0;
}
