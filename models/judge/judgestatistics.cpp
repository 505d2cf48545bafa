// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/judge/judgestatistics.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cassert>
#include <cmath>

namespace jacobi {
namespace {

struct Normal {
    at::Tensor mean;       ///< [dimension] float64
    at::Tensor covariance; ///< [dimension, dimension] float64
};

Normal normalOf(const at::Tensor& vectors)
{
    assert(vectors.dim() == 2 && vectors.size(0) >= 2);
    const at::Tensor x = vectors.to(at::kDouble);
    const at::Tensor mean = x.mean(0);
    const at::Tensor centred = x - mean;
    return {mean, at::mm(centred.t(), centred) / static_cast<double>(x.size(0) - 1)};
}

/// The symmetric root of a positive semidefinite matrix.
at::Tensor rootOf(const at::Tensor& matrix)
{
    const auto [values, vectors] = at::linalg_eigh(matrix);
    return at::mm(vectors * values.clamp_min(0.0).sqrt(), vectors.t());
}

} // namespace

Interval wilsonInterval(std::int64_t right, std::int64_t asked)
{
    if (asked == 0) {
        return {};
    }
    constexpr double z = 1.959963984540054; // 97.5 % of a standard normal lie below
    const auto n = static_cast<double>(asked);
    const double share = static_cast<double>(right) / n;
    const double scale = 1.0 / (1.0 + z * z / n);
    const double centre = (share + z * z / (2.0 * n)) * scale;
    const double half = z * std::sqrt(share * (1.0 - share) / n + z * z / (4.0 * n * n)) * scale;
    return {right == 0 ? 0.0 : centre - half, right == asked ? 1.0 : centre + half}; // the ends exactly
}

double frechetDistance(const at::Tensor& a, const at::Tensor& b)
{
    const Normal first = normalOf(a);
    const Normal second = normalOf(b);
    // tr (C1 C2)^(1/2) through the symmetric C1^(1/2) C2 C1^(1/2), which has the same eigenvalues.
    const at::Tensor root = rootOf(first.covariance);
    const at::Tensor values = at::linalg_eigvalsh(at::mm(at::mm(root, second.covariance), root));
    const double crossed = values.clamp_min(0.0).sqrt().sum().item<double>();
    const double means = (first.mean - second.mean).square().sum().item<double>();
    const double traces = (first.covariance.trace() + second.covariance.trace()).item<double>();
    return std::max(0.0, means + traces - 2.0 * crossed);
}

} // namespace jacobi
