// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/trace/flowstrategy.h"

#include "core/base/printable.h"
#include "core/io/atomicfile.h"
#include "core/io/inputfile.h"
#include "core/io/jsonfields.h"
#include "core/io/jsontext.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>

namespace jacobi {
namespace {

constexpr std::array<std::string_view, 4> kMethods{"sequential", "jacobi", "segments", "front"};
constexpr std::array<std::string_view, 3> kStops{"rms", "max", "published"};
constexpr std::array<std::string_view, 3> kStarts{"input", "zeros", "fitted"};
constexpr std::uint32_t kMost = 1U << 20U; ///< of any count in the file
constexpr std::size_t kMaxFileBytes = 1U << 20U;

template <class Names>
std::string oneOf(const Names& names)
{
    std::string text;
    for (std::size_t i = 0; i < names.size(); ++i) {
        text += (i == 0 ? "" : i + 1 == names.size() ? " or " : ", ") + std::string(names[i]);
    }
    return text;
}

template <class Enum, class Names>
void choice(JsonFields& fields, const nlohmann::json& json, const char* key, const Names& names, Enum& value)
{
    if (!json.contains(key)) {
        return;
    }
    std::string text;
    fields.text(key, text, 64);
    const auto found = std::find(names.begin(), names.end(), text);
    if (found == names.end()) {
        fields.refuse(key, "must be " + oneOf(names));
    } else {
        value = static_cast<Enum>(found - names.begin());
    }
}

void refuseUnknown(JsonFields& fields, const nlohmann::json& json, std::initializer_list<std::string_view> known)
{
    for (const auto& [key, value] : json.items()) {
        if (std::find(known.begin(), known.end(), key) == known.end()) {
            fields.refuse(printable(key, 100), "is not a key of a strategy");
        }
    }
}

FlowBlockPlan readBlock(JsonFields& outer, const nlohmann::json& json, const std::string& what)
{
    FlowBlockPlan plan;
    JsonFields fields(json, what, JsonFields::Missing::Kept, ErrorCode::InvalidRequest);
    if (json.is_object()) {
        refuseUnknown(fields, json,
                      {"block", "method", "segments", "window", "maxPasses", "tolerance", "stop", "start"});
        for (const char* key : {"block", "method"}) {
            if (!json.contains(key)) {
                fields.refuse(key, "is missing in a block");
            }
        }
        choice(fields, json, "method", kMethods, plan.method);
        if (plan.method == FlowMethod::Segments && !json.contains("segments")) {
            fields.refuse("segments", "is missing in a block of that method");
        }
        if (plan.method == FlowMethod::Front && !json.contains("window")) {
            fields.refuse("window", "is missing in a block of that method");
        }
        fields.whole("block", plan.block, 0U, kMost);
        fields.whole("segments", plan.segments, 1U, kMost);
        fields.whole("window", plan.window, 1U, kMost);
        fields.whole("maxPasses", plan.maxPasses, 0U, kMost);
        fields.number("tolerance", plan.tolerance, 0.0, 1e6);
        choice(fields, json, "stop", kStops, plan.stop);
        choice(fields, json, "start", kStarts, plan.start);
    }
    outer.adopt(fields.error());
    return plan;
}

std::string blockText(const FlowBlockPlan& plan)
{
    return "The strategy's block " + std::to_string(plan.block);
}

nlohmann::json toJson(const FlowStrategy& strategy)
{
    nlohmann::json blocks = nlohmann::json::array();
    for (const FlowBlockPlan& plan : strategy.blocks) {
        nlohmann::json block{{"block", plan.block}, {"method", name(plan.method)}};
        if (plan.method == FlowMethod::Segments) {
            block["segments"] = plan.segments;
        }
        if (plan.method == FlowMethod::Front) {
            block["window"] = plan.window;
        }
        if (plan.method == FlowMethod::Segments || plan.method == FlowMethod::Jacobi) {
            block["maxPasses"] = plan.maxPasses;
        }
        if (plan.method != FlowMethod::Sequential) {
            block["tolerance"] = plan.tolerance;
            block["stop"] = name(plan.stop);
            block["start"] = name(plan.start);
        }
        blocks.push_back(std::move(block));
    }
    nlohmann::json json{
        {"schema", 1}, {"modelHash", strategy.modelHash}, {"batch", strategy.batch}, {"blocks", blocks}};
    if (strategy.overlaps()) {
        json["lag"] = strategy.lag;
    }
    return json;
}

} // namespace

std::string_view name(FlowMethod method)
{
    return kMethods[static_cast<std::size_t>(method)];
}

std::string_view name(FlowStop stop)
{
    return kStops[static_cast<std::size_t>(stop)];
}

std::string_view name(FlowStart start)
{
    return kStarts[static_cast<std::size_t>(start)];
}

Result<void> checkFlowStrategy(const FlowStrategy& strategy, std::uint32_t blocks, std::uint32_t tokens)
{
    if (strategy.blocks.size() != blocks) {
        return fail(ErrorCode::InvalidRequest, "The strategy has " + std::to_string(strategy.blocks.size()) +
                                                   " blocks, the model " + std::to_string(blocks) +
                                                   "; choose a strategy that was made for this model.");
    }
    for (std::uint32_t i = 0; i < blocks; ++i) {
        const FlowBlockPlan& plan = strategy.blocks[i];
        if (plan.block != i) {
            return fail(ErrorCode::InvalidRequest, "The strategy must name every block once, from 0 on; block " +
                                                       std::to_string(plan.block) + " stands in place " +
                                                       std::to_string(i) + ".");
        }
        if (plan.method == FlowMethod::Segments && (plan.segments < 1 || plan.segments > tokens)) {
            return fail(ErrorCode::InvalidRequest, blockText(plan) + " has " + std::to_string(plan.segments) +
                                                       " segments; choose 1 to " + std::to_string(tokens) + ".");
        }
        if (plan.method == FlowMethod::Front && plan.window < 1) {
            return fail(ErrorCode::InvalidRequest, blockText(plan) + " has a window of 0; choose 1 or more.");
        }
        if (!(plan.tolerance >= 0.0) || !std::isfinite(plan.tolerance)) {
            return fail(ErrorCode::InvalidRequest,
                        blockText(plan) + " has a tolerance that is no number from 0 on; choose 0 or more.");
        }
        if (strategy.overlaps() &&
            (plan.method != FlowMethod::Jacobi || plan.stop == FlowStop::Published || plan.maxPasses > 0)) {
            return fail(
                ErrorCode::InvalidRequest,
                blockText(plan) +
                    " cannot overlap with others: choose \"jacobi\" with the stop \"max\" or \"rms\" and no cap, "
                    "or leave out the lag.");
        }
    }
    return {};
}

Result<FlowStrategy> flowStrategyFromJson(std::string_view text, const std::string& what)
{
    const auto json = parseJson(text, what, 100'000);
    if (!json) {
        return tl::unexpected(json.error());
    }
    FlowStrategy strategy;
    JsonFields fields(*json, what, JsonFields::Missing::Kept, ErrorCode::InvalidRequest);
    if (json->is_object()) {
        refuseUnknown(fields, *json, {"schema", "modelHash", "batch", "lag", "blocks"});
        for (const char* key : {"schema", "blocks"}) {
            if (!json->contains(key)) {
                fields.refuse(key, "is missing");
            }
        }
    }
    int schema = 0;
    fields.whole("schema", schema, 1, 1);
    fields.text("modelHash", strategy.modelHash, 128);
    fields.whole("batch", strategy.batch, 0U, kMost);
    fields.whole("lag", strategy.lag, 0U, kMost);
    fields.list("blocks", 4096, [&](const nlohmann::json& block) {
        const FlowBlockPlan plan = readBlock(fields, block, what);
        if (!strategy.blocks.empty() && plan.block <= strategy.blocks.back().block) {
            fields.refuse("blocks", "must ascend by block: " + std::to_string(plan.block) + " comes after " +
                                        std::to_string(strategy.blocks.back().block));
        }
        strategy.blocks.push_back(plan);
    });
    if (fields.error()) {
        return tl::unexpected(*fields.error());
    }
    return strategy;
}

std::string flowStrategyToJson(const FlowStrategy& strategy)
{
    return jsonText(toJson(strategy), 1) + "\n";
}

std::string flowStrategyToLine(const FlowStrategy& strategy)
{
    return jsonText(toJson(strategy));
}

Result<FlowStrategy> readFlowStrategy(const std::filesystem::path& path)
{
    const auto bytes = readWholeFile(path, kMaxFileBytes);
    if (!bytes) {
        return tl::unexpected(bytes.error());
    }
    return flowStrategyFromJson({reinterpret_cast<const char*>(bytes->data()), bytes->size()},
                                "The strategy \"" + path.string() + "\"");
}

Result<void> writeFlowStrategy(const std::filesystem::path& path, const FlowStrategy& strategy)
{
    return writeFileAtomically(path, std::string_view(flowStrategyToJson(strategy)));
}

} // namespace jacobi
