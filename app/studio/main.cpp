// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/shared/backendloader.h"
#include "app/studio/commandline.h"
#include "app/studio/display.h"
#include "app/studio/mainwindow.h"
#include "app/studio/screenshot.h"

#include <QApplication>
#include <QIcon>
#include <QTimer>

#include <cstdio>

namespace {

std::vector<std::string> toStrings(const QStringList& list)
{
    std::vector<std::string> strings;
    for (const QString& text : list) {
        strings.push_back(text.toStdString());
    }
    return strings;
}

/// Before there is anything that needs a display: help, version and mistakes are told without one.
jacobi::CommandLine readArguments(int argc, char** argv, bool& canShow)
{
    using namespace jacobi;
    QCoreApplication application(argc, argv);
    QCoreApplication::setApplicationName(QStringLiteral("jacobi-studio"));
    QCoreApplication::setApplicationVersion(QStringLiteral(JACOBI_VERSION));
    canShow = hasDisplay(QCoreApplication::arguments());
    return readCommandLine(withoutQtOptions(QCoreApplication::arguments()));
}

} // namespace

int main(int argc, char** argv)
{
    using namespace jacobi;
    bool canShow = true;
    const CommandLine line = readArguments(argc, argv, canShow);
    const bool forFile = !line.screenshot.isEmpty() || !line.figures.empty(); // nobody looks at the window
    if (!canShow && !forFile) {
        std::fprintf(stderr, "jacobi-studio: there is no display to show a window on. --screenshot FILE writes a picture "
                             "of the window without one, --figure NAME=FILE a plot, and jacobi is the command line.\n");
        return 1;
    }
    if (!canShow) {
        qputenv("QT_QPA_PLATFORM", "offscreen");
    }
    QApplication application(argc, argv);
    QApplication::setApplicationDisplayName(QStringLiteral("Jacobi Studio"));
    QGuiApplication::setDesktopFileName(QStringLiteral("io.github.jacobistudio.JacobiStudio"));
    QApplication::setWindowIcon(QIcon(QStringLiteral(":/icons/jacobi-studio.svg")));

    StudioPlaces places;
    places.source = BackendSource::installed();
    places.backend.device = line.device.toStdString();
    places.backend.modelFolders = modelFolders(toStrings(line.modelFolders));
    places.backend.cacheFolder = cacheFolder();
    if (!forFile) {
        places.settingsFile = settingsPath();
        places.runsFolder = runsFolder();
    }
    const Theme::Mode remembered = readSettings(places.settingsFile).theme;
    Theme::apply(application, line.theme.value_or(forFile ? Theme::Mode::Dark : remembered));

    MainWindow window(std::move(places));
    if (forFile) {
        line.figures.empty() ? takeScreenshot(window, line) : writeFigures(window, line);
        return QApplication::exec();
    }
    window.show();
    if (!line.file.isEmpty()) {
        if (line.pass) {
            const auto show = [&window, pass = *line.pass](const QString&, bool ok) {
                if (ok) {
                    window.selection()->goToPass(pass);
                }
            };
            QObject::connect(&window, &MainWindow::fileOpened, &window, show, Qt::SingleShotConnection);
        }
        window.openFile(line.file);
    }
    QTimer::singleShot(0, &window, &MainWindow::openBackend); // the window first, libtorch after it
    return QApplication::exec();
}
