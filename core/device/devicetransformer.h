// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/error.h"
#include "core/cuda/deviceops.h"
#include "core/device/deviceattention.h"
#include "core/device/devicematrix.h"
#include "core/device/networkdescription.h"

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

namespace jacobi {

/// A network's weights on a device. A value that shares its tensors; made once a model.
struct DeviceWeights {
    struct Block {
        at::Tensor attentionNorm, queryScale, keyScale, feedNorm;
        DeviceMatrix qkv, attentionOut, gateUp, down;
    };
    TransformerShape shape;
    DevicePrecision precision = DevicePrecision::Float32;
    at::Device device = at::kCPU;
    std::vector<Block> blocks;
    at::Tensor norm;
    DeviceMatrix head;
    at::Tensor table; ///< of the inputs

    at::ScalarType type() const { return realTypeOf(precision); }
    /// Bytes of the matrices that a pass reads.
    std::uint64_t matrixBytes() const;

    /// May throw what libtorch throws (out of memory). multiprocessors: as of DeviceMatrix.
    static DeviceWeights of(const NetworkDescription& network, DevicePrecision precision, at::Device device,
                            std::uint32_t multiprocessors = 0);
    /// Bytes of device memory that of() will take, at most.
    static std::uint64_t bytesOf(const TransformerShape& shape, std::int64_t tableRows, DevicePrecision precision);
    /// float32 that our products of n rows work in; of other numbers of rows it may be more or less.
    std::uint64_t partialFloats(std::int64_t n) const;
};

NumberType numberTypeOf(at::ScalarType type); ///< float32, float64 or bfloat16

/// What a pass is made of, for measuring: a pass of some parts only does these, on whatever the buffers hold.
enum class PassPart : std::uint32_t { Norms, Qkv, Places, Attention, AttentionOut, GateUp, Gates, Down, Head };
inline constexpr std::uint32_t kAllPassParts = (1U << (static_cast<std::uint32_t>(PassPart::Head) + 1)) - 1;

/// One network over static buffers: keys and values of every lane, and what a pass of up to maxRows rows a lane works in.
/// A pass is put on a stream and depends on the values in its buffers alone, so that it can be recorded as a graph.
///
/// The steps between the matrix products are the kernels of DeviceOps; on the CPU (hostOps()) the same code runs for
/// tests. Thread rule: one thread. c10::InferenceMode is held by the caller.
class DeviceTransformer {
public:
    struct Room {
        std::int64_t lanes = 1;
        std::int64_t maxRows = 1;
        std::int64_t capacity = 1; ///< rows of a lane's cache, those of the last pass included

        bool operator==(const Room&) const = default;
    };

    /// What passes of so many rows a lane work with beside the buffers. Recorded passes go on using it, so it outlives them.
    struct Pass {
        std::int64_t rows = 0;
        DeviceAttention attention;
        at::Tensor partials; ///< of products
    };

    DeviceTransformer(const DeviceOps& ops, const DeviceWeights& weights, RotaryTable rotary, const Room& room);

    const Room& room() const { return m_room; }
    const DeviceWeights& weights() const { return *m_weights; }
    /// Bytes of device memory that the buffers take.
    static std::uint64_t bytesOf(const TransformerShape& shape, const Room& room, DevicePrecision precision);

    /// For passes of so many rows a lane; the attention they will use.
    Pass makePass(std::int64_t rows, AttentionPath path) const;
    /// The pass that follows is one of these.
    void setPass(Pass pass) { m_pass = std::move(pass); }
    void setPass(std::int64_t rows, AttentionPath path) { setPass(makePass(rows, path)); }
    std::int64_t rows() const { return m_pass.rows; }

    /// [lanes * rows, width]: where the pass's inputs go.
    at::Tensor input() const { return m_x.narrow(0, 0, m_room.lanes * m_pass.rows); }

    /// Puts the blocks on the stream: input() becomes the rows after the last block, less its last addend. lengths [lanes]
    /// int32 on the device: rows each cache holds. logits: [lanes * rows, codes] for final norm and head, or undefined (the
    /// prompt). kept: tensors that must outlive a recorded graph are added. Error: of DeviceOps.
    Result<void> enqueue(const at::Tensor& lengths, at::Tensor logits, std::vector<at::Tensor>& kept, void* stream);

    /// Bits of PassPart. With all but some of them, results mean nothing.
    std::uint32_t parts = kAllPassParts;

private:
    bool has(PassPart part) const { return (parts >> static_cast<std::uint32_t>(part) & 1U) != 0; }
    Result<void> norm(const MadeProduct& delta, const at::Tensor& scale, const at::Tensor& y, void* stream);
    Result<void> place(const DeviceWeights::Block& block, std::size_t layer, const MadeProduct& qkv,
                       const at::Tensor& lengths, void* stream);
    Result<void> gate(const MadeProduct& gateUp, void* stream);
    at::Tensor some(const at::Tensor& buffer) const { return buffer.narrow(0, 0, m_room.lanes * m_pass.rows); }

    const DeviceOps* m_ops;
    const DeviceWeights* m_weights;
    Room m_room;
    Pass m_pass;
    RotaryTable m_rotary;                     ///< [capacity, headSize / 2] float32
    std::vector<at::Tensor> m_keys, m_values; ///< a layer: [lanes, capacity, keyHeads, headSize]
    // [lanes * maxRows, ...]
    at::Tensor m_x, m_y, m_delta, m_qkv, m_q, m_gateUp, m_inner;
};

} // namespace jacobi
