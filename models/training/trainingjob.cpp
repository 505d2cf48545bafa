// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/training/trainingjob.h"

#include "core/io/atomicfile.h"
#include "models/training/trainingphase.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <ATen/core/grad_mode.h>

#include <filesystem>
#include <system_error>

namespace jacobi {
namespace {

constexpr const char* kPrefix = "weights.";

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
                                            "folder, or start again with \"resume\" off.");
        }
        value.copy_(found->second);
    }
    return {};
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
    return writeFileAtomically(std::filesystem::path(work) / "figures.json", figures.dump(1) + "\n");
}

Result<nlohmann::json> runTraining(int threads, const std::function<Result<nlohmann::json>()>& train)
{
    try {
        keepFreedMemory();
        at::set_num_threads(threads);
        return train();
    } catch (const std::exception& error) {
        return fail(ErrorCode::Internal,
                    "Training stopped because of an internal error. The last checkpoint is kept; "
                    "the same command goes on from there.",
                    error.what());
    }
}

} // namespace jacobi
