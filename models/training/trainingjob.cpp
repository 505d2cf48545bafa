// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/training/trainingjob.h"

#include "core/engine/guard.h"
#include "core/io/atomicfile.h"
#include "core/io/jsontext.h"
#include "models/training/trainingphase.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <ATen/core/grad_mode.h>

#include <cstring>
#include <filesystem>
#include <system_error>

namespace jacobi {
namespace {

constexpr const char* kPrefix = "weights.";

/// What a guard makes of an exception, in a training's words: its advice is for who generates.
Error stoppedBy(Error error)
{
    const std::string whose = error.cpuWouldDo ? "GPU" : "computer";
    if (error.code == ErrorCode::OutOfMemory) {
        error.message = "Training stopped: the " + whose +
                        " ran out of memory. Close other programs that use it, or start anew " +
                        "with a smaller batch (--fresh --set batch=N).";
    } else if (error.code == ErrorCode::NoDevice) {
        error.message = "Training stopped: the GPU stopped working.";
    } else if (error.code == ErrorCode::Internal) {
        error.message = "Training stopped because of an internal error.";
    }
    error.message += " The last checkpoint is kept; the same command goes on from there.";
    error.cpuWouldDo = false; // its option is of another command
    return error;
}

} // namespace

void addWeights(const TensorMap& weights, TensorMap& state)
{
    for (const auto& [name, value] : weights) {
        state[kPrefix + name] = value.detach();
    }
}

Result<void> restoreWeights(TensorMap& weights, const TensorMap& state)
{
    const c10::NoGradGuard noGradients;
    for (auto& [name, value] : weights) {
        const auto found = state.find(kPrefix + name);
        if (found == state.end() || found->second.sizes() != value.sizes()) {
            return fail(ErrorCode::Corrupt, "The checkpoint belongs to another training run. Choose another work "
                                            "folder, or start again with --fresh (\"resume\": false).");
        }
        value.copy_(found->second);
    }
    return {};
}

TensorMap onDevice(const TensorMap& tensors, at::Device device)
{
    TensorMap moved;
    for (const auto& [name, tensor] : tensors) {
        moved[name] = tensor.to(device);
    }
    return moved;
}

at::Tensor pinned(const at::Tensor& tensor)
{
    at::Tensor copy = at::empty(tensor.sizes(), tensor.options().pinned_memory(true));
    std::memcpy(copy.mutable_data_ptr(), tensor.const_data_ptr(), tensor.nbytes());
    return copy;
}

Result<at::Device> trainingDevice(const std::string& name)
{
    if (name == "cpu") {
        return at::Device(at::kCPU);
    }
    constexpr std::string_view kCuda = "cuda:";
    const bool isCuda =
        name.starts_with(kCuda) && name.size() == kCuda.size() + 1 && name.back() >= '0' && name.back() <= '9';
    if (!isCuda) {
        return fail(ErrorCode::InvalidRequest,
                    "There is no device \"" + name + "\". Train on cpu, or on a GPU such as cuda:0.");
    }
    if (!at::hasCUDA()) {
        return fail(ErrorCode::NoDevice,
                    "There is no GPU that this program can use (jacobi selftest says why). Train on the "
                    "CPU: --set device=cpu, with --preset cpu for sizes that suit it.");
    }
    return at::Device(at::kCUDA, static_cast<c10::DeviceIndex>(name.back() - '0'));
}

RoundedProducts::RoundedProducts(at::Device device) : m_isSet(device.is_cuda())
{
    if (m_isSet) {
        m_before = at::globalContext().allowTF32CuBLAS();
        at::globalContext().setAllowTF32CuBLAS(true);
    }
}

RoundedProducts::~RoundedProducts()
{
    if (m_isSet) {
        at::globalContext().setAllowTF32CuBLAS(m_before);
    }
}

Result<void> makeFolders(std::initializer_list<std::string> folders)
{
    for (const std::string& folder : folders) {
        std::error_code error;
        std::filesystem::create_directories(folder, error);
        if (error) {
            return fail(ErrorCode::Io, "The folder " + folder + " cannot be made: " + error.message() + ".");
        }
    }
    return {};
}

Result<void> writeFigures(const std::string& work, const nlohmann::json& figures)
{
    return writeFileAtomically(std::filesystem::path(work) / "figures.json", jsonText(figures, 1) + "\n");
}

Result<nlohmann::json> runTraining(int threads, const std::function<Result<nlohmann::json>()>& train)
{
    try {
        keepFreedMemory();
        at::set_num_threads(threads);
        return train();
    } catch (...) {
        return tl::unexpected(stoppedBy(errorOfException(std::current_exception())));
    }
}

} // namespace jacobi
