// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/device/flownetwork.h"
#include "core/device/flownumbers.h"

#include <cstdint>
#include <memory>

namespace jacobi {

/// A flow whose network and numbers are on a device: what decoders see of FlowNetwork and FlowNumbers. A pass is put on
/// the stream as a whole, network and update; what comes back to the host is how much each token changed. Thread rule:
/// FlowModel.
class DeviceFlow final : public FlowModel {
public:
    explicit DeviceFlow(std::unique_ptr<FlowNetwork> network);

    const FlowLayout& layout() const override { return m_network->layout(); }
    at::ScalarType realType() const override { return m_network->realType(); }
    at::Device device() const override { return m_network->device(); }
    at::Tensor scaledLatent(const at::Tensor& latent) const override;
    at::Tensor fittedStart(std::int64_t block, const at::Tensor& z) const override;
    void begin(std::int64_t batch, const FlowCondition& condition, std::int64_t maxRows) override;
    void enterBlock(std::int64_t block) override { m_network->enterBlock(block); }
    std::unique_ptr<FlowIterate> iterate(const FlowUpdate& update, const at::Tensor& z,
                                         const at::Tensor& start) override;
    at::Tensor pass(const at::Tensor& x, std::int64_t first, std::int64_t count) override;

private:
    class Iterate;

    /// Network and update of a pass of so many rows.
    void enqueue(std::int64_t rows);

    std::unique_ptr<FlowNetwork> m_network;
    FlowRoom m_room;
    std::int64_t m_maxRows = 0;
    std::unique_ptr<FlowNumbers> m_numbers;
};

} // namespace jacobi
