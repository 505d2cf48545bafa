// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/decode/flowmodel.h"

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <memory>

namespace jacobi {

/// What the rows of a pass read, by places: tokens 0 .. tokens - 1 of the block, and scrap places after them, which rows
/// past the last one that was asked for read and write instead. All on the device; no value of it is known to the host.
struct FlowRows {
    at::Tensor places; ///< [rows] int64, each once
    at::Tensor mask;   ///< [rows, places] of the real type: 0 where the row may look, else -infinity
};

/// Room for passes: lanes are pictures in a branch, the guided ones first.
struct FlowRoom {
    std::int64_t batch = 1;
    std::int64_t branches = 1;
    std::int64_t places = 1; ///< tokens and scrap

    std::int64_t lanes() const { return batch * branches; }
    bool operator==(const FlowRoom&) const = default;
};

/// A flow's network on a device, as its family hands it over: operations of libtorch, over caches and conditions that stay
/// where they are. The CPU is a device like any other. Thread rule: FlowModel; likewise its
/// InferenceMode.
class FlowNetwork {
public:
    virtual ~FlowNetwork() = default;

    virtual const FlowLayout& layout() const = 0;
    virtual at::ScalarType realType() const = 0;
    virtual at::Device device() const = 0;

    /// As FlowModel, for tensors on the device.
    virtual at::Tensor scaledLatent(const at::Tensor& latent) const = 0;
    virtual at::Tensor fittedStart(std::int64_t block, const at::Tensor& z) const = 0;

    /// A network of the same weights that makes one pass of all blocks at once, each with a cache of its own: x is
    /// [blocks * batch, places, channels] there, what comes back [branches, blocks * batch, rows, outputs], the pictures of block 0
    /// first; room and condition are one block's. It holds the weights once more. Null where there is none.
    virtual std::unique_ptr<FlowNetwork> stacked() const { return nullptr; }
    virtual bool canStack() const { return false; }

    /// Forgets what it had, and allocates.
    virtual void makeRoom(const FlowRoom& room) = 0;
    /// What the following blocks are asked for; its labels and branches fit the room.
    virtual void setCondition(const FlowCondition& condition) = 0;
    /// The following passes are this block's, or with all at once it takes part in them; its cache holds zeros.
    virtual void enterBlock(std::int64_t block) = 0;

    /// Puts one pass of the block on the current stream: x [batch, places, channels] is read at rows.places, keys and values
    /// are kept there. Returns [branches, batch, rows, outputs]. It waits for nothing, and depends on the values in
    /// its buffers alone.
    virtual at::Tensor enqueue(const at::Tensor& x, const FlowRows& rows) = 0;
};

} // namespace jacobi
