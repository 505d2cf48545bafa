// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
// What the window does with kept runs and with the pictures of a batch: saves, shows and removes their files.
#include "app/studio/mainwindow.h"

#include "app/studio/noticebar.h"
#include "app/studio/recentruns.h"
#include "app/studio/recentstrip.h"
#include "app/studio/runwords.h"
#include "core/trace/picturefile.h"

#include <QDesktopServices>
#include <QDir>
#include <QFile>
#include <QFileDialog>
#include <QFileInfo>
#include <QMessageBox>
#include <QPushButton>
#include <QStandardPaths>
#include <QUrl>

#include <algorithm>
#include <filesystem>
#include <map>
#include <system_error>

namespace jacobi {
namespace {

Result<void> copyFile(const QString& from, const QString& to)
{
    std::error_code error;
    std::filesystem::copy_file(from.toStdString(), to.toStdString(), std::filesystem::copy_options::overwrite_existing,
                               error);
    if (error) {
        return fail(ErrorCode::Io, "“" + QDir::toNativeSeparators(to).toStdString() + "” cannot be written: " + error.message() +
                                       ". Choose another place.");
    }
    return {};
}

/// A question over the window; `act` is what its first button does.
void ask(QWidget* window, const QString& title, const QString& question, const QString& button, std::function<void()> act)
{
    auto* box = new QMessageBox(QMessageBox::Question, title, question, QMessageBox::NoButton, window);
    box->setAttribute(Qt::WA_DeleteOnClose);
    box->setTextFormat(Qt::PlainText);
    QPushButton* yes = box->addButton(button, QMessageBox::AcceptRole);
    QPushButton* no = box->addButton(QMessageBox::Cancel);
    box->setDefaultButton(no);
    for (QPushButton* one : {yes, no}) {
        one->setIcon(QIcon()); // words, as all buttons here
    }
    QObject::connect(yes, &QPushButton::clicked, window, [act = std::move(act)] { act(); });
    box->open();
}

} // namespace

QString MainWindow::pictureFolder() const
{
    const QString folder = m_settings.pictureFolder;
    return folder.isEmpty() || !QDir(folder).exists() ? QStandardPaths::writableLocation(QStandardPaths::PicturesLocation)
                                                      : folder;
}

void MainWindow::askBeforeReplacing(const QStringList& paths, std::function<void()> save)
{
    QStringList there;
    std::copy_if(paths.begin(), paths.end(), std::back_inserter(there), [](const QString& path) { return QFileInfo::exists(path); });
    if (there.isEmpty()) {
        save();
        return;
    }
    const QString name = QFileInfo(there.first()).fileName();
    ask(this, tr("Replace files"),
        there.size() == 1 ? tr("“%1” is there already. Replace it?").arg(name)
                          : tr("“%1” and %2 more files are there already. Replace them?").arg(name).arg(there.size() - 1),
        tr("Replace"), std::move(save));
}

void MainWindow::saveFiles(const QString& told, std::vector<FileToSave> files)
{
    m_background.run([this, told, files = std::move(files)]() -> BackgroundTasks::Continuation {
        Result<void> saved;
        for (auto file = files.begin(); file != files.end() && saved; ++file) {
            saved = file->write(file->path);
        }
        return [this, told, saved, count = files.size()] {
            if (!saved) {
                m_notice->show(NoticeBar::Tone::Error, QString::fromStdString(saved.error().message));
            } else {
                m_settings.pictureFolder = QFileInfo(told).isDir() ? told : QFileInfo(told).absolutePath();
                m_notice->show(NoticeBar::Tone::Note,
                               count == 1 ? tr("Saved as %1").arg(QDir::toNativeSeparators(told))
                                          : tr("%1 pictures were saved in %2").arg(count).arg(QDir::toNativeSeparators(told)));
            }
            Q_EMIT fileSaved(told, saved.has_value());
        };
    });
}

/// The last picture there is of each of the batch, as a file of the folder.
std::vector<MainWindow::FileToSave> MainWindow::filesOfBatch(const QString& folder) const
{
    const std::shared_ptr<const RunHeader> header = m_model.trace().header;
    std::map<std::uint32_t, std::shared_ptr<const Preview>> last;
    for (const auto& picture : m_model.trace().previews) {
        if (!isOfTheStart(*picture)) {
            last[picture->item] = picture;
        }
    }
    std::vector<FileToSave> files;
    for (const auto& [item, picture] : last) {
        RunRequest own = header->request;
        own.seed += item;
        files.push_back({QDir(folder).filePath(fileNameOf(own) + QStringLiteral(".png")),
                         [header, picture = picture](const QString& path) {
                             return savePicture(path.toStdString(), *picture, nullptr, header.get(), true);
                         }});
    }
    return files;
}

void MainWindow::savePicturesTo(const QString& folder)
{
    std::vector<FileToSave> files = filesOfBatch(folder);
    QStringList paths;
    for (const FileToSave& file : files) {
        paths << file.path;
    }
    if (!files.empty()) {
        askBeforeReplacing(paths, [this, folder, files] { saveFiles(folder, files); });
    }
}

void MainWindow::askForFolder(const std::function<void(const QString&)>& then)
{
    auto* dialog = new QFileDialog(this, tr("Choose a folder for the pictures"), pictureFolder());
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setFileMode(QFileDialog::Directory);
    dialog->setOption(QFileDialog::ShowDirsOnly);
    connect(dialog, &QFileDialog::fileSelected, this, then);
    dialog->open();
}

void MainWindow::askToSaveAll()
{
    if (m_model.header() != nullptr && m_model.items() > 1) {
        askForFolder([this](const QString& folder) { savePicturesTo(folder); });
    }
}

void MainWindow::askToSaveRun(const QString& tracePath)
{
    const QStringList pictures = picturesOfRun(tracePath);
    const auto copies = [](const QStringList& from, const QStringList& to) {
        std::vector<FileToSave> files;
        for (int at = 0; at < from.size(); ++at) {
            files.push_back({to[at], [source = from[at]](const QString& path) { return copyFile(source, path); }});
        }
        return files;
    };
    if (pictures.isEmpty()) {
        m_notice->show(NoticeBar::Tone::Note, tr("This run left no picture."));
    } else if (pictures.size() == 1) {
        askForPictureName(QFileInfo(pictures.first()).fileName(), [this, pictures, copies](const QString& path) {
            saveFiles(path, copies(pictures, {path}));
        });
    } else {
        askForFolder([this, pictures, copies](const QString& folder) {
            QStringList paths;
            for (const QString& picture : pictures) {
                paths << QDir(folder).filePath(QFileInfo(picture).fileName());
            }
            askBeforeReplacing(paths, [this, folder, files = copies(pictures, paths)] { saveFiles(folder, files); });
        });
    }
}

void MainWindow::showInFolder(const QString& tracePath)
{
    const QString folder = QFileInfo(tracePath).absolutePath();
    if (!QDesktopServices::openUrl(QUrl::fromLocalFile(folder))) {
        m_notice->show(NoticeBar::Tone::Note, tr("The run lies in %1").arg(QDir::toNativeSeparators(folder)));
    }
}

void MainWindow::askToRemove(const QString& tracePath)
{
    const QStringList pictures = picturesOfRun(tracePath);
    const QString question = pictures.size() > 1 ? tr("Move this run and its %1 pictures to the trash?").arg(pictures.size())
                                                 : tr("Move this run and its picture to the trash?");
    ask(this, tr("Remove a run"), question, tr("Move to the trash"), [this, files = QStringList(tracePath) + pictures] {
        m_background.run([this, files]() -> BackgroundTasks::Continuation {
            QString failed;
            for (const QString& file : files) {
                if (failed.isEmpty() && !QFile::moveToTrash(file)) {
                    failed = file;
                }
            }
            return [this, files, failed] {
                if (failed != files.first()) {
                    m_recent->removeRun(files.first());
                }
                if (!failed.isEmpty()) {
                    m_notice->show(NoticeBar::Tone::Error, tr("“%1” cannot be moved to the trash. Delete it in its folder.")
                                                               .arg(QDir::toNativeSeparators(failed)));
                }
            };
        });
    });
}

} // namespace jacobi
