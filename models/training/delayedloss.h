// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <ATen/core/Tensor.h>
#include <c10/core/Event.h>

#include <optional>

namespace jacobi {

/// The loss of each step as a number. A GPU is still busy with a step when the CPU has put all of it on its stream: there the
/// number is that of the step before, so that the CPU goes on to the next one instead of waiting. One thread.
class DelayedLoss {
public:
    /// loss: of the step just put on the current stream, a number of any device.
    double after(const at::Tensor& loss);

private:
    at::Tensor m_copied; ///< on the CPU once m_arrived
    std::optional<c10::Event> m_arrived;
};

} // namespace jacobi
