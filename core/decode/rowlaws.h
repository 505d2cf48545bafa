// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/error.h"
#include "core/decode/layout.h"
#include "core/decode/warp.h"
#include "core/trace/step.h"

#include <ATen/core/Tensor.h>

#include <cmath>
#include <cstdint>
#include <span>
#include <string>

namespace jacobi {

/// p[k] = F(logits of row k) for every row of one picture's window, and the entropy column of the step.
/// logits: [items, branches, rows, codes] of the pass. Numeric where the network gave NaN or infinity.
template <class Real, class Window>
Result<void> writeLaws(const at::Tensor& logits, std::size_t item, const TokenLayout& layout, Warp<Real>& warp,
                       Window& window, Step& step)
{
    const std::size_t codes = layout.codes;
    const std::int64_t branches = logits.size(1);
    const std::int64_t rows = logits.size(2);
    const Real* conditional =
        logits.const_data_ptr<Real>() + static_cast<std::int64_t>(item) * branches * rows * layout.codes;
    const Real* unconditional = branches == 2 ? conditional + rows * layout.codes : nullptr;
    step.entropy.reserve(std::size_t{2} * window.rows());
    for (std::uint32_t k = 0; k < window.rows(); ++k) {
        const std::uint32_t position = window.committed() + k;
        const PositionRule* rule = layout.rules.empty() ? nullptr : &layout.rules[position];
        const std::span<const Real> u = unconditional != nullptr
                                            ? std::span<const Real>(unconditional + k * codes, codes)
                                            : std::span<const Real>();
        const double h = warp(std::span<const Real>(conditional + k * codes, codes), u, rule, window.row(k));
        if (std::isnan(h)) {
            return fail(ErrorCode::Numeric,
                        "The model produced a value that is not a number; its weights may be damaged. Choose another "
                        "model or install it again.",
                        "position " + std::to_string(position));
        }
        step.entropy.push_back(static_cast<float>(h));
    }
    return {};
}

} // namespace jacobi
