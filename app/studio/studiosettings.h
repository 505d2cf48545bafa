// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/trace/runrequest.h"
#include "widgets/theme.h"

#include <QByteArray>
#include <QString>

#include <optional>

namespace jacobi {

/// What the program remembers from one start to the next. Nothing of it decides a stored result.
struct StudioSettings {
    Theme::Mode theme = Theme::Mode::System;
    std::optional<RunRequest> request; ///< as last shown
    bool seedLocked = false;
    std::optional<RunRequest> flowRequest; ///< the same of the workspace of flows
    bool flowSeedLocked = false;
    bool isFlowShown = false;              ///< that workspace was looked at
    int overlay = 1;         ///< number of its key
    int overlayOpacity = 30; ///< percent
    QString pictureFolder;   ///< where pictures were last saved
    QByteArray geometry;
    QByteArray layout;     ///< of the docks
    QByteArray flowLayout; ///< of the docks of the workspace of flows
};

/// An INI file; what cannot be read keeps its default. An empty path: nothing is remembered.
StudioSettings readSettings(const QString& path);
void writeSettings(const QString& path, const StudioSettings& settings);

QString settingsPath(); ///< in the user's configuration folder
QString runsFolder();   ///< in the user's data folder

} // namespace jacobi
