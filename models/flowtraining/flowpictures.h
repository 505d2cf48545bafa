// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "models/training/scenedata.h"
#include "models/training/scenejudged.h"

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <string>
#include <vector>

namespace jacobi {

inline constexpr int kDrawnSide = 128; ///< pixels pictures are drawn at, before they are averaged down

/// The built-in flow's classes: every time of day with every terrain, label = 4 * time + terrain.
inline constexpr std::int64_t kFlowClasses = 16;
std::int64_t flowLabelOf(const JudgedValues& values);
std::vector<std::string> flowClassNames(); ///< [kFlowClasses] "sea by day", "hills at sunset", ...

struct FlowPictures {
    at::Tensor pictures; ///< [count, 3, side, side] float32 in 0..1
    std::vector<std::int64_t> labels;
};

/// Examples index .. index + count - 1 of a stream, drawn at kDrawnSide and averaged over squares of pixels: what the
/// same picture is seen from further away, where drawing small would lose thin lines. side divides kDrawnSide.
FlowPictures drawFlowPictures(std::uint64_t seed, SceneStream stream, std::uint64_t index, std::int64_t count,
                              std::int64_t side);

/// The labels with a share of them dropped, -1; which ones depends on seed, stream and index alone.
std::vector<std::int64_t> withDropped(std::vector<std::int64_t> labels, std::uint64_t seed, SceneStream stream,
                                      std::uint64_t index, double drop);

/// What the flow models: pictures in [-1, 1] with Gaussian noise, which spreads a law over flat colours that has no
/// density of its own (TarFlow, section 2.4). Same seed, same noise.
at::Tensor noisyPictures(const at::Tensor& pictures, double noise, std::uint64_t seed);

} // namespace jacobi
