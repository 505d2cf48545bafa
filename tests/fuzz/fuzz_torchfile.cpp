// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/io/torchfile.h"
#include "tests/fuzz/inputfile.h"

// Whatever the bytes are: a file that opens can be read wholly, and no tensor is larger than the file.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    const auto file = jacobi::TorchFile::open(jacobi::fuzz::asFile(data, size));
    if (!file) {
        return 0;
    }
    for (const jacobi::TorchTensor& tensor : file->entries()) {
        if (tensor.bytes > size) {
            std::abort();
        }
        std::vector<std::byte> bytes(tensor.bytes);
        if (!file->read(tensor, bytes)) {
            std::abort();
        }
    }
    return 0;
}
