// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/training/owncodes.h"

#include <ATen/ATen.h>
#include <ATen/CPUGeneratorImpl.h>

namespace jacobi {

OwnCodesChance drawOwnCodesChance(std::int64_t batch, std::int64_t positions, double share, std::uint64_t seed,
                                  std::uint64_t step)
{
    constexpr std::uint64_t kOdd = 0x9E3779B97F4A7C15U; // seeds and steps of neighbouring runs do not meet
    at::Generator generator = at::detail::createCPUGenerator(seed * kOdd + step);
    const auto chance = [&](at::IntArrayRef sizes) { return at::rand(sizes, generator, at::kFloat); };
    const at::Tensor shares = chance({batch, 1}) * (2.0 * share);
    return {chance({batch, positions}), chance({batch, positions}) < shares};
}

at::Tensor withOwnCodes(const at::Tensor& codes, const at::Tensor& logits, const OwnCodesChance& chance)
{
    constexpr double kLeast = 0.1; // of the most probable code's probability
    const at::Tensor probabilities = logits.to(at::kFloat).softmax(-1);
    const at::Tensor kept = at::where(probabilities >= kLeast * probabilities.amax(-1, true), probabilities, 0.0);
    const at::Tensor upTo = kept.cumsum(-1);
    const at::Tensor wanted = chance.sample.to(logits.device(), true).unsqueeze(-1) * upTo.slice(-1, -1);
    // The first code whose sum is past what was drawn, which is one that was kept, but for rounding where sums are made in parts.
    const at::Tensor sampled = (upTo <= wanted).sum(-1).clamp_max(logits.size(-1) - 1);
    return at::where(chance.replace.to(logits.device(), true), sampled, codes);
}

} // namespace jacobi
