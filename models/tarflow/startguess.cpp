// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/tarflow/startguess.h"

#include <ATen/ATen.h>

#include <cmath>

namespace jacobi {
namespace {

/// Every token's number moved on by so many tokens, zeros in front.
at::Tensor movedOn(const at::Tensor& z, std::int64_t by)
{
    return at::constant_pad_nd(z.narrow(1, 0, z.size(1) - by), {0, 0, by, 0});
}

std::int64_t columnsOf(std::int64_t tokens)
{
    return std::llround(std::sqrt(static_cast<double>(tokens)));
}

} // namespace

at::Tensor withNeighbours(const at::Tensor& z)
{
    return at::cat({z, movedOn(z, 1), movedOn(z, columnsOf(z.size(1)))}, 2);
}

at::Tensor StartGuess::of(const at::Tensor& z, bool reversed, const std::vector<std::int64_t>& labels) const
{
    const auto inOrder = [reversed](const at::Tensor& x, std::int64_t axis) { return reversed ? x.flip(axis) : x; };
    at::Tensor guess = at::addcmul(inOrder(shift, 0), z, inOrder(scale, 0));
    guess.add_(at::matmul(withNeighbours(z), near.flatten(0, 1)));
    if (classes.defined() && !labels.empty()) {
        const at::Tensor none = at::zeros_like(classes.narrow(0, 0, 1));
        std::vector<at::Tensor> rows;
        for (const std::int64_t label : labels) {
            rows.push_back(label < 0 ? none : classes.narrow(0, label, 1));
        }
        const std::int64_t columns = z.size(1) / classes.size(1);
        const at::Tensor each = at::cat(rows).unsqueeze(2).expand({-1, -1, columns, -1}).flatten(1, 2);
        guess.add_(inOrder(each, 1));
    }
    return guess;
}

} // namespace jacobi
