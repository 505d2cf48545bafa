// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "models/training/scenedata.h"

namespace jacobi {

// Most of what there is to learn about a code is texture; what it is a code of, a sun or the second of three houses, is a
// small part of its surprise, and is learnt late. While the transformer trains, a second head two thirds of the way up
// tells from the row that predicts a code what stands in its patch and below, and how much of what the caption asks for
// has not yet begun (scenemap.h). The same knowledge decides the code; the head makes the rows hold it early. Unlike
// weights on the codes' losses it leaves the law alone. The finished model has no such head.

/// Rows of the head's matrix [mapScores(), width] (classscores.h).
std::int64_t mapScores();

/// Sum over the questions of the mean negative log-likelihood in nats of their classes, read from hidden
/// [batch, positions, width]. head [mapScores(), width]; maps [batch, kMappedCount, positions] int64.
at::Tensor mapLoss(const at::Tensor& head, const at::Tensor& hidden, const at::Tensor& maps);

} // namespace jacobi
