// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/studio/recentruns.h"

#include "app/studio/runwords.h"
#include "core/trace/picturefile.h"

#include <nlohmann/json.hpp>

#include <QCoreApplication>
#include <QDateTime>
#include <QDir>
#include <QFileInfo>
#include <QImageReader>
#include <QLocale>
#include <QRegularExpression>

#include <algorithm>

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

QString tr(const char* text)
{
    return QCoreApplication::translate("RecentRuns", text);
}

/// Path and name of a run's files, without an ending.
QString baseOf(const QString& tracePath)
{
    const QFileInfo info(tracePath);
    return info.path() + QLatin1Char('/') + info.completeBaseName();
}

/// What was asked for, how it was made, when: the last without the seed, which stands in the line before.
QString detailsOf(const RunRequest& request, const QString& name)
{
    constexpr int kMostLetters = 120; // of a tool tip's first line
    QString asked = QString::fromStdString(isFlowRequest(request) ? request.className : request.prompt).simplified();
    if (asked.size() > kMostLetters) {
        asked = asked.left(kMostLetters).trimmed() + QStringLiteral("…");
    }
    QStringList how{methodWords(request), tr("seed %1").arg(request.seed)};
    if (request.pictures > 1) {
        how << tr("%1 pictures").arg(request.pictures);
    }
    QStringList lines{how.join(QStringLiteral(" · ")), name.section(QStringLiteral(", seed "), 0, 0)};
    if (!asked.isEmpty()) {
        lines.prepend(asked);
    }
    return lines.join(QLatin1Char('\n'));
}

void readDetails(RecentRun& run, const QString& picture)
{
    const Result<nlohmann::json> metadata = readPictureMetadata(picture.toStdString());
    const auto ours = metadata ? metadata->find("jacobi_studio") : nlohmann::json::const_iterator();
    if (!metadata || ours == metadata->end() || !ours->contains("request")) {
        return;
    }
    if (const Result<RunRequest> request = runRequestFromJson((*ours)["request"])) {
        run.pictures = request->pictures;
        run.details = detailsOf(*request, run.name);
    }
}

} // namespace

RecentRun recentRun(const std::filesystem::path& trace)
{
    RecentRun run;
    run.tracePath = QString::fromStdString(trace.string());
    const QFileInfo info(run.tracePath);
    run.name = nameOf(info.completeBaseName());
    const QString picture = baseOf(run.tracePath) + QStringLiteral(".png");
    QImageReader reader(picture);
    if (const QSize size = reader.size(); size.isValid()) {
        reader.setScaledSize(size.scaled(kThumbnailPixels, kThumbnailPixels, Qt::KeepAspectRatio));
        run.thumbnail = reader.read();
        readDetails(run, picture);
    }
    return run;
}

QStringList picturesOfRun(const QString& tracePath)
{
    const QString base = baseOf(tracePath);
    const QFileInfo info(base + QStringLiteral(".png"));
    QStringList found = info.exists() ? QStringList{info.filePath()} : QStringList();
    static const QRegularExpression number(QStringLiteral("\\.(\\d{1,3})\\.png$"));
    QStringList others;
    const QString name = QFileInfo(tracePath).completeBaseName();
    for (const QString& file : info.dir().entryList({QStringLiteral("*.png")}, QDir::Files)) {
        const QRegularExpressionMatch match = number.match(file);
        if (match.hasMatch() && file.left(match.capturedStart()) == name) {
            others << info.path() + QLatin1Char('/') + file;
        }
    }
    const auto numberOf = [](const QString& path) { return number.match(path).captured(1).toInt(); };
    std::sort(others.begin(), others.end(),
              [&](const QString& a, const QString& b) { return numberOf(a) < numberOf(b); });
    return found + others;
}

QString traceBeside(const QString& picturePath)
{
    static const QRegularExpression ending(QStringLiteral("(\\.\\d{1,3})?\\.png$"));
    QString base = picturePath;
    const QString trace = base.remove(ending) + QStringLiteral(".jtrace");
    return QFileInfo::exists(trace) ? trace : QString();
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
