// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/studio/backgroundtasks.h"
#include "app/studio/session.h"
#include "app/studio/studiosettings.h"
#include "widgets/selection.h"
#include "widgets/tracemodel.h"

#include <QMainWindow>

class QMenu;

namespace jacobi {

class AcceptanceView;
class EvidenceDocks;
class NoticeBar;
class PictureView;
class ProgressStrip;
class RecentStrip;
class RequestPanel;
class Scrubber;
class TokenInspector;
class TopBar;
class TrajectoryView;
class WindowView;

/// Where a window finds what it works with; tests bring their own.
struct StudioPlaces {
    BackendSource source;
    BackendOptions backend;
    QString settingsFile; ///< empty: nothing is remembered
    QString runsFolder;   ///< empty: runs are not kept
};

/// The one window: the request at the left, the picture in the middle, the evidence at the right. It only connects:
/// Session does the work, TraceModel holds the run, Selection says what is looked at.
class MainWindow : public QMainWindow {
    Q_OBJECT

public:
    explicit MainWindow(StudioPlaces places, QWidget* parent = nullptr);
    ~MainWindow() override;

    /// Starts loading what generating needs, on the worker thread. Call it once the window is there.
    void openBackend();

    RequestPanel* requestPanel() const { return m_request; }
    PictureView* pictureView() const { return m_picture; }
    TrajectoryView* trajectoryView() const { return m_trajectory; }
    AcceptanceView* acceptanceView() const { return m_acceptance; }
    WindowView* windowView() const { return m_window; }
    ProgressStrip* progressStrip() const { return m_progress; }
    RecentStrip* recentStrip() const { return m_recent; }
    NoticeBar* notice() const { return m_notice; }
    TopBar* topBar() const { return m_topBar; }
    EvidenceDocks* docks() const { return m_docks; }
    Session* session() { return &m_session; }
    TraceModel* traceModel() { return &m_model; }
    Selection* selection() { return &m_selection; }

public Q_SLOTS:
    void generate();
    /// A trace: replays it. A picture of ours: takes its settings. Reads beside the GUI thread.
    void openFile(const QString& path);
    /// Writes the picture as shown, with its settings; beside the GUI thread.
    void savePictureTo(const QString& path);
    void exportCsvTo(const QString& path);
    void copyPicture();
    void useShownSettings();
    void resetLayout();

Q_SIGNALS:
    void fileOpened(const QString& path, bool ok);
    void fileSaved(const QString& path, bool ok);

protected:
    void closeEvent(QCloseEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    void dragEnterEvent(QDragEnterEvent* event) override;
    void dropEvent(QDropEvent* event) override;
    void showEvent(QShowEvent* event) override;

private:
    QWidget* buildMiddle();
    void buildDocks();
    void buildMenu();
    void addShortcuts();
    void connectSession();
    void showPhase();
    void showDevice();
    void showTitle();
    void showProgress();
    void openTrace(const QString& path);
    void openPicture(const QString& path);
    void runEnded(const RunEnd& end);
    void backendFailed(const Error& error);
    void addRecent(const QString& tracePath);
    void askToOpen();
    void askToSave();
    void askToExport();
    void showShortcuts();
    void showAbout();
    void toggleRunOrPlay();
    void useCpu();
    void showLiveRun();
    Preview shownPicture() const;
    void restore(const StudioSettings& settings);
    StudioSettings remembered() const;

    StudioPlaces m_places;
    StudioSettings m_settings;
    TraceModel m_model;
    Selection m_selection;
    Session m_session;

    QMenu* m_menu = nullptr;
    TopBar* m_topBar = nullptr;
    RequestPanel* m_request = nullptr;
    PictureView* m_picture = nullptr;
    Scrubber* m_scrubber = nullptr;
    ProgressStrip* m_progress = nullptr;
    RecentStrip* m_recent = nullptr;
    NoticeBar* m_notice = nullptr;
    TrajectoryView* m_trajectory = nullptr;
    AcceptanceView* m_acceptance = nullptr;
    WindowView* m_window = nullptr;
    TokenInspector* m_inspector = nullptr;
    EvidenceDocks* m_docks = nullptr;
    std::optional<double> m_measured; ///< share of the measuring that a run waits for
    bool m_laidOut = false;
    bool m_generatesOnceModelsAreKnown = false;
    BackgroundTasks m_background; ///< last: it finishes before the rest goes
};

} // namespace jacobi
