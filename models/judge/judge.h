// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/error.h"
#include "models/judge/judgenetwork.h"

#include <filesystem>
#include <string>
#include <vector>

namespace jacobi {

// File names inside the judge's folder. It has no model.json: what generates pictures has, and is listed by it.
inline constexpr const char* kJudgeFile = "judge.json";
inline constexpr const char* kJudgeWeightsFile = "judge.safetensors";

/// The trained judge. One thread at a time.
class Judge {
public:
    /// weights: every tensor of judgeTensors(), float32.
    explicit Judge(TensorMap weights, std::string hash = {});

    /// Reads judge.json and the weights beside it. Errors are sentences for the user: no judge there, a file that is
    /// missing, cut or altered, a judge of other attributes than this program's.
    static Result<Judge> load(const std::filesystem::path& folder);

    // Pictures: [items, side, side, 3], uint8 or float32 in 0..1, of a size that judgeReads(). Any number of items: they
    // are looked at a few at a time.

    /// Logits of each attribute in the order of Judged: [items, classesOf(attribute)] float32.
    std::vector<at::Tensor> judge(const at::Tensor& pictures) const;

    /// The numbers the answers are made of, [items, kJudgeFeatures] float32: for a distance between sets of pictures.
    at::Tensor features(const at::Tensor& pictures) const;

    /// The likeliest class of every attribute. As in judgedValuesOf, what does not apply to what is seen is kNotJudged:
    /// a side without a subject has no colour.
    std::vector<JudgedValues> values(const at::Tensor& pictures) const;

    const std::string& hash() const { return m_hash; } ///< SHA-256 of judge.json

private:
    TensorMap m_weights;
    std::string m_hash;
};

/// Whether the judge reads pictures of this size: of 128 x 128 pixels as they are, of a multiple as the means of squares.
bool judgeReads(std::int64_t width, std::int64_t height);

/// [items, 3, height, width] float32 in 0..1 -> [items, height, width, 3] uint8.
at::Tensor bytesOfPictures(const at::Tensor& pictures);

/// Writes judge.safetensors (float16) and judge.json.
Result<void> exportJudge(const std::filesystem::path& folder, const TensorMap& weights);

} // namespace jacobi
