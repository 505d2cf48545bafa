// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/trace/flowpresets.h"

#include <algorithm>

namespace jacobi {
namespace {

constexpr const char* kSejd = "sejd";
constexpr const char* kLastTough = "last-8-32-10";
constexpr const char* kFirstAndLastTough = "first/last-8-32-20";
constexpr std::uint32_t kPublishedBlocks = 8;

/// The lists of a published setting begin with the block that is sampled first, the last one.
FlowPreset published(std::string name, std::string model, const std::vector<std::uint32_t>& segments,
                     const std::vector<std::uint32_t>& caps, const std::vector<int>& zeros, double guidance,
                     double temperature, double multiplier)
{
    FlowPreset preset{std::move(name), std::move(model), {}, guidance, temperature, multiplier, 3.0};
    for (std::size_t i = segments.size(); i-- > 0;) {
        FlowBlockPlan plan;
        plan.block = static_cast<std::uint32_t>(segments.size() - 1 - i);
        plan.method = segments[i] == 0   ? FlowMethod::Sequential
                      : segments[i] == 1 ? FlowMethod::Jacobi
                                         : FlowMethod::Segments;
        plan.segments = std::max(1U, segments[i]);
        plan.maxPasses = segments[i] == 0 ? 0 : caps[i];
        plan.tolerance = 1e-6;
        plan.stop = FlowStop::Published;
        plan.start = zeros[i] != 0 ? FlowStart::Zeros : FlowStart::Input;
        preset.strategy.blocks.push_back(plan);
    }
    return preset;
}

/// Plain Jacobi of up to `cap` passes, `tough` blocks in 8 segments of up to 32.
FlowStrategy likePublished(std::uint32_t blocks, std::uint32_t tokens, std::uint32_t cap,
                           const std::vector<std::uint32_t>& tough)
{
    FlowStrategy strategy;
    for (std::uint32_t block = 0; block < blocks; ++block) {
        const bool isTough = std::find(tough.begin(), tough.end(), block) != tough.end();
        FlowBlockPlan plan;
        plan.block = block;
        plan.method = isTough ? FlowMethod::Segments : FlowMethod::Jacobi;
        plan.segments = isTough ? std::min(8U, tokens) : 1U;
        plan.maxPasses = isTough ? 32 : cap;
        plan.tolerance = 1e-6;
        plan.stop = FlowStop::Published;
        strategy.blocks.push_back(plan);
    }
    return strategy;
}

} // namespace

std::vector<FlowPreset> publishedPresets()
{
    return {
        published("6-8-32-10", "ImageNet 128, patch 4", {1, 8, 1, 1, 1, 1, 1, 1}, {10, 32, 10, 10, 10, 10, 10, 10},
                  {0, 1, 0, 0, 0, 0, 1, 0}, 1.5, 1.0, 0.97),
        published("7-8-32-10", "AFHQ 256, patch 8", {8, 1, 1, 1, 1, 1, 1, 1}, {32, 10, 10, 10, 10, 10, 10, 10},
                  {0, 0, 0, 0, 0, 1, 1, 0}, 3.4, 1.0, 1.4),
        published("0/6-8-32-20", "ImageNet 64 without classes, patch 2", {1, 8, 1, 1, 1, 1, 1, 8},
                  {20, 32, 20, 20, 20, 20, 20, 32}, {0, 1, 0, 0, 1, 0, 1, 1}, 0.2, 0.3, 0.9),
        published("0/7-256/8-1/13-6", "ImageNet 64, patch 4", {8, 1, 1, 1, 1, 1, 1, 0}, {13, 6, 6, 6, 6, 6, 6, 1},
                  {1, 0, 0, 0, 0, 1, 1, 1}, 2.0, 1.0, 1.0),
    };
}

FlowStrategy sejdStrategy(std::uint32_t blocks)
{
    FlowStrategy strategy;
    for (std::uint32_t block = 0; block < blocks; ++block) {
        FlowBlockPlan plan;
        plan.block = block;
        if (block + 1 < blocks) {
            plan.method = FlowMethod::Jacobi;
            plan.tolerance = 0.5;
            plan.stop = FlowStop::Max;
            plan.start = FlowStart::Zeros;
        }
        strategy.blocks.push_back(plan);
    }
    return strategy;
}

std::vector<std::pair<std::string, FlowStrategy>> flowPresets(std::uint32_t blocks, std::uint32_t tokens)
{
    std::vector<std::pair<std::string, FlowStrategy>> presets{{kSejd, sejdStrategy(blocks)}};
    if (blocks == kPublishedBlocks) {
        for (FlowPreset& preset : publishedPresets()) {
            if (checkFlowStrategy(preset.strategy, blocks, tokens)) {
                presets.emplace_back(std::move(preset.name), std::move(preset.strategy));
            }
        }
        return presets;
    }
    presets.emplace_back(kLastTough, likePublished(blocks, tokens, 10, {blocks - 1}));
    presets.emplace_back(kFirstAndLastTough, likePublished(blocks, tokens, 20, {0, blocks - 1}));
    return presets;
}

bool isFlowPreset(std::string_view name)
{
    const std::vector<FlowPreset> published = publishedPresets();
    return name == kSejd || name == kLastTough || name == kFirstAndLastTough ||
           std::ranges::find(published, name, &FlowPreset::name) != published.end();
}

} // namespace jacobi
