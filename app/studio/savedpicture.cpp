// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/studio/savedpicture.h"

#include "app/studio/recentruns.h"
#include "core/trace/picturefile.h"
#include "core/trace/tracefile.h"

#include <nlohmann/json.hpp>

#include <QDir>
#include <QFileInfo>

#include <utility>

namespace jacobi {
namespace {

bool isItsRun(const SavedPicture& picture, const Trace& trace)
{
    return trace.header != nullptr && trace.header->startedAt == picture.startedAt &&
           trace.header->request.seed == picture.batchSeed && trace.header->request.pictures == picture.batch;
}

} // namespace

Result<SavedPicture> readSavedPicture(const QString& path)
{
    const Result<nlohmann::json> metadata = readPictureMetadata(path.toStdString());
    if (!metadata) {
        return tl::unexpected(metadata.error());
    }
    const auto ours = metadata->find("jacobi_studio");
    if (ours == metadata->end() || !ours->contains("request")) {
        return fail(ErrorCode::Unsupported, "This picture does not say how it was made, or not in a way that Jacobi "
                                            "Studio reads. Open one that was saved with its settings.");
    }
    Result<RunRequest> request = runRequestFromJson((*ours)["request"]);
    if (!request) {
        return tl::unexpected(request.error());
    }
    SavedPicture picture;
    picture.request = std::move(*request);
    picture.batch = std::exchange(picture.request.pictures, 1);
    picture.batchSeed = picture.request.seed;
    picture.startedAt = ours->value("startedAt", std::string());
    if (const auto which = ours->find("picture"); which != ours->end()) {
        picture.item = which->value("item", 0);
        picture.pass = which->value("pass", 0);
        picture.isFinal = which->value("final", false);
    }
    picture.request.seed += static_cast<std::uint64_t>(picture.item);
    picture.image = QImage(path);
    if (picture.image.isNull()) {
        return fail(ErrorCode::Corrupt, "The picture is damaged. Open another one.");
    }
    return picture;
}

FoundRun runOfPicture(const SavedPicture& picture, const QString& path, const QString& runsFolder)
{
    QStringList candidates;
    if (const QString beside = traceBeside(path); !beside.isEmpty()) {
        candidates << beside;
    }
    if (const QDir runs(runsFolder); !runsFolder.isEmpty()) {
        const QString name = QStringLiteral("*-%1*.jtrace").arg(picture.batchSeed); // as the recorder names them
        for (const QString& file : runs.entryList({name}, QDir::Files, QDir::Name | QDir::Reversed)) {
            candidates << runs.filePath(file);
        }
    }
    for (const QString& candidate : std::as_const(candidates)) {
        if (Result<Trace> trace = readTrace(candidate.toStdString()); trace && isItsRun(picture, *trace)) {
            return {candidate, std::move(*trace)};
        }
    }
    return {};
}

} // namespace jacobi
