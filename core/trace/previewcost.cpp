// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/trace/previewcost.h"

#include "core/base/limits.h"
#include "core/io/png.h"

#include <algorithm>
#include <chrono>
#include <map>
#include <mutex>
#include <new>
#include <utility>
#include <vector>

namespace jacobi {
namespace {

constexpr std::uint32_t kMostRows = 256; // that are tried; rows of noise are alike

std::vector<std::uint8_t> noise(std::size_t bytes)
{
    std::vector<std::uint8_t> pixels(bytes);
    std::uint32_t state = 1;
    for (std::uint8_t& pixel : pixels) {
        state = state * 1664525U + 1013904223U;
        pixel = static_cast<std::uint8_t>(state >> 24U);
    }
    return pixels;
}

std::int64_t measure(std::uint32_t width, std::uint32_t height)
{
    if (width > kMaxPictureSide || height > kMaxPictureSide || std::uint64_t{width} * height > kMaxPicturePixels) {
        return 0;
    }
    try {
        const std::uint32_t rows = std::min(height, kMostRows);
        const std::vector<std::uint8_t> rgb = noise(std::size_t{width} * rows * 3);
        const auto before = std::chrono::steady_clock::now();
        const bool isMade = encodePng(width, rows, rgb, {}, PngEffort::Fast).has_value();
        const std::chrono::nanoseconds took = std::chrono::steady_clock::now() - before;
        return isMade ? took.count() * height / rows : 0;
    } catch (const std::bad_alloc&) {
        return 0;
    }
}

} // namespace

std::int64_t previewPngNs(std::uint32_t width, std::uint32_t height)
{
    static std::mutex mutex;
    static std::map<std::pair<std::uint32_t, std::uint32_t>, std::int64_t> known;
    const std::lock_guard lock(mutex);
    const std::pair size(width, height);
    if (const auto found = known.find(size); found != known.end()) {
        return found->second;
    }
    return known[size] = measure(width, height);
}

} // namespace jacobi
