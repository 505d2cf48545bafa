// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/cuda/splitsums.h"
#include "core/cuda/windowjob.h"

#include <cstdint>

namespace jacobi {

// What DeviceOps does for training: the pointwise steps between a layer's matrix products (core/decode/layers.h), forward
// and back, each one pass over its memory. As libtorch's operations they are some hundred kernels a layer, most of them
// copies, and take more than half of a training step.
//
// `type` is what matrix products are made in and stored as: Float32 or BFloat16. What is learnt, the residual stream and
// every gradient of them are float32. Rows are contiguous, all memory is aligned to 16 bytes, widths are multiples of 4
// and heads of 32, 64 or 128 numbers; of anything else a device says kDeviceNotSupported. Gradients of what all rows share
// are sums of `teams` parts, which the caller adds up: so their order is always the same.

/// sum = x + delta, y = sum / rms(sum) * scale. Up to 1024 numbers wide.
struct SumNormJob {
    NumberType type = NumberType::Float32; ///< of delta and y
    const float* x = nullptr;              ///< [rows, width]
    const void* delta = nullptr;           ///< the same, or null: nothing is added
    const float* scale = nullptr;          ///< [width]
    float* sum = nullptr;                  ///< [rows, width]; null without a delta
    void* y = nullptr;                     ///< [rows, width]
    float* inverse = nullptr;              ///< [rows] 1 / rms, for the way back
    std::uint32_t rows = 0, width = 0;
    double epsilon = 1e-6;
};

/// The gradient of what a SumNormJob was given.
struct SumNormBackJob {
    NumberType type = NumberType::Float32; ///< of dy and dDelta
    const float* sum = nullptr;            ///< what was normalised
    const float* inverse = nullptr;
    const float* scale = nullptr;
    const void* dy = nullptr;
    const float* dSum = nullptr; ///< what comes to the sum besides, or null
    float* dx = nullptr;
    void* dDelta = nullptr;  ///< the same numbers as dx; null: not wanted
    float* dScale = nullptr; ///< [teams, width]
    std::uint32_t rows = 0, width = 0, teams = 0;
};

/// How far apart neighbours lie, in numbers; the numbers of a head are contiguous. Multiples of 4.
struct HeadStrides {
    std::int64_t lane = 0, row = 0, head = 0;
};

/// qkv -> q, k and v: queries and keys normalised over the head, scaled, and rotated by halves.
struct SplitHeadsJob {
    NumberType type = NumberType::Float32;
    const void* qkv = nullptr;         ///< [lanes, rows, 3, heads, headSize]
    const float* queryScale = nullptr; ///< [headSize]
    const float* keyScale = nullptr;
    const float* cosine = nullptr; ///< [1 or lanes, rows, headSize / 2]
    const float* sine = nullptr;
    void* q = nullptr; ///< [lanes, rows, heads, headSize]
    void* k = nullptr;
    void* v = nullptr;
    std::uint32_t lanes = 0, rows = 0, heads = 0, headSize = 0;
    std::uint32_t hasTables = 0; ///< whether each lane has angles of its own
    double epsilon = 1e-6;
};

/// The gradient of what a SplitHeadsJob was given: its inputs again, and what came back.
struct SplitHeadsBackJob {
    SplitHeadsJob forward; ///< q, k and v are not looked at
    const void* dq = nullptr;
    const void* dk = nullptr;
    const void* dv = nullptr;
    HeadStrides strides[3];   ///< of dq, dk, dv
    void* dQkv = nullptr;     ///< as qkv
    float* dScales = nullptr; ///< [teams, 2, headSize]: of the queries' scale, of the keys'
    std::uint32_t teams = 0;
};

/// gateUp [rows, 2 * width] (gate, then up) -> y = silu(gate) * up [rows, width]. For decoding too: of any width and type.
struct GateJob {
    NumberType type = NumberType::Float32;
    const void* gateUp = nullptr;
    void* y = nullptr;
    std::uint32_t rows = 0;
    std::uint32_t width = 0;
    SplitSums gateUpSums = {}; ///< of bfloat16, in decoding: gateUp in parts
};

/// The gradient of GateJob.
struct GateBackJob {
    NumberType type = NumberType::Float32;
    const void* gateUp = nullptr; ///< [rows, 2 * width]
    const void* dy = nullptr;     ///< [rows, width]
    void* dGateUp = nullptr;
    std::uint32_t rows = 0, width = 0;
};

} // namespace jacobi
