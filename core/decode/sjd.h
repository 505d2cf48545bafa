// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/decode/decoder.h"

namespace jacobi {

/// Speculative Jacobi Decoding (SJD, 2410.01699): W rows a pass, the longest run of drafts that the model's own law
/// accepts is committed. Lossless: the law of the result is that of sequential sampling (coupling.h says why).
/// Several pictures share the passes of the network, each with a window of its own. At temperature 0 this is greedy
/// Jacobi iteration. Null where the coupling or initialisation does not exist.
std::unique_ptr<Decoder> makeSjdDecoder(const DecodeSettings& settings, TokenModel& model);

} // namespace jacobi
