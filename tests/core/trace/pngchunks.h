// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

namespace jacobi::test {

/// One chunk of a PNG as it lies in the file.
struct Chunk {
    std::string type;
    std::string data;
    bool isChecksumRight = false;
};

/// Takes a PNG apart by its chunks alone, without the library that wrote it; nothing where it is not well-formed.
std::vector<Chunk> chunksOf(std::span<const std::byte> png);

} // namespace jacobi::test
