// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/studio/comparisonwords.h"

#include "app/studio/methodchoices.h"

#include <QCoreApplication>
#include <QLocale>

#include <algorithm>

namespace jacobi {
namespace {

QString tr(const char* text)
{
    return QCoreApplication::translate("jacobi::ComparisonDialog", text);
}

} // namespace

QString stateWords(ComparedRun::State state)
{
    switch (state) {
    case ComparedRun::State::Waiting: return tr("Not run yet");
    case ComparedRun::State::Running: return tr("Running");
    case ComparedRun::State::Stopped: return tr("Stopped");
    case ComparedRun::State::Failed: return tr("Failed");
    case ComparedRun::State::Done: break;
    }
    return {};
}

QString windowWords(const RunRequest& request)
{
    if (request.method == "sequential") {
        return QStringLiteral("\u2013"); // it draws one token a pass, and no drafts
    }
    return request.window == kAutoWindow ? tr("auto") : QLocale().toString(request.window);
}

QString draftWords(const RunRequest& request)
{
    if (request.method == "sequential") {
        return QStringLiteral("\u2013");
    }
    if (request.method == "sjd2") {
        return request.noiseSteps == 1 ? tr("Noise, 1 step")
                                       : tr("Noise, %1 steps").arg(request.noiseSteps);
    }
    const QString id = QString::fromStdString(request.initialisation);
    const QVector<Choice> choices = initialisationChoices();
    const auto found = std::ranges::find(choices, id, &Choice::id);
    return found == choices.end() ? id : found->name;
}

} // namespace jacobi
