// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QImage>
#include <QString>
#include <QStringList>
#include <QVector>

#include <filesystem>

namespace jacobi {

/// A stored run as the strip of recent results shows it.
struct RecentRun {
    QString tracePath;
    QImage thumbnail; ///< kThumbnailPixels wide and high at most; null where the run left no picture
    QString name;     ///< "2026-01-31 15:45:01, seed 184467"
    int pictures = 1; ///< of the batch
    QString details;  ///< lines on what made it; empty where its picture does not say
};

inline constexpr int kThumbnailPixels = 144; ///< enough for a screen of twice the usual resolution

/// The latest runs of a folder, newest first, with their thumbnails. A missing folder holds no runs. Any thread.
QVector<RecentRun> findRecentRuns(const std::filesystem::path& folder, int most);

/// One of them. Any thread.
RecentRun recentRun(const std::filesystem::path& trace);

/// The pictures that lie beside a run's trace: its own, then those of a batch in their order. Any thread.
QStringList picturesOfRun(const QString& tracePath);

/// The trace that lies beside a kept picture, be it one of a batch; empty where there is none. Any thread.
QString traceBeside(const QString& picturePath);

} // namespace jacobi
