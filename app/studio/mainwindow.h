// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/studio/backgroundtasks.h"
#include "app/studio/comparison.h"
#include "app/studio/session.h"
#include "app/studio/studiosettings.h"
#include "widgets/flowtrace.h"
#include "widgets/selection.h"
#include "widgets/tracemodel.h"

#include <QMainWindow>

#include <array>
#include <functional>
#include <vector>

class QMenu;
class QStackedWidget;

namespace jacobi {

class AcceptanceView;
class ComparisonDialog;
class EvidenceDocks;
class FigureExport;
class FigureView;
class FlowInspector;
class FlowPanel;
class FlowView;
class MetricsView;
class NoticeBar;
class PictureView;
class ProgressStrip;
class RecentStrip;
class RequestForm;
class RequestPanel;
class ResidualView;
class Scrubber;
class TokenInspector;
class TopBar;
class TrajectoryView;
class WindowView;
struct FoundRun;
struct SavedPicture;

/// Where a window finds what it works with; tests bring their own.
struct StudioPlaces {
    BackendSource source;
    BackendOptions backend;
    QString settingsFile; ///< empty: nothing is remembered
    QString runsFolder;   ///< empty: runs are not kept
};

/// What is made: each has its own settings, views, layout, and the run last looked at there.
enum class Workspace { Image, Flow };

/// The one window: the request at the left, the picture in the middle, the evidence at the right. It only connects:
/// Session does the work, TraceModel holds the run, Selection says what is looked at. One workspace is looked at at a
/// time; the other's run is kept until it is looked at again.
class MainWindow : public QMainWindow {
    Q_OBJECT

public:
    explicit MainWindow(StudioPlaces places, QWidget* parent = nullptr);
    ~MainWindow() override;

    /// Starts loading what generating needs, on the worker thread. Call it once the window is there.
    void openBackend();

    Workspace workspace() const { return m_workspace; }
    RequestPanel* requestPanel() const { return m_request; }
    FlowPanel* flowPanel() const { return m_flowRequest; }
    FlowView* flowView() const { return m_flowView; }
    ResidualView* residualView() const { return m_residuals; }
    MetricsView* metricsView() const { return m_metrics; }
    FlowInspector* flowInspector() const { return m_flowInspector; }
    EvidenceDocks* flowDocks() const { return m_flowDocks; }
    const FlowTrace& flowTrace() const { return m_flow; }
    PictureView* pictureView() const { return m_picture; }
    TrajectoryView* trajectoryView() const { return m_trajectory; }
    AcceptanceView* acceptanceView() const { return m_acceptance; }
    WindowView* windowView() const { return m_window; }
    ProgressStrip* progressStrip() const { return m_progress; }
    RecentStrip* recentStrip() const { return m_recent; }
    NoticeBar* notice() const { return m_notice; }
    TopBar* topBar() const { return m_topBar; }
    const Comparison& comparison() const { return m_comparison; }
    ComparisonDialog* comparisonDialog() const { return m_compared; } ///< null until something was compared
    EvidenceDocks* docks() const { return m_docks; }
    FigureExport* figures() const { return m_figures; }
    QVector<FigureView*> figureViews() const; ///< the plots of the workspace
    Session* session() { return &m_session; }
    TraceModel* traceModel() { return &m_model; }
    Selection* selection() { return &m_selection; }

public Q_SLOTS:
    void setWorkspace(jacobi::Workspace workspace);
    /// The request of the workspace; while a run goes on it waits for its end.
    void generate();
    /// The run that goes on, and what would come next.
    void stop();
    /// The request by every method, one after the other; in the workspace of images.
    void compareMethods();
    /// A trace: replays it. A picture of ours: shows it, in its run where that is kept, and takes its settings. Reads beside
    /// the GUI thread.
    void openFile(const QString& path);
    /// Writes the picture as shown, with its settings; beside the GUI thread.
    void savePictureTo(const QString& path);
    /// The same of every picture of the batch, into a folder; asks before it replaces what is there.
    void savePicturesTo(const QString& folder);
    void exportCsvTo(const QString& path);
    void copyPicture();
    /// Puts the run's settings into the panel, and says what of them cannot be kept there.
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
    void buildFlow();
    RequestForm* form() const; ///< of the workspace
    EvidenceDocks* shownDocks() const;
    void layOut();
    void keepShown();
    void letGoOfTheOtherRun();
    void showKept();
    void giveModels();
    void showAnalysis();
    void analyse();
    void buildMenu();
    void buildFigures();
    void exportFigureInFront();
    void showFigures(QAction* inFront, QMenu* all);
    void addShortcuts();
    void connectSession();
    void showPhase();
    void showDevice();
    void showTitle();
    void showPictureTitle();
    RunRequest requestOfShown() const;
    void showRead();
    void showProgress();
    void tellNotes(const ResolvedRequest& resolved);
    void openTrace(const QString& path);
    void openPicture(const QString& path);
    void showSavedPicture(const QString& path, const SavedPicture& picture, FoundRun run);
    void runEnded(const RunEnd& end);
    void start(const RunRequest& request);
    void orderNext();
    void forgetNext();
    void startNext();
    void escape();
    void backendFailed(const Error& error);
    void showError(const Error& error, bool cpuWouldDo);
    void takeSettings(const RunRequest& request, const QString& words);
    void tellWhatChanged();
    void addRecent(const QString& tracePath);
    void askToOpen();
    void askToSave();
    void askToExport();
    /// A file to be written, and how.
    struct FileToSave {
        QString path;
        std::function<Result<void>(const QString&)> write;
    };
    QString pictureFolder() const; ///< where pictures were last saved
    std::vector<FileToSave> filesOfBatch(const QString& folder) const;
    void saveFiles(const QString& told, std::vector<FileToSave> files); ///< told: what the user is told of, a file or a folder
    void askBeforeReplacing(const QStringList& paths, std::function<void()> save);
    void askForFolder(const std::function<void(const QString&)>& then);
    void askForPictureName(const QString& name, const std::function<void(const QString&)>& then);
    void askToSaveAll();
    void askToSaveRun(const QString& tracePath);
    void showInFolder(const QString& tracePath);
    void askToRemove(const QString& tracePath);
    void showShortcuts();
    void showAbout();
    void toggleRunOrPlay();
    void useCpu();
    void showLiveRun();
    Preview shownPicture() const;
    void restore(const StudioSettings& settings);
    StudioSettings remembered() const;

    /// What was looked at in a workspace that is out of sight.
    struct Kept {
        Trace trace;
        bool isLive = false; ///< the session's own run: it has the newest of it
        int item = 0;
        int pass = -1;
        bool follows = true;
        QString marked; ///< in the strip of results
        QByteArray layout;
    };

    /// A run that waits for the one that goes on.
    struct Next {
        Workspace workspace = Workspace::Image;
        RunRequest request;
    };

    StudioPlaces m_places;
    StudioSettings m_settings;
    Workspace m_workspace = Workspace::Image;
    Workspace m_orderedIn = Workspace::Image; ///< of the last run that was asked for
    quint64 m_orderedSeed = 0; ///< of the run that was asked for last
    std::array<Kept, 2> m_kept; ///< by workspace
    TraceModel m_model;
    FlowTrace m_flow{&m_model}; ///< before what reads it
    Selection m_selection;
    Session m_session;
    Comparison m_comparison{&m_session};

    QMenu* m_menu = nullptr;
    TopBar* m_topBar = nullptr;
    QStackedWidget* m_forms = nullptr;    ///< by workspace
    QStackedWidget* m_pictures = nullptr; ///< by workspace
    RequestPanel* m_request = nullptr;
    FlowPanel* m_flowRequest = nullptr;
    PictureView* m_picture = nullptr;
    FlowView* m_flowView = nullptr;
    ResidualView* m_residuals = nullptr;
    MetricsView* m_metrics = nullptr;
    FlowInspector* m_flowInspector = nullptr;
    EvidenceDocks* m_flowDocks = nullptr;
    Scrubber* m_scrubber = nullptr;
    ProgressStrip* m_progress = nullptr;
    RecentStrip* m_recent = nullptr;
    NoticeBar* m_notice = nullptr;
    TrajectoryView* m_trajectory = nullptr;
    AcceptanceView* m_acceptance = nullptr;
    WindowView* m_window = nullptr;
    TokenInspector* m_inspector = nullptr;
    EvidenceDocks* m_docks = nullptr;
    FigureExport* m_figures = nullptr;
    ComparisonDialog* m_compared = nullptr;
    std::optional<Next> m_next;
    QString m_loadedIn; ///< precision of the model that is being loaded on a GPU
    std::string m_toldReason; ///< why this device is used, as far as a notice said it
    std::optional<double> m_measured; ///< share of the measuring that a run waits for
    /// Settings that came from a run or a picture, until it is known what of them can be kept here.
    struct Taken {
        RunRequest request;
        QString words; ///< that say so where all of them can; empty: none
    };
    std::optional<Taken> m_taken;
    std::array<std::optional<RunRequest>, 2> m_still; ///< by workspace: what made the picture shown there without its run
    QString m_livePath; ///< of the trace of the session's own run, once that ended
    bool m_laidOut = false;
    bool m_generatesOnceModelsAreKnown = false;
    BackgroundTasks m_background; ///< last: it finishes before the rest goes
};

} // namespace jacobi
