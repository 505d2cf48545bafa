// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/error.h"

#include <array>
#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <string>

namespace jacobi {

inline constexpr int kAutoWindow = -1;           ///< "auto": the fastest here, measured once and remembered
inline constexpr const char* kAutoName = "auto"; ///< the same for an initialisation, and in JSON for the window
inline constexpr int kUsualNoiseSteps = 1;       ///< of sjd2
inline constexpr int kMostPictures = 64;         ///< of one run

inline constexpr const char* kAnnealed = "annealed"; ///< guidance of a flow grows with the token
inline constexpr const char* kConstant = "constant";

// What is found for a flow by measuring, once for a model, batch, guidance on or off and device, and then remembered.
inline constexpr const char* kAutoTime = "auto-time";     ///< the fastest here; sequential, where nothing is faster
inline constexpr const char* kAutoPasses = "auto-passes"; ///< fewest passes one after the other
inline constexpr const char* kAutoBlocks = "auto-blocks"; ///< the same where no block begins before the last one is done
inline constexpr const char* kCrm = "crm";                ///< by the rule of core/trace/flowanalysis.h's metrics
inline constexpr std::array kMeasuredStrategies{kAutoTime, kAutoPasses, kAutoBlocks, kCrm};

/// Everything that decides the result, and nothing else. A value; the same request on the same device gives
/// the same trace, timings and previews apart. Every "auto" is resolved before the run (Backend::resolve).
struct RunRequest {
    std::string modelId;                  ///< as listed by Backend::models
    std::string modelHash;                ///< SHA-256 of model.json, hex; empty before it is resolved
    std::string method = "sjd";           ///< sequential | sjd | sjd2 | jacobi; of a flow see below
    std::string coupling = "maximal";     ///< how drafts are redrawn; recorded always; empty for a flow
    std::string initialisation = "uniform"; ///< where new drafts come from, or "auto"; empty for a flow
    int window = 32;                      ///< query rows of one pass; 1..positions, or kAutoWindow
    int noiseSteps = kUsualNoiseSteps;    ///< sjd2: passes a new draft spends as noise; 0 is plain sjd
    double guidance = 2.0;                ///< classifier-free guidance scale; 1 switches it off (for a flow 0)
    double temperature = 1.0;             ///< > 0; 0 selects greedy
    int topK = 0;                         ///< 0 keeps every code
    double topP = 1.0;                    ///< (0, 1]; 1 keeps every code
    double minP = 0.0;                    ///< [0, 1]; of the most probable code with the prompt; 0 keeps every code
    std::string prompt;
    bool completesPrompt = false;         ///< what the prompt leaves open is filled in, by the seed; only of some models
    std::uint64_t seed = 0;
    int pictures = 1;                     ///< in one batch; picture i is the one that seed + i gives alone
    std::string device = "auto";          ///< auto | cpu | cuda:N; resolved to cpu or cuda:N
    std::string precision = "float32";    ///< auto | float32 | float64; of token models on a GPU also bfloat16 | int8

    // Of a flow only; in JSON a value at its default is left out. Methods: "sequential", one token a pass; "jacobi", every
    // block by plain Jacobi iteration; "front", every block by a front of `window` tokens; "gs-jacobi", every block as
    // `strategy` says or, where that is empty, in `segments`. Coupling, initialisation, temperature, topK, topP, minP and
    // prompt mean nothing then.
    std::string className;   ///< "class": a name of ModelInfo::classes; empty: no class
    std::string strategy;    ///< gs-jacobi: one of kMeasuredStrategies, a preset's name, or a strategy file's path
    std::string plan;        ///< the strategy that runs, FlowStrategy as one line of JSON (core/trace/flowstrategy.h), for
                             ///< every method; empty before it is resolved. Where it is given, it is what runs
    int segments = 8;        ///< of every block, for gs-jacobi without a strategy; 1..positions
    double tolerance = 1e-3; ///< jacobi, front, and gs-jacobi without a strategy: no number may change by this much any
                             ///< more; 0: until exact
    double clip = 0.0;       ///< jacobi and gs-jacobi cut iterates to [-clip, clip]; 0: off; 3: as published
    double denoise = 1.0;    ///< multiplier of the last step, along the score; 0: off
    double attentionTemperature = 1.0;           ///< of guidance's unguided branch
    std::string guidanceSchedule = kAnnealed;    ///< kAnnealed: grows with the token, to `guidance`; or kConstant

    /// Whether something is still to be chosen by measuring.
    bool hasAuto() const;

    bool operator==(const RunRequest&) const = default;
};

nlohmann::json toJson(const RunRequest& request);

/// Unknown keys are ignored, missing ones keep their default, wrong types are an error that names the key.
Result<RunRequest> runRequestFromJson(const nlohmann::json& json);

} // namespace jacobi
