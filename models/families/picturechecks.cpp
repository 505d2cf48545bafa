// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/families/picturechecks.h"

#include "core/engine/guard.h"
#include "models/scenes/scenesmodel.h"

#include <ATen/ATen.h>
#include <c10/core/InferenceMode.h>

#include <string>

namespace jacobi {
namespace {

ScenesDetokenizer randomDecoder(const ScenesConfig& config)
{
    TensorMap weights;
    for (const TensorSpec& spec : tokenizerTensors(config)) {
        const bool isNorm = spec.name.find("norm.weight") != std::string::npos;
        weights[spec.name] = at::randn(spec.shape) * (isNorm ? 0.1 : 0.03) + (isNorm ? 1.0 : 0.0);
    }
    weights["decoder.out.bias"].fill_(0.5); // grey on average, so that few bytes are cut
    return {config, std::move(weights)};
}

} // namespace

KernelCheck checkPictures(at::Device device)
{
    KernelCheck check;
    check.name = "pictures of codes";
    const Result<std::int64_t> most = guarded([&]() -> Result<std::int64_t> {
        const c10::InferenceMode inference;
        at::manual_seed(11);
        const ScenesConfig config;
        ScenesDetokenizer decoder = randomDecoder(config);
        const at::Tensor codes = at::randint(config.codes(), {2, config.positions()}, at::kLong);
        const at::Tensor expected = decoder.decode(codes).to(at::kLong);
        const at::Tensor found = decoder.on(device)->decode(codes).to(at::kLong);
        return (found - expected).abs().max().item<std::int64_t>();
    });
    if (!most) {
        check.outcome = KernelCheck::Outcome::Failed;
        check.detail = most.error().message + " [" + most.error().detail + "]";
        return check;
    }
    check.outcome = *most <= 1 ? KernelCheck::Outcome::Passed : KernelCheck::Outcome::Failed;
    check.detail = "largest difference " + std::to_string(*most) + " of 255, allowed 1";
    return check;
}

FamilyPictures randomPictures(at::Device device)
{
    const c10::InferenceMode inference;
    at::manual_seed(11);
    const ScenesConfig config;
    return {"scenes", randomDecoder(config).on(device), config.positions(), config.codes()};
}

} // namespace jacobi
