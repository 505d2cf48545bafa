// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/error.h"

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace jacobi {

/// How one block of a flow is inverted.
enum class FlowMethod : std::uint8_t {
    Sequential, ///< one token a pass; the baseline
    Jacobi,     ///< all tokens in each pass
    Segments,   ///< Jacobi within segments, one segment after the other (GS-Jacobi)
    Front,      ///< Jacobi in a window that slides with what is final
};

/// What a pass's change is measured by before it is held against the tolerance.
enum class FlowStop : std::uint8_t {
    Rms,       ///< root of the mean squared change; independent of the batch
    Max,       ///< largest change (SeJD)
    Published, ///< Frobenius norm over the whole batch / (batch * channels), GS-Jacobi's own
};

enum class FlowStart : std::uint8_t {
    Input,  ///< the block's input
    Zeros,  ///< token 0 of the input, zeros elsewhere
    Fitted, ///< a guess from the input by a regression that the model holds
};

struct FlowBlockPlan {
    std::uint32_t block = 0;
    FlowMethod method = FlowMethod::Sequential;
    std::uint32_t segments = 1;  ///< Segments: 1 to the count of tokens; they need not divide it
    std::uint32_t window = 1;    ///< Front: tokens a pass works on
    std::uint32_t maxPasses = 0; ///< Jacobi, Segments (each of them): 0 for as many as it takes
    double tolerance = 0.0;      ///< 0: until exact
    FlowStop stop = FlowStop::Rms;
    FlowStart start = FlowStart::Input;

    bool operator==(const FlowBlockPlan&) const = default;
};

/// A plan for every block of one model, ascending by block. Sampling goes from the last to the first.
struct FlowStrategy {
    std::string modelHash;   ///< SHA-256 of the model it was made for; empty: any of that many blocks
    std::uint32_t batch = 0; ///< pictures at once that it was made for; 0: any
    /// Blocks overlap: each begins `lag` passes after the one before it and iterates on what that one has so far, so that a
    /// pass is one of every block at work. 0: a block begins when the one before it is done. For plans of plain Jacobi only.
    std::uint32_t lag = 0;
    std::vector<FlowBlockPlan> blocks;

    bool overlaps() const { return lag > 0; }
    bool operator==(const FlowStrategy&) const = default;
};

std::string_view name(FlowMethod method);
std::string_view name(FlowStop stop);
std::string_view name(FlowStart start);

/// InvalidRequest where a strategy does not fit a model of so many blocks and tokens: a block missing or twice, no
/// segments, more segments than tokens, a window of 0, a tolerance that is negative or not a number; blocks that overlap and
/// are not inverted by plain Jacobi.
Result<void> checkFlowStrategy(const FlowStrategy& strategy, std::uint32_t blocks, std::uint32_t tokens);

/// The strategy file: {"schema": 1, "modelHash", "batch", "lag", "blocks": [{"block", "method", "segments", "window",
/// "maxPasses", "tolerance", "stop", "start"}]}. Of a block only "block" and "method" must be there, and "segments" or
/// "window" where the method has them; keys that are not known are errors, and so are blocks out of order. `what` names
/// the text in error sentences.
Result<FlowStrategy> flowStrategyFromJson(std::string_view text, const std::string& what);
std::string flowStrategyToJson(const FlowStrategy& strategy);

/// The same on one line: what RunRequest::plan holds.
std::string flowStrategyToLine(const FlowStrategy& strategy);

/// The same as a file; written whole or not at all. Any thread.
Result<FlowStrategy> readFlowStrategy(const std::filesystem::path& path);
Result<void> writeFlowStrategy(const std::filesystem::path& path, const FlowStrategy& strategy);

} // namespace jacobi
