// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

namespace jacobi {

/// A guess of a block's input x from its output z, which Jacobi iteration can start from (FlowStart::Fitted): with
/// regression alone, at the cost of no pass,
///
///     x[t] = scale[t] * z[t] + shift[t] + near[0] z[t] + near[1] z[t - 1] + near[2] z[t - columns] + classes[label, row of t]
///
/// where t - 1 and t - columns, in the order of the block, are the token read just before and the one across the row.
struct StartGuess {
    static constexpr std::int64_t kNear = 3;

    at::Tensor scale;   ///< [tokens, channels], raster order; undefined where the model holds no fit
    at::Tensor shift;   ///< [tokens, channels], raster order
    at::Tensor near;    ///< [kNear, channels, channels]: from the numbers of z (second axis) to those of x (third)
    at::Tensor classes; ///< [classes, rows, channels], rows of the picture; undefined without labels

    bool defined() const { return scale.defined(); }

    /// z [batch, tokens, channels] in the block's order, which is the raster order or, `reversed`, the other way round;
    /// labels: one a picture, negative where there is none, or empty. The same shape and order.
    at::Tensor of(const at::Tensor& z, bool reversed, const std::vector<std::int64_t>& labels) const;
};

/// z [batch, tokens, channels] and beside each token the one `columns` and the one 1 before it, zeros where there is none:
/// [batch, tokens, kNear * channels] in the order of StartGuess::near. columns: of the square grid.
at::Tensor withNeighbours(const at::Tensor& z);

} // namespace jacobi
