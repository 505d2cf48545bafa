// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QHash>
#include <QObject>
#include <QSize>
#include <QVector>

#include <optional>

class QDockWidget;
class QMainWindow;

namespace jacobi {

/// The sizes that docks were given, by whoever drags a line between them or by the layout they began with. A window made small
/// squeezes its docks, and made large again leaves them so: then they get those sizes back. Docks that are out of sight,
/// float, or lie behind a tab are left alone.
class DockSizes : public QObject {
    Q_OBJECT

public:
    /// least: the width a dock is owed where nothing is known but one that is squeezed.
    DockSizes(QMainWindow* window, int least);

    /// share: percent of the window's height that it has where nothing else is known.
    void add(QDockWidget* dock, int share);
    void choose(QDockWidget* dock, const QSize& size);
    bool areKnown() const { return !m_chosen.isEmpty(); }
    /// From now on the sizes they have are the chosen ones; at the end of the event, when they are laid out.
    void keepSoon();
    /// The same of a layout that was put together again. Where the window is so low that a view has no more than it needs, its
    /// heights are not what was chosen: the usual shares count, which a higher window then gives them.
    void keepRestoredSoon();
    void apply();
    /// While a layout is put together, docks that change their places were not moved by the user.
    void setQuiet(bool quiet) { m_quiet = quiet; }

protected:
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    void keep();
    void keepRestored();
    bool isForced(const QHash<QDockWidget*, QSize>& sizes) const;
    QHash<QDockWidget*, QSize> present() const;

    QMainWindow* m_window;
    int m_least;
    QVector<QDockWidget*> m_docks;
    QHash<QDockWidget*, int> m_shares;
    QHash<QDockWidget*, QSize> m_chosen;
    std::optional<QHash<QDockWidget*, QSize>> m_pressed; ///< what they were when a mouse button went down, until it goes up
    bool m_quiet = false;
};

} // namespace jacobi
