// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/training/samplesheet.h"

#include "core/base/philox.h"
#include "core/io/png.h"

#include <ATen/ATen.h>
#include <c10/core/InferenceMode.h>

#include <span>

namespace jacobi {

Result<void> writeSampleSheet(const std::filesystem::path& path, const at::Tensor& pictures, std::int64_t columns)
{
    constexpr std::int64_t kGap = 2;
    const std::int64_t height = pictures.size(1);
    const std::int64_t width = pictures.size(2);
    const std::int64_t rows = (pictures.size(0) + columns - 1) / columns;
    at::Tensor sheet = at::full({rows * (height + kGap) - kGap, columns * (width + kGap) - kGap, 3}, 255, at::kByte);
    for (std::int64_t i = 0; i < pictures.size(0); ++i) {
        sheet.narrow(0, i / columns * (height + kGap), height)
            .narrow(1, i % columns * (width + kGap), width)
            .copy_(pictures.select(0, i));
    }
    return writePng(path, static_cast<std::uint32_t>(sheet.size(1)), static_cast<std::uint32_t>(sheet.size(0)),
                    std::span(sheet.const_data_ptr<std::uint8_t>(), static_cast<std::size_t>(sheet.numel())));
}

at::Tensor sampleCodes(ScenesModel& model, const std::vector<std::vector<std::int64_t>>& prompts, double guidance,
                       std::uint64_t seed)
{
    const c10::InferenceMode inference;
    const std::int64_t items = static_cast<std::int64_t>(prompts.size());
    const std::int64_t positions = model.layout().positions();
    const std::int64_t codes = model.layout().codes;
    at::Tensor result = at::zeros({items, positions}, at::kLong);
    at::Tensor tokens = at::zeros({items, 1}, at::kLong);
    at::Tensor gumbel = at::empty({items, codes}, at::kFloat);
    model.begin(prompts, 2, 1);
    for (std::int64_t position = 0; position < positions; ++position) {
        const at::Tensor logits = model.forward(tokens).select(2, 0);
        const at::Tensor conditional = logits.select(1, 0);
        const at::Tensor unconditional = logits.select(1, 1);
        for (std::int64_t item = 0; item < items; ++item) {
            const CounterRandom random{seed + static_cast<std::uint64_t>(item)};
            float* noise = gumbel.data_ptr<float>() + item * codes;
            for (std::int64_t code = 0; code < codes; ++code) {
                noise[code] = static_cast<float>(random.uniform(static_cast<std::uint32_t>(position), 0, Purpose::Draw,
                                                                static_cast<std::uint32_t>(code)));
            }
            model.commit(item, 1);
        }
        const at::Tensor guided = unconditional + guidance * (conditional - unconditional);
        const at::Tensor drawn = (guided - at::log(-at::log(gumbel))).argmax(-1);
        result.select(1, position).copy_(drawn);
        tokens.copy_(drawn.unsqueeze(1));
    }
    return result;
}

const std::vector<std::string>& sheetPrompts()
{
    static const std::vector<std::string> prompts{
        "a red house on the left and two green trees on the right on green hills at noon",
        "a red lighthouse on the right by the sea at night, clear sky with stars, the moon on the left",
        "three green cacti on the left in the desert at sunset, a purple balloon on the right",
        "two blue boats on the sea at dawn, sun on the left",
        "a yellow house on the right in front of snowy mountains, snow falling, dawn",
        "two orange trees on the right in the hills in autumn, the sun low on the left, some clouds",
        "a rainy day over the sea, a red bridge on the left",
        "a white windmill on the left, pink flowers on the right, a green meadow in spring, fog",
    };
    return prompts;
}

} // namespace jacobi
