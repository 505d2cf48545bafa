// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/error.h"
#include "core/decode/layers.h"
#include "models/scenes/scenesweights.h"

#include <functional>
#include <initializer_list>
#include <nlohmann/json.hpp>
#include <string>

namespace jacobi {

// What every `jacobi train ...` does around its phases.

/// Puts weights into a checkpoint, and takes them out of it again; the latter fails where they are not those of this run.
void addWeights(const TensorMap& weights, TensorMap& state);
Result<void> restoreWeights(TensorMap& weights, const TensorMap& state);

/// The same tensors on a device; those that are there already are shared.
TensorMap onDevice(const TensorMap& tensors, at::Device device);

/// The same numbers where a GPU can fetch them while the CPU goes on. Copied by this thread alone: libtorch would start
/// threads for it, and many that draw ahead would each start as many as there are processors. Contiguous tensors.
at::Tensor pinned(const at::Tensor& tensor);

/// The device a training is to use. Errors: InvalidRequest where it has no such name, NoDevice where there is none.
Result<at::Device> trainingDevice(const std::string& name);

/// While it lives, products of float32 matrices on a GPU read their inputs with 10 bits after the point ("TF32"): several times
/// as fast, and no loss for training. On the CPU it does nothing.
class RoundedProducts {
public:
    explicit RoundedProducts(at::Device device);
    ~RoundedProducts();
    RoundedProducts(const RoundedProducts&) = delete;
    RoundedProducts& operator=(const RoundedProducts&) = delete;

private:
    bool m_before = false;
    bool m_isSet = false;
};

/// The fused steps that a training on this device is to use, or null. They live as long as the function.
using StepsOf = std::function<const FusedSteps*(at::Device device)>;

/// Makes folders that are not there; an error names the one that cannot be made.
Result<void> makeFolders(std::initializer_list<std::string> folders);

/// WORK/figures.json.
Result<void> writeFigures(const std::string& work, const nlohmann::json& figures);

/// Trains with that many threads; what is thrown becomes an error by the engine's guard (out of memory, a GPU that stopped
/// working, ...) that says how to go on.
Result<nlohmann::json> runTraining(int threads, const std::function<Result<nlohmann::json>()>& train);

} // namespace jacobi
