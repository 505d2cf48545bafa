// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/decode/noiseschedule.h"

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

namespace jacobi {

/// The rows of a pass that read a noisy embedding in place of a token.
struct NoisyRows {
    struct Row {
        std::int64_t item = 0;
        std::int64_t row = 0; ///< of the window, from 1: row 0 is a committed token
        double time = 0.0;    ///< NoiseLevel::time(), above 0
    };
    std::vector<Row> rows;
    at::Tensor embeddings; ///< [rows.size(), size of an embedding], the model's real type, as codeEmbeddings() has them
    bool normalised = true; ///< whether they are normalised
};

/// The part of a TokenModel that was tuned to read noise (SJD2, 2510.08994): it predicts the clean next token also where
/// what it reads is a noisy embedding. Thread rule and lifetime: those of the model.
class NoisyTokenModel {
public:
    virtual ~NoisyTokenModel() = default;

    virtual const NoiseKind& noise() const = 0;

    /// What stands for each code inside the network, [codes, size], contiguous, in the model's real type; normalised: less
    /// the mean, over the standard deviation, so that noise of standard deviation 1 is of its size. Constant.
    virtual const at::Tensor& codeEmbeddings(bool normalised) const = 0;

    /// TokenModel::forward, but that the rows named read their embedding; their entry in `tokens` does not matter. Causal
    /// as ever: no row is moved by one to its right. Noisy rows are never to be committed.
    virtual at::Tensor forwardNoisy(const at::Tensor& tokens, const NoisyRows& noisy) = 0;
};

} // namespace jacobi
