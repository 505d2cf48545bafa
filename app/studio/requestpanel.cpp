// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/studio/requestpanel.h"

#include "app/studio/methodchoices.h"
#include "app/studio/promptedit.h"
#include "app/studio/seedfield.h"
#include "widgets/chiplabel.h"
#include "widgets/labeledslider.h"
#include "widgets/segmentedcontrol.h"
#include "widgets/theme.h"

#include <QCheckBox>
#include <QComboBox>
#include <QLabel>
#include <QLocale>
#include <QTextLayout>

#include <algorithm>
#include <cmath>
#include <utility>

namespace jacobi {
namespace {

/// An id that is not there changes nothing.
void choose(QComboBox* box, const std::string& id)
{
    if (const int index = box->findData(QString::fromStdString(id)); index >= 0) {
        box->setCurrentIndex(index);
    }
}

/// As much of a text as two lines of that width hold: words are not broken, so that counting letters would not do.
QString inTwoLines(const QString& text, const QFont& font, int width)
{
    QTextLayout layout(text, font);
    layout.beginLayout();
    QTextLine first = layout.createLine();
    if (first.isValid()) {
        first.setLineWidth(width);
    }
    layout.endLayout();
    const int end = first.isValid() ? first.textStart() + first.textLength() : 0;
    return text.left(end) + QFontMetrics(font).elidedText(text.mid(end), Qt::ElideRight, width);
}

} // namespace

RequestPanel::RequestPanel(QWidget* parent) : RequestForm(parent)
{
    begin(buildSettings());
    showMethod();
    showPromptHint();
}

QWidget* RequestPanel::firstField() const
{
    return m_prompt;
}

void RequestPanel::showModel()
{
    const ModelInfo* info = model();
    if (info != nullptr) {
        const double window = m_window->value(); // A new range would move "auto" to the least window.
        m_window->setRange(1, std::max<double>(info->layout.positions(), 2), 1, 0);
        m_window->setFloorValue(kAutoSlider);
        m_window->setValue(window);
        const double topK = m_topK->value(); // A new range would move "all" to the least k.
        m_topK->setRange(1, std::max<double>(info->layout.codes, 2), 1, 0, LabeledSlider::Scale::Logarithmic);
        m_topK->setFloorValue(0);
        m_topK->setValue(topK);
        m_method->setDisabledReason(QStringLiteral("sjd2"),
                                    info->mostNoiseSteps > 0
                                        ? QString()
                                        : tr("This model was not tuned to read noise. Choose one that was, or make one: "
                                             "jacobi train scenes --objective sjd2"));
        if (info->mostNoiseSteps == 0 && m_method->currentId() == QLatin1String("sjd2")) {
            m_method->setCurrentId(QStringLiteral("sjd"));
        }
        const double steps = m_noiseSteps->value();
        m_noiseSteps->setRange(1, std::max(info->mostNoiseSteps, 2), 1, 0);
        m_noiseSteps->setLegalRange(0, std::max(info->mostNoiseSteps, 2)); // 0: plain SJD
        m_noiseSteps->setValue(steps);
        m_completes->setVisible(info->defaults.completesPrompt);
        m_prompt->setVocabulary(info->vocabulary, static_cast<int>(info->maxPromptWords));
        m_request.modelId = info->id;
        m_request.modelHash.clear();
        if (!m_settled) {
            takeDefaults(info->defaults);
        }
    }
    showPromptHint();
}

void RequestPanel::setRead(const QString& prompt, const QString& readAs)
{
    m_readPrompt = prompt;
    m_readAs = readAs;
    showPromptHint();
}

void RequestPanel::takeDefaults(const RunRequest& defaults)
{
    RunRequest request = defaults;
    request.prompt = m_prompt->toPlainText().toStdString();
    request.seed = seed();
    request.precision = kAutoName;
    setRequest(request);
}

/// What the CPU has only is nearest to float32.
void RequestPanel::choosePrecision(const std::string& precision)
{
    const std::string id = precision == usualPrecision(true, false) ? kAutoName : precision == "float64" ? "float32" : precision;
    choose(m_precision, id);
}

void RequestPanel::setOnGpu(bool onGpu)
{
    const bool wasKnown = std::exchange(m_isDeviceKnown, true);
    m_onGpu = onGpu;
    m_precisionPart->setVisible(onGpu);
    if (onGpu && !wasKnown) { // what was put in meanwhile
        choosePrecision(m_request.precision);
    }
}

void RequestPanel::showMethod()
{
    const bool drafts = m_method->currentId() != QLatin1String("sequential");
    m_drafting->setVisible(drafts);
    m_window->setVisible(drafts);
    const bool noise = m_method->currentId() == QLatin1String("sjd2");
    m_noiseSteps->setVisible(noise);
    m_initialisationPart->setVisible(!noise);
    m_lossless->setText(noise ? tr("lossless, tuned model") : tr("lossless"));
    m_lossless->setToolTip(noise ? tr("The pictures follow exactly the distribution of the tuned model, which is not quite "
                                      "that of the model it was made from")
                                 : tr("The pictures follow exactly the distribution of sequential sampling"));
    m_methodHint->setText(drafts ? couplingChoices().value(m_coupling->currentIndex()).hint
                                 : tr("Draws one token a pass, each from the model's own distribution: the baseline "
                                      "that all other methods are compared with."));
}

QString RequestPanel::problem() const
{
    if (m_prompt->isTooLong()) {
        return m_prompt->mostWords() > 0 ? tr("Longer than a prompt can be. Use at most %1 words.").arg(m_prompt->mostWords())
                                         : tr("Longer than a prompt can be. Shorten it to one sentence.");
    }
    const int words = m_prompt->knownWords();
    if (m_prompt->mostWords() > 0 && words > m_prompt->mostWords()) {
        return tr("The prompt has %1 words that this model knows; it reads %2 at most. Leave some out.")
            .arg(words)
            .arg(m_prompt->mostWords());
    }
    return {};
}

void RequestPanel::showPromptHint()
{
    const QStringList unknown = m_prompt->unknownWords();
    const ModelInfo* info = model();
    const bool isRead = !m_readAs.isEmpty() && m_completes->isChecked() && m_prompt->prompt() == m_readPrompt;
    const QString read = isRead ? tr("Read as “%1”").arg(m_readAs) : QString();
    QString text;
    const QString problem = this->problem();
    const bool isTooLong = !problem.isEmpty();
    if (m_prompt->isTooLong()) {
        text = problem;
    } else if (isTooLong) { // before what is unknown: nothing can be made of it
        text = tr("%1 of %2 words").arg(m_prompt->knownWords()).arg(m_prompt->mostWords());
    } else if (!unknown.isEmpty()) {
        const QString nearest = m_prompt->nearestWord(unknown.front());
        text = unknown.size() == 1 ? tr("The model never saw “%1”").arg(unknown.front())
                                   : tr("The model never saw %1").arg(unknown.join(QStringLiteral(", ")));
        text += nearest.isEmpty() ? (unknown.size() == 1 ? tr(" and leaves it out.") : tr(" and leaves them out.")) : tr("; did you mean “%1”?").arg(nearest);
    } else if (isRead) {
        text = read;
    } else if (info != nullptr && m_prompt->mostWords() > 0) {
        text = tr("%1 of %2 words").arg(m_prompt->knownWords()).arg(m_prompt->mostWords());
    }
    if (isTooLong != m_saysProblem) {
        m_saysProblem = isTooLong;
        Theme::setRole(m_promptHint, isTooLong ? Theme::Role::Error : Theme::Role::Secondary);
        m_promptHint->setFont(Theme::instance().secondaryFont());
    }
    showButton();
    const bool isWhole = unknown.isEmpty() && !isRead;
    const QString all = isRead && !unknown.isEmpty() ? text + QLatin1Char(' ') + read : text;
    m_promptHint->setToolTip(isWhole ? QString() : QStringLiteral("<span>%1</span>").arg(all.toHtmlEscaped()));
    m_promptHint->setText(inTwoLines(text, m_promptHint->font(), kWidth - 2 * 14));
}

RunRequest RequestPanel::shownRequest() const
{
    RunRequest request = m_request;
    request.prompt = m_prompt->prompt().toStdString();
    request.completesPrompt = m_completes->isChecked() && !m_completes->isHidden();
    request.method = m_method->currentId().toStdString();
    request.coupling = m_coupling->currentData().toString().toStdString();
    request.initialisation = m_initialisation->currentData().toString().toStdString();
    const double window = m_window->value();
    request.window = window == kAutoSlider ? kAutoWindow : static_cast<int>(std::lround(window));
    request.noiseSteps = static_cast<int>(std::lround(m_noiseSteps->value()));
    request.pictures = static_cast<int>(std::lround(m_pictures->value()));
    request.guidance = m_guidance->value();
    request.temperature = m_temperature->value();
    request.topK = static_cast<int>(std::lround(m_topK->value()));
    request.topP = m_topP->value();
    request.minP = m_minP->value();
    request.seed = seed();
    request.device = "auto";
    request.precision = m_precision->currentData().toString().toStdString();
    return request;
}

void RequestPanel::setRequest(const RunRequest& request)
{
    m_settled = true;
    m_request = request;
    m_request.modelHash.clear();
    chooseModel(request.modelId);
    if (const ModelInfo* info = model()) { // Made with a model that is not here: what is here will be used.
        m_request.modelId = info->id;
    }
    const QString prompt = QString::fromStdString(request.prompt);
    if (prompt != m_prompt->toPlainText()) {
        m_prompt->replaceText(prompt);
    }
    // That of a run on the CPU says nothing of what is wanted on a GPU; what was chosen for one waits until there is one.
    if (m_onGpu || (!m_isDeviceKnown && request.device == kAutoName)) {
        choosePrecision(request.precision);
    }
    m_completes->setChecked(request.completesPrompt);
    m_method->setCurrentId(QString::fromStdString(request.method));
    choose(m_coupling, request.coupling);
    choose(m_initialisation, request.initialisation);
    if (request.method != "sequential" || request.window != 1) { // 1: what such a run had, and nobody chose
        m_window->setValue(request.window == kAutoWindow ? kAutoSlider : request.window);
    }
    m_noiseSteps->setValue(request.noiseSteps);
    m_guidance->setValue(request.guidance);
    m_temperature->setValue(request.temperature);
    m_topK->setValue(request.topK);
    m_topP->setValue(request.topP);
    m_minP->setValue(request.minP);
    m_pictures->setValue(request.pictures);
    seedField()->setSeed(request.seed);
}

QString RequestPanel::windowWords(double value) const
{
    if (value != kAutoSlider) {
        return QLocale().toString(value, 'f', 0);
    }
    return m_settledWindow > 0 ? tr("auto · %1").arg(m_settledWindow) : tr("auto");
}

void RequestPanel::showSettled(const RunRequest& request)
{
    if (m_window->value() == kAutoSlider && request.method != "sequential") {
        m_settledWindow = request.window;
    }
    m_window->setFormatter([this](double value) { return windowWords(value); });
    const int automatic = m_initialisation->findData(QString::fromLatin1(kAutoName));
    const int chosen = m_initialisation->findData(QString::fromStdString(request.initialisation));
    m_initialisation->setItemText(
        automatic, m_initialisation->currentIndex() == automatic && chosen >= 0
                       ? tr("Automatic · %1").arg(m_initialisation->itemText(chosen).toLower())
                       : tr("Automatic"));
}

void RequestPanel::forgetSettled()
{
    m_settledWindow = 0;
    m_window->setFormatter([this](double value) { return windowWords(value); });
    m_initialisation->setItemText(m_initialisation->findData(QString::fromLatin1(kAutoName)), tr("Automatic"));
}

} // namespace jacobi
