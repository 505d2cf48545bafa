// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>
#include <png.h>

namespace jacobi {

/// Where libpng's words on an error are kept for the log.
struct PngErrors {
    std::array<char, 200> text{};
};

/// libpng's error callback; its error pointer is a PngErrors. Leaves by longjmp.
[[noreturn]] void keepPngError(png_structp png, png_const_charp message);

/// libpng's warning callback: a damaged ancillary chunk is nobody's concern.
void ignorePngWarning(png_structp png, png_const_charp message);

} // namespace jacobi
