// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/decode/decoder.h"

namespace jacobi {

/// Speculative Jacobi-Denoising Decoding (SJD2, 2510.08994), for a model tuned to read noise. The window of a pass:
///
///     last committed token | drafts that are tokens | noisy rows, their level rising to the right
///
/// One forward over the mixed rows, then: (1) the leading tokens are verified exactly as in SJD, with any coupling;
/// (2) a token that stays is redrawn (Jacobi refinement), a noisy row takes one DDIM step towards the token its left
/// neighbour's row predicts for it, and is that token once its noise is gone; (3) the window slides, and noise enters at
/// the right. Noisy rows never enter the cache. A draft is labelled with the law it was drawn from, and no verified row
/// looks at noise: the law of the result is that of sequential sampling from this, the tuned, model (coupling.h).
///
/// Random numbers: the noise of a position is drawn once (purpose Noise, pass 0); the rest as in SJD. No noise steps: SJD.
/// Several pictures share the passes. Null where the coupling or initialisation does not exist; checkNoise() must hold.
std::unique_ptr<Decoder> makeSjd2Decoder(const DecodeSettings& settings, TokenModel& model);

/// Whether the model reads noise of that many levels; the sentence says what to choose instead.
Result<void> checkNoise(const DecodeSettings& settings, TokenModel& model);

} // namespace jacobi
