// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/device/devicenoise.h"

#include "core/cuda/devicememory.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <vector>

namespace jacobi {
namespace {

constexpr std::int64_t kComparedAtOnce = 256; ///< positions, with every code

} // namespace

DeviceNoise::DeviceNoise(const NoiseDescription& noise, const DecodeSettings& settings, const TokenLayout& layout,
                         std::int64_t items, at::ScalarType real, at::Device device)
    : m_steps(settings.noiseSteps), m_refines(settings.variant.refines)
{
    if (m_steps == 0) {
        return;
    }
    const std::vector<NoiseLevel> levels = noiseLevels(noise.kind, m_steps);
    m_mostSigma = levels.back().sigma;
    std::vector<double> mixes;
    std::vector<double> times;
    for (const NoiseLevel& level : levels) {
        mixes.insert(mixes.end(), {level.alpha, level.sigma});
        times.push_back(level.time());
    }
    const auto there = [&](const at::Tensor& tensor) { return tensor.to(device, real).contiguous(); };
    const bool normalises = settings.variant.normalises;
    const at::Tensor& codes = noise.codes;
    const at::Tensor encoding = noise.encode(at::tensor(times, at::kDouble).to(codes.scalar_type()));
    m_levels = at::tensor(mixes, at::kDouble).to(device);
    m_codes = there(normalises ? (codes - noise.mean) / noise.deviation : codes);
    m_scale = there(normalises ? noise.deviation : at::ones_like(noise.deviation));
    m_shift = there(normalises ? encoding + noise.mean : encoding);
    const std::int64_t size = codes.size(1);
    const std::int64_t positions = layout.positions();
    m_fresh = at::empty({items, positions, size}, m_codes.options());
    m_rows = at::empty({items, std::int64_t{settings.window}, size}, m_codes.options());
    m_shown = at::zeros({items, positions}, m_codes.options().dtype(at::kInt));
}

NoiseView DeviceNoise::view() const
{
    NoiseView view;
    if (m_steps == 0) {
        return view;
    }
    static_assert(sizeof(NoiseMix) == 2 * sizeof(double));
    view.steps = m_steps;
    view.refines = m_refines ? 1 : 0;
    view.size = static_cast<std::uint32_t>(m_codes.size(1));
    view.levels = reinterpret_cast<const NoiseMix*>(m_levels.const_data_ptr<double>());
    view.codes = m_codes.const_data_ptr();
    view.scale = m_scale.const_data_ptr();
    view.shift = m_shift.const_data_ptr();
    view.fresh = m_fresh.mutable_data_ptr();
    view.shown = m_shown.const_data_ptr<std::int32_t>();
    view.rows = m_rows.mutable_data_ptr();
    return view;
}

Result<void> DeviceNoise::draw(const DeviceOps& ops, const WindowJob& job, void* stream)
{
    if (m_steps == 0) {
        return {};
    }
    if (const int code = ops.drawNoise(&job, stream); code != 0) {
        return tl::unexpected(deviceError(ops, code, "draw noise"));
    }
    // The nearest code: the largest of the products, less half of the code's own square.
    const at::Tensor halves = m_codes.square().sum(1) / 2;
    const at::Tensor all = m_fresh.view({-1, m_fresh.size(2)});
    const at::Tensor shown = m_shown.view({-1});
    for (std::int64_t from = 0; from < all.size(0); from += kComparedAtOnce) {
        const std::int64_t count = std::min(kComparedAtOnce, all.size(0) - from);
        const at::Tensor nearness = at::mm(all.narrow(0, from, count) * m_mostSigma, m_codes.t()) - halves;
        shown.narrow(0, from, count).copy_(nearness.argmax(1));
    }
    return {};
}

std::uint64_t DeviceNoise::bytesOf(std::int64_t numbers, const DecodeSettings& settings, const TokenLayout& layout,
                                   std::int64_t items, at::ScalarType real)
{
    if (settings.noiseSteps == 0) {
        return 0;
    }
    const auto size = static_cast<std::uint64_t>(numbers);
    const std::uint64_t codes = layout.codes;
    const auto each = static_cast<std::uint64_t>(c10::elementSize(real));
    const auto pictures = static_cast<std::uint64_t>(items);
    const std::uint64_t rows = pictures * (std::uint64_t{layout.positions()} + settings.window);
    const auto compared = static_cast<std::uint64_t>(kComparedAtOnce);
    return each * (size * (2 * codes + settings.noiseSteps + 2 + rows + compared) + compared * 2 * codes + codes) +
           pictures * layout.positions() * sizeof(std::int32_t);
}

} // namespace jacobi
