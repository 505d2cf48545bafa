// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/limits.h"
#include "core/base/utf8.h"
#include "core/io/png.h"

#include <cstdlib>

// Whatever the bytes are: pixels fill the size they claim, and texts are UTF-8 within the limits.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    const auto bytes = std::as_bytes(std::span(data, size));
    const auto picture = jacobi::decodePng(bytes, {1024, 1U << 18U});
    if (picture && picture->rgb.size() != std::size_t{3} * picture->width * picture->height) {
        std::abort();
    }
    const auto texts = jacobi::readPngTexts(bytes);
    if (texts && texts->size() > jacobi::kMaxPngTexts) {
        std::abort();
    }
    for (const jacobi::PngText& text : texts ? *texts : std::vector<jacobi::PngText>()) {
        if (!jacobi::isValidUtf8(text.key) || !jacobi::isValidUtf8(text.text)) {
            std::abort();
        }
    }
    return 0;
}
