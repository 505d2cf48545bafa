// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/engine/device.h"

#include <dlfcn.h>
#include <sched.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <thread>

namespace jacobi {
namespace {

constexpr int kMostThreads = 64;

// N of "cuda:N"; "cuda" is "cuda:0". Empty where it is neither.
std::optional<int> gpuNumber(const std::string& wish)
{
    if (wish == "cuda") {
        return 0;
    }
    const std::string prefix = "cuda:";
    if (!wish.starts_with(prefix)) {
        return std::nullopt;
    }
    int number = -1;
    const char* end = wish.data() + wish.size();
    const auto [stop, error] = std::from_chars(wish.data() + prefix.size(), end, number);
    if (error != std::errc{} || stop != end || number < 0) {
        return std::nullopt;
    }
    return number;
}

// Why no GPU is used, as the first half of a sentence.
std::string whyNot(const GpuProbe& probe)
{
    if (!probe.driver) {
        return "No NVIDIA driver was found";
    }
    if (probe.gpus == 0) {
        return "An NVIDIA driver was found, but no GPU";
    }
    return "A GPU was found" + (probe.name.empty() ? std::string() : " (" + probe.name + ")") +
           ", but this build has no GPU engine";
}

int usableCores()
{
    cpu_set_t set;
    CPU_ZERO(&set);
    if (sched_getaffinity(0, sizeof set, &set) == 0) {
        return CPU_COUNT(&set);
    }
    return static_cast<int>(std::max(1U, std::thread::hardware_concurrency()));
}

} // namespace

GpuProbe probeGpu()
{
    GpuProbe probe;
    // Never closed: a driver that was opened once must stay.
    void* library = dlopen("libcuda.so.1", RTLD_NOW | RTLD_LOCAL);
    if (library == nullptr) {
        return probe;
    }
    const auto init = reinterpret_cast<int (*)(unsigned)>(dlsym(library, "cuInit"));
    const auto count = reinterpret_cast<int (*)(int*)>(dlsym(library, "cuDeviceGetCount"));
    const auto device = reinterpret_cast<int (*)(int*, int)>(dlsym(library, "cuDeviceGet"));
    const auto name = reinterpret_cast<int (*)(char*, int, int)>(dlsym(library, "cuDeviceGetName"));
    if (init == nullptr || count == nullptr || device == nullptr || name == nullptr) {
        return probe;
    }
    constexpr int kNoDevice = 100; // CUDA_ERROR_NO_DEVICE: the driver works, there is nothing to drive
    const int started = init(0);
    probe.driver = started == 0 || started == kNoDevice;
    if (started != 0 || count(&probe.gpus) != 0) {
        probe.gpus = 0;
        return probe;
    }
    std::array<char, 256> text{};
    int first = 0;
    if (probe.gpus > 0 && device(&first, 0) == 0 && name(text.data(), static_cast<int>(text.size()) - 1, first) == 0) {
        probe.name = text.data();
    }
    return probe;
}

Result<DeviceInfo> chooseDevice(const std::string& wish, const GpuProbe& probe, int threads)
{
    DeviceInfo cpu;
    cpu.id = "cpu";
    cpu.name = "CPU, " + std::to_string(threads) + (threads == 1 ? " thread" : " threads");
    if (wish == "cpu") {
        cpu.reason = "The CPU was asked for.";
        return cpu;
    }
    if (wish == "auto") {
        cpu.reason = whyNot(probe) + (probe.gpus > 0 ? "; the CPU is used." : ", so the CPU is used.");
        return cpu;
    }
    const auto number = gpuNumber(wish);
    if (!number) {
        return fail(ErrorCode::InvalidRequest,
                    "There is no device \"" + wish + "\". Choose auto, cpu or a GPU such as cuda:0.");
    }
    if (probe.gpus > 0 && *number >= probe.gpus) {
        return fail(ErrorCode::NoDevice, "This machine has no GPU number " + std::to_string(*number) + " (it has " +
                                             std::to_string(probe.gpus) + "). Use --device cpu instead.");
    }
    return fail(ErrorCode::NoDevice, whyNot(probe) + ", so " + wish + " cannot be used. Use --device cpu instead.");
}

int chooseThreads(int wish)
{
    if (wish > 0) {
        return std::min(wish, kMostThreads);
    }
    return usableCores() <= 2 ? 1 : 2;
}

} // namespace jacobi
