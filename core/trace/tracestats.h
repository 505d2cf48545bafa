// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/trace/trace.h"

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

namespace jacobi {

/// A trace in a few numbers.
struct TraceStats {
    std::string model; ///< id
    std::string method;
    std::string coupling; ///< empty where the method has none
    RunRequest request;   ///< resolved
    bool isFlow = false;
    std::string device; ///< for people
    std::uint64_t seed = 0;
    std::string prompt;
    std::vector<std::string> prompts;     ///< RunHeader::prompts
    std::string className;                ///< of a flow
    std::string strategy;                 ///< of a flow, by name
    std::string state;                    ///< complete | cancelled | failed | cut (it ends too early) | damaged
    std::string message;                  ///< why it failed, or what is damaged
    std::uint64_t tokens = 0;             ///< committed; of a flow in every block
    std::uint64_t passes = 0;             ///< of the network; pictures of a batch share them
    double tokensPerPass = 0.0;           ///< of all pictures together; 0 where there was no pass
    double tokensPerPassPerPicture = 0.0; ///< mean over pictures, each by the passes that it took itself
    double seconds = 0.0;                 ///< of the run; where it was cut: of its passes
    double forwardSeconds = 0.0;
    double samplingSeconds = 0.0;
    std::uint64_t nonFinite = 0;
    std::uint64_t nearTies = 0;
    std::uint64_t fallbacks = 0;
    std::uint32_t pictures = 1;
    std::vector<std::uint64_t> histogram; ///< [k]: how many passes committed exactly k tokens

    bool complete() const { return state == "complete"; }
};

/// Counted from the passes themselves; the summary adds only what passes do not tell.
TraceStats traceStats(const Trace& trace);

/// Keys in snake_case: tokens, passes, tokens_per_pass, seconds, method, coupling, seed, complete, state, passes_by_tokens
/// (entry k: how many passes of a picture committed k tokens), ...; and "request", every setting that the method uses
/// (core/trace/requestsettings.h), in the trace's own names.
nlohmann::json toJson(const TraceStats& stats);

} // namespace jacobi
