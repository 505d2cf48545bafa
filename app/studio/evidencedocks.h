// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QByteArray>
#include <QObject>
#include <QString>
#include <QVector>

class QAction;
class QDockWidget;
class QMainWindow;

namespace jacobi {

class DockSizes;

/// The evidence at the right: views in docks that can be moved, floated, hidden and put back. A view brings its own
/// title line, so a dock shows no title of its own but a narrow grip to take it by.
class EvidenceDocks : public QObject {
    Q_OBJECT

public:
    explicit EvidenceDocks(QMainWindow* window);

    /// id names it in stored layouts; share: of the column's height, relative to the others'.
    void add(const QString& id, const QString& title, QWidget* view, int share);
    /// In the place of the one added before it, behind a tab.
    void addBehind(const QString& id, const QString& title, QWidget* view);
    /// Takes them all out of sight, for another set in their place.
    void hide();
    /// Everything back where it began.
    void reset();
    /// As QMainWindow::restoreState, with the sizes that were chosen since the program began; what floats comes to lie before the
    /// window, not behind it.
    bool restore(const QByteArray& state);
    QVector<QAction*> toggleActions() const;
    const QVector<QDockWidget*>& docks() const { return m_docks; }
    /// Pixels that they need above one another, as they began.
    int leastHeight() const;

protected:
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    QDockWidget* make(const QString& id, const QString& title, QWidget* view, int share);
    void tabify();
    void putBack(int at);
    void raiseFloating();
    void showFloatingAgain();

    QMainWindow* m_window;
    DockSizes* m_sizes;
    QVector<QDockWidget*> m_docks;
    QVector<int> m_shares; ///< 0: behind the one before it
};

} // namespace jacobi
