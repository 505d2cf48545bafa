// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/error.h"

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <string>

namespace jacobi {

inline constexpr int kAutoWindow = -1;           ///< "auto": the fastest here, measured once and remembered
inline constexpr const char* kAutoName = "auto"; ///< the same for an initialisation, and in JSON for the window
inline constexpr int kUsualNoiseSteps = 1;     ///< of sjd2
inline constexpr int kMostPictures = 64;         ///< of one run

/// Everything that decides the result, and nothing else. A value; the same request on the same device gives
/// the same trace, timings and previews apart. Every "auto" is resolved before the run (Backend::resolve).
struct RunRequest {
    std::string modelId;                  ///< as listed by Backend::models
    std::string modelHash;                ///< SHA-256 of model.json, hex; empty before it is resolved
    std::string method = "sjd";           ///< sequential | sjd | sjd2 | jacobi
    std::string coupling = "maximal";     ///< how drafts are redrawn; recorded always
    std::string initialisation = "uniform"; ///< where new drafts come from, or "auto"
    int window = 32;                      ///< query rows of one pass; 1..positions, or kAutoWindow
    int noiseSteps = kUsualNoiseSteps;    ///< sjd2: passes a new draft spends as noise; 0 is plain sjd
    double guidance = 2.0;                ///< classifier-free guidance scale; 1 switches it off
    double temperature = 1.0;             ///< > 0; 0 selects greedy
    int topK = 0;                         ///< 0 keeps every code
    double topP = 1.0;                    ///< (0, 1]; 1 keeps every code
    std::string prompt;
    std::uint64_t seed = 0;
    int pictures = 1;                     ///< in one batch; picture i is the one that seed + i gives alone
    std::string device = "auto";          ///< auto | cpu | cuda:N; resolved to cpu or cuda:N
    std::string precision = "float32";    ///< float32 | float64

    /// Whether something is still to be chosen by measuring.
    bool hasAuto() const { return window == kAutoWindow || initialisation == kAutoName; }

    bool operator==(const RunRequest&) const = default;
};

nlohmann::json toJson(const RunRequest& request);

/// Unknown keys are ignored, missing ones keep their default, wrong types are an error that names the key.
Result<RunRequest> runRequestFromJson(const nlohmann::json& json);

} // namespace jacobi
