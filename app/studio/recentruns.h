// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QImage>
#include <QString>
#include <QVector>

#include <filesystem>

namespace jacobi {

/// A stored run as the strip of recent results shows it.
struct RecentRun {
    QString tracePath;
    QImage thumbnail; ///< kThumbnailPixels wide and high at most; null where the run left no picture
    QString name;     ///< "2026-01-31 15:45:01, seed 184467"
};

inline constexpr int kThumbnailPixels = 144; ///< enough for a screen of twice the usual resolution

/// The latest runs of a folder, newest first, with their thumbnails. A missing folder holds no runs. Any thread.
QVector<RecentRun> findRecentRuns(const std::filesystem::path& folder, int most);

/// One of them. Any thread.
RecentRun recentRun(const std::filesystem::path& trace);

} // namespace jacobi
