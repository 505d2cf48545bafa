// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/trace/runrequest.h"
#include "core/trace/step.h"

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace jacobi {

/// How positions lie in the result: tokens of a picture in raster order.
struct TraceLayout {
    std::uint32_t rows = 0;
    std::uint32_t columns = 0;
    std::uint32_t codes = 0; ///< size of the vocabulary positions draw from; 1 for a flow, whose tokens are numbers
    std::uint32_t patchPixels = 0; ///< a position covers patchPixels x patchPixels of the picture
    std::uint32_t blocks = 0;      ///< of a flow, which are inverted from the last to the first; 0: not a flow
    std::vector<bool> reversed{};  ///< [blocks]: whether a block reads the tokens from the last to the first

    std::uint32_t positions() const { return rows * columns; }
    bool isFlow() const { return blocks > 0; }
    /// The picture's position in raster order at which a position of a step of that lane lies, and the other way round.
    std::uint32_t rasterPosition(std::uint32_t lane, std::uint32_t position) const
    {
        return lane < reversed.size() && reversed[lane] ? positions() - 1 - position : position;
    }
    bool operator==(const TraceLayout&) const = default;
};

/// A 4x4 thumbnail of what a code looks like on its own, RGB rows; lets views paint any pass without the model.
using CodeColours = std::array<std::uint8_t, 4 * 4 * 3>;

struct RunHeader {
    int schema = 1;
    RunRequest request; ///< resolved
    TraceLayout layout;
    std::string modelName;                ///< for people
    std::string deviceName;               ///< for people: "CPU, 2 threads"
    std::string software;                 ///< "Jacobi Studio 0.1.0, libtorch 2.11.0"
    std::string startedAt;                ///< ISO 8601 UTC
    std::vector<CodeColours> codeColours; ///< [layout.codes], or empty
    std::vector<std::string> prompts;     ///< [pictures] as the model read them, completed; empty: as they were written
    bool operator==(const RunHeader&) const = default;
};

/// A decoded picture of an intermediate or the final state. Immutable; shared between threads.
///
/// Of a flow: what the block at work has made of its input so far, as a picture. As time allows every block ends with one,
/// whose committedEnd is all positions, and there are some between them. The final one is after the step along the
/// score and has the number of the last pass again. Where blocks overlap, a pass has one for several of them.
struct Preview {
    std::uint32_t item = 0;
    std::uint32_t pass = 0; ///< tokens as they stood after this pass
    std::uint32_t committedEnd = 0;
    std::int32_t lane = -1; ///< the block of a flow whose output it is; -1: that of the step of the same item and pass
    bool isFinal = false;
    std::uint32_t width = 0, height = 0;
    std::vector<std::uint8_t> rgb; ///< [height, width, 3] uint8
    bool operator==(const Preview&) const = default;
};

/// Whether a preview shows what a run started from (a flow's noise), before its first pass: pass 0, and nothing committed,
/// while every pass commits something.
inline bool isOfTheStart(const Preview& preview)
{
    return preview.pass == 0 && preview.committedEnd == 0 && !preview.isFinal;
}

enum class Outcome : std::uint8_t { Complete = 0, Cancelled = 1, Failed = 2 };

struct RunSummary {
    Outcome outcome = Outcome::Complete;
    std::string message;      ///< why, where it failed
    std::uint64_t tokens = 0; ///< committed, of all pictures; of a flow in every block
    std::uint64_t passes = 0; ///< of the network; pictures of a batch share them
    double seconds = 0.0;     ///< wall clock of the run without pauses, model loading excluded
    double forwardSeconds = 0.0;
    double samplingSeconds = 0.0;
    double previewSeconds = 0.0;
    std::uint64_t nonFinite = 0; ///< entries of logits that had to be refused; values of a flow that were set back
    std::uint64_t nearTies = 0;  ///< tokens under a promise to equal sequential sampling that hung on rounding
    std::uint64_t fallbacks = 0; ///< runs of a flow's tokens that were inverted one by one for such values
    bool operator==(const RunSummary&) const = default;
};

/// Receives a run as it happens, in this order: header, (step | preview)*, summary. Called on the worker thread
/// only; must not block for long and must not throw. A sink that cannot go on keeps its own error.
class TraceSink {
public:
    virtual ~TraceSink() = default;
    virtual void header(const std::shared_ptr<const RunHeader>& header) = 0;
    virtual void step(const std::shared_ptr<const Step>& step) = 0;
    virtual void preview(const std::shared_ptr<const Preview>& preview) = 0;
    virtual void summary(const RunSummary& summary) = 0;

    /// About how long preview() of a picture of that size will take that is not the final one, in nanoseconds; 0: no time worth
    /// counting. Asked before a run, whose time for such pictures is limited.
    virtual std::int64_t previewNs(std::uint32_t width, std::uint32_t height) const
    {
        static_cast<void>(width);
        static_cast<void>(height);
        return 0;
    }
};

/// A whole run in memory.
struct Trace {
    std::shared_ptr<const RunHeader> header;
    std::vector<std::shared_ptr<const Step>> steps;
    std::vector<std::shared_ptr<const Preview>> previews;
    std::optional<RunSummary> summary; ///< absent where the run was cut
    std::string damage;                ///< empty, or a sentence on why reading stopped before the file's end
    bool isDamaged = false;            ///< and there were bytes that cannot be read, not just an end that is missing
};

} // namespace jacobi
