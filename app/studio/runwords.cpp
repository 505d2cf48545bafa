// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/studio/runwords.h"

#include <QCoreApplication>
#include <QLocale>
#include <QRegularExpression>
#include <QStringList>

namespace jacobi {
namespace {

QString tr(const char* text)
{
    return QCoreApplication::translate("RunWords", text);
}

QString couplingWords(const std::string& coupling)
{
    if (coupling == "independent") {
        return tr("independent redraw");
    }
    if (coupling == "maximal") {
        return tr("maximal coupling");
    }
    if (coupling == "gumbel-exact") {
        return tr("exact Gumbel noise");
    }
    if (coupling == "gumbel-spec") {
        return tr("shared Gumbel noise");
    }
    return QString::fromStdString(coupling);
}

} // namespace

QString methodWords(const RunRequest& request)
{
    if (request.method == "sequential") {
        return tr("Sequential");
    }
    const QString method = QString::fromStdString(request.method).toUpper();
    return method + QStringLiteral(", ") + couplingWords(request.coupling);
}

QString settingWords(const RunRequest& request)
{
    const QLocale locale;
    QStringList words;
    if (request.method != "sequential") {
        words << tr("window %1").arg(request.window);
    }
    if (request.guidance != 1.0) {
        words << tr("guidance %1").arg(locale.toString(request.guidance, 'f', 1));
    }
    if (request.temperature != 1.0) {
        words << tr("temperature %1").arg(locale.toString(request.temperature, 'f', 2));
    }
    if (request.topK > 0) {
        words << tr("top-k %1").arg(request.topK);
    }
    if (request.topP < 1.0) {
        words << tr("top-p %1").arg(locale.toString(request.topP, 'f', 2));
    }
    if (request.pictures > 1) {
        words << tr("%1 pictures").arg(request.pictures);
    }
    words << tr("seed %1").arg(request.seed);
    return words.join(QStringLiteral(" · "));
}

QString fileNameOf(const RunRequest& request)
{
    QString model = QString::fromStdString(request.modelId);
    model.replace(QRegularExpression(QStringLiteral("[^A-Za-z0-9_-]")),
                  QStringLiteral("_")); // a trace may say anything
    return QStringLiteral("%1-%2").arg(model.isEmpty() ? QStringLiteral("picture") : model).arg(request.seed);
}

} // namespace jacobi
