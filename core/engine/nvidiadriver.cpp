// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/engine/nvidiadriver.h"

#include <dlfcn.h>

#include <algorithm>
#include <fstream>
#include <sstream>

namespace jacobi {
namespace {

// "580.159.04": numbers with points between them.
bool isVersion(const std::string& word)
{
    const auto isDigit = [](char c) { return c >= '0' && c <= '9'; };
    return word.size() > 2 && isDigit(word.front()) && isDigit(word.back()) && word.find('.') != std::string::npos &&
           word.find("..") == std::string::npos &&
           std::ranges::all_of(word, [&](char c) { return c == '.' || isDigit(c); });
}

/// nvmlMemory_t.
struct ManagedMemory {
    unsigned long long total = 0, free = 0, used = 0;
};

/// The functions of the management library that are asked; it stays open.
struct Management {
    int (*init)() = nullptr;
    int (*shutdown)() = nullptr;
    int (*deviceAt)(const char*, void**) = nullptr;
    int (*memory)(void*, ManagedMemory*) = nullptr;

    bool isWhole() const { return init != nullptr && shutdown != nullptr && deviceAt != nullptr && memory != nullptr; }
};

Management openManagement()
{
    Management management;
    void* library = dlopen("libnvidia-ml.so.1", RTLD_NOW | RTLD_LOCAL);
    if (library == nullptr) {
        return management;
    }
    const auto find = [library]<class Function>(Function& function, const char* name) {
        function = reinterpret_cast<Function>(dlsym(library, name));
    };
    find(management.init, "nvmlInit_v2");
    find(management.shutdown, "nvmlShutdown");
    find(management.deviceAt, "nvmlDeviceGetHandleByPciBusId_v2");
    find(management.memory, "nvmlDeviceGetMemoryInfo");
    return management;
}

} // namespace

std::string nvidiaDriverVersion(const std::filesystem::path& file)
{
    constexpr std::size_t kMostBytes = 4096; // of a file of a few lines
    std::ifstream stream(file, std::ios::binary);
    std::string text(kMostBytes, '\0');
    stream.read(text.data(), static_cast<std::streamsize>(text.size()));
    text.resize(static_cast<std::size_t>(std::max<std::streamsize>(0, stream.gcount())));
    const std::size_t begin = text.find("NVRM version:");
    if (begin == std::string::npos) {
        return {};
    }
    std::istringstream words(text.substr(begin, text.find('\n', begin) - begin));
    for (std::string word; words >> word;) {
        if (isVersion(word)) {
            return word;
        }
    }
    return {};
}

std::uint64_t freeMemoryOf(const char* pciBus, std::uint64_t totalBytes)
{
    const Management management = openManagement();
    if (!management.isWhole() || management.init() != 0) {
        return 0;
    }
    void* device = nullptr;
    ManagedMemory memory;
    const bool isTold = management.deviceAt(pciBus, &device) == 0 && management.memory(device, &memory) == 0;
    management.shutdown();
    // What CUDA calls the total may leave a little out.
    const bool isSameMemory = memory.total >= totalBytes && memory.total - totalBytes <= totalBytes / 10;
    return isTold && isSameMemory ? std::min<std::uint64_t>(memory.free, totalBytes) : 0;
}

} // namespace jacobi
