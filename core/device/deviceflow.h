// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/cuda/deviceops.h"
#include "core/device/deviceflowchain.h"
#include "core/device/flowbuffers.h"
#include "core/device/flownetwork.h"

#include <cstdint>
#include <memory>
#include <string>

namespace jacobi {

/// A flow whose network and numbers are on a device: what decoders see of FlowNetwork and FlowNumbers. A pass is put on
/// libtorch's stream as a whole, network and update; what comes back to the host is how much each token changed.
///
/// Where a decoder says which pass will follow, it is put on the stream before the host waits for the one before it: the device
/// sees for itself whether that one was the last (FlowNext), and does nothing then.
///
/// Passes that come again are recorded as graphs (FlowRecordings). Thread rule: FlowModel. Throws what libtorch throws, and
/// DeviceFailure for what DeviceOps reports.
class DeviceFlow final : public FlowModel {
public:
    /// ops and the network's device belong together, as DeviceModel has it; the table must outlive it.
    DeviceFlow(const DeviceOps& ops, std::unique_ptr<FlowNetwork> network);

    const FlowLayout& layout() const override { return m_run.network->layout(); }
    at::ScalarType realType() const override { return m_run.network->realType(); }
    at::Device device() const override { return m_run.network->device(); }
    at::Tensor scaledLatent(const at::Tensor& latent) const override;
    at::Tensor fittedStart(std::int64_t block, const at::Tensor& z) const override;
    std::shared_ptr<FlowChain> chain() override;
    bool hasChain() const override { return m_run.network->canStack(); }
    void begin(std::int64_t batch, const FlowCondition& condition, std::int64_t maxRows) override;
    void enterBlock(std::int64_t block) override;
    std::unique_ptr<FlowIterate> iterate(const FlowUpdate& update, const at::Tensor& z,
                                         const at::Tensor& start) override;
    at::Tensor pass(const at::Tensor& x, std::int64_t first, std::int64_t count) override;

    /// For measurements and checks: whether to record passes as graphs.
    void setWantsGraphs(bool wants);
    bool runsAhead = true;      ///< false: the host waits for every pass before the next is put on the stream
    std::size_t graphs() const; ///< recorded and kept
    const std::string& whyNoGraph() const; ///< the last reason, or empty
    bool wasRefused() const;               ///< whether a pass could not be recorded on a device that has graphs

private:
    class Iterate;

    /// A pass that was put on the stream.
    struct Flight {
        FlowRange range;
        std::int64_t rows = 0;
        FlowSlots::Slot* slot = nullptr;
    };
    Flight launch(const FlowRange& range, bool isOptional, const FlowNext& limits);
    /// Waits for it. False where it did nothing. isLast: nothing was put on the stream after it.
    bool land(const Flight& flight, bool isLast, FlowIterate::Changes& changes);

    /// Network and update on the current stream.
    void enqueue(std::int64_t rows);

    FlowBuffers m_run;
    std::int64_t m_block = 0;
    std::shared_ptr<DeviceFlowChain> m_chain; ///< once somebody wanted it
};

} // namespace jacobi
