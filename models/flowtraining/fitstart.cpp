// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/flowtraining/fitstart.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <algorithm>

namespace jacobi {
namespace {

/// What a fit has to go by: of one block, x of z, both [pictures, tokens, channels] in the block's order.
struct Pairs {
    at::Tensor z;
    at::Tensor x;
    bool reversed = false;
};

/// For each number of each token the line through z and x.
void fitLine(StartGuess& guess, const Pairs& pairs)
{
    constexpr double kLeastVariance = 1e-3; // of numbers that hardly vary nothing is to be learnt
    const at::Tensor zMean = pairs.z.mean(0);
    const at::Tensor xMean = pairs.x.mean(0);
    const at::Tensor together = ((pairs.z - zMean) * (pairs.x - xMean)).mean(0);
    guess.scale = together / ((pairs.z - zMean).square().mean(0) + kLeastVariance);
    guess.shift = xMean - guess.scale * zMean;
}

/// What a class adds, row by row of the picture, to what is left [pictures, tokens, channels]: its mean, nearer to nothing
/// the fewer pictures tell it, and nothing on average. [classes, rows, channels], raster order.
at::Tensor classMeans(const at::Tensor& left, const Pairs& pairs, const std::vector<std::int64_t>& labels,
                      std::int64_t classes, std::int64_t rows)
{
    constexpr double kShrunk = 4.0; // pictures' worth of nothing
    const at::Tensor raster = pairs.reversed ? left.flip(1) : left;
    const at::Tensor each = raster.view({left.size(0), rows, -1, left.size(2)}).mean(2);
    at::Tensor sums = at::zeros({classes, rows, left.size(2)}, left.options());
    at::Tensor counts = at::zeros({classes, 1, 1}, left.options());
    const at::Tensor index = at::tensor(labels, at::kLong);
    sums.index_add_(0, index, each);
    counts.index_add_(0, index, at::ones({left.size(0), 1, 1}, left.options()));
    const at::Tensor means = sums / (counts + kShrunk);
    return means - means.mean(0, true);
}

/// near and classes by turns, each to what the other leaves, then shift to what both leave of a token on average.
void fitNeighbours(StartGuess& guess, const Pairs& pairs, const std::vector<std::int64_t>& labels,
                   const TarFlowConfig& config)
{
    constexpr int kTurns = 3;
    constexpr double kRidge = 3e-3;
    const std::int64_t channels = pairs.z.size(2);
    const at::Tensor features = withNeighbours(pairs.z);
    const at::Tensor centred = (features - features.mean(0)).flatten(0, 1).to(at::kDouble);
    const double rows = static_cast<double>(centred.size(0));
    const at::Tensor squares = at::matmul(centred.t(), centred) / rows + kRidge * at::eye(centred.size(1), at::kDouble);
    const at::Tensor factor = at::linalg_cholesky(squares);
    const StartGuess line = guess;
    guess.near = at::zeros({StartGuess::kNear, channels, channels}, pairs.z.options());
    const at::Tensor target = pairs.x - (pairs.z * line.scale + line.shift);
    at::Tensor ofClasses = at::zeros_like(target);
    for (int turn = 0; turn < kTurns; ++turn) {
        const at::Tensor wanted = (target - ofClasses).flatten(0, 1).to(at::kDouble);
        guess.near = at::cholesky_solve(at::matmul(centred.t(), wanted) / rows, factor)
                         .to(pairs.z.scalar_type())
                         .view({StartGuess::kNear, channels, channels});
        const at::Tensor left = target - at::matmul(features, guess.near.flatten(0, 1));
        if (config.classes == 0) {
            break;
        }
        guess.classes = classMeans(left - left.mean(0), pairs, labels, config.classes, config.grid);
        StartGuess only;
        only.scale = only.shift = at::zeros_like(line.shift);
        only.near = at::zeros_like(guess.near);
        only.classes = guess.classes;
        ofClasses = only.of(pairs.z, pairs.reversed, labels);
    }
    guess.shift = line.shift + (target - at::matmul(features, guess.near.flatten(0, 1)) - ofClasses).mean(0);
}

} // namespace

StartGuess fitStart(const at::Tensor& z, const at::Tensor& x, bool reversed, const std::vector<std::int64_t>& labels,
                    const TarFlowConfig& config)
{
    const Pairs pairs{z, x, reversed};
    StartGuess guess;
    fitLine(guess, pairs);
    fitNeighbours(guess, pairs, labels, config);
    if (reversed) { // kept in raster order
        guess.scale = guess.scale.flip(0);
        guess.shift = guess.shift.flip(0);
    }
    return guess;
}

void fitStarts(TarFlowConfig& config, TarFlowTensors& tensors, const at::Tensor& images,
               const std::vector<std::int64_t>& labels)
{
    const at::NoGradGuard noGradients;
    constexpr std::int64_t kAtOnce = 32;
    config.fittedStart = false;
    const TarFlowWeights weights = tarflowWeights(config, tensors);
    std::vector<std::vector<at::Tensor>> parts(static_cast<std::size_t>(config.blocks + 1)); // tokens, then each z
    for (std::int64_t from = 0; from < images.size(0); from += kAtOnce) {
        const std::int64_t count = std::min(kAtOnce, images.size(0) - from);
        const std::vector<std::int64_t> some(labels.begin() + from, labels.begin() + from + count);
        const TarFlowForward forward = tarflowForward(weights, images.narrow(0, from, count), some);
        parts[0].push_back(forward.tokens);
        for (std::size_t block = 0; block < forward.blocks.size(); ++block) {
            parts[block + 1].push_back(forward.blocks[block].z);
        }
    }
    for (std::int64_t block = 0; block < config.blocks; ++block) {
        const auto from = static_cast<std::size_t>(block);
        const auto inOrder = [&](const at::Tensor& x) { return isReversed(block) ? x.flip(1) : x; };
        const StartGuess guess = fitStart(inOrder(at::cat(parts[from + 1])), inOrder(at::cat(parts[from])),
                                          isReversed(block), labels, config);
        const std::string name = "blocks." + std::to_string(block) + ".start_";
        tensors[name + "scale"] = guess.scale.contiguous();
        tensors[name + "shift"] = guess.shift.contiguous();
        tensors[name + "near"] = guess.near.contiguous();
        if (guess.classes.defined()) {
            tensors[name + "class"] = guess.classes.contiguous();
        }
    }
    config.fittedStart = true;
}

} // namespace jacobi
