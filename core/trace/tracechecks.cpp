// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/limits.h"
#include "core/trace/tracerecords.h"

#include <algorithm>

namespace jacobi {
namespace {

constexpr std::int64_t kMaxNanoseconds = 100'000'000'000'000; // of one part of one pass: a day and some hours

tl::unexpected<Error> refuse(const char* what, const std::string& why)
{
    return fail(ErrorCode::Corrupt, std::string("The trace holds ") + what + " that cannot be.", why);
}

template <class T>
bool fits(const std::vector<T>& column, std::size_t count)
{
    return column.empty() || column.size() == count;
}

bool columnsFit(const Step& step, std::size_t count)
{
    return fits(step.token, count) && fits(step.state, count) && fits(step.draft, count) && fits(step.p, count) &&
           fits(step.q, count) && fits(step.u, count) && fits(step.entropy, count) && fits(step.residual, count) &&
           fits(step.noiseLevel, count) && fits(step.topK, count);
}

bool timeFits(std::int64_t nanoseconds)
{
    return nanoseconds >= 0 && nanoseconds <= kMaxNanoseconds;
}

Result<void> checkCodes(const Step& step, std::uint32_t codes)
{
    const auto isCode = [&](std::int32_t code) { return code >= 0 && static_cast<std::uint32_t>(code) < codes; };
    const auto isCodeOrNone = [&](std::int32_t code) { return code == -1 || isCode(code); };
    if (!std::all_of(step.token.begin(), step.token.end(), isCode)) {
        return refuse("a pass", "a token is no code of the vocabulary");
    }
    if (!std::all_of(step.draft.begin(), step.draft.end(), isCodeOrNone)) {
        return refuse("a pass", "a draft is no code of the vocabulary");
    }
    for (const Candidates& candidates : step.topK) {
        if (!std::all_of(candidates.begin(), candidates.end(),
                         [&](const Candidate& c) { return isCodeOrNone(c.code); })) {
            return refuse("a pass", "a candidate is no code of the vocabulary");
        }
    }
    if (std::any_of(step.state.begin(), step.state.end(), [](TokenState s) { return s > TokenState::Exited; })) {
        return refuse("a pass", "a token is in a state that does not exist");
    }
    return {};
}

} // namespace

Result<void> checkHeader(const RunHeader& header)
{
    const TraceLayout& layout = header.layout;
    if (layout.rows == 0 || layout.columns == 0 || std::uint64_t{layout.rows} * layout.columns > kMaxTracePositions) {
        return refuse("a layout", "it has no positions or more than " + std::to_string(kMaxTracePositions));
    }
    if (layout.codes == 0 || layout.codes > kMaxTraceCodes) {
        return refuse("a layout", "its vocabulary has " + std::to_string(layout.codes) + " codes");
    }
    const std::uint64_t width = std::uint64_t{layout.columns} * layout.patchPixels;
    const std::uint64_t height = std::uint64_t{layout.rows} * layout.patchPixels;
    if (layout.patchPixels == 0 || layout.patchPixels > kMaxTracePatchPixels || width > kMaxPictureSide ||
        height > kMaxPictureSide || width * height > kMaxPicturePixels) {
        return refuse("a layout",
                      "its picture would have " + std::to_string(width) + " x " + std::to_string(height) + " pixels");
    }
    if (layout.blocks > kMaxTraceBlocks || layout.reversed.size() != layout.blocks) {
        return refuse("a layout", "it has " + std::to_string(layout.blocks) + " blocks and the order of " +
                                      std::to_string(layout.reversed.size()));
    }
    if (!header.codeColours.empty() && header.codeColours.size() != layout.codes) {
        return refuse("colours", "there are " + std::to_string(header.codeColours.size()) + " for " +
                                     std::to_string(layout.codes) + " codes");
    }
    if (!header.prompts.empty() && header.prompts.size() != static_cast<std::size_t>(std::max(1, header.request.pictures))) {
        return refuse("prompts", "there are " + std::to_string(header.prompts.size()) + " for " +
                                     std::to_string(header.request.pictures) + " pictures");
    }
    return {};
}

Result<void> checkStep(const Step& step, const TraceLayout& layout)
{
    // The window after a pass holds every position that was committed in it.
    if (step.begin > step.committedEnd || step.committedEnd > step.end || step.end > layout.positions()) {
        return refuse("a pass", "its positions [" + std::to_string(step.begin) + ", " + std::to_string(step.end) +
                                    ") committed up to " + std::to_string(step.committedEnd) + " do not fit");
    }
    if (step.item >= kMaxTraceItems) {
        return refuse("a pass", "it belongs to picture " + std::to_string(step.item));
    }
    if (layout.isFlow() && step.lane >= layout.blocks) {
        return refuse("a pass", "it belongs to block " + std::to_string(step.lane));
    }
    if (!timeFits(step.forwardNs) || !timeFits(step.samplingNs) || !timeFits(step.otherNs)) {
        return refuse("a pass", "it took less than no time or more than a day");
    }
    if (!columnsFit(step, step.end - step.begin)) {
        return refuse("a pass", "a column has another length than its window");
    }
    return checkCodes(step, layout.codes);
}

Result<void> checkPreview(const Preview& preview, const TraceLayout& layout)
{
    if (preview.width != std::uint64_t{layout.columns} * layout.patchPixels ||
        preview.height != std::uint64_t{layout.rows} * layout.patchPixels) {
        return refuse("a preview", "it has another size than the layout says");
    }
    if (preview.rgb.size() != std::uint64_t{preview.width} * preview.height * 3) {
        return refuse("a preview", "its pixels do not fill it");
    }
    if (preview.item >= kMaxTraceItems || preview.committedEnd > layout.positions()) {
        return refuse("a preview", "its place in the run does not exist");
    }
    if (preview.lane < -1 || preview.lane >= static_cast<std::int32_t>(layout.blocks)) {
        return refuse("a preview", "it belongs to block " + std::to_string(preview.lane));
    }
    return {};
}

} // namespace jacobi
