// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/shared/backendloader.h"
#include "app/studio/commandline.h"
#include "app/studio/mainwindow.h"
#include "app/studio/screenshot.h"

#include <QApplication>
#include <QIcon>
#include <QTimer>

namespace {

std::vector<std::string> toStrings(const QStringList& list)
{
    std::vector<std::string> strings;
    for (const QString& text : list) {
        strings.push_back(text.toStdString());
    }
    return strings;
}

} // namespace

int main(int argc, char** argv)
{
    using namespace jacobi;
    QApplication application(argc, argv);
    QApplication::setApplicationName(QStringLiteral("jacobi-studio"));
    QApplication::setApplicationDisplayName(QStringLiteral("Jacobi Studio"));
    QApplication::setApplicationVersion(QStringLiteral(JACOBI_VERSION));
    QGuiApplication::setDesktopFileName(QStringLiteral("io.github.jacobistudio.JacobiStudio"));
    QApplication::setWindowIcon(QIcon(QStringLiteral(":/icons/jacobi-studio.svg")));
    const CommandLine line = readCommandLine(application);

    StudioPlaces places;
    places.source = BackendSource::installed();
    places.backend.device = line.device.toStdString();
    places.backend.modelFolders = modelFolders(toStrings(line.modelFolders));
    places.backend.cacheFolder = cacheFolder();
    const bool forScreenshot = !line.screenshot.isEmpty();
    if (!forScreenshot) {
        places.settingsFile = settingsPath();
        places.runsFolder = runsFolder();
    }
    const Theme::Mode remembered = readSettings(places.settingsFile).theme;
    Theme::apply(application, line.theme.value_or(forScreenshot ? Theme::Mode::Dark : remembered));

    MainWindow window(std::move(places));
    if (forScreenshot) {
        takeScreenshot(window, line);
        return QApplication::exec();
    }
    window.show();
    if (!line.file.isEmpty()) {
        window.openFile(line.file);
    }
    QTimer::singleShot(0, &window, &MainWindow::openBackend); // the window first, libtorch after it
    return QApplication::exec();
}
