// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>
#include <cstdint>

#if defined(__CUDACC__)
#define JACOBI_HOST_DEVICE __host__ __device__
#else
#define JACOBI_HOST_DEVICE
#endif

namespace jacobi {

/// What a random number is for. Part of the counter, so two purposes never share a number.
enum class Purpose : std::uint32_t { Draw = 0, Accept = 1, Residual = 2, Redraw = 3, Initialise = 4, Noise = 5 };

/// Philox4x32-10 (Salmon et al., SC 2011, "Parallel random numbers: as easy as 1, 2, 3"): ten rounds
/// over a 128-bit counter with a 64-bit key. A pure function: safe from any thread, same on every device.
JACOBI_HOST_DEVICE constexpr std::array<std::uint32_t, 4> philox4x32(std::array<std::uint32_t, 4> c, std::uint64_t key)
{
    std::uint32_t k0 = static_cast<std::uint32_t>(key);
    std::uint32_t k1 = static_cast<std::uint32_t>(key >> 32);
    for (int round = 0; round < 10; ++round) {
        const std::uint64_t a = std::uint64_t{0xD2511F53U} * c[0];
        const std::uint64_t b = std::uint64_t{0xCD9E8D57U} * c[2];
        c = {static_cast<std::uint32_t>(b >> 32) ^ c[1] ^ k0, static_cast<std::uint32_t>(b),
             static_cast<std::uint32_t>(a >> 32) ^ c[3] ^ k1, static_cast<std::uint32_t>(a)};
        k0 += 0x9E3779B9U;
        k1 += 0xBB67AE85U;
    }
    return c;
}

/// The 24 high bits of a word as a number in the open interval (0, 1): exact in double, never 0 or 1. It takes 25 bits,
/// so that float32 rounds the largest to 1.
JACOBI_HOST_DEVICE constexpr double uniformFromBits(std::uint32_t x)
{
    return (static_cast<double>(x >> 8) + 0.5) * (1.0 / 16777216.0);
}

/// Counter-based random numbers of one picture. Key = its seed, counter = (position, pass, purpose, index / 4),
/// where index is the token code for noise over the vocabulary and 0 for a single uniform. Stateless.
struct CounterRandom {
    std::uint64_t seed = 0;

    /// Four uniforms at once: indices 4 * block .. 4 * block + 3.
    JACOBI_HOST_DEVICE std::array<double, 4> uniforms(std::uint32_t position, std::uint32_t pass, Purpose purpose,
                                                      std::uint32_t block) const
    {
        const auto x = philox4x32({position, pass, static_cast<std::uint32_t>(purpose), block}, seed);
        return {uniformFromBits(x[0]), uniformFromBits(x[1]), uniformFromBits(x[2]), uniformFromBits(x[3])};
    }

    JACOBI_HOST_DEVICE double uniform(std::uint32_t position, std::uint32_t pass, Purpose purpose,
                                      std::uint32_t index = 0) const
    {
        const auto x = philox4x32({position, pass, static_cast<std::uint32_t>(purpose), index / 4}, seed);
        return uniformFromBits(x[index % 4]);
    }
};

} // namespace jacobi
