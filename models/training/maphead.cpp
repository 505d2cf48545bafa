// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/training/maphead.h"

#include "core/decode/layers.h"
#include "models/training/scenemap.h"

#include <ATen/ATen.h>

namespace jacobi {

std::int64_t mapScores()
{
    std::int64_t scores = 0;
    for (std::size_t i = 0; i < kMappedCount; ++i) {
        scores += classesOf(static_cast<Mapped>(i));
    }
    return scores;
}

at::Tensor mapLoss(const at::Tensor& head, const at::Tensor& hidden, const at::Tensor& maps)
{
    const at::Tensor normal = rmsNorm(hidden, at::ones({hidden.size(2)}, hidden.options()));
    const at::Tensor scores = at::linear(normal, head);
    at::Tensor total = at::zeros({}, scores.options());
    std::int64_t from = 0;
    for (std::size_t i = 0; i < kMappedCount; ++i) {
        const std::int64_t classes = classesOf(static_cast<Mapped>(i));
        total = total + at::cross_entropy_loss(scores.narrow(2, from, classes).reshape({-1, classes}),
                                               maps.select(1, static_cast<std::int64_t>(i)).reshape({-1}));
        from += classes;
    }
    return total;
}

} // namespace jacobi
