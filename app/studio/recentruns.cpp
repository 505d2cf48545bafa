// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/studio/recentruns.h"

#include <QDateTime>
#include <QDir>
#include <QFileInfo>
#include <QImageReader>
#include <QLocale>

namespace jacobi {
namespace {

/// File names are DATE-TIME-SEED; another name stands for itself.
QString nameOf(const QString& base)
{
    const QDateTime time = QDateTime::fromString(base.left(15), QStringLiteral("yyyyMMdd-HHmmss"));
    const QString rest = base.mid(16);
    if (!time.isValid() || rest.isEmpty()) {
        return base;
    }
    return QLocale().toString(time, QLocale::ShortFormat) + QStringLiteral(", ") +
           QStringLiteral("seed %1").arg(rest.section(QLatin1Char('-'), 0, 0));
}

} // namespace

RecentRun recentRun(const std::filesystem::path& trace)
{
    RecentRun run;
    run.tracePath = QString::fromStdString(trace.string());
    const QFileInfo info(run.tracePath);
    run.name = nameOf(info.completeBaseName());
    QImageReader reader(info.path() + QLatin1Char('/') + info.completeBaseName() + QStringLiteral(".png"));
    if (const QSize size = reader.size(); size.isValid()) {
        reader.setScaledSize(size.scaled(kThumbnailPixels, kThumbnailPixels, Qt::KeepAspectRatio));
        run.thumbnail = reader.read();
    }
    return run;
}

QVector<RecentRun> findRecentRuns(const std::filesystem::path& folder, int most)
{
    const QDir dir(QString::fromStdString(folder.string()));
    QVector<RecentRun> runs;
    if (folder.empty() || !dir.exists()) {
        return runs;
    }
    const QStringList files = dir.entryList({QStringLiteral("*.jtrace")}, QDir::Files, QDir::Name | QDir::Reversed);
    for (const QString& file : files.mid(0, most)) {
        runs.push_back(recentRun(dir.filePath(file).toStdString()));
    }
    return runs;
}

} // namespace jacobi
