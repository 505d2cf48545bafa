// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "widgets/theme.h"

#include <QSize>
#include <QSizeF>
#include <QString>
#include <QStringList>

#include <optional>
#include <vector>

namespace jacobi {

/// What the program was started with.
struct CommandLine {
    QString file;            ///< a trace or a picture to open; empty: none
    QString screenshot;      ///< where to write a picture of the window, a .png; empty: show the window
    QSize size{1600, 1000};  ///< of the screenshot
    struct FigureFile {
        QString name; ///< one of figureNames()
        QString path;
    };
    std::vector<FigureFile> figures;        ///< to be written instead of showing the window
    QSizeF figureMillimetres{160.0, 0.0}; ///< a height of 0: as each figure is by itself
    std::optional<int> pass; ///< to be looked at, one that the run has; none: the last
    std::optional<Theme::Mode> theme;
    QString device = QStringLiteral("auto");
    QStringList modelFolders;
};

/// Ends the program for --help, --version and mistakes, which it tells on the standard error output. Needs a
/// QCoreApplication, and no display. arguments: the program's name first, and none of Qt's own.
CommandLine readCommandLine(const QStringList& arguments);

} // namespace jacobi
