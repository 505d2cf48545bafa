// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace jacobi {

/// One picture's way through one block by plain Jacobi.
struct BlockCurve {
    std::vector<double> change; ///< [passes] largest change in each pass
    std::vector<double> error;  ///< [passes] what leaving the block after it would do to the picture
};

/// Every change from 2 down to 1e-4, sixteen to a factor of ten; loosest first.
std::vector<double> triedTolerances();

/// What a block takes and leaves at each tolerance of triedTolerances().
struct BlockLevels {
    std::vector<double> passes;             ///< [levels] of a batch, mean over samples
    std::vector<std::vector<double>> error; ///< [levels][samples * pictures] that is left
};

/// curves: [batches][pictures of one] of one block. A batch goes on until all its pictures change little enough in one
/// pass. For latents that were not tried, each picture is looked at kLevelSamples times, in batches put together anew and
/// with tolerances that are a little off, as `seed` draws them: an iterate that changed a little more would have been left.
inline constexpr std::size_t kLevelSamples = 4;
BlockLevels blockLevels(const std::vector<std::vector<BlockCurve>>& curves, std::uint64_t seed);

/// Chooses a level for each block so that passes are few and in no sample a picture's errors of all blocks add up to more
/// than its limit; of levels that take as many passes, the tightest. The tightest of all where the limits cannot be kept.
/// limits: [pictures].
std::vector<std::size_t> chooseLevels(const std::vector<BlockLevels>& blocks, const std::vector<double>& limits);

/// [pictures] what the errors of all blocks add up to at these levels, in the worst sample.
std::vector<double> summedErrors(const std::vector<BlockLevels>& blocks, const std::vector<std::size_t>& levels);

} // namespace jacobi
