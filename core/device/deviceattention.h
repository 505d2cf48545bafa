// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <string>

namespace jacobi {

/// How the rows of a pass look at the cache.
enum class AttentionPath {
    Masked, ///< libtorch's public operation with a mask over the whole cache: any device, any type; reads every row
    Flash   ///< its flash kernel, which reads the used rows only: a GPU, bfloat16
};

/// Sizes of one attention; rows: of every lane in a pass.
struct AttentionShape {
    std::int64_t lanes = 1;
    std::int64_t rows = 1;
    std::int64_t heads = 1;
    std::int64_t keyHeads = 1;
    std::int64_t headSize = 1;
    std::int64_t capacity = 1; ///< rows of a lane's cache
};

/// Attention of a window against a static cache whose used lengths lie on the device: row k of a lane sees the lane's first
/// lengths + k + 1 rows. Nothing here depends on the lengths' values, so that a pass can be recorded as a graph once.
///
/// The flash path is a private function of libtorch (version 2.11): this is the one place that calls it, choosePath() holds
/// it against the plain version before it is used, and Masked is always there instead.
class DeviceAttention {
public:
    DeviceAttention() = default;
    DeviceAttention(const AttentionShape& shape, AttentionPath path, at::Device device);

    /// Once a pass. lengths: [lanes] int32 on the device, rows that each cache held before the pass.
    void prepare(const at::Tensor& lengths);

    /// q [lanes * rows, heads * headSize]; keys, values [lanes, capacity, keyHeads, headSize], those of the pass already
    /// there. Returns the shape of q.
    at::Tensor attend(const at::Tensor& q, const at::Tensor& keys, const at::Tensor& values) const;

private:
    at::Tensor masked(const at::Tensor& q, const at::Tensor& keys, const at::Tensor& values) const;
    at::Tensor flash(const at::Tensor& q, const at::Tensor& keys, const at::Tensor& values) const;

    AttentionShape m_shape;
    AttentionPath m_path = AttentionPath::Masked;
    at::Tensor m_rowNumbers; ///< [1, 1, rows, 1] int32
    at::Tensor m_places;     ///< [1, 1, 1, capacity] int32
    at::Tensor m_limits;     ///< [lanes, 1, rows, 1] int32: the last place a row sees
    at::Tensor m_mask;       ///< [lanes, 1, rows, capacity] bool
    at::Tensor m_used;       ///< [lanes] int32
    at::Tensor m_queryEnds;  ///< [lanes + 1] int32
    at::Tensor m_keyEnds;    ///< [lanes + 1] int32
};

/// The formula itself, in float64 on whatever device: the oracle of the paths. Shapes as in attend(); lengths [lanes].
at::Tensor plainAttention(const AttentionShape& shape, const at::Tensor& q, const at::Tensor& keys,
                          const at::Tensor& values, const at::Tensor& lengths);

/// The largest difference of a path from plainAttention on random numbers of that type, with lanes of several lengths. May
/// throw what libtorch throws.
double attentionError(const AttentionShape& shape, AttentionPath path, at::ScalarType type, at::Device device);

struct AttentionChoice {
    AttentionPath path = AttentionPath::Masked;
    std::string reason; ///< why it is not Flash; empty where it is
};
/// Flash where the device has it and it agrees with the plain version.
AttentionChoice chooseAttention(const AttentionShape& shape, at::ScalarType type, at::Device device);

} // namespace jacobi
