// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/trace/trace.h"

#include <QImage>
#include <QObject>
#include <QSize>

#include <limits>
#include <map>
#include <memory>
#include <vector>

namespace jacobi {

/// What a cell (pass, position) of the trajectory shows.
enum class CellState : std::uint8_t {
    Outside,       ///< not reached by the window yet
    New,           ///< a fresh draft, not read by the model yet
    Kept,          ///< draft unchanged
    Redrawn,       ///< draft replaced
    AcceptedNow,   ///< committed in this very pass
    AcceptedBefore, ///< committed in an earlier pass
    Noisy          ///< a noisy embedding; its token is what it reads like now
};

/// One pass over one position, for the inspector. NaN where the trace says nothing.
struct TokenMoment {
    int pass = -1;
    std::int32_t token = -1;
    std::int32_t draft = -1; ///< code the pass tested, -1 where there was none
    TokenState state = TokenState::New;
    float p = std::numeric_limits<float>::quiet_NaN();
    float q = std::numeric_limits<float>::quiet_NaN();
    float u = std::numeric_limits<float>::quiet_NaN();
    float entropy = std::numeric_limits<float>::quiet_NaN();
    float noise = std::numeric_limits<float>::quiet_NaN(); ///< level after the pass, 0..1
};

/// The GUI thread's owner of a trace, the only thing views read. It grows as the run goes (append*) or is set whole
/// (setTrace); both take the same road and give the same state. A pass here is an index into the steps of the
/// picture shown, 0 .. passes() - 1. Traces may come from anywhere: steps whose window does not fit the layout are
/// clipped, columns of a wrong length count as absent, nothing a trace holds can break an invariant below.
class TraceModel : public QObject {
    Q_OBJECT

public:
    explicit TraceModel(QObject* parent = nullptr);
    ~TraceModel() override;

    /// Replaces everything. Emits reset, then passesAdded, previewAdded and finished as for a run.
    void setTrace(Trace trace);
    /// A new run begins: everything before is dropped. Emits reset.
    void appendHeader(std::shared_ptr<const RunHeader> header);
    void appendStep(std::shared_ptr<const Step> step);
    /// Several at once, one signal.
    void appendSteps(const std::vector<std::shared_ptr<const Step>>& steps);
    void appendPreview(std::shared_ptr<const Preview> preview);
    void appendSummary(const RunSummary& summary);
    /// Back to "nothing has run yet". Emits reset.
    void clear();

    const Trace& trace() const { return m_trace; }
    const RunHeader* header() const { return m_trace.header.get(); }
    TraceLayout layout() const;
    bool isEmpty() const { return m_trace.header == nullptr && m_steps.empty(); } ///< nothing has run yet
    bool isLive() const;     ///< header came through appendHeader and the summary is not there yet
    bool isFinished() const { return !isEmpty() && !isLive(); } ///< nothing more will come

    /// The picture of the batch that is shown; everything below speaks of it. 0 after a reset by another run.
    int item() const { return m_item; }
    int items() const;      ///< pictures of the run, at least 1
    void setItem(int item); ///< clamped; emits reset, then passesAdded, previewAdded and finished as for another run

    int passes() const { return static_cast<int>(m_steps.size()); }
    int positions() const { return m_positions; }
    int columns() const; ///< of the token grid; positions() where the trace has no grid
    int rows() const;
    QSize pictureSize() const; ///< pixels; empty where the layout names none

    /// Step of a pass; pass must be in range. Where the blocks of a flow overlap, that of the block nearest the picture.
    const Step& step(int pass) const;
    /// All of them, from the block that began first to the one of step(): one but where blocks overlap.
    std::vector<std::shared_ptr<const Step>> stepsOf(int pass) const;
    /// First position not committed before the pass, and one past its window: clipped to the layout, begin <= end.
    int windowBegin(int pass) const;
    int windowEnd(int pass) const;

    /// Positions [0, n) are final after the pass; never falls, but that a flow's blocks each begin at 0; 0 for pass < 0.
    int committedEnd(int pass) const;
    int committedBefore(int pass) const;   ///< before it, in the block it works on
    int committed() const;                 ///< after the last pass
    int acceptedInPass(int pass) const;    ///< tokens the pass committed
    int maxAcceptedInPass() const { return m_maxAccepted; }
    /// Time of passes 0 .. pass by the steps' own clocks, pauses excluded: those of all pictures, which share a pass.
    double secondsUntil(int pass) const;
    double tokensPerPass() const;          ///< 0 without passes

    /// Codes as they stood after a pass, -1 where nothing was drawn yet. [positions()]
    std::vector<std::int32_t> tokensAfter(int pass) const;
    std::int32_t tokenAt(int pass, int position) const;
    CellState stateAt(int pass, int position) const;
    int passOfAcceptance(int position) const;          ///< -1 where it is not committed yet
    int changesOf(int position, int untilPass = std::numeric_limits<int>::max()) const; ///< its code became another one
    std::vector<TokenMoment> history(int position) const; ///< the passes whose window held it, ascending
    /// What the pass did to the position; without a pass the last at or before it whose window held the position.
    TokenMoment momentAt(int pass, int position) const;
    /// Candidates of a row in a pass; empty where the trace has none. Used slots only.
    std::vector<Candidate> candidatesAt(int pass, int position) const;
    bool hasTopK() const { return m_hasTopK; }
    bool hasEntropy() const { return m_hasEntropy; }
    bool hasNoise() const { return m_hasNoise; }
    /// Noise level of a position after a pass, 0..1; NaN where the trace says nothing or the window did not hold it.
    float noiseAt(int pass, int position) const;

    /// The picture as it stood after a pass, pictureSize() pixels, ARGB32 premultiplied: committed tokens show the best
    /// decoded picture there is, drafts the colours of their codes, what the window has not reached is transparent.
    QImage compose(int pass) const;
    /// What a code looks like on its own, scaled over a patch; null where the trace has no code colours.
    QImage codePatch(std::int32_t code) const;
    QColor codeColour(std::int32_t code) const; ///< mean colour of a code; invalid where unknown
    QImage finalPicture() const;                ///< the last decoded picture, null where there is none

Q_SIGNALS:
    void reset();
    void passesAdded(int from, int to); ///< passes [from, to) are new; the first may only have got another block's step
    void previewAdded();
    void finished(); ///< nothing more will come: the run ended, or a whole trace was set

private:
    struct Change {
        std::int32_t pass;
        std::int32_t token;
    };
    void dropAll();
    void dropShown();
    void takeHeader(std::shared_ptr<const RunHeader> header);
    void takeStep(const std::shared_ptr<const Step>& step);
    void recordTime(const Step& step);
    void showStep(const std::shared_ptr<const Step>& step);
    bool joinsLastPass(const Step& step) const;
    void tellPasses();
    void showPreview(const std::shared_ptr<const Preview>& preview);
    void takePreview(const std::shared_ptr<const Preview>& preview);
    void growTo(int positions);
    void recordTokens(int pass);
    void recordAcceptance(int pass);
    void writeTokens(int pass, std::vector<std::int32_t>& tokens) const;
    bool holds(int pass, int position) const;

    Trace m_trace;
    int m_item = 0;
    bool m_live = false;
    bool m_hasGrid = false;  // the layout is one that can be drawn
    int m_positions = 0;
    int m_maxAccepted = 0;
    bool m_hasTopK = false;
    bool m_hasEntropy = false;
    bool m_hasNoise = false;
    std::vector<std::shared_ptr<const Step>> m_steps; // of the picture shown
    std::map<int, std::vector<std::shared_ptr<const Step>>> m_beside; // of a pass, those of other blocks
    int m_untold = -1;                                // the first pass that passesAdded has not told; -1: none
    std::vector<std::int32_t> m_committedEnd;         // [passes]
    std::vector<std::int32_t> m_wallIndex;            // [passes] into m_wall
    std::vector<std::int64_t> m_wall;                 // running sum over the network's passes, nanoseconds
    std::int64_t m_lastTimedPass = -1;                // of the newest step in m_wall
    std::int64_t m_lastTimedItem = -1;
    std::int64_t m_lastTimedLane = -1;
    std::vector<std::int32_t> m_passOfAcceptance;     // [positions]
    std::vector<std::vector<Change>> m_changes;       // [positions], ascending in pass; the first is the first draw
    std::vector<std::vector<std::int32_t>> m_snapshots; // tokens after passes kSnapshot - 1, 2 kSnapshot - 1, ...
    std::vector<std::int32_t> m_tokens;               // after the last pass
    std::shared_ptr<const Preview> m_best;            // the preview that covers most
    mutable QImage m_bestImage;                       // m_best at pictureSize(), made on demand
    mutable std::vector<QImage> m_patches;            // by code, made on demand
    mutable QImage m_composed;
    mutable int m_composedPass = -1;
};

} // namespace jacobi
