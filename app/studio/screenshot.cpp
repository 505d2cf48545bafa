// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/studio/screenshot.h"

#include "app/studio/figureexport.h"
#include "app/studio/flowpanel.h"
#include "app/studio/mainwindow.h"
#include "app/studio/noticebar.h"
#include "app/studio/requestpanel.h"
#include "core/io/atomicfile.h"

#include <QApplication>
#include <QPixmap>
#include <QTimer>

#include <cstdio>
#include <functional>

namespace jacobi {
namespace {

constexpr int kSettleMs = 400; ///< views repaint at most thirty times a second, one after the other

void endWith(const QString& sentence)
{
    std::fprintf(stderr, "jacobi-studio: %s\n", qUtf8Printable(sentence));
    QApplication::exit(1);
}

void grab(MainWindow& window, const QString& path)
{
    if (window.grab().save(path, "PNG")) {
        QApplication::exit(0);
    } else {
        endWith(QStringLiteral("the picture cannot be written to %1. Check the folder.").arg(path));
    }
}

/// Calls back once the backend is there, or cannot be.
void whenReady(MainWindow& window, const std::function<void()>& then)
{
    const auto settled = [session = window.session()] { return session->phase() != Session::Phase::Opening; };
    if (settled()) {
        then();
        return;
    }
    auto* once = new QObject(&window);
    QObject::connect(window.session(), &Session::phaseChanged, once, [once, settled, then] {
        if (settled()) {
            once->deleteLater();
            then();
        }
    });
}

/// Beside the run stand its settings; what of them could not be kept here concerns nobody who only looks.
void showSettings(MainWindow& window)
{
    RequestForm* panel = window.requestPanel();
    if (window.workspace() == Workspace::Flow) {
        panel = window.flowPanel();
    }
    if (const RunHeader* header = window.traceModel()->header()) {
        panel->setRequest(header->request);
        panel->setSeedLocked(true);
    }
}

/// Where the model of a flow is there, its metrics are shown once the backend has told of it.
bool needsModels(const MainWindow& window, const CommandLine& line)
{
    const auto isBlocks = [](const CommandLine::FigureFile& figure) { return figure.name == QLatin1String("blocks"); };
    return window.workspace() == Workspace::Flow && std::ranges::any_of(line.figures, isBlocks);
}

/// Nothing, or the sentence that says why there is no such file.
QString writeOne(MainWindow& window, const CommandLine::FigureFile& file, const QSizeF& millimetres)
{
    const QVector<FigureView*> views = window.figureViews();
    const auto view = std::ranges::find(views, file.name, [](const FigureView* one) { return one->figureName(); });
    if (view == views.end()) {
        return QStringLiteral("this run has no figure \"%1\". It has %2.")
            .arg(file.name, figureNames(window.workspace() == Workspace::Flow).join(QStringLiteral(", ")));
    }
    if (!(*view)->hasFigure()) {
        return QStringLiteral("there is nothing to draw in \"%1\": the run has no pass or no picture.").arg(file.name);
    }
    FigurePage page = figurePage(window.figures()->caption(*view));
    page.millimetres = millimetres;
    const Result<QByteArray> bytes = figureBytes((*view)->figure(), file.path, page);
    if (!bytes) {
        return QString::fromStdString(bytes.error().message);
    }
    const Result<void> written =
        writeFileAtomically(file.path.toStdString(), std::string_view(bytes->constData(), static_cast<std::size_t>(bytes->size())));
    return written ? QString() : QString::fromStdString(written.error().message);
}

} // namespace

void writeFigures(MainWindow& window, const CommandLine& line)
{
    const auto write = [&window, line] {
        for (const CommandLine::FigureFile& file : line.figures) {
            if (const QString trouble = writeOne(window, file, line.figureMillimetres); !trouble.isEmpty()) {
                endWith(trouble);
                return;
            }
        }
        QApplication::exit(0);
    };
    QObject::connect(&window, &MainWindow::fileOpened, &window, [&window, line, write](const QString&, bool ok) {
        if (!ok) {
            endWith(window.notice()->sentence());
            return;
        }
        if (line.pass) {
            window.selection()->goToPass(std::min(*line.pass, window.traceModel()->passes() - 1));
        }
        if (needsModels(window, line)) {
            window.openBackend();
            whenReady(window, [&window, write] { QTimer::singleShot(kSettleMs, &window, write); });
        } else {
            write();
        }
    });
    window.openFile(line.file);
}

void takeScreenshot(MainWindow& window, const CommandLine& line)
{
    window.resize(line.size);
    window.show();
    window.openBackend();
    const auto later = [&window, path = line.screenshot] {
        whenReady(window,
                  [&window, path] { QTimer::singleShot(kSettleMs, &window, [&window, path] { grab(window, path); }); });
    };
    if (line.file.isEmpty()) {
        later();
        return;
    }
    QObject::connect(&window, &MainWindow::fileOpened, &window, [&window, line, later](const QString&, bool ok) {
        if (!ok) {
            endWith(window.notice()->sentence());
            return;
        }
        showSettings(window);
        if (line.pass) {
            window.selection()->goToPass(*line.pass);
        }
        later();
    });
    window.openFile(line.file);
}

} // namespace jacobi
