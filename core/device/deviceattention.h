// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/error.h"
#include "core/cuda/deviceops.h"

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <string>
#include <vector>

namespace jacobi {

/// How the rows of a pass look at the cache.
enum class AttentionPath {
    Masked, ///< libtorch's public operation with a mask over the whole cache: any device, any type; reads every row
    Flash,  ///< its flash kernel, which reads the used rows only: a GPU, bfloat16
    /// Our kernel, which also shares the cache out among many blocks: DeviceOps::attend. In float32 it is batch-invariant.
    Shared
};

/// Sizes of one attention; rows: of every lane in a pass.
struct AttentionShape {
    std::int64_t lanes = 1;
    std::int64_t rows = 1;
    std::int64_t heads = 1;
    std::int64_t keyHeads = 1;
    std::int64_t headSize = 1;
    std::int64_t capacity = 1; ///< rows of a lane's cache
    /// Blocks that our kernel shares a cache among, up to 16; 0: what suits a large GPU. Not of float32.
    std::int64_t splits = 0;
};

/// Attention of a window against a static cache whose used lengths lie on the device: row k of a lane sees the lane's first
/// lengths + k + 1 rows. Nothing here depends on the lengths' values, so that a pass can be recorded as a graph once.
///
/// The flash path is a private function of libtorch (version 2.11): this is the one place that calls it. chooseAttention()
/// holds it, and our own, against the plain version before it is used, and Masked is always there instead.
class DeviceAttention {
public:
    DeviceAttention() = default;
    /// type: of the queries and caches. ops must outlive this.
    DeviceAttention(const DeviceOps& ops, const AttentionShape& shape, AttentionPath path, at::ScalarType type,
                    at::Device device);

    /// Once a pass. lengths: [lanes] int32 on the device, rows that each cache held before the pass; it must stay until the
    /// pass was made.
    void prepare(const at::Tensor& lengths);

    /// q [lanes * rows, heads * headSize]; keys, values [lanes, capacity, keyHeads, headSize], those of the pass already
    /// there. Returns the shape of q. kept gets every tensor that was written: a recorded pass writes to them again.
    /// stream: libtorch's current one. Error: of DeviceOps.
    Result<at::Tensor> attend(const at::Tensor& q, const at::Tensor& keys, const at::Tensor& values,
                              std::vector<at::Tensor>& kept, void* stream) const;

private:
    at::Tensor masked(const at::Tensor& q, const at::Tensor& keys, const at::Tensor& values,
                      std::vector<at::Tensor>& kept) const;
    at::Tensor flash(const at::Tensor& q, const at::Tensor& keys, const at::Tensor& values,
                     std::vector<at::Tensor>& kept) const;
    Result<at::Tensor> shared(const at::Tensor& q, const at::Tensor& keys, const at::Tensor& values,
                              std::vector<at::Tensor>& kept, void* stream) const;

    const DeviceOps* m_ops = nullptr;
    AttentionShape m_shape;
    AttentionPath m_path = AttentionPath::Masked;
    at::Tensor m_rowNumbers; ///< [1, 1, rows, 1] int32
    at::Tensor m_places;     ///< [1, 1, 1, capacity] int32
    at::Tensor m_limits;     ///< [lanes, 1, rows, 1] int32: the last place a row sees
    at::Tensor m_isHidden;   ///< [lanes, 1, rows, capacity] bool
    at::Tensor m_hidden;     ///< [] of the numbers' type: minus infinity
    at::Tensor m_seen;       ///< [] 0
    at::Tensor m_mask;       ///< [lanes, 1, rows, capacity] of the numbers' type: what is added to the scores
    at::Tensor m_used;       ///< [lanes] int32
    at::Tensor m_queryEnds;  ///< [lanes + 1] int32
    at::Tensor m_keyEnds;    ///< [lanes + 1] int32
    AttendJob m_job;         ///< of Shared, less what changes from layer to layer
    at::Tensor m_partials;
    at::Tensor m_out; ///< of Shared: every layer's, one after the other
};

/// Bytes of what Shared works in beside its result.
std::uint64_t sharedAttentionBytes(const AttentionShape& shape, at::ScalarType type);

/// The formula itself, in float64 on whatever device: the oracle of the paths. Shapes as in attend(); lengths [lanes].
at::Tensor plainAttention(const AttentionShape& shape, const at::Tensor& q, const at::Tensor& keys,
                          const at::Tensor& values, const at::Tensor& lengths);

/// Where attention is tried out: the table and the stream that libtorch uses on the device.
struct AttentionPlace {
    const DeviceOps* ops = nullptr;
    at::Device device = at::kCPU;
    void* stream = nullptr;
};

/// The largest difference of a path from plainAttention on random numbers of that type, with lanes of several lengths. May
/// throw what libtorch throws. Error: of DeviceOps.
Result<double> attentionError(const AttentionShape& shape, AttentionPath path, at::ScalarType type,
                              const AttentionPlace& place);

struct AttentionChoice {
    AttentionPath path = AttentionPath::Masked;
    std::string reason; ///< what speaks against the others; empty where nothing does
};
/// The clearly fastest, or else the first, of Shared, Flash and Masked that the device has and that agrees with the plain version on some lanes and places
/// of the shape. Of float32, Shared wherever it is right: that is what float32 is for. Takes some milliseconds.
AttentionChoice chooseAttention(const AttentionShape& shape, at::ScalarType type, const AttentionPlace& place);

} // namespace jacobi
