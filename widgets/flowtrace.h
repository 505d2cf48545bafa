// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/trace/flowstrategy.h"
#include "core/trace/trace.h"

#include <QImage>
#include <QObject>

#include <memory>
#include <optional>
#include <vector>

namespace jacobi {

class TraceModel;

/// The passes that one block took; half-open, passes as TraceModel counts them. Those of blocks that overlap do too.
struct BlockRun {
    int block = -1;
    int begin = 0;
    int end = 0;
    int passes() const { return end - begin; }
};

/// What a trace says of a normalizing flow: which block each pass worked on, how far it moved, what the picture looked
/// like. It follows a TraceModel and is as tolerant: blocks out of order and columns of a wrong length break nothing. Of
/// a trace that is no flow it knows nothing. GUI thread. Make it before the views that read it, so that it hears first.
class FlowTrace : public QObject {
    Q_OBJECT

public:
    explicit FlowTrace(TraceModel* model, QObject* parent = nullptr);

    bool isFlow() const;
    int blocks() const; ///< 0 where it is no flow

    /// In the order they were worked on; the last may be growing.
    const std::vector<BlockRun>& runs() const { return m_runs; }
    /// Index into runs() of a pass, -1 where there is none; where blocks overlap, that of the one nearest the picture.
    int runAt(int pass) const;
    int blockOf(int pass) const;                 ///< the same as a block
    std::vector<int> runsAt(int pass) const;     ///< of all blocks that took part in it, in the order they began
    QString blockWords(int pass) const;          ///< "block 3", "blocks 5 to 2", or nothing
    bool overlaps() const { return m_overlaps; } ///< there are passes of several blocks
    std::optional<BlockRun> runOf(int block) const;

    /// By how much a pass moved what it computed: the largest change of a position, or their root mean square where the
    /// block's plan stops by that. Of the block that moved most, or of one. NaN where the trace has none, 0 possible.
    double residual(int pass) const;
    double residual(int run, int pass) const;
    int finalAfter(int run, int pass) const; ///< positions of the block, 0 before it began
    /// What the plan holds a block's residual against; 0 where it has none.
    double tolerance(int block) const;
    /// The plan of a block, absent where the trace has none.
    std::optional<FlowBlockPlan> plan(int block) const;
    bool isSegmentStart(int pass) const; ///< the first pass of a segment that is not the block's first
    bool isConverged(int run) const;     ///< the block ended with every position final

    /// Positions final after a pass, of all blocks together, and how many there are.
    int doneAfter(int pass) const;
    int total() const;
    int sequentialPasses() const; ///< what one position a pass takes: the first of each block is there already

    /// The picture as it stood after a pass: the newest there is at or before it, the noise where there is none, the
    /// final one only at the last pass.
    /// Null where there is none.
    QImage pictureAt(int pass) const;
    /// The newest there is of what the block had made by then. Null where there is none.
    QImage pictureOf(int block, int pass) const;
    QImage pictureAfter(int block) const; ///< as the block left it; null where it has not
    QImage startPicture() const;          ///< the noise it started from; null where the run has none
    QImage finalPicture() const;          ///< the same

Q_SIGNALS:
    void picturesChanged();

private:
    using Previews = std::vector<std::shared_ptr<const Preview>>;
    Previews::const_iterator behind(int pass) const;
    void restart();
    void takePasses(int from, int to);
    void takeStep(int pass, const Step& step, int committedEnd);
    int runFor(int block, int pass);
    void takePictures();

    TraceModel* m_model;
    std::optional<FlowStrategy> m_plan;
    std::vector<BlockRun> m_runs;
    struct Series {
        std::vector<double> residual; ///< [passes of the run]
        std::vector<int> committedEnd;
    };
    std::vector<Series> m_series; ///< [runs]
    std::vector<int> m_runOf;     ///< [passes] into m_runs
    bool m_overlaps = false;
    std::size_t m_seenPreviews = 0;
    Previews m_previews; ///< of the picture shown, ascending in pass
    std::shared_ptr<const Preview> m_start;
    std::shared_ptr<const Preview> m_final;
};

/// The method of a block in a few words: "one by one", "front 16", "4 segments".
QString planWords(const FlowBlockPlan& plan);
/// The same where there is little room.
QString briefPlanWords(const FlowBlockPlan& plan);

} // namespace jacobi
