// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "models/training/scenedata.h"

namespace jacobi {

// What a caption says is a small part of a picture's codes: which side the sun is on is a bit among some hundred bits a
// picture, and a transformer learns to read it late. While it trains, a head half way up reads every claim of the
// caption from every row that predicts a code; its loss teaches the rows below it to parse the sentence, and the
// rows above find it parsed. The finished model has no such head.

/// Rows of the head's matrix [claimScores(), width] (classscores.h).
std::int64_t claimScores();

/// What the prompts of drawPrompts claim (same arguments): a class of every attribute, in the order of Judged, or
/// kNotJudged: what a caption leaves open, subjects whose sides it does not say, and everything of a dropped prompt.
/// [count, kJudgedCount] int64.
at::Tensor drawClaims(std::uint64_t seed, SceneStream stream, std::uint64_t index, std::int64_t count, double drop,
                      std::uint64_t variant = 0);

/// Mean negative log-likelihood in nats of the claims that are made, read from hidden [batch, rows, width]: the mean of
/// that of the first row (which ends the prompt) and that of all rows. 0 where nothing is claimed. head
/// [claimScores(), width]; claims [batch, kJudgedCount].
at::Tensor claimLoss(const at::Tensor& head, const at::Tensor& hidden, const at::Tensor& claims);

} // namespace jacobi
