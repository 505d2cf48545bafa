// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/training/delayedloss.h"

#include <ATen/ATen.h>
#include <c10/core/impl/VirtualGuardImpl.h>

#include <utility>

namespace jacobi {

double DelayedLoss::after(const at::Tensor& loss)
{
    if (!loss.is_cuda()) {
        return loss.item<double>();
    }
    at::Tensor copy = at::empty({}, loss.options().device(at::kCPU).pinned_memory(true));
    copy.copy_(loss, true);
    c10::Event arrives(loss.device().type());
    arrives.record(c10::impl::VirtualGuardImpl(loss.device().type()).getStream(loss.device()));
    const at::Tensor before = std::exchange(m_copied, copy);
    std::optional<c10::Event> arrived = std::exchange(m_arrived, std::move(arrives));
    if (!arrived) { // the first step
        return loss.item<double>();
    }
    arrived->synchronize();
    return before.item<double>();
}

} // namespace jacobi
