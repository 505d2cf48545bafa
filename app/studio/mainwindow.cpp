// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/studio/mainwindow.h"

#include "app/studio/errorwords.h"
#include "app/studio/evidencedocks.h"
#include "app/studio/flowpanel.h"
#include "app/studio/noticebar.h"
#include "app/studio/promptedit.h"
#include "app/studio/recentstrip.h"
#include "app/studio/requestchanges.h"
#include "app/studio/requestpanel.h"
#include "app/studio/runwords.h"
#include "app/studio/topbar.h"
#include "widgets/acceptanceview.h"
#include "widgets/flowview.h"
#include "widgets/pictureview.h"
#include "widgets/progressstrip.h"
#include "widgets/scrubber.h"
#include "widgets/segmentedcontrol.h"
#include "widgets/tokeninspector.h"
#include "widgets/trajectoryview.h"
#include "widgets/windowview.h"

#include <QCloseEvent>
#include <QFrame>
#include <QHBoxLayout>
#include <QMenu>
#include <QStackedWidget>
#include <QTimer>
#include <QVBoxLayout>

#include <chrono>
#include <utility>

namespace jacobi {
namespace {

constexpr std::chrono::milliseconds kPatience{5000}; ///< for the last pass of a run when the window closes
constexpr int kBelowTitle = 54;                      ///< pixels: the picture's title stays readable

QFrame* verticalLine(QWidget* parent)
{
    auto* line = new QFrame(parent);
    line->setFixedWidth(1);
    line->setAutoFillBackground(true);
    line->setBackgroundRole(QPalette::Mid);
    return line;
}

} // namespace

MainWindow::MainWindow(StudioPlaces places, QWidget* parent)
    : QMainWindow(parent),
      m_places(std::move(places)),
      m_settings(readSettings(m_places.settingsFile)),
      m_session(m_places.source, &m_model)
{
    setAcceptDrops(true);
    setContextMenuPolicy(Qt::NoContextMenu);
    m_selection.attach(&m_model);
    m_session.setRunsFolder(m_places.runsFolder.toStdString());

    m_menu = new QMenu(this);
    m_topBar = new TopBar(m_menu, this);
    setMenuWidget(m_topBar);
    m_forms = new QStackedWidget(this);
    m_forms->setFixedWidth(RequestForm::kWidth);
    m_request = new RequestPanel(m_forms);
    m_forms->addWidget(m_request);
    auto* central = new QWidget(this);
    central->setFocusPolicy(Qt::ClickFocus);
    auto* row = new QHBoxLayout(central);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(0);
    row->addWidget(m_forms);
    row->addWidget(verticalLine(central));
    row->addWidget(buildMiddle(), 1);
    setCentralWidget(central);
    buildDocks();
    buildFlow();
    buildFigures();
    buildMenu();
    addShortcuts();
    connectSession();
    restore(m_settings);
    showPhase();
    showDevice();
    form()->firstField()->setFocus();

    if (!m_places.runsFolder.isEmpty()) {
        m_background.run([this, folder = m_places.runsFolder.toStdString()]() -> BackgroundTasks::Continuation {
            return [this, runs = findRecentRuns(folder, RecentStrip::kMost)] { m_recent->setRuns(runs); };
        });
    }
}

MainWindow::~MainWindow() = default;

QWidget* MainWindow::buildMiddle()
{
    auto* middle = new QWidget(this);
    middle->setFocusPolicy(Qt::ClickFocus);
    middle->setMinimumWidth(420);
    m_pictures = new QStackedWidget(middle);
    m_picture = new PictureView(&m_model, &m_selection, m_pictures);
    m_pictures->addWidget(m_picture);
    m_scrubber = new Scrubber(&m_model, &m_selection, middle);
    m_progress = new ProgressStrip(&m_model, middle);
    m_progress->setFlow(&m_flow);
    m_recent = new RecentStrip(middle);
    m_notice = new NoticeBar(middle, kBelowTitle);
    m_notice->setQuietPlace(m_recent);
    auto* column = new QVBoxLayout(middle);
    column->setContentsMargins(16, 8, 16, 14);
    column->setSpacing(8);
    column->addWidget(m_pictures, 1);
    column->addWidget(m_scrubber);
    column->addWidget(m_progress);
    column->addSpacing(2);
    column->addWidget(m_recent);
    return middle;
}

void MainWindow::buildDocks()
{
    m_trajectory = new TrajectoryView(&m_model, &m_selection, this);
    m_acceptance = new AcceptanceView(&m_model, &m_selection, this);
    m_window = new WindowView(&m_model, &m_selection, this);
    m_inspector = new TokenInspector(&m_model, &m_selection, this);
    m_docks = new EvidenceDocks(this);
    m_docks->add(QStringLiteral("trajectory"), tr("Trajectory"), m_trajectory, 46);
    m_docks->add(QStringLiteral("acceptance"), tr("Accepted per pass"), m_acceptance, 24);
    m_docks->addBehind(QStringLiteral("window"), tr("Window"), m_window);
    m_docks->add(QStringLiteral("inspector"), tr("Token inspector"), m_inspector, 30);
}

void MainWindow::connectSession()
{
    for (RequestForm* one : {static_cast<RequestForm*>(m_request), static_cast<RequestForm*>(m_flowRequest)}) {
        connect(one, &RequestForm::generateRequested, this, &MainWindow::generate);
    }
    connect(m_topBar, &TopBar::workspaceChosen, this, [this](const QString& id) {
        setWorkspace(id == QLatin1String(TopBar::kFlow) ? Workspace::Flow : Workspace::Image);
    });
    connect(m_topBar, &TopBar::pauseRequested, &m_session, &Session::pause);
    connect(m_topBar, &TopBar::resumeRequested, &m_session, &Session::resume);
    connect(m_topBar, &TopBar::stepRequested, &m_session, &Session::step);
    connect(m_topBar, &TopBar::stopRequested, this, &MainWindow::stop);
    connect(m_notice, &NoticeBar::closed, this, &MainWindow::forgetNext);
    connect(m_recent, &RecentStrip::chosen, this, &MainWindow::openFile);
    connect(m_recent, &RecentStrip::saveRequested, this, &MainWindow::askToSaveRun);
    connect(m_recent, &RecentStrip::folderRequested, this, &MainWindow::showInFolder);
    connect(m_recent, &RecentStrip::removalRequested, this, &MainWindow::askToRemove);

    connect(&m_session, &Session::phaseChanged, this, &MainWindow::showPhase);
    connect(&m_session, &Session::deviceChanged, this, &MainWindow::showDevice);
    connect(&m_session, &Session::deviceChanged, this, &MainWindow::showProgress);
    connect(&m_session, &Session::modelsChanged, this, [this] {
        giveModels();
        tellWhatChanged();
        if (std::exchange(m_generatesOnceModelsAreKnown, false)) {
            generate();
        }
    });
    connect(&m_session, &Session::shownChanged, this, &MainWindow::showTitle);
    connect(&m_model, &TraceModel::finished, this, &MainWindow::showPictureTitle);
    connect(&m_model, &TraceModel::reset, this, &MainWindow::showPictureTitle); // another picture of the batch
    connect(&m_session, &Session::backendFailed, this, &MainWindow::backendFailed);
    connect(&m_session, &Session::measuring, this, [this](double fraction) {
        m_measured = fraction;
        showProgress();
    });
    connect(&m_session, &Session::prepared, this, [this](const ResolvedRequest& resolved) {
        m_measured.reset();
        if (!isFlowRequest(resolved.request)) {
            m_request->showSettled(resolved.request);
        }
        m_loadedIn = resolved.request.device == "cpu" ? QString() : QString::fromStdString(resolved.request.precision);
        showProgress();
        tellNotes(resolved);
    });
    connect(&m_session, &Session::recordingFailed, this, [this](const Error& error) {
        m_notice->show(NoticeBar::Tone::Warning, QString::fromStdString(error.message));
    });
    connect(&m_session, &Session::runBegan, this, [this] {
        const RunHeader& header = *m_session.liveTrace().header;
        RequestForm* ordered = m_request;
        if (header.layout.isFlow()) {
            ordered = m_flowRequest;
        }
        ordered->seedWasUsed(header.request.seed);
        m_livePath.clear();
        if (m_session.isLiveShown()) {
            m_recent->setCurrent({});
        }
        showProgress();
    });
    connect(&m_session, &Session::runEnded, this, &MainWindow::runEnded);
}

/// What stands below the prompt and beside the method is not said again over the results; why another device is used is said once.
void MainWindow::tellNotes(const ResolvedRequest& resolved)
{
    QStringList notes;
    for (const std::string& note : resolved.notes) {
        const bool isOfDevice = m_session.device() && note == m_session.device()->reason;
        const bool isKnown = isOfDevice && std::exchange(m_toldReason, note) == note;
        if (!isKnown && note != resolved.wordsNote && note != resolved.methodNote) {
            notes << QString::fromStdString(note);
        }
    }
    if (!notes.isEmpty()) {
        m_notice->show(NoticeBar::Tone::Note, notes.join(QLatin1Char(' ')));
    }
}

void MainWindow::openBackend()
{
    m_session.open(m_places.backend);
}

void MainWindow::generate()
{
    if (m_session.isBusy()) {
        orderNext();
        return;
    }
    if (!form()->canGenerate()) {
        return;
    }
    m_notice->dismiss();
    if (!m_session.modelsKnown()) { // Pressed in the first moments: the panel does not know the model's defaults yet.
        m_generatesOnceModelsAreKnown = true;
        m_progress->setState(ProgressStrip::State::Loading);
        return;
    }
    start(form()->nextRequest());
}

void MainWindow::start(const RunRequest& request)
{
    m_scrubber->stop();
    letGoOfTheOtherRun();
    m_orderedIn = m_workspace;
    m_orderedSeed = request.seed;
    m_loadedIn.clear();
    m_taken.reset();
    m_session.generate(request);
    writeSettings(m_places.settingsFile, remembered()); // Whatever happens to this process, the prompt is not lost.
    showProgress();
}

/// What is shown is made as soon as the run that goes on has ended. One waits at most; the newer one counts.
void MainWindow::orderNext()
{
    if (m_comparison.isGoingOn()) {
        m_notice->show(NoticeBar::Tone::Note, tr("The methods are being compared. Stop that first (Ctrl+.)."));
        return;
    }
    if (form()->model() == nullptr || !form()->problem().isEmpty()) {
        return;
    }
    constexpr int kMostLetters = 80;
    form()->seedWasUsed(m_orderedSeed); // though that run may not have begun yet
    m_next = Next{m_workspace, form()->nextRequest()};
    const RunRequest& request = m_next->request;
    QString words = QString::fromStdString(isFlowRequest(request) ? request.className : request.prompt).simplified();
    if (words.size() > kMostLetters) {
        words = words.left(kMostLetters).trimmed() + QStringLiteral("…");
    }
    const QString seed = tr("seed %1").arg(request.seed);
    m_notice->show(NoticeBar::Tone::Note, tr("Next: %1").arg(words.isEmpty() ? seed : words + QStringLiteral(" · ") + seed),
                   tr("Leave it out"), [this] { forgetNext(); });
}

void MainWindow::forgetNext()
{
    if (std::exchange(m_next, std::nullopt) && m_notice->tone() == NoticeBar::Tone::Note) {
        m_notice->dismiss(); // it says what comes next
    }
}

void MainWindow::startNext()
{
    if (!m_next || m_session.isBusy() || m_session.phase() == Session::Phase::Unavailable) {
        return;
    }
    const Next next = *m_next;
    forgetNext();
    setWorkspace(next.workspace);
    start(next.request);
}

void MainWindow::stop()
{
    forgetNext();
    m_session.stop();
}

void MainWindow::runEnded(const RunEnd& end)
{
    m_measured.reset();
    showProgress();
    if (end.error && end.error->code != ErrorCode::Cancelled) {
        showError(*end.error, end.error->cpuWouldDo);
    } else if (m_notice->tone() == NoticeBar::Tone::Note && !m_session.isLiveShown()) {
        m_notice->dismiss(); // "A picture is being made meanwhile"
    }
    QTimer::singleShot(0, this, &MainWindow::startNext); // once everyone has heard that this one ended
    if (!end.tracePath.isEmpty()) {
        m_livePath = end.tracePath;
        addRecent(end.tracePath);
    }
}

void MainWindow::addRecent(const QString& tracePath)
{
    m_background.run([this, tracePath]() -> BackgroundTasks::Continuation {
        return [this, run = recentRun(tracePath.toStdString())] {
            m_recent->addRun(run);
            if (m_session.isLiveShown() && run.tracePath == m_livePath) {
                m_recent->setCurrent(run.tracePath);
            }
        };
    });
}

void MainWindow::backendFailed(const Error& error)
{
    showError(error, error.code == ErrorCode::NoDevice || error.code == ErrorCode::InvalidRequest || error.cpuWouldDo);
}

/// cpuWouldDo: a button goes with it, unless the CPU is what did not do.
void MainWindow::showError(const Error& error, bool cpuWouldDo)
{
    if (cpuWouldDo && m_session.options().device != "cpu") {
        m_notice->show(NoticeBar::Tone::Error, sentenceOf(error), tr("Use the CPU"), [this] { useCpu(); });
    } else {
        m_notice->show(NoticeBar::Tone::Error, sentenceOf(error));
    }
}

void MainWindow::useCpu()
{
    BackendOptions options = m_session.options();
    options.device = "cpu";
    m_session.open(options);
}

void MainWindow::showLiveRun()
{
    if (m_session.isBusy()) {
        setWorkspace(m_orderedIn);
    } else if (const auto& header = m_session.liveTrace().header) {
        setWorkspace(header->layout.isFlow() ? Workspace::Flow : Workspace::Image);
    }
    m_session.showLive();
    m_recent->setCurrent(m_livePath);
    showProgress();
}

void MainWindow::useShownSettings()
{
    if (const RunHeader* header = m_model.header()) {
        takeSettings(header->request, {});
    }
}

/// words: what is said where all of them can be kept.
void MainWindow::takeSettings(const RunRequest& request, const QString& words)
{
    form()->setRequest(request);
    form()->setSeedLocked(true);
    if (!words.isEmpty()) {
        m_notice->show(NoticeBar::Tone::Note, words);
    }
    m_taken = Taken{request, words};
    tellWhatChanged();
}

/// Once models and device are known: before, nobody can say what will be another.
void MainWindow::tellWhatChanged()
{
    if (!m_taken || !m_session.device()) {
        return;
    }
    const Taken taken = *std::exchange(m_taken, std::nullopt);
    const RequestForm* panel = m_request;
    if (isFlowRequest(taken.request)) {
        panel = m_flowRequest;
    }
    if (panel->model() == nullptr) {
        return;
    }
    const bool onGpu = m_session.device()->id != "cpu";
    const QStringList changes = requestChanges(taken.request, panel->shownRequest(), *panel->model(), onGpu);
    if (!changes.isEmpty()) {
        const QString words = taken.words.isEmpty() ? tr("The settings of this run are in the panel now.") : taken.words;
        m_notice->show(NoticeBar::Tone::Warning, tr("%1 The next picture can be another: %2")
                                                     .arg(words, changes.join(QLatin1Char(' '))));
    }
}

void MainWindow::closeEvent(QCloseEvent* event)
{
    writeSettings(m_places.settingsFile, remembered());
    m_next.reset();
    hide();
    m_session.shutDown(kPatience);
    event->accept();
}

} // namespace jacobi
