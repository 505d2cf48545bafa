// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/decode/packedmatrix.h"

#include "core/decode/rowproductkernel.h"

#include <ATen/ATen.h>
#include <ATen/Dispatch.h>
#include <ATen/Parallel.h>

#include <algorithm>
#include <vector>

namespace jacobi {
namespace {

constexpr std::int64_t kWorthAThread = 1 << 18; // multiplications

} // namespace

PackedMatrix::PackedMatrix(const at::Tensor& matrix) : m_outputs(matrix.size(0)), m_inputs(matrix.size(1))
{
    const at::Tensor plain = matrix.contiguous();
    AT_DISPATCH_FLOATING_TYPES(plain.scalar_type(), "PackedMatrix", [&] {
        m_panels = at::empty({kernels::panelCount<scalar_t>(m_outputs), m_inputs, kernels::kPanel<scalar_t>},
                             plain.options());
        kernels::packPanels(plain.const_data_ptr<scalar_t>(), m_outputs, m_inputs, m_panels.data_ptr<scalar_t>());
    });
}

at::Tensor PackedMatrix::multiply(const at::Tensor& x) const
{
    TORCH_CHECK(x.size(-1) == m_inputs && x.scalar_type() == m_panels.scalar_type(), "the rows do not fit the matrix");
    const at::Tensor plain = x.contiguous();
    std::vector<std::int64_t> sizes = plain.sizes().vec();
    sizes.back() = m_outputs;
    at::Tensor y = at::empty(sizes, plain.options());
    multiplyInto(plain, plain.numel() / m_inputs, y);
    return y;
}

void PackedMatrix::multiplyInto(const at::Tensor& x, std::int64_t rows, at::Tensor& y) const
{
    AT_DISPATCH_FLOATING_TYPES(m_panels.scalar_type(), "PackedMatrix", [&] {
        const auto* from = x.const_data_ptr<scalar_t>();
        auto* to = y.mutable_data_ptr<scalar_t>();
        const std::int64_t ofPanel = std::max<std::int64_t>(1, rows * m_inputs * kernels::kPanel<scalar_t>);
        at::parallel_for(0, m_panels.size(0), std::max<std::int64_t>(2, kWorthAThread / ofPanel),
                         [&](std::int64_t first, std::int64_t last) {
                             kernels::rowProduct(from, rows, m_inputs, m_panels.const_data_ptr<scalar_t>(), m_outputs,
                                                 first, last, to);
                         });
    });
}

} // namespace jacobi
