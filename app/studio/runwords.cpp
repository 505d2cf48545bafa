// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/studio/runwords.h"

#include "app/studio/methodchoices.h"
#include "widgets/exactnumber.h"

#include <QCoreApplication>
#include <QFileInfo>
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

QString flowMethodWords(const RunRequest& request)
{
    if (request.method == "sequential") {
        return tr("One by one");
    }
    if (request.method == "jacobi") {
        return tr("Jacobi");
    }
    if (request.method == "front") {
        return tr("Front %1").arg(request.window);
    }
    const QString strategy = QString::fromStdString(request.strategy);
    const QString words = strategy.isEmpty()                           ? tr("%1 segments").arg(request.segments)
                          : strategy == QLatin1String(kAutoTime)   ? tr("fastest here")
                          : strategy == QLatin1String(kAutoPasses) ? tr("fewest passes")
                          : strategy == QLatin1String(kAutoBlocks) ? tr("fewest passes, block by block")
                          : strategy == QLatin1String(kCrm)        ? tr("by CRM")
                                                                   : QFileInfo(strategy).fileName();
    return tr("GS-Jacobi, %1").arg(words);
}

void addFlowGuidance(const RunRequest& request, QStringList& words)
{
    if (request.guidance == 0.0) {
        return;
    }
    words << (request.guidanceSchedule == kConstant ? tr("constant guidance %1") : tr("guidance %1"))
                 .arg(exactNumber(request.guidance));
    if (request.attentionTemperature != 1.0) {
        words << tr("attention temperature %1").arg(exactNumber(request.attentionTemperature));
    }
}

/// Where it is another than is usual there; nothing before it is known where the run is made.
void addPrecision(const RunRequest& request, QStringList& words)
{
    const bool onGpu = request.device != "cpu";
    if (request.device != kAutoName && request.precision != kAutoName &&
        request.precision != usualPrecision(onGpu, isFlowRequest(request))) {
        words << QString::fromStdString(request.precision);
    }
}

/// Of a strategy that is measured or read from a file the plan has the tolerances of each block.
bool hasOwnTolerance(const RunRequest& request)
{
    return request.method == "jacobi" || request.method == "front" ||
           (request.method == "gs-jacobi" && request.strategy.empty());
}

QString flowSettingWords(const RunRequest& request)
{
    QStringList words;
    words << (request.className.empty() ? tr("anything") : QString::fromStdString(request.className));
    addFlowGuidance(request, words);
    if (hasOwnTolerance(request)) {
        words << (request.tolerance == 0.0 ? tr("until exact") : tr("tolerance %1").arg(exactNumber(request.tolerance)));
    }
    if (request.clip != 0.0) {
        words << tr("clip %1").arg(exactNumber(request.clip));
    }
    if (request.denoise != 1.0) {
        words << (request.denoise == 0.0 ? tr("not denoised") : tr("denoising %1").arg(exactNumber(request.denoise)));
    }
    if (request.pictures > 1) {
        words << tr("%1 pictures").arg(request.pictures);
    }
    addPrecision(request, words);
    words << tr("seed %1").arg(request.seed);
    return words.join(QStringLiteral(" · "));
}

} // namespace

bool isFlowRequest(const RunRequest& request)
{
    return request.coupling.empty();
}

QString methodWords(const RunRequest& request)
{
    if (isFlowRequest(request)) {
        return flowMethodWords(request);
    }
    if (request.method == "sequential") {
        return tr("Sequential");
    }
    const QString method = QString::fromStdString(request.method).toUpper();
    return method + QStringLiteral(", ") + couplingWords(request.coupling);
}

QString settingWords(const RunRequest& request)
{
    if (isFlowRequest(request)) {
        return flowSettingWords(request);
    }
    QStringList words;
    if (request.method != "sequential") {
        words << tr("window %1").arg(request.window);
    }
    if (request.method == "sjd2") {
        words << (request.noiseSteps == 1 ? tr("1 noise step") : tr("%1 noise steps").arg(request.noiseSteps));
    }
    if (request.guidance != 1.0) {
        words << tr("guidance %1").arg(exactNumber(request.guidance));
    }
    if (request.temperature != 1.0) {
        words << tr("temperature %1").arg(exactNumber(request.temperature));
    }
    if (request.topK > 0) {
        words << tr("top-k %1").arg(request.topK);
    }
    if (request.topP < 1.0) {
        words << tr("top-p %1").arg(exactNumber(request.topP));
    }
    if (request.minP > 0.0) {
        words << tr("min-p %1").arg(exactNumber(request.minP));
    }
    if (request.pictures > 1) {
        words << tr("%1 pictures").arg(request.pictures);
    }
    addPrecision(request, words);
    words << tr("seed %1").arg(request.seed);
    return words.join(QStringLiteral(" · "));
}

QString runWords(const RunRequest& request, const RunSummary* summary)
{
    QStringList words;
    if (summary != nullptr && summary->nonFinite > 0) {
        const QString number = QLocale().toString(qulonglong{summary->nonFinite});
        words << (isFlowRequest(request) ? tr("%1 numbers set back") : tr("%1 numbers of the model refused")).arg(number);
    }
    if (summary != nullptr && summary->fallbacks > 0) {
        words << tr("%1 runs of tokens inverted one by one").arg(QLocale().toString(qulonglong{summary->fallbacks}));
    }
    words << settingWords(request);
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
