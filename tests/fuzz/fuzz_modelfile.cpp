// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/io/modelfile.h"
#include "core/io/safepath.h"

#include <cstdlib>
#include <string_view>

// Whatever the text is: what a model.json says has been checked, file names above all.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    const auto manifest = jacobi::modelManifestFromText({reinterpret_cast<const char*>(data), size});
    if (!manifest) {
        return 0;
    }
    if (manifest->width != std::uint64_t{manifest->columns} * manifest->patchPixels) {
        std::abort();
    }
    for (const jacobi::ModelFileEntry& file : manifest->files) {
        if (!jacobi::checkFileName(file.name)) {
            std::abort();
        }
    }
    return 0;
}
