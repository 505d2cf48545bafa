// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/engine/backend.h"

#include <cstdint>
#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

namespace jacobi::cli {

/// One way of decoding, measured over the same pictures as all others of a bench.
struct BenchMethod {
    std::string method = "sjd";
    std::string coupling = "maximal";
    std::string initialisation = "uniform";
    int window = 64;    ///< or kAutoWindow
    int noiseSteps = 1; ///< of sjd2
};

/// What the pictures of one method took, and how they compare with sequential sampling of the same pictures.
struct BenchRow {
    RunRequest request;     ///< as resolved for the first picture
    std::string deviceName; ///< for people, with the number of threads: "CPU, 2 threads"
    std::string software;   ///< with its version
    std::vector<std::string> prompts; ///< those of BenchSetup::prompts that its pictures take
    bool automatic = false; ///< window or initialisation were left to "auto"
    std::uint64_t pictures = 0;
    std::uint64_t tokens = 0;
    std::uint64_t passes = 0;
    double tokensPerPass = 0.0;      ///< mean over pictures
    std::optional<double> tokensPerPassError; ///< its standard error; nothing is known of it from one picture
    double seconds = 0.0;
    double forwardSeconds = 0.0;
    double pictureSeconds = 0.0;   ///< of decoding the picture, in the end and on the way
    double passRatio = 0.0;        ///< sequential's passes over this row's
    double wallRatio = 0.0;        ///< sequential's seconds over this row's
    double forwardCostRatio = 0.0; ///< time of a forward of this window over one of a single row
    double overheadShare = 0.0;    ///< of the time of the passes, pictures left out: everything but the forward
    double pictureShare = 0.0;     ///< of a run's time: decoding the picture
    double identical = 0.0;        ///< share of pictures equal to sequential sampling's, token for token
};

struct BenchSetup {
    RunRequest base; ///< model, guidance, temperature, top-k, top-p, whether prompts are completed, device, first seed
    std::vector<std::string> prompts;
    std::uint64_t pictures = 64;      ///< picture i takes prompt i, in turn, and seed base.seed + i
    std::vector<BenchMethod> methods; ///< sequential is measured first and need not be named
};

/// The methods and prompts that `jacobi bench decoders` measures unless told otherwise.
/// mostNoiseSteps: of the model; above 0 there are rows of sjd2.
std::vector<BenchMethod> usualBenchMethods(int mostNoiseSteps);
std::vector<std::string> usualBenchPrompts();

/// Runs every method over every picture, picture by picture so that a drift of the machine's speed meets all methods
/// alike. tell: a line on where it stands. The first row is sequential's. stop is asked for together with
/// control.cancel(). Every prompt is checked before anything is measured.
Result<std::vector<BenchRow>> benchDecoders(Backend& backend, const BenchSetup& setup, RunControl& control,
                                            const std::stop_token& stop,
                                            const std::function<void(const std::string&)>& tell);

nlohmann::json toJson(const BenchRow& row);

} // namespace jacobi::cli
