// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>
#include <QVector>

namespace jacobi {

/// Something a user may choose, with a line on what it does.
struct Choice {
    QString id; ///< as in a request
    QString name;
    QString hint;
};

/// How drafts that stay in the window are redrawn after a pass; the first is the usual one. All are lossless.
QVector<Choice> couplingChoices();

/// Where new drafts come from; the first is the usual one. All are lossless.
QVector<Choice> initialisationChoices();
/// Of a run on a GPU; "auto" stands for what is usual there.
QVector<Choice> precisionChoices();
/// What a run has where none is asked for.
const char* usualPrecision(bool onGpu, bool isFlow);
/// The CPU has no such precision.
bool isForGpusOnly(const std::string& precision);

} // namespace jacobi
