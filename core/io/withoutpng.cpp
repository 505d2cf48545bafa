// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/io/png.h"

// In place of png.cpp and pngreader.cpp where there is no libpng.

namespace jacobi {
namespace {

tl::unexpected<Error> noPng()
{
    return fail(
        ErrorCode::Unsupported,
        "This program was built without PNG support: to read and write pictures, install libpng with its headers "
        "(Debian: libpng-dev), configure again and build.");
}

} // namespace

Result<void> pngSupport()
{
    return noPng();
}

Result<std::vector<std::byte>> encodePng(std::uint32_t, std::uint32_t, std::span<const std::uint8_t>,
                                         std::span<const PngText>, PngEffort)
{
    return noPng();
}

Result<void> writePng(const std::filesystem::path&, std::uint32_t, std::uint32_t, std::span<const std::uint8_t>,
                      std::span<const PngText>)
{
    return noPng();
}

Result<PngPicture> decodePng(std::span<const std::byte>)
{
    return noPng();
}

Result<PngPicture> decodePng(std::span<const std::byte>, const PngLimits&)
{
    return noPng();
}

Result<std::vector<PngText>> readPngTexts(std::span<const std::byte>)
{
    return noPng();
}

} // namespace jacobi
