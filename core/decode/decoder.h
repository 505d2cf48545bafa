// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/error.h"
#include "core/decode/tokenmodel.h"
#include "core/trace/step.h"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace jacobi {

/// What the ablations of SJD2's paper take away.
struct Sjd2Variant {
    bool normalises = true; ///< embeddings are normalised before they are noised
    bool refines = true;    ///< drafts that are tokens are redrawn pass by pass until they are verified

    bool operator==(const Sjd2Variant&) const = default;
};

/// What a decoder is told; every value resolved and checked by the engine.
struct DecodeSettings {
    std::string method = "sequential";      ///< sequential | sjd | sjd2 | jacobi (greedy: temperature 0 only)
    std::string coupling = "maximal";       ///< sjd and sjd2: independent | maximal | gumbel-exact | gumbel-spec
    std::string initialisation = "uniform"; ///< a name of kInitialisations; not for sequential
    std::uint32_t window = 1;              ///< query rows of a pass, at least 1
    std::uint32_t noiseSteps = 1;          ///< sjd2: passes a new draft spends as noise; 0 is plain sjd
    Sjd2Variant variant{};                 ///< sjd2, for the ablations
    double guidance = 1.0;
    double temperature = 1.0;              ///< 0: greedy
    int topK = 0;                          ///< 0: all
    double topP = 1.0;
    double minP = 0.0;                     ///< 0: all
    std::uint64_t seed = 0;                ///< picture i of a batch uses seed + i

    bool operator==(const DecodeSettings&) const = default;
};

/// One decoding algorithm over one model, pulled pass by pass: pausing, stepping and cancelling are "do not call it
/// again". One thread at a time; the model must outlive it.
class Decoder {
public:
    virtual ~Decoder() = default;

    /// Reads the prompts (token ids, one list a picture) and puts the first drafts.
    virtual Result<void> start(const std::vector<std::vector<std::int64_t>>& prompts) = 0;

    /// The next completed step: one pass as one picture saw it. forwardNs and samplingNs are filled in. Must not be
    /// called once done(). Errors: Numeric where the network gives NaN or infinity.
    virtual Result<std::shared_ptr<Step>> step() = 0;
    virtual bool done() const = 0;

    /// Before a wait between two steps: nothing further is begun until the next step(). What was under way is done, and its steps
    /// are taken as usual.
    virtual void rest() {}

    /// Whether every picture's step of the last pass was taken: the next step() runs the network.
    virtual bool passComplete() const { return true; }

    /// [positions] codes of a picture as they stand: committed, then drafts (the last ones, where a terminal token was
    /// committed before them), then 0. What the steps so far say of it.
    virtual const std::vector<std::int64_t>& tokens(std::size_t item) const = 0;

    /// Of the tokens committed so far under a promise to equal sequential sampling: how many hung on a margin so small
    /// that the rounding of another kind of pass could have turned them.
    virtual std::uint64_t nearTies() const { return 0; }
};

/// The decoder for these settings; InvalidRequest for a method, coupling or initialisation that does not exist.
Result<std::unique_ptr<Decoder>> makeDecoder(const DecodeSettings& settings, TokenModel& model);

} // namespace jacobi
