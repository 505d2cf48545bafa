// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/decode/layout.h"

#include <cstdint>
#include <span>
#include <vector>

namespace jacobi {

/// The knobs between raw logits and the distribution a token is drawn from.
struct WarpSettings {
    double guidance = 1.0;    ///< s in u + s (c - u); used where an unconditional row is given
    double temperature = 1.0; ///< 0: all mass on the largest logit (the lowest code among equals)
    int topK = 0;             ///< keep the k largest logits and everything equal to the k-th; 0: all
    double topP = 1.0;        ///< keep the smallest set of most probable codes holding this much mass, ties kept; 1: all
    double minP = 0.0;        ///< keep codes at least minP times as probable, by the conditional row alone and at
                              ///< temperature 1, as the most probable legal one; 0: all
};

/// The fixed pipeline F of one row: raw logits -> guidance, min-p -> positional mask -> temperature -> top-k -> top-p ->
/// softmax. Both p and q of every decoder are post-F distributions, and sequential sampling with the same F is the law
/// that a lossless coupling preserves. Holds scratch only: one thread at a time.
///
/// min-p looks at the conditional row before guidance: where both rows are sure of a code, guidance multiplies what is only
/// noise in the differences of the others, and a strong one lifts codes that the prompt makes improbable. Without guidance
/// it is min-p sampling.
///
/// Source: Leviathan et al. 2023 (warping before the test); SJD (2410.01699) section 4; guidance on raw logits as in
/// the official SJD code; min-p: Nguyen et al. 2024 (2407.01082), as the plausibility constraint of contrastive decoding
/// (Li et al. 2022, 2210.15097) has it.
template <class Real>
class Warp {
public:
    explicit Warp(const WarpSettings& settings) : m_settings(settings) {}

    /// conditional, unconditional: [codes] raw logits; unconditional may be empty (guidance off).
    /// p: [codes], receives probabilities that sum to 1. Sums run in double.
    /// Returns the entropy of p in nats, or NaN when a logit is NaN or +infinity, or nothing legal is finite; p is then
    /// unspecified.
    double operator()(std::span<const Real> conditional, std::span<const Real> unconditional, const PositionRule* rule,
                      std::span<Real> p);

private:
    void keepTopK(std::span<Real> z, int k);
    void keepTopP(std::span<Real> p);

    WarpSettings m_settings;
    std::vector<Real> m_scratch;
};

extern template class Warp<float>;
extern template class Warp<double>;

} // namespace jacobi
