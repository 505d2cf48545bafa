// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
// The window's files: what is opened, dropped, saved and copied.
#include "app/studio/mainwindow.h"

#include "app/studio/flowpanel.h"
#include "app/studio/noticebar.h"
#include "app/studio/recentstrip.h"
#include "app/studio/requestpanel.h"
#include "app/studio/runwords.h"
#include "app/studio/savedpicture.h"
#include "core/trace/picturefile.h"
#include "core/trace/tracecsv.h"
#include "core/trace/tracefile.h"
#include "widgets/flowview.h"
#include "widgets/pictureview.h"

#include <QApplication>
#include <QClipboard>
#include <QDir>
#include <QDragEnterEvent>
#include <QFileDialog>
#include <QFileInfo>
#include <QMimeData>
#include <QPainter>
#include <QStandardPaths>

#include <algorithm>
#include <cstring>
#include <utility>

namespace jacobi {
namespace {

/// By its first bytes: a name may say anything.
bool isPicture(const QString& path)
{
    const QByteArray signature("\x89PNG\r\n\x1a\n");
    QFile file(path);
    return file.open(QIODevice::ReadOnly) ? file.read(signature.size()) == signature
                                          : path.endsWith(QLatin1String(".png"), Qt::CaseInsensitive);
}

/// Every picture is written as a PNG, so its name says so.
QString asPng(const QString& path)
{
    return path.endsWith(QLatin1String(".png"), Qt::CaseInsensitive) ? path : path + QStringLiteral(".png");
}

void showInDialog(QFileDialog* dialog)
{
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->open();
}

} // namespace

void MainWindow::openFile(const QString& path)
{
    if (isPicture(path)) {
        openPicture(path);
    } else {
        openTrace(path);
    }
}

void MainWindow::openTrace(const QString& path)
{
    m_background.run([this, path]() -> BackgroundTasks::Continuation {
        auto trace = std::make_shared<Result<Trace>>(readTrace(path.toStdString()));
        return [this, path, trace] {
            if (!*trace) {
                m_notice->show(NoticeBar::Tone::Error, QString::fromStdString(trace->error().message));
                Q_EMIT fileOpened(path, false);
                return;
            }
            const QString damage = QString::fromStdString((*trace)->damage);
            const auto header = (*trace)->header;
            setWorkspace(header != nullptr && header->layout.isFlow() ? Workspace::Flow : Workspace::Image);
            m_session.showTrace(std::move(**trace));
            m_recent->setCurrent(path);
            if (!damage.isEmpty()) {
                m_notice->show(NoticeBar::Tone::Warning, damage);
            } else if (m_session.isBusy()) {
                m_notice->show(NoticeBar::Tone::Note, tr("A picture is being made meanwhile."), tr("Show it"),
                               [this] { showLiveRun(); });
            } else if (m_session.phase() != Session::Phase::Unavailable) { // its notice offers a way out
                m_notice->dismiss();
            }
            Q_EMIT fileOpened(path, true);
        };
    });
}

void MainWindow::openPicture(const QString& path)
{
    m_background.run([this, path, runs = m_places.runsFolder]() -> BackgroundTasks::Continuation {
        const auto picture = std::make_shared<const Result<SavedPicture>>(readSavedPicture(path));
        auto run = std::make_shared<FoundRun>(*picture ? runOfPicture(**picture, path, runs) : FoundRun());
        return [this, path, picture, run] {
            if (!*picture) {
                m_notice->show(NoticeBar::Tone::Error, QString::fromStdString(picture->error().message));
            } else {
                showSavedPicture(path, **picture, std::move(*run));
            }
            Q_EMIT fileOpened(path, picture->has_value());
        };
    });
}

/// In its run, where that is there; else by itself. Its settings go into the panel, so that they make this picture again.
void MainWindow::showSavedPicture(const QString& path, const SavedPicture& picture, FoundRun run)
{
    const bool isFlow = isFlowRequest(picture.request);
    setWorkspace(isFlow ? Workspace::Flow : Workspace::Image);
    if (!run.tracePath.isEmpty()) {
        m_session.showTrace(std::move(run.trace));
        m_recent->setCurrent(run.tracePath);
        m_model.setItem(picture.item);
        if (!picture.isFinal && m_model.passes() > 0) {
            m_selection.goToPass(std::clamp(picture.pass, 0, m_model.passes() - 1));
        }
    } else {
        m_still[isFlow ? 1 : 0] = picture.request;
        isFlow ? m_flowView->canvas()->setStill(picture.image) : m_picture->setStill(picture.image);
        m_session.showNothing();
    }
    const QString told = tr("The settings of “%1” are in the panel now.").arg(QFileInfo(path).fileName());
    if (m_session.isBusy()) {
        m_notice->show(NoticeBar::Tone::Note, told + QLatin1Char(' ') + tr("A picture is being made meanwhile."), tr("Show it"),
                       [this] { showLiveRun(); });
        takeSettings(picture.request, {});
    } else if (run.tracePath.isEmpty()) {
        takeSettings(picture.request, told + QLatin1Char(' ') + tr("Its run is not kept here: generating makes it again."));
    } else {
        takeSettings(picture.request, told);
    }
}

Preview MainWindow::shownPicture() const
{
    const int pass = m_selection.currentPass();
    Preview picture;
    picture.item = static_cast<std::uint32_t>(m_model.item());
    picture.pass = static_cast<std::uint32_t>(std::max(pass, 0));
    picture.committedEnd = static_cast<std::uint32_t>(m_model.committedEnd(pass));
    const std::optional<RunSummary>& summary = m_model.trace().summary;
    picture.isFinal = pass == m_model.passes() - 1 && summary && summary->outcome == Outcome::Complete;
    const bool isFlow = m_model.layout().isFlow();
    QImage image = isFlow ? m_flowView->picture() : picture.isFinal ? m_model.finalPicture() : QImage();
    if (image.isNull()) {
        const QImage composed = m_picture->picture(false);
        image = QImage(composed.size(), QImage::Format_RGB888);
        image.fill(Qt::black);
        QPainter(&image).drawImage(0, 0, composed);
    }
    image = image.convertToFormat(QImage::Format_RGB888);
    picture.width = static_cast<std::uint32_t>(image.width());
    picture.height = static_cast<std::uint32_t>(image.height());
    const auto rowBytes = static_cast<std::size_t>(image.width()) * 3;
    picture.rgb.resize(rowBytes * static_cast<std::size_t>(image.height()));
    for (int y = 0; y < image.height(); ++y) {
        std::memcpy(picture.rgb.data() + rowBytes * static_cast<std::size_t>(y), image.constScanLine(y), rowBytes);
    }
    return picture;
}

void MainWindow::savePictureTo(const QString& path)
{
    if (m_model.passes() == 0) {
        return;
    }
    const auto picture = std::make_shared<const Preview>(shownPicture());
    const auto write = [picture, header = m_model.trace().header](const QString& file) {
        return savePicture(file.toStdString(), *picture, nullptr, header.get(), true);
    };
    saveFiles(asPng(path), {{asPng(path), write}});
}

void MainWindow::exportCsvTo(const QString& path)
{
    auto trace = std::make_shared<const Trace>(m_model.trace());
    m_background.run([this, path, trace]() -> BackgroundTasks::Continuation {
        const Result<void> saved = writeTraceCsv(path.toStdString(), *trace);
        return [this, path, saved] {
            if (!saved) {
                m_notice->show(NoticeBar::Tone::Error, QString::fromStdString(saved.error().message));
            } else {
                m_notice->show(NoticeBar::Tone::Note, tr("Exported to %1").arg(QDir::toNativeSeparators(path)));
            }
            Q_EMIT fileSaved(path, saved.has_value());
        };
    });
}

void MainWindow::copyPicture()
{
    if (m_model.passes() > 0) {
        const Preview picture = shownPicture();
        const QImage image(picture.rgb.data(), static_cast<int>(picture.width), static_cast<int>(picture.height),
                           static_cast<qsizetype>(picture.width) * 3, QImage::Format_RGB888);
        QApplication::clipboard()->setImage(image.copy());
        m_notice->show(NoticeBar::Tone::Note, tr("The picture was copied."));
    }
}

void MainWindow::askToOpen()
{
    auto* dialog = new QFileDialog(this, tr("Open a run or a picture"), m_places.runsFolder,
                                   tr("Runs and pictures (*.jtrace *.png);;All files (*)"));
    dialog->setFileMode(QFileDialog::ExistingFile);
    connect(dialog, &QFileDialog::fileSelected, this, &MainWindow::openFile);
    showInDialog(dialog);
}

void MainWindow::askToSave()
{
    const RunHeader* header = m_model.header();
    if (header == nullptr || m_model.passes() == 0) {
        return;
    }
    const int pass = m_selection.currentPass();
    QString name = fileNameOf(requestOfShown());
    if (pass < m_model.passes() - 1) { // not the finished picture, which may lie beside it
        name += QStringLiteral("-pass-%1").arg(pass);
    }
    askForPictureName(name + QStringLiteral(".png"), [this](const QString& path) { savePictureTo(path); });
}

/// The name of a PNG, which it is whatever ending was typed; a file that is there is replaced only after a question.
void MainWindow::askForPictureName(const QString& name, const std::function<void(const QString&)>& then)
{
    auto* dialog = new QFileDialog(this, tr("Save the picture"), pictureFolder(), tr("PNG picture (*.png)"));
    dialog->setAcceptMode(QFileDialog::AcceptSave);
    dialog->setDefaultSuffix(QStringLiteral("png"));
    dialog->selectFile(name);
    connect(dialog, &QFileDialog::fileSelected, this, [this, then](const QString& path) {
        const QString real = asPng(path);
        // The dialog has asked for the name it knows.
        askBeforeReplacing(real == path ? QStringList() : QStringList(real), [then, real] { then(real); });
    });
    showInDialog(dialog);
}

void MainWindow::askToExport()
{
    const RunHeader* header = m_model.header();
    if (header == nullptr || m_model.passes() == 0) {
        return;
    }
    auto* dialog =
        new QFileDialog(this, tr("Export the passes"),
                        QStandardPaths::writableLocation(QStandardPaths::DocumentsLocation), tr("Table (*.csv)"));
    dialog->setAcceptMode(QFileDialog::AcceptSave);
    dialog->setDefaultSuffix(QStringLiteral("csv"));
    dialog->selectFile(fileNameOf(header->request) + QStringLiteral(".csv"));
    connect(dialog, &QFileDialog::fileSelected, this, &MainWindow::exportCsvTo);
    showInDialog(dialog);
}

void MainWindow::dragEnterEvent(QDragEnterEvent* event)
{
    const QList<QUrl> urls = event->mimeData()->urls();
    if (urls.size() == 1 && urls.first().isLocalFile()) {
        event->acceptProposedAction();
    }
}

void MainWindow::dropEvent(QDropEvent* event)
{
    openFile(event->mimeData()->urls().value(0).toLocalFile());
    event->acceptProposedAction();
}

} // namespace jacobi
