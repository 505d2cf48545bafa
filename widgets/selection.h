// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QObject>
#include <QPointer>

namespace jacobi {

class TraceModel;

/// A place in the trajectory. -1 means "any": a patch hovered in the picture has no pass of its own (it means the
/// current one), a bar of the acceptance plot has no position.
struct Cell {
    int pass = -1;
    int position = -1;
    bool isNull() const { return pass < 0 && position < 0; }
    bool operator==(const Cell&) const = default;
};

/// Half-open; empty means "all".
struct IndexRange {
    int begin = 0;
    int end = 0;
    bool isEmpty() const { return end <= begin; }
    bool operator==(const IndexRange&) const = default;
};

/// What is looked at, shared by all views of a workspace: each draws it, each may change it. The one source of truth
/// for the current pass. GUI thread only.
class Selection : public QObject {
    Q_OBJECT

public:
    explicit Selection(QObject* parent = nullptr);

    /// Follows a model: its passes bound the current pass, and while followLive() is on the newest pass becomes the
    /// current one. A reset of the model clears cells and ranges and switches following on.
    void attach(TraceModel* model);

    QString run() const { return m_run; } ///< which run is looked at, as its owner names it
    void setRun(const QString& run);

    int passCount() const { return m_passCount; }
    int currentPass() const { return m_currentPass; } ///< -1 while there is none
    bool followLive() const { return m_followLive; }

    Cell hovered() const { return m_hovered; }
    Cell pinned() const { return m_pinned; }
    bool isPinned() const { return !m_pinned.isNull(); }
    /// What details are shown of: the pinned cell, else the hovered one.
    Cell focus() const { return isPinned() ? m_pinned : m_hovered; }
    /// focus() with "any pass" resolved to the current one.
    Cell resolvedFocus() const;

    IndexRange passRange() const { return m_passRange; }
    IndexRange positionRange() const { return m_positionRange; }

public Q_SLOTS:
    /// The user goes to a pass: clamped; following stops, except at the newest pass, where it goes on.
    void goToPass(int pass);
    void stepBy(int passes);
    void first();
    void last(); ///< to the newest pass, and follow
    void setFollowLive(bool follow); ///< on: jumps to the newest pass

    void setHovered(jacobi::Cell cell);
    void clearHovered() { setHovered({}); }
    void pin(jacobi::Cell cell);
    /// Click semantics: pins the cell, or unpins when exactly it is pinned.
    void togglePin(jacobi::Cell cell);
    void unpin() { pin({}); }

    void setPassRange(jacobi::IndexRange range);
    void setPositionRange(jacobi::IndexRange range);

    void setPassCount(int passes); ///< called by attach's connections; by hand where there is no model

Q_SIGNALS:
    void runChanged(const QString& run);
    void currentPassChanged(int pass);
    void followLiveChanged(bool follow);
    void hoveredChanged(jacobi::Cell cell);
    void pinnedChanged(jacobi::Cell cell);
    void passRangeChanged(jacobi::IndexRange range);
    void positionRangeChanged(jacobi::IndexRange range);

private:
    void reset();
    void setCurrent(int pass);

    QPointer<TraceModel> m_model;
    QString m_run;
    int m_passCount = 0;
    int m_currentPass = -1;
    bool m_followLive = true;
    Cell m_hovered;
    Cell m_pinned;
    IndexRange m_passRange;
    IndexRange m_positionRange;
};

} // namespace jacobi
