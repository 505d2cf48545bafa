// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/error.h"
#include "core/trace/trace.h"

#include <QImage>
#include <QString>

#include <string>

namespace jacobi {

/// A picture of ours that was read back.
struct SavedPicture {
    RunRequest request; ///< of this picture alone: of a batch with the seed that gives it
    QImage image;
    int item = 0;             ///< which of its batch it was
    int pass = 0;             ///< as it stood after this one
    bool isFinal = false;     ///< as it was in the end
    int batch = 1;            ///< pictures of that run
    std::uint64_t batchSeed = 0;
    std::string startedAt;    ///< of the run
};

/// Errors: no PNG, one that does not say how it was made, or that cannot be shown. Any thread.
Result<SavedPicture> readSavedPicture(const QString& path);

/// A run that was found again.
struct FoundRun {
    QString tracePath; ///< empty: it was not found
    Trace trace;
};

/// The run that a picture is of: its trace beside it, or among those of a folder. Any thread.
FoundRun runOfPicture(const SavedPicture& picture, const QString& path, const QString& runsFolder);

} // namespace jacobi
