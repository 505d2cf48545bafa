// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/cuda/deviceops.h"
#include "core/decode/flowchain.h"
#include "core/device/flowbuffers.h"
#include "core/device/flownetwork.h"

#include <cstdint>
#include <memory>
#include <vector>

namespace jacobi {

/// All blocks of a flow at once on a device. The numbers of all lie in one FlowNumbers, block by block, and a pass is one of the
/// network that holds the weights of all: as many steps on the stream as a pass of one block has. What each block has is given to
/// the one after it by the same pass; a block that does not take part is left as it is. Where blocks are asked for passes over
/// different tokens, as many passes are made.
///
/// Thread rule: FlowModel. Throws as DeviceFlow.
class DeviceFlowChain final : public FlowChain {
public:
    /// network: FlowNetwork::stacked(). ops: DeviceFlow.
    DeviceFlowChain(const DeviceOps& ops, std::unique_ptr<FlowNetwork> network);

    const FlowLayout& layout() const override { return m_run.network->layout(); }
    bool joins() const override { return true; }
    void begin(std::int64_t batch, const FlowCondition& condition, std::int64_t maxRows) override;
    at::Tensor fittedStart(std::int64_t block, const at::Tensor& z) const override;
    std::unique_ptr<FlowIterate> iterate(std::int64_t block, const FlowUpdate& update, const at::Tensor& z,
                                         const at::Tensor& start) override;

    FlowRecordings& recordings() { return m_run.recordings; }

private:
    class Iterate;

    /// What a block that takes part in the next pass was told.
    struct Turn {
        FlowRange range;
        bool isJoined = false;
        bool receives = false;
    };

    /// The pass of all that joined.
    void pass();
    /// Of those that joined with this range, after each that receives has what the block before it had.
    void passOver(const FlowRange& range, bool handsOver);
    void enqueue(std::int64_t rows);
    void enqueueHandOver();
    /// The numbers of all blocks [blocks, batch, tokens, channels].
    at::Tensor blockByBlock(const at::Tensor& numbers) const;

    std::int64_t m_blocks;
    at::Tensor m_order;        ///< [blocks - 1, tokens] int64: where a block finds its token in the one before it
    at::Tensor m_flags;        ///< [2, blocks] float64: whether a block works, and whether it receives
    at::Tensor m_firstChanges; ///< [2, blocks, batch] float64 of token 0: squares, largest
    FlowBuffers m_run;         ///< goes first: it waits for what is in flight

    std::vector<Turn> m_turns;                   ///< [blocks]
    std::vector<FlowIterate::Changes> m_changes; ///< [blocks], of the last pass
    std::int64_t m_passNs = 0;
};

} // namespace jacobi
