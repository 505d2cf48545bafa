// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/training/classscores.h"

#include "core/decode/layers.h"

#include <ATen/ATen.h>
#include <ATen/core/Reduction.h>

#include <algorithm>
#include <limits>

namespace jacobi {

ClassScores::ClassScores(const std::vector<std::int64_t>& classes)
    : m_questions(static_cast<std::int64_t>(classes.size())),
      m_most(*std::ranges::max_element(classes)),
      m_shut(at::zeros({m_questions, m_most}, at::kFloat))
{
    for (std::int64_t i = 0; i < m_questions; ++i) {
        const std::int64_t own = classes[static_cast<std::size_t>(i)];
        m_shut[i].narrow(0, own, m_most - own).fill_(-std::numeric_limits<float>::infinity());
    }
}

at::Tensor ClassScores::losses(const at::Tensor& head, const at::Tensor& hidden, const at::Tensor& targets,
                               std::int64_t ignored) const
{
    const at::Tensor normal = rmsNorm(hidden, at::ones({hidden.size(2)}, hidden.options()));
    const at::Tensor scores = at::linear(normal, head).view({hidden.size(0), hidden.size(1), m_questions, m_most}) +
                              m_shut.to(hidden.options(), true); // a GPU is not waited for
    return at::cross_entropy_loss(scores.view({-1, m_most}), targets.reshape({-1}), {}, at::Reduction::None, ignored)
        .view(targets.sizes());
}

} // namespace jacobi
