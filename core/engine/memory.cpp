// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/engine/memory.h"

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <limits>

namespace jacobi {
namespace {

std::optional<std::uint64_t> systemAvailable()
{
    std::ifstream file("/proc/meminfo");
    std::string key;
    std::uint64_t value = 0;
    while (file >> key >> value) {
        if (key == "MemAvailable:") {
            return value * 1024;
        }
        file.ignore(std::numeric_limits<std::streamsize>::max(), '\n');
    }
    return std::nullopt;
}

std::optional<std::uint64_t> numberIn(const std::string& path)
{
    std::ifstream file(path);
    std::uint64_t value = 0;
    if (file >> value) { // "max" is no number: no limit
        return value;
    }
    return std::nullopt;
}

// Control groups, version 2: "0::/some/group" names the group.
std::optional<std::uint64_t> groupAvailable()
{
    std::ifstream file("/proc/self/cgroup");
    std::string line;
    while (std::getline(file, line)) {
        if (line.starts_with("0::")) {
            const std::string group = "/sys/fs/cgroup" + line.substr(3);
            const auto limit = numberIn(group + "/memory.max");
            const auto used = numberIn(group + "/memory.current");
            if (limit && used) {
                return *limit > *used ? *limit - *used : 0;
            }
        }
    }
    return std::nullopt;
}

/// A tenth of what is free is left to others.
bool fits(std::uint64_t needed, std::uint64_t free)
{
    return needed <= free - free / 10;
}

} // namespace

std::optional<std::uint64_t> availableMemory()
{
    const auto system = systemAvailable();
    const auto group = groupAvailable();
    if (system && group) {
        return std::min(*system, *group);
    }
    return system ? system : group;
}

std::string memoryText(std::uint64_t bytes)
{
    char text[32];
    const double megabytes = static_cast<double>(bytes) / 1e6;
    if (megabytes >= 1000.0) {
        std::snprintf(text, sizeof text, "%.1f GB", megabytes / 1000.0);
    } else {
        std::snprintf(text, sizeof text, "%.0f MB", megabytes);
    }
    return text;
}

Result<void> checkMemory(std::uint64_t needed, std::optional<std::uint64_t> available)
{
    if (!available || fits(needed, *available)) {
        return {};
    }
    return fail(ErrorCode::OutOfMemory, "This needs about " + memoryText(needed) + " of memory, but only " +
                                            memoryText(*available) +
                                            " is free. Close other programs, or choose a smaller window or model.");
}

Result<void> checkGpuMemory(std::uint64_t needed, std::uint64_t free, const std::string& cardName,
                            const std::vector<PrecisionBytes>& smaller, std::uint64_t held)
{
    if (fits(needed, free)) {
        return {};
    }
    std::string others;
    for (const PrecisionBytes& other : smaller) {
        if (fits(other.bytes, free + held)) {
            others += (others.empty() ? " The precision " : ", and ") + other.precision + " would take " +
                      memoryText(other.bytes);
        }
    }
    return failOnGpu(
        ErrorCode::OutOfMemory,
        "This needs about " + memoryText(needed) + " of GPU memory, but only " + memoryText(free) + " is free on " +
            cardName + "." + others + (others.empty() ? "" : ".") + " Close other programs that use it, or choose " +
            (smaller.empty() ? "" : "a smaller precision, ") + "a smaller window, fewer pictures or a smaller model.");
}

} // namespace jacobi
