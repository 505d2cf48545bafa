// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/studio/requestchanges.h"

#include "app/studio/methodchoices.h"
#include "app/studio/runwords.h"
#include "widgets/exactnumber.h"

#include <QCoreApplication>

namespace jacobi {
namespace {

QString tr(const char* text)
{
    return QCoreApplication::translate("RequestChanges", text);
}

QString plain(const std::string& text)
{
    return QString::fromStdString(text);
}

QString modelChange(const RunRequest& wanted, const ModelInfo& model)
{
    const QString name = plain(model.name.empty() ? model.id : model.name);
    if (wanted.modelId != model.id) {
        return tr("The model “%1” is not installed here, or cannot be used: “%2” takes its place.")
            .arg(plain(wanted.modelId), name);
    }
    const bool isAnother = !wanted.modelHash.empty() && !model.hash.empty() && wanted.modelHash != model.hash;
    return isAnother ? tr("The model “%1” here is not the one of the run: its weights or its description are others.").arg(name)
                     : QString();
}

QString precisionChange(const RunRequest& wanted, const RunRequest& shown, bool onGpu)
{
    const bool isUsual = shown.precision == kAutoName || (!onGpu && isForGpusOnly(shown.precision));
    const std::string used = isUsual ? usualPrecision(onGpu, isFlowRequest(wanted)) : shown.precision;
    return wanted.precision == kAutoName || wanted.precision == used
               ? QString()
               : tr("It is computed in %1, not in %2.").arg(plain(used), plain(wanted.precision));
}

/// The sentences on numbers and names, one after the other.
class Differences {
public:
    void add(const QString& name, const QString& wanted, const QString& shown)
    {
        if (wanted != shown) {
            m_sentences << tr("%1: %2 instead of %3.").arg(name, shown, wanted);
        }
    }
    void add(const QString& name, double wanted, double shown) { add(name, exactNumber(wanted), exactNumber(shown)); }
    void addSentence(const QString& sentence)
    {
        if (!sentence.isEmpty()) {
            m_sentences << sentence;
        }
    }
    const QStringList& sentences() const { return m_sentences; }

private:
    QStringList m_sentences;
};

void compareFlow(const RunRequest& wanted, const RunRequest& shown, Differences& differences)
{
    const auto className = [](const RunRequest& request) {
        return request.className.empty() ? tr("anything") : plain(request.className);
    };
    differences.add(tr("Picture of"), className(wanted), className(shown));
    differences.add(tr("Tolerance"), wanted.tolerance, shown.tolerance);
    differences.add(tr("Clip"), wanted.clip, shown.clip);
    differences.add(tr("Denoising"), wanted.denoise, shown.denoise);
    differences.add(tr("Attention temperature"), wanted.attentionTemperature, shown.attentionTemperature);
    differences.add(tr("Guidance schedule"), plain(wanted.guidanceSchedule), plain(shown.guidanceSchedule));
}

void compareTokens(const RunRequest& wanted, const RunRequest& shown, Differences& differences)
{
    if (wanted.method != "sequential") {
        differences.add(tr("Window"), wanted.window, shown.window);
        differences.add(tr("New drafts"), plain(wanted.initialisation), plain(shown.initialisation));
    }
    if (wanted.method == "sjd2" && shown.method == "sjd2") {
        differences.add(tr("Noise steps"), wanted.noiseSteps, shown.noiseSteps);
    }
    differences.add(tr("Temperature"), wanted.temperature, shown.temperature);
    differences.add(tr("Top-k"), wanted.topK, shown.topK);
    differences.add(tr("Top-p"), wanted.topP, shown.topP);
    differences.add(tr("Min-p"), wanted.minP, shown.minP);
    if (wanted.completesPrompt && !shown.completesPrompt) {
        differences.addSentence(tr("This model does not fill in what a prompt leaves open."));
    }
}

} // namespace

QStringList requestChanges(const RunRequest& wanted, const RunRequest& shown, const ModelInfo& model, bool onGpu)
{
    Differences differences;
    differences.addSentence(modelChange(wanted, model));
    differences.addSentence(precisionChange(wanted, shown, onGpu));
    differences.add(tr("Method"), methodWords(wanted), methodWords(shown));
    isFlowRequest(wanted) ? compareFlow(wanted, shown, differences) : compareTokens(wanted, shown, differences);
    differences.add(tr("Guidance"), wanted.guidance, shown.guidance);
    differences.add(tr("Pictures"), wanted.pictures, shown.pictures);
    return differences.sentences();
}

} // namespace jacobi
