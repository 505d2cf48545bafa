// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/studio/session.h"

#include <QWidget>

class QMenu;
class QPushButton;
class QToolButton;

namespace jacobi {

class ChipLabel;
class SegmentedControl;

/// The 44 pixels at the top: the program's name, the device, and what can be done to a run. Its menu holds the rest.
class TopBar : public QWidget {
    Q_OBJECT

public:
    explicit TopBar(QMenu* menu, QWidget* parent = nullptr);

    /// The workspaces, by what they make.
    static constexpr const char* kImage = "image";
    static constexpr const char* kFlow = "flow";
    SegmentedControl* tabs() const { return m_tabs; }

    void showPhase(Session::Phase phase);
    void showAnalysing(bool on); ///< which can be stopped, too
    /// text: the device; detail: why it is this one.
    void showDevice(const QString& text, const QString& detail, bool isTrouble);

Q_SIGNALS:
    void pauseRequested();
    void resumeRequested();
    void stepRequested();
    void stopRequested();
    void workspaceChosen(const QString& id); ///< by the user

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    SegmentedControl* m_tabs = nullptr;
    ChipLabel* m_device = nullptr;
    QPushButton* m_pause = nullptr;
    QPushButton* m_step = nullptr;
    QPushButton* m_stop = nullptr;
    Session::Phase m_phase = Session::Phase::Opening;
    bool m_isAnalysing = false;
};

} // namespace jacobi
