// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "models/training/adamw.h"

#include <vector>

namespace jacobi {

/// Muon (Jordan et al. 2024, "Muon: an optimizer for hidden layers in neural networks"): Nesterov momentum, whose
/// matrix is then replaced by (nearly) the closest orthogonal one through five Newton-Schulz steps.
class Muon {
public:
    /// A matrix [parts * rows, columns], or the kernel of a convolution [rows, ...]; merged projections are
    /// orthogonalised part by part.
    struct Matrix {
        Parameter parameter;
        std::int64_t parts = 1;
    };
    explicit Muon(std::vector<Matrix> matrices, double momentum = 0.95);

    void step(double learningRate);

    TensorMap state() const;
    Result<void> restore(const TensorMap& state);

private:
    struct Slot {
        Matrix matrix;
        at::Tensor momentum;
    };
    /// Matrices of one shape, so that their Newton-Schulz steps run as one batched product.
    struct Group {
        std::int64_t rows = 0;
        std::int64_t columns = 0;
        std::vector<std::size_t> slots;
    };
    void stepGroup(const Group& group, double learningRate);

    std::vector<Slot> m_slots;
    std::vector<Group> m_groups;
    double m_momentum;
};

/// The orthogonal factor of each matrix of a batch [count, rows, columns], approximately: singular values end up
/// between about 0.7 and 1.2.
at::Tensor orthogonalise(const at::Tensor& matrices);

} // namespace jacobi
