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
    std::vector<std::vector<double>> passes; ///< [levels][samples * batches * pictures of one] that each takes
    std::vector<std::vector<double>> error;  ///< [levels][samples * pictures] that is left in each
    std::size_t batch = 1;                   ///< pictures of one
};

/// Whether the pictures of a batch wait for each other in every block: it then goes on until all change little enough in one
/// pass. Otherwise each is left when it does itself (goesApart, core/decode/flowdecoder.h).
enum class BatchStop { Together, Apart };

/// curves: [batches][pictures of one] of one block. For latents that were not tried, each picture is looked at kLevelSamples
/// times, in batches put together anew and with tolerances that are a little off, as `seed` draws them: an iterate that
/// changed a little more would have been left.
inline constexpr std::size_t kLevelSamples = 4;
BlockLevels blockLevels(const std::vector<std::vector<BlockCurve>>& curves, BatchStop stop, std::uint64_t seed);

/// Passes of a batch at these levels, one after the other, mean over samples: those of its slowest picture over all blocks.
double batchPasses(const std::vector<BlockLevels>& blocks, const std::vector<std::size_t>& levels);

/// Chooses a level for each block so that a batch takes few passes and in no sample a picture's errors of all blocks add up to
/// more than its limit; of levels that take as many passes, the tightest. The tightest of all where the limits cannot be kept.
/// limits: [pictures].
std::vector<std::size_t> chooseLevels(const std::vector<BlockLevels>& blocks, const std::vector<double>& limits);

/// [pictures] what the errors of all blocks add up to at these levels, in the worst sample.
std::vector<double> summedErrors(const std::vector<BlockLevels>& blocks, const std::vector<std::size_t>& levels);

} // namespace jacobi
