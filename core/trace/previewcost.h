// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>

namespace jacobi {

/// What making a PNG of a picture on the way takes, in nanoseconds: of noise, which takes longest. Measured once in the process
/// for each size, by up to 256 rows; 0 for a size that no picture has, and where memory is short. Any thread.
std::int64_t previewPngNs(std::uint32_t width, std::uint32_t height);

} // namespace jacobi
