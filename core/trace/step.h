// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>
#include <cstdint>
#include <vector>

namespace jacobi {

/// What became of a position in a pass. The numbers are part of the trace file.
enum class TokenState : std::uint8_t {
    New = 0,       ///< a fresh draft entered the window after this pass; not yet read by the model
    Kept = 1,      ///< draft unchanged, not committed
    Redrawn = 2,   ///< draft replaced, not committed
    Accepted = 3,  ///< draft committed as it was
    Resampled = 4, ///< draft rejected, the replacement committed
    Bonus = 5,     ///< committed without a draft: the extra token after a fully accepted window, or sequential sampling
    Forced = 6,    ///< the layout left only one token
    Noisy = 7,     ///< a noisy embedding, not a token yet (SJD2)
    Converged = 8, ///< iterate within tolerance (flows, latent thoughts)
    Exited = 9,    ///< fixed by early exit (CEED)
};

/// One candidate of a row: code, its probability now (p) and under the distribution its draft came from (q).
struct Candidate {
    std::int32_t code = -1; ///< -1 marks an unused slot
    float p = 0.0F;
    float q = 0.0F;
    bool operator==(const Candidate&) const = default;
};
using Candidates = std::array<Candidate, 8>;

/// One pass over one window: what the network was asked, what was decided, what it cost. An immutable value.
///
/// Columns run over positions [begin, end); an empty column is absent. begin is the first position not committed
/// before the pass, end one past the last position of the window *after* the pass, so that the tokens of a picture
/// after pass k are the last value written for each position in steps 0..k. NaN in a float column means "not
/// evaluated in this pass".
///
/// Of a flow: lane is the block, which counts down from the last; pass counts the network's passes over the whole run, and
/// pictures may be in different blocks in one; begin, end and committedEnd restart in each block and, like the columns, run in
/// the block's own order (TraceLayout::rasterPosition). There are two columns. residual: by how much the position's numbers
/// changed in this pass, root mean square, or the largest where the block's plan stops by that; NaN where they were not
/// computed. state: Bonus (one by one) or Converged (within the tolerance, or exact) where the position is committed, else Kept
/// (did not change), Redrawn, or New (not computed yet). segment: of the block's plan; 0 where it has none.
struct Step {
    std::uint32_t item = 0;         ///< picture of the batch
    std::uint32_t pass = 0;         ///< zero-based forward of the network
    std::uint32_t lane = 0;         ///< block of a flow; 0 for tokens
    std::uint32_t segment = 0;
    std::uint32_t begin = 0;
    std::uint32_t end = 0;
    std::uint32_t committedEnd = 0; ///< positions [0, committedEnd) are final after this pass
    std::int64_t forwardNs = 0;     ///< network
    std::int64_t samplingNs = 0;    ///< guidance, warping, acceptance, redraw
    std::int64_t otherNs = 0;       ///< the rest of the pass: tracing, previews

    std::vector<std::int32_t> token; ///< code at the position after the pass
    std::vector<TokenState> state;
    std::vector<std::int32_t> draft; ///< code the pass tested; -1 where there was none
    std::vector<float> p;            ///< probability of the tested draft now (of the token itself where there was no draft)
    std::vector<float> q;            ///< probability of the draft under its label: the law it was drawn from
    std::vector<float> u;            ///< uniform of the acceptance test u * q < p
    std::vector<float> entropy;      ///< of the row's distribution, nats
    std::vector<float> residual;
    std::vector<float> noiseLevel;
    std::vector<Candidates> topK;

    bool operator==(const Step&) const = default;
};

} // namespace jacobi
