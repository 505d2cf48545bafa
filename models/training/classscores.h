// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

namespace jacobi {

/// Scores of several questions with a class each, by one matrix: every question has as many scores as that with the most
/// classes, and those it has no class for are shut out. So all questions are read at once; one after the other, on a GPU,
/// they would be launched for longer than the whole transformer.
class ClassScores {
public:
    /// classes: of each question.
    explicit ClassScores(const std::vector<std::int64_t>& classes);

    /// Rows of the matrix.
    std::int64_t scores() const { return m_questions * m_most; }

    /// Negative log-likelihood in nats of `targets` [batch, rows, questions] int64, read from hidden [batch, rows, width]
    /// after a norm without scale; head [scores(), width]. Of targets' shape; 0 where a target is `ignored`.
    at::Tensor losses(const at::Tensor& head, const at::Tensor& hidden, const at::Tensor& targets,
                      std::int64_t ignored) const;

private:
    std::int64_t m_questions;
    std::int64_t m_most;
    at::Tensor m_shut; ///< [questions, most] on the CPU: 0, or -infinity where a question has no such class
};

} // namespace jacobi
