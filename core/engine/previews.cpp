// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/engine/previews.h"

#include <ATen/ATen.h>

#include <algorithm>

namespace jacobi {
namespace {

constexpr std::uint8_t kGrey = 128;

bool isCode(const TraceLayout& layout, std::span<const std::int64_t> tokens, std::uint32_t position)
{
    return position < tokens.size() && tokens[position] >= 0 && tokens[position] < layout.codes;
}

void paintGrey(Preview& preview, const TraceLayout& layout, std::uint32_t position)
{
    const std::size_t left = std::size_t{position % layout.columns} * preview.width / layout.columns;
    const std::size_t right = std::size_t{position % layout.columns + 1} * preview.width / layout.columns;
    const std::size_t top = std::size_t{position / layout.columns} * preview.height / layout.rows;
    const std::size_t bottom = std::size_t{position / layout.columns + 1} * preview.height / layout.rows;
    for (std::size_t y = top; y < bottom; ++y) {
        const auto row = preview.rgb.begin() + static_cast<std::ptrdiff_t>(y * preview.width * 3);
        std::fill(row + static_cast<std::ptrdiff_t>(left * 3), row + static_cast<std::ptrdiff_t>(right * 3), kGrey);
    }
}

} // namespace

std::uint32_t PreviewPlan::tenth(std::uint32_t committedEnd) const
{
    return static_cast<std::uint32_t>(std::uint64_t{committedEnd} * 10 / std::max(1U, m_positions));
}

bool PreviewPlan::isDue(std::size_t item, std::uint32_t committedEnd, std::int64_t elapsedNs) const
{
    return committedEnd < m_positions && tenth(committedEnd) > m_lastTenth[item] &&
           isWithinPreviewBudget(m_spentNs + m_expectedNs, elapsedNs);
}

void PreviewPlan::made(std::size_t item, std::uint32_t committedEnd, std::int64_t costNs)
{
    m_lastTenth[item] = tenth(committedEnd);
    m_spentNs += costNs;
    m_expectedNs = costNs;
}

Preview decodePreview(Detokenizer& detokenizer, const TraceLayout& layout, std::span<const std::int64_t> tokens)
{
    const std::uint32_t positions = layout.positions();
    at::Tensor codes = at::zeros({1, positions}, at::kLong); // [1, positions] int64
    for (std::uint32_t i = 0; i < positions; ++i) {
        if (isCode(layout, tokens, i)) {
            codes.mutable_data_ptr<std::int64_t>()[i] = tokens[i];
        }
    }
    const at::Tensor picture = detokenizer.decode(codes).contiguous(); // [1, height, width, 3] uint8
    TORCH_CHECK(picture.dim() == 4 && picture.size(0) == 1 && picture.size(3) == 3 &&
                    picture.scalar_type() == at::kByte,
                "the detokenizer returned no picture");
    Preview preview;
    preview.height = static_cast<std::uint32_t>(picture.size(1));
    preview.width = static_cast<std::uint32_t>(picture.size(2));
    const auto* pixels = picture.const_data_ptr<std::uint8_t>();
    preview.rgb.assign(pixels, pixels + picture.numel());
    for (std::uint32_t i = 0; i < positions; ++i) {
        if (!isCode(layout, tokens, i)) {
            paintGrey(preview, layout, i);
        }
    }
    return preview;
}

} // namespace jacobi
