// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/engine/device.h"

#include "core/engine/memory.h"
#include "core/engine/nvidiadriver.h"

#include <dlfcn.h>
#include <sched.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <thread>
#include <utility>

namespace jacobi {
namespace {

constexpr int kMostThreads = 64;

std::string cudaText(int version)
{
    return "CUDA " + std::to_string(version / 1000) + "." + std::to_string(version % 1000 / 10);
}

// "A GPU was found (NVIDIA Test 1)"
std::string foundText(const GpuProbe& probe, int number)
{
    const auto index = static_cast<std::size_t>(number);
    const std::string name = index < probe.cards.size() ? probe.cards[index].name : probe.name;
    return "A GPU was found" + (name.empty() ? std::string() : " (" + name + ")");
}

/// What keeps a GPU that the driver drives from being used: the rest of "A GPU was found, but ..."; empty: nothing.
std::string problemOf(const GpuProbe& probe, int number)
{
    constexpr int kCuda = 13000; // what libtorch and the plug-in are built with
    if (probe.driverCuda > 0 && probe.driverCuda < kCuda) {
        return "its driver serves " + cudaText(probe.driverCuda) + " and 13.0 is needed (a newer driver helps)";
    }
    const auto index = static_cast<std::size_t>(number);
    if (index < probe.cards.size() && !libtorchRunsOn(probe.cards[index])) {
        const GpuCard& card = probe.cards[index];
        return "this version has no code for its compute capability " + std::to_string(card.major) + "." +
               std::to_string(card.minor);
    }
    if (const auto known = probe.cardProblems.find(number); known != probe.cardProblems.end()) {
        return known->second;
    }
    return probe.engineProblem;
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

/// The functions of the driver that are asked; its library stays open.
struct Driver {
    int (*init)(unsigned) = nullptr;
    int (*count)(int*) = nullptr;
    int (*device)(int*, int) = nullptr;
    int (*name)(char*, int, int) = nullptr;
    int (*version)(int*) = nullptr;             ///< may be missing
    int (*attribute)(int*, int, int) = nullptr; ///< may be missing
    int (*memory)(std::size_t*, int) = nullptr; ///< may be missing
    int (*bus)(char*, int, int) = nullptr;      ///< may be missing
};

std::optional<Driver> openDriver()
{
    // Never closed: a driver that was opened once must stay.
    void* library = dlopen("libcuda.so.1", RTLD_NOW | RTLD_LOCAL);
    if (library == nullptr) {
        return std::nullopt;
    }
    const auto find = [library]<class Function>(Function& function, const char* name) {
        function = reinterpret_cast<Function>(dlsym(library, name));
        return function != nullptr;
    };
    Driver driver;
    find(driver.version, "cuDriverGetVersion");
    find(driver.attribute, "cuDeviceGetAttribute");
    find(driver.memory, "cuDeviceTotalMem_v2");
    find(driver.bus, "cuDeviceGetPCIBusId");
    const bool whole = find(driver.init, "cuInit") && find(driver.count, "cuDeviceGetCount") &&
                       find(driver.device, "cuDeviceGet") && find(driver.name, "cuDeviceGetName");
    return whole ? std::optional(driver) : std::nullopt;
}

std::optional<GpuCard> describe(const Driver& driver, int number)
{
    constexpr int kMajor = 75; // CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR
    constexpr int kMinor = 76;
    std::array<char, 256> text{};
    int device = 0;
    if (driver.device(&device, number) != 0 ||
        driver.name(text.data(), static_cast<int>(text.size()) - 1, device) != 0) {
        return std::nullopt;
    }
    GpuCard card;
    card.name = text.data();
    std::size_t bytes = 0;
    if (driver.attribute == nullptr || driver.attribute(&card.major, kMajor, device) != 0 ||
        driver.attribute(&card.minor, kMinor, device) != 0 || driver.memory == nullptr ||
        driver.memory(&bytes, device) != 0) {
        return std::nullopt;
    }
    card.totalBytes = bytes;
    std::array<char, 32> bus{};
    if (driver.bus != nullptr && driver.bus(bus.data(), static_cast<int>(bus.size()) - 1, device) == 0) {
        card.freeBytes = freeMemoryOf(bus.data(), card.totalBytes);
    }
    return card;
}

} // namespace

GpuProbe probeGpu()
{
    GpuProbe probe;
    const std::optional<Driver> driver = openDriver();
    if (!driver) {
        return probe;
    }
    constexpr int kNoDevice = 100; // CUDA_ERROR_NO_DEVICE: the driver works, there is nothing to drive
    const int started = driver->init(0);
    probe.driver = started == 0 || started == kNoDevice;
    if (driver->version == nullptr || driver->version(&probe.driverCuda) != 0) {
        probe.driverCuda = 0;
    }
    probe.driverVersion = nvidiaDriverVersion();
    if (started != 0 || driver->count(&probe.gpus) != 0) {
        probe.gpus = 0;
        return probe;
    }
    for (int number = 0; number < probe.gpus; ++number) {
        std::optional<GpuCard> card = describe(*driver, number);
        if (!card) {
            break;
        }
        probe.cards.push_back(std::move(*card));
    }
    probe.name = probe.cards.empty() ? std::string() : probe.cards.front().name;
    return probe;
}

bool libtorchRunsOn(const GpuCard& card)
{
    // What the wheel of 2.11.0 +cu130 was built for; code of a major number runs on every later minor one.
    constexpr std::array<std::pair<int, int>, 6> kBuiltFor = {{{7, 5}, {8, 0}, {8, 6}, {9, 0}, {10, 0}, {12, 0}}};
    return std::any_of(kBuiltFor.begin(), kBuiltFor.end(), [&card](const std::pair<int, int>& built) {
        return built.first == card.major && built.second <= card.minor;
    });
}

std::string cardText(const GpuCard& card)
{
    return card.name + ", compute capability " + std::to_string(card.major) + "." + std::to_string(card.minor) + ", " +
           (card.freeBytes > 0 ? memoryText(card.freeBytes) + " free of " : std::string()) +
           memoryText(card.totalBytes);
}

std::string driverText(const GpuProbe& probe)
{
    const std::string cuda = probe.driverCuda > 0 ? cudaText(probe.driverCuda) : std::string();
    if (probe.driverVersion.empty()) {
        return cuda.empty() ? cuda : "for " + cuda;
    }
    return probe.driverVersion + (cuda.empty() ? cuda : ", for " + cuda);
}

std::vector<std::string> deviceLines(const GpuProbe& probe)
{
    if (!probe.driver || probe.gpus == 0) {
        return {whyNotGpu(probe, 0) + "."};
    }
    std::vector<std::string> lines;
    for (int number = 0; number < probe.gpus; ++number) {
        const auto index = static_cast<std::size_t>(number);
        const std::string card = index < probe.cards.size() ? cardText(probe.cards[index]) : "a GPU, not described";
        const std::string problem = problemOf(probe, number);
        lines.push_back("cuda:" + std::to_string(number) + ": " + card +
                        (problem.empty() ? problem : ". It cannot be used: " + problem) + ".");
    }
    if (const std::string driver = driverText(probe); !driver.empty()) {
        lines.push_back("NVIDIA driver " + driver + ".");
    }
    if (std::ranges::any_of(probe.cards, [](const GpuCard& card) { return card.freeBytes > 0; })) {
        lines.push_back("What is free is as it was when the program started.");
    }
    return lines;
}

std::string whyNotGpu(const GpuProbe& probe, int number)
{
    if (!probe.driver) {
        return "No NVIDIA driver was found";
    }
    if (probe.gpus == 0) {
        return "An NVIDIA driver was found, but no GPU";
    }
    const std::string problem = problemOf(probe, number);
    return problem.empty() ? problem : foundText(probe, number) + ", but " + problem;
}

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

DeviceInfo cpuInfo(int threads)
{
    DeviceInfo cpu;
    cpu.id = "cpu";
    cpu.name = "CPU, " + std::to_string(threads) + (threads == 1 ? " thread" : " threads");
    return cpu;
}

Result<DeviceInfo> chooseDevice(const std::string& wish, const GpuProbe& probe, int threads)
{
    DeviceInfo cpu = cpuInfo(threads);
    cpu.present = deviceLines(probe);
    if (wish == "cpu") {
        cpu.reason = "The CPU was asked for.";
        return cpu;
    }
    const auto gpu = [&probe](int number, std::string reason) {
        const auto index = static_cast<std::size_t>(number);
        const std::string name = index < probe.cards.size() ? probe.cards[index].name : "GPU " + std::to_string(number);
        return DeviceInfo{"cuda:" + std::to_string(number), name, std::move(reason), deviceLines(probe)};
    };
    if (wish == "auto") {
        for (int number = 0; number < probe.gpus; ++number) {
            if (whyNotGpu(probe, number).empty()) {
                return gpu(number, "The first GPU that can be used.");
            }
        }
        cpu.reason = whyNotGpu(probe, 0) + (probe.gpus > 0 ? "; the CPU is used." : ", so the CPU is used.");
        cpu.present = probe.gpus > 0 ? std::move(cpu.present) : std::vector<std::string>(); // the reason says it all
        return cpu;
    }
    const auto number = gpuNumber(wish);
    if (!number) {
        return fail(ErrorCode::InvalidRequest,
                    "There is no device \"" + wish + "\". Choose auto, cpu or a GPU such as cuda:0.");
    }
    if (probe.gpus > 0 && *number >= probe.gpus) {
        return failOnGpu(ErrorCode::NoDevice, "This machine has no GPU number " + std::to_string(*number) +
                                                  " (it has " + std::to_string(probe.gpus) + ").");
    }
    if (const std::string why = whyNotGpu(probe, *number); !why.empty()) {
        return failOnGpu(ErrorCode::NoDevice, why + ", so " + wish + " cannot be used.");
    }
    return gpu(*number, "This GPU was asked for.");
}

int chooseThreads(int wish)
{
    if (wish > 0) {
        return std::min(wish, kMostThreads);
    }
    return usableCores() <= 2 ? 1 : 2;
}

} // namespace jacobi
