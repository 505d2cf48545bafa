// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>

namespace jacobi {

/// Which batch a step of training learns from where each drawn batch is learnt from several times, under other captions: a card
/// learns faster than a few cores draw.
struct BatchView {
    std::int64_t number = 0; ///< of the batch, in the order of drawing
    std::int64_t view = 0;   ///< how often it was learnt from before, on its regular turn
    std::int64_t newest = 0; ///< the last batch that is drawn by then
};

/// So many newer batches are drawn before a batch comes back.
inline constexpr std::int64_t kViewDistance = 128;

/// Every views-th step takes a new batch, those between older ones. Until there are old ones, earlier ones come back
/// sooner. A function of the step alone, so that training goes on where it was stopped.
constexpr BatchView batchViewOf(std::int64_t step, std::int64_t views)
{
    const std::int64_t newest = step / views;
    const std::int64_t view = step % views;
    const std::int64_t turn = newest - view * kViewDistance;
    const std::int64_t drawn = newest + 1;
    return {turn >= 0 ? turn : (turn % drawn + drawn) % drawn, view, newest};
}

/// How many batches, from the newest back, a step can ask for.
constexpr std::int64_t keptBatches(std::int64_t views)
{
    return (views - 1) * kViewDistance + 1;
}

} // namespace jacobi
