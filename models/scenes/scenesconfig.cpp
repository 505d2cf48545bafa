// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/scenes/scenesconfig.h"

#include <functional>
#include <nlohmann/json.hpp>
#include <numeric>

namespace jacobi {
namespace {

constexpr std::size_t kMaxWords = 65536;

tl::unexpected<Error> refuse(const std::string& entry, const std::string& why)
{
    return fail(ErrorCode::Corrupt,
                "The model's model.json cannot be used: config." + entry + " " + why + ". Install the model again.");
}

/// Reads one whole number within limits; a missing entry keeps its default.
Result<void> readSize(const nlohmann::json& json, const char* entry, std::int64_t least, std::int64_t most,
                      std::int64_t& value)
{
    const auto found = json.find(entry);
    if (found == json.end()) {
        return {};
    }
    if (!found->is_number_integer()) {
        return refuse(entry, "is not a whole number");
    }
    const auto number = found->get<std::int64_t>();
    if (number < least || number > most) {
        return refuse(entry, "is not between " + std::to_string(least) + " and " + std::to_string(most));
    }
    value = number;
    return {};
}

Result<void> readLevels(const nlohmann::json& json, std::vector<std::int64_t>& levels)
{
    const auto found = json.find("levels");
    if (found == json.end()) {
        return {};
    }
    if (!found->is_array() || found->empty() || found->size() > 8) {
        return refuse("levels", "is not a list of 1 to 8 numbers");
    }
    levels.clear();
    for (const nlohmann::json& level : *found) {
        if (!level.is_number_integer() || level.get<std::int64_t>() < 2 || level.get<std::int64_t>() > 64) {
            return refuse("levels", "has an entry that is not between 2 and 64");
        }
        levels.push_back(level.get<std::int64_t>());
    }
    return {};
}

} // namespace

std::int64_t ScenesConfig::codes() const
{
    return std::accumulate(levels.begin(), levels.end(), std::int64_t{1}, std::multiplies<>());
}

nlohmann::json toJson(const ScenesConfig& config)
{
    return {{"width", config.width},
            {"layers", config.layers},
            {"headSize", config.headSize},
            {"feed", config.feed},
            {"prefix", config.prefix},
            {"gridRows", config.gridRows},
            {"gridColumns", config.gridColumns},
            {"levels", config.levels},
            {"coarse", config.coarse},
            {"fine", config.fine},
            {"decoderMore", config.decoderMore},
            {"rotaryBase", config.rotaryBase}};
}

Result<ScenesConfig> scenesConfigFromJson(const nlohmann::json& json, std::vector<std::string> words)
{
    if (!json.is_object()) {
        return fail(ErrorCode::Corrupt, "The model's model.json cannot be used: config is not an object. Install the "
                                        "model again.");
    }
    if (words.empty() || words.size() > kMaxWords) {
        return fail(ErrorCode::Corrupt,
                    "The model's model.json cannot be used: its vocabulary is empty or has more than " +
                        std::to_string(kMaxWords) + " words. Install the model again.");
    }
    ScenesConfig config;
    config.words = std::move(words);
    struct Entry {
        const char* name;
        std::int64_t least;
        std::int64_t most;
        std::int64_t* value;
    };
    for (const Entry& entry : std::initializer_list<Entry>{
             {"width", 4, 4096, &config.width},
             {"layers", 1, 64, &config.layers},
             {"headSize", 4, 256, &config.headSize},
             {"feed", 1, 16384, &config.feed},
             {"prefix", 2, 512, &config.prefix},
             {"gridRows", 1, 64, &config.gridRows},
             {"gridColumns", 1, 64, &config.gridColumns},
             {"coarse", 8, 1024, &config.coarse},
             {"fine", 8, 1024, &config.fine},
             {"decoderMore", 0, 16, &config.decoderMore},
         }) {
        if (auto read = readSize(json, entry.name, entry.least, entry.most, *entry.value); !read) {
            return tl::unexpected(read.error());
        }
    }
    if (auto read = readLevels(json, config.levels); !read) {
        return tl::unexpected(read.error());
    }
    if (const auto base = json.find("rotaryBase"); base != json.end()) {
        if (!base->is_number() || !(base->get<double>() > 1.0) || !(base->get<double>() < 1e9)) {
            return refuse("rotaryBase", "is not a number above 1");
        }
        config.rotaryBase = base->get<double>();
    }
    if (config.headSize % 4 != 0 || config.width % config.headSize != 0) {
        return refuse("headSize", "does not divide the width, or is not a multiple of 4");
    }
    if (config.coarse % 8 != 0 || config.fine % 8 != 0) {
        return refuse("coarse", "and config.fine must be multiples of 8");
    }
    if (config.codes() > 65536) {
        return refuse("levels", "make more than 65536 codes");
    }
    return config;
}

} // namespace jacobi
