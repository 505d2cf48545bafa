// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>

namespace jacobi {

struct Interval {
    double low = 0.0;
    double high = 1.0;
};

/// Where the probability behind `right` of `asked` lies, at 95 %: Wilson's score interval (Wilson 1927). Of nothing asked,
/// anywhere between 0 and 1.
Interval wilsonInterval(std::int64_t right, std::int64_t asked);

/// The Fréchet distance of two sets of feature vectors [count, dimension], each taken for a normal distribution:
/// |m1 - m2|^2 + tr(C1 + C2 - 2 (C1 C2)^(1/2)) (Dowson & Landau 1982; Heusel et al. 2017). At least two vectors each; few
/// of them make it too large, so compare only distances of sets of the same sizes.
double frechetDistance(const at::Tensor& a, const at::Tensor& b);

} // namespace jacobi
