// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
// The request panel's controls, put in their places.
#include "app/studio/requestpanel.h"

#include "app/studio/methodchoices.h"
#include "app/studio/promptedit.h"
#include "app/studio/seedfield.h"
#include "core/trace/requestlimits.h"
#include "widgets/chiplabel.h"
#include "widgets/exactnumber.h"
#include "widgets/labeledslider.h"
#include "widgets/segmentedcontrol.h"
#include "widgets/theme.h"

#include <QCheckBox>
#include <QComboBox>
#include <QHBoxLayout>
#include <QLabel>
#include <QLocale>
#include <QVBoxLayout>

#include <limits>

namespace jacobi {

QWidget* RequestPanel::buildSettings()
{
    auto* page = new QWidget(this);
    m_prompt = new PromptEdit(page);
    m_prompt->setFixedHeight(92);
    m_promptHint = caption(QString(), page);
    m_promptHint->setFixedHeight(2 * m_promptHint->fontMetrics().lineSpacing() + 2);
    m_promptHint->setAlignment(Qt::AlignLeft | Qt::AlignTop);
    m_promptHint->setWordWrap(true);
    m_promptHint->setTextFormat(Qt::PlainText);
    m_method = new SegmentedControl(page);
    m_method->setAccessibleName(tr("Method"));
    m_method->addSegment(QStringLiteral("sequential"), tr("Sequential"), tr("One token a pass: the baseline"));
    m_method->addSegment(QStringLiteral("sjd"), tr("SJD"), tr("Speculative Jacobi Decoding: several tokens a pass"));
    m_method->addSegment(QStringLiteral("sjd2"), tr("SJD2"), tr("SJD whose new drafts begin as noise and are denoised"));
    m_method->setCurrentId(QStringLiteral("sjd"));
    m_methodHint = caption(QString(), page);
    m_methodHint->setWordWrap(true);
    m_methodHint->setAlignment(Qt::AlignLeft | Qt::AlignTop);
    m_methodHint->setFixedHeight(3 * m_methodHint->fontMetrics().lineSpacing() + 2);
    m_window = new LabeledSlider(tr("Window"), page);
    m_noiseSteps = new LabeledSlider(tr("Noise steps"), page);
    m_pictures = new LabeledSlider(tr("Pictures"), page);
    m_guidance = new LabeledSlider(tr("Guidance"), page);
    m_temperature = new LabeledSlider(tr("Temperature"), page);
    m_topK = new LabeledSlider(tr("Top-k"), page);
    m_topP = new LabeledSlider(tr("Top-p"), page);
    m_minP = new LabeledSlider(tr("Min-p"), page);
    buildSliders();

    auto* method = group(tr("Method"), m_method, page);
    m_drafting = buildDrafting(page);

    auto* prompt = group(tr("Prompt"), m_prompt, page);
    prompt->addWidget(m_promptHint);
    m_completes = new QCheckBox(tr("Fill in what it leaves open"), page);
    m_completes->setToolTip(tr("<span>Sides, colours, numbers, place, season, time, sun and weather that the prompt does not mention "
                               "are chosen by the seed and told to the model, which draws better what it is told. The words of "
                               "the prompt stay.</span>"));
    prompt->addWidget(m_completes);

    auto* column = new QVBoxLayout(page);
    column->setContentsMargins(14, 14, 14, 8);
    column->setSpacing(12);
    column->addLayout(prompt);
    column->addLayout(group(tr("Model"), modelBox(), page));
    column->addLayout(method);
    column->addWidget(m_drafting);
    column->addWidget(m_methodHint);
    column->addWidget(m_guidance);
    column->addWidget(m_temperature);
    auto* kept = new QHBoxLayout; // beside each other, so that the panel fits a laptop's screen
    kept->setSpacing(14);
    kept->addWidget(m_topK, 1);
    kept->addWidget(m_topP, 1);
    column->addLayout(kept);
    for (LabeledSlider* slider : {m_minP, m_window, m_noiseSteps, m_pictures}) {
        column->addWidget(slider);
    }
    m_precisionPart = buildPrecision(page);
    column->addWidget(m_precisionPart);
    column->addLayout(group(tr("Seed"), seedField(), page));
    column->addStretch(1);

    connect(m_completes, &QCheckBox::toggled, this, &RequestPanel::showPromptHint);
    connect(m_prompt, &QPlainTextEdit::textChanged, this, &RequestPanel::showPromptHint);
    connect(this, &RequestForm::modelChanged, this, &RequestPanel::forgetSettled);
    connect(m_pictures, &LabeledSlider::valueChanged, this, &RequestPanel::forgetSettled);
    connect(m_method, &SegmentedControl::currentChanged, this, &RequestPanel::showMethod);
    return page;
}

QWidget* RequestPanel::buildDrafting(QWidget* page)
{
    auto* part = new QWidget(page);
    m_lossless = new ChipLabel(tr("lossless"), ChipLabel::Tone::Good, part);
    const auto fill = [part](const QVector<Choice>& choices, const QString& name) {
        auto* box = new QComboBox(part);
        box->setAccessibleName(name);
        for (const Choice& choice : choices) {
            box->addItem(choice.name, choice.id);
            box->setItemData(box->count() - 1, choice.hint, Qt::ToolTipRole);
        }
        return box;
    };
    m_coupling = fill(couplingChoices(), tr("Redraw drafts by"));
    m_initialisation = fill(initialisationChoices(), tr("New drafts"));
    auto* couplingName = new QHBoxLayout;
    couplingName->addWidget(caption(tr("Redraw drafts by"), part));
    couplingName->addStretch();
    couplingName->addWidget(m_lossless);
    auto* column = new QVBoxLayout(part);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(4);
    column->addLayout(couplingName);
    column->addWidget(m_coupling);
    m_initialisationPart = new QWidget(part);
    auto* drafts = group(tr("New drafts"), m_initialisation, m_initialisationPart);
    drafts->setContentsMargins(0, 8, 0, 0);
    m_initialisationPart->setLayout(drafts);
    column->addWidget(m_initialisationPart);
    for (QComboBox* box : {m_coupling, m_initialisation}) {
        connect(box, &QComboBox::currentIndexChanged, this, &RequestPanel::forgetSettled);
    }
    connect(m_coupling, &QComboBox::currentIndexChanged, this, &RequestPanel::showMethod);
    return part;
}

QWidget* RequestPanel::buildPrecision(QWidget* page)
{
    auto* part = new QWidget(page);
    m_precision = new QComboBox(part);
    m_precision->setAccessibleName(tr("Precision"));
    m_precision->setToolTip(tr("<span>Of the model's weights on the GPU. Another one loads the model again when the next run begins.</span>"));
    for (const Choice& choice : precisionChoices()) {
        m_precision->addItem(choice.name, choice.id);
        m_precision->setItemData(m_precision->count() - 1, choice.hint, Qt::ToolTipRole);
    }
    auto* hint = caption(QString(), part);
    hint->setWordWrap(true);
    hint->setAlignment(Qt::AlignLeft | Qt::AlignTop);
    hint->setFixedHeight(3 * hint->fontMetrics().lineSpacing() + 2);
    const auto showHint = [this, hint] { hint->setText(m_precision->currentData(Qt::ToolTipRole).toString()); };
    connect(m_precision, &QComboBox::currentIndexChanged, this, showHint);
    connect(m_precision, &QComboBox::currentIndexChanged, this, &RequestPanel::forgetSettled);
    showHint();
    auto* column = group(tr("Precision"), m_precision, part);
    column->setContentsMargins(0, 0, 0, 0);
    column->addWidget(hint);
    part->setLayout(column);
    part->hide();
    return part;
}

void RequestPanel::buildSliders()
{
    m_window->setRange(1, 256, 1, 0);
    m_window->setFloorValue(kAutoSlider);
    m_window->setLegalRange(kAutoSlider, kMostBeforeModels);
    m_window->setToolTip(tr("Tokens looked at in one pass; at the left end the fastest on this computer, measured once"));
    m_window->setFormatter([this](double value) { return windowWords(value); });
    m_window->setValue(32);
    m_noiseSteps->setRange(1, 2, 1, 0);
    m_noiseSteps->setLegalRange(0, kMostBeforeModels);
    m_noiseSteps->setToolTip(tr("Passes that a new draft spends as noise before it is a token"));
    m_noiseSteps->setValue(1);
    m_pictures->setRange(1, kMostPicturesHere, 1, 0);
    m_pictures->setLegalRange(1, kMostPictures);
    m_pictures->setToolTip(tr("Made together, each from a seed of its own: this one, the next, and so on"));
    m_pictures->setValue(1);
    m_guidance->setRange(1.0, 8.0, 0.1, 1);
    m_guidance->setLegalRange(kGuidanceLimit.least, kGuidanceLimit.most);
    m_guidance->setToolTip(tr("How closely the picture follows the prompt; 1 switches guidance off"));
    m_guidance->setFormatter([](double value) { return value == 1.0 ? tr("off") : exactNumber(value, 1); });
    m_guidance->setValue(2.0);
    m_temperature->setRange(0.0, 2.0, 0.05, 2);
    m_temperature->setLegalRange(kTemperatureLimit.least, kTemperatureLimit.most);
    m_temperature->setToolTip(tr("1: as trained; lower is calmer; 0 always takes the most probable token"));
    m_temperature->setFormatter(
        [](double value) { return value == 0.0 ? tr("greedy") : exactNumber(value, 2); });
    m_temperature->setValue(1.0);
    m_topK->setRange(1, 512, 1, 0, LabeledSlider::Scale::Logarithmic);
    m_topK->setFloorValue(0);
    m_topK->setLegalRange(0, kMostBeforeModels);
    m_topK->setToolTip(tr("Draw from the k most probable codes only"));
    m_topK->setFormatter([](double value) { return value == 0.0 ? tr("all") : QLocale().toString(value, 'f', 0); });
    m_topK->setValue(0);
    m_topP->setRange(0.05, 1.0, 0.01, 2);
    m_topP->setLegalRange(std::numeric_limits<double>::min(), kTopPLimit.most); // all above 0
    m_topP->setToolTip(tr("Draw from the most probable codes that hold this share only"));
    m_topP->setFormatter([](double value) { return value == 1.0 ? tr("all") : exactNumber(value, 2); });
    m_topP->setValue(1.0);
    m_minP->setRange(0.0, 1.0, 0.01, 2);
    m_minP->setToolTip(tr("Leave out codes that are, with the prompt, less probable than this share of the most probable one: "
                          "strong guidance then draws fewer smeared shapes"));
    m_minP->setFormatter([](double value) { return value == 0.0 ? tr("off") : exactNumber(value, 2); });
    m_minP->setValue(0.0);
}

} // namespace jacobi
