// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/decode/decoder.h"

namespace jacobi {

/// Ancestral sampling, one token a pass: the oracle of every test and the baseline of every figure. Draws
/// argmax(log p + g) with the position's own noise.
std::unique_ptr<Decoder> makeSequentialDecoder(const DecodeSettings& settings, TokenModel& model);

} // namespace jacobi
