// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/judge/judgepictures.h"

#include "core/base/base64.h"
#include "models/judge/adherencetally.h"
#include "models/judge/judge.h"
#include "models/training/captionreader.h"

#include <ATen/ATen.h>
#include <nlohmann/json.hpp>

#include <filesystem>
#include <string>
#include <system_error>
#include <vector>

namespace jacobi {
namespace {

constexpr std::int64_t kMostSide = 16'384;

Result<std::filesystem::path> judgeIn(const std::vector<std::string>& folders)
{
    for (const std::string& folder : folders) {
        const std::filesystem::path judge = std::filesystem::path(folder) / "judge";
        std::error_code ignored;
        if (std::filesystem::exists(judge / kJudgeFile, ignored)) {
            return judge;
        }
    }
    return fail(ErrorCode::NotFound, "There is no judge among the models. Install the program again.");
}

/// [1, height, width, 3] uint8
Result<at::Tensor> pictureOf(const nlohmann::json& picture)
{
    const auto width = picture.value("width", std::int64_t{0});
    const auto height = picture.value("height", std::int64_t{0});
    if (!judgeReads(width, height) || width > kMostSide) {
        return fail(ErrorCode::Unsupported,
                    "The judge looks at square pictures of 128 x 128 pixels or a multiple only.");
    }
    const auto bytes = fromBase64(picture.value("rgb", std::string()));
    if (!bytes || bytes->size() != static_cast<std::size_t>(width * height * 3)) {
        return fail(ErrorCode::InvalidRequest, "A picture to be judged is damaged.");
    }
    at::Tensor pixels = at::empty({1, height, width, 3}, at::kByte);
    std::copy(bytes->begin(), bytes->end(), pixels.mutable_data_ptr<std::uint8_t>());
    return pixels;
}

} // namespace

Result<nlohmann::json> judgePictures(const nlohmann::json& options)
{
    if (options.value("family", std::string()) != "scenes") {
        return fail(ErrorCode::Unsupported, "There is a judge for the built-in landscapes only.");
    }
    const auto folder = judgeIn(options.value("folders", std::vector<std::string>()));
    if (!folder) {
        return tl::unexpected(folder.error());
    }
    std::vector<at::Tensor> pictures;
    for (const nlohmann::json& one : options.value("pictures", nlohmann::json::array())) {
        auto picture = pictureOf(one);
        if (!picture) {
            return tl::unexpected(picture.error());
        }
        pictures.push_back(std::move(*picture));
    }
    nlohmann::json found = nlohmann::json::array();
    if (pictures.empty()) {
        return nlohmann::json{{"pictures", found}};
    }
    const Result<Judge> judge = Judge::load(*folder);
    if (!judge) {
        return tl::unexpected(judge.error());
    }
    const SceneClaims claims = readCaption(options.value("prompt", std::string()));
    for (const JudgedValues& seen : judge->values(at::cat(pictures))) {
        const ClaimScore score = scoreClaims(claims, seen);
        found.push_back(
            {{"stated", score.stated}, {"met", score.met}, {"missed", AdherenceTally::missed(claims, seen)}});
    }
    return nlohmann::json{{"pictures", std::move(found)}};
}

} // namespace jacobi
