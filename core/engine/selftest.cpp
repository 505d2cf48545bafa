// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/engine/selftest.h"

#include "core/cuda/devicememory.h"
#include "core/cuda/hostkernels.h"
#include "core/engine/kernelchecks.h"
#include "core/engine/learningchecks.h"
#include "core/engine/networkchecks.h"
#include "core/engine/torchcuda.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace jacobi {
namespace {

using nlohmann::json;

class Findings {
public:
    void add(const std::string& where, const KernelCheck& check)
    {
        static constexpr const char* kWords[] = {"passed", "failed", "not run"};
        const auto outcome = static_cast<std::size_t>(check.outcome);
        m_checks.push_back(
            {{"where", where}, {"name", check.name}, {"outcome", kWords[outcome]}, {"detail", check.detail}});
        ++m_counts[outcome];
    }
    void addAll(const std::string& where, const std::vector<KernelCheck>& checks)
    {
        for (const KernelCheck& check : checks) {
            add(where, check);
        }
    }
    json result(const GpuProbe& probe, const std::string& reason) const
    {
        json cards = json::array();
        json gpus = json::array();
        for (const GpuCard& card : probe.cards) {
            cards.push_back(cardText(card));
            gpus.push_back({{"id", "cuda:" + std::to_string(gpus.size())},
                            {"name", card.name},
                            {"capability", std::to_string(card.major) + "." + std::to_string(card.minor)},
                            {"totalBytes", card.totalBytes},
                            {"freeBytes", card.freeBytes}});
        }
        return {{"cards", cards},
                {"gpus", gpus},
                {"driver", driverText(probe)},
                {"driverVersion", probe.driverVersion},
                {"driverCuda", probe.driverCuda},
                {"reason", reason},
                {"checks", m_checks},
                {"passed", m_counts[0]},
                {"failed", m_counts[1]},
                {"notRun", m_counts[2]}};
    }

private:
    json m_checks = json::array();
    int m_counts[3] = {0, 0, 0};
};

/// What is free on the cards by the runtime, where the driver did not tell. Of those alone that can be used: it makes a
/// context on each.
void askForFreeMemory(const DeviceOps& ops, GpuProbe& probe)
{
    for (std::size_t i = 0; i < probe.cards.size(); ++i) {
        const auto number = static_cast<int>(i);
        DeviceDescription card;
        if (probe.cards[i].freeBytes == 0 && whyNotGpu(probe, number).empty() && ops.describe(number, &card) == 0) {
            probe.cards[i].freeBytes = card.freeBytes;
        }
    }
}

/// The kernels on that card; an error where it does not even take them.
Result<std::vector<KernelCheck>> checkOnCard(const DeviceOps& ops, int number, GpuProbe probe)
{
    if (const int code = ops.selectDevice(number); code != 0) {
        return tl::unexpected(deviceError(ops, code, "load the kernels"));
    }
    const Result<std::string> why = whyNoKernels(ops, number);
    if (!why) {
        return tl::unexpected(why.error());
    }
    if (!why->empty()) {
        probe.cardProblems[number] = *why;
        return failOnGpu(ErrorCode::NoDevice, whyNotGpu(probe, number) + ".", "hasKernels");
    }
    return checkKernels(ops);
}

std::vector<KernelCheck> checkNetworks(const DeviceOps& ops, at::Device device, const FamilyChecks& families)
{
    std::vector<KernelCheck> checks = checkNetwork(ops, device);
    std::ranges::move(checkLearning(ops, device), std::back_inserter(checks));
    if (families) {
        std::ranges::move(families(ops, device), std::back_inserter(checks));
    }
    return checks;
}

/// Networks need libtorch's part for GPUs beside the kernels.
std::vector<KernelCheck> checkNetworksOnCard(const DeviceOps& ops, int number, const FamilyChecks& families)
{
    const TorchCuda torch = openTorchCuda(torchCudaPath());
    if (!torch.isOpen) {
        return {{"a network's pass on a GPU", KernelCheck::Outcome::NotRun, torch.problem + " [" + torch.detail + "]"}};
    }
    return checkNetworks(ops, at::Device(at::kCUDA, static_cast<c10::DeviceIndex>(number)), families);
}

} // namespace

Result<json> selfTest(const json& options, const GpuProbe& probe, const KernelPlugin& plugin,
                      const FamilyChecks& families)
{
    const std::string wish = options.is_object() ? options.value("device", std::string("auto")) : "auto";
    GpuProbe kernels = probe; // what the kernels alone need: the plug-in, and a card it was built for
    kernels.engineProblem = plugin.problem;
    const Result<DeviceInfo> device = chooseDevice(wish, kernels, 1);
    if (!device) {
        return tl::unexpected(device.error());
    }
    Findings findings;
    findings.addAll("cpu", checkKernels(hostOps()));
    findings.addAll("cpu", checkNetworks(hostOps(), at::kCPU, families));
    if (device->id == "cpu") {
        const std::string reason =
            wish == "cpu" ? std::string("Only the CPU was asked for.") : whyNotGpu(kernels, 0) + ".";
        for (const char* what : {"kernels on a GPU", "a network's pass on a GPU", "a pass as a graph"}) {
            findings.add("gpu", {what, KernelCheck::Outcome::NotRun, reason});
        }
        return findings.result(probe, reason);
    }
    const int number = gpuNumber(device->id).value_or(0);
    askForFreeMemory(*plugin.ops, kernels);
    if (const Result<std::vector<KernelCheck>> checks = checkOnCard(*plugin.ops, number, kernels); checks) {
        findings.addAll(device->id, *checks);
        findings.addAll(device->id, checkNetworksOnCard(*plugin.ops, number, families));
    } else {
        findings.add(device->id, {"kernels", KernelCheck::Outcome::Failed,
                                  checks.error().message + " [" + checks.error().detail + "]"});
    }
    return findings.result(kernels, "");
}

} // namespace jacobi
