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

#include <QComboBox>
#include <QHBoxLayout>
#include <QLabel>
#include <QLocale>
#include <QPushButton>
#include <QScrollArea>
#include <QStandardItemModel>
#include <QVBoxLayout>

#include <algorithm>
#include <cmath>

namespace jacobi {
namespace {

QLabel* caption(const QString& text, QWidget* parent)
{
    auto* label = new QLabel(text, parent);
    Theme::setRole(label, Theme::Role::Secondary);
    return label;
}

/// A caption and what it names, close together.
QVBoxLayout* group(const QString& name, QWidget* control, QWidget* parent)
{
    auto* column = new QVBoxLayout;
    column->setSpacing(4);
    QLabel* label = caption(name, parent);
    label->setBuddy(control);
    column->addWidget(label);
    column->addWidget(control);
    return column;
}

/// An id that is not there changes nothing.
void choose(QComboBox* box, const std::string& id)
{
    if (const int index = box->findData(QString::fromStdString(id)); index >= 0) {
        box->setCurrentIndex(index);
    }
}

QString modelText(const ModelInfo& model)
{
    QString text = QString::fromStdString(model.name.empty() ? model.id : model.name);
    if (model.parameters > 0) {
        const double millions = static_cast<double>(model.parameters) / 1e6;
        text += QStringLiteral(" · ") +
                RequestPanel::tr("%1 M").arg(QLocale().toString(millions, 'f', millions < 10 ? 1 : 0));
    }
    return model.builtIn ? text + QStringLiteral(" · ") + RequestPanel::tr("built in") : text;
}

} // namespace

RequestPanel::RequestPanel(QWidget* parent) : QWidget(parent)
{
    setFixedWidth(kWidth);
    setAutoFillBackground(true);
    setBackgroundRole(QPalette::AlternateBase); // the colour of panels

    auto* scroll = new QScrollArea(this);
    scroll->setWidgetResizable(true);
    scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    scroll->setFrameShape(QFrame::NoFrame);
    scroll->setFocusPolicy(Qt::NoFocus);
    scroll->viewport()->setAutoFillBackground(false);
    scroll->setWidget(buildSettings());

    m_generate = new QPushButton(tr("Generate   Ctrl+Enter"), this);
    m_generate->setAccessibleName(tr("Generate"));
    Theme::setPrimary(m_generate);
    auto* footer = new QVBoxLayout;
    footer->setContentsMargins(14, 12, 14, 14);
    footer->addWidget(m_generate);

    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    column->addWidget(scroll, 1);
    column->addLayout(footer);

    connect(m_generate, &QPushButton::clicked, this, &RequestPanel::generateRequested);
    showMethod();
    showPromptHint();
    showButton();
}

QWidget* RequestPanel::buildSettings()
{
    auto* page = new QWidget(this);
    page->setAutoFillBackground(false);
    m_prompt = new PromptEdit(page);
    m_prompt->setFixedHeight(92);
    m_promptHint = caption(QString(), page);
    m_promptHint->setFixedHeight(2 * m_promptHint->fontMetrics().lineSpacing() + 2);
    m_promptHint->setAlignment(Qt::AlignLeft | Qt::AlignTop);
    m_promptHint->setWordWrap(true);
    m_promptHint->setTextFormat(Qt::PlainText);
    m_model = new QComboBox(page);
    m_model->setAccessibleName(tr("Model"));
    m_method = new SegmentedControl(page);
    m_method->setAccessibleName(tr("Method"));
    m_method->addSegment(QStringLiteral("sequential"), tr("Sequential"), tr("One token a pass: the baseline"));
    m_method->addSegment(QStringLiteral("sjd"), tr("SJD"), tr("Speculative Jacobi Decoding: several tokens a pass"));
    m_method->setCurrentId(QStringLiteral("sjd"));
    m_methodHint = caption(QString(), page);
    m_methodHint->setWordWrap(true);
    m_methodHint->setAlignment(Qt::AlignLeft | Qt::AlignTop);
    m_methodHint->setFixedHeight(3 * m_methodHint->fontMetrics().lineSpacing() + 2);
    m_seed = new SeedField(page);
    m_window = new LabeledSlider(tr("Window"), page);
    m_guidance = new LabeledSlider(tr("Guidance"), page);
    m_temperature = new LabeledSlider(tr("Temperature"), page);
    m_topK = new LabeledSlider(tr("Top-k"), page);
    m_topP = new LabeledSlider(tr("Top-p"), page);
    buildSliders();

    auto* method = group(tr("Method"), m_method, page);
    m_drafting = buildDrafting(page);

    auto* prompt = group(tr("Prompt"), m_prompt, page);
    prompt->addWidget(m_promptHint);

    auto* column = new QVBoxLayout(page);
    column->setContentsMargins(14, 14, 14, 8);
    column->setSpacing(12);
    column->addLayout(prompt);
    column->addLayout(group(tr("Model"), m_model, page));
    column->addLayout(method);
    column->addWidget(m_drafting);
    column->addWidget(m_methodHint);
    for (LabeledSlider* slider : {m_guidance, m_temperature, m_topK, m_topP, m_window}) {
        column->addWidget(slider);
    }
    column->addLayout(group(tr("Seed"), m_seed, page));
    column->addStretch(1);

    connect(m_prompt, &QPlainTextEdit::textChanged, this, &RequestPanel::showPromptHint);
    connect(m_model, &QComboBox::currentIndexChanged, this, &RequestPanel::showModel);
    connect(m_method, &SegmentedControl::currentChanged, this, &RequestPanel::showMethod);
    return page;
}

QWidget* RequestPanel::buildDrafting(QWidget* page)
{
    auto* part = new QWidget(page);
    auto* lossless = new ChipLabel(tr("lossless"), ChipLabel::Tone::Good, part);
    lossless->setToolTip(tr("The pictures follow exactly the distribution of sequential sampling"));
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
    couplingName->addWidget(lossless);
    auto* column = new QVBoxLayout(part);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(4);
    column->addLayout(couplingName);
    column->addWidget(m_coupling);
    column->addSpacing(8);
    column->addWidget(caption(tr("New drafts"), part));
    column->addWidget(m_initialisation);
    connect(m_coupling, &QComboBox::currentIndexChanged, this, &RequestPanel::showMethod);
    return part;
}

void RequestPanel::buildSliders()
{
    m_window->setRange(1, 256, 1, 0);
    m_window->setToolTip(tr("Tokens looked at in one pass"));
    m_window->setValue(32);
    m_guidance->setRange(1.0, 8.0, 0.1, 1);
    m_guidance->setToolTip(tr("How closely the picture follows the prompt; 1 switches guidance off"));
    m_guidance->setFormatter([](double value) { return value == 1.0 ? tr("off") : QLocale().toString(value, 'f', 1); });
    m_guidance->setValue(2.0);
    m_temperature->setRange(0.0, 2.0, 0.05, 2);
    m_temperature->setToolTip(tr("1: as trained; lower is calmer; 0 always takes the most probable token"));
    m_temperature->setFormatter(
        [](double value) { return value == 0.0 ? tr("greedy") : QLocale().toString(value, 'f', 2); });
    m_temperature->setValue(1.0);
    m_topK->setRange(1, 512, 1, 0, LabeledSlider::Scale::Logarithmic);
    m_topK->setFloorValue(0);
    m_topK->setToolTip(tr("Draw from the k most probable codes only"));
    m_topK->setFormatter([](double value) { return value == 0.0 ? tr("all") : QLocale().toString(value, 'f', 0); });
    m_topK->setValue(0);
    m_topP->setRange(0.05, 1.0, 0.01, 2);
    m_topP->setToolTip(tr("Draw from the most probable codes that hold this share only"));
    m_topP->setFormatter([](double value) { return value == 1.0 ? tr("all") : QLocale().toString(value, 'f', 2); });
    m_topP->setValue(1.0);
}

const ModelInfo* RequestPanel::model() const
{
    const int index = m_model->currentIndex();
    return index >= 0 && index < static_cast<int>(m_models.size()) ? &m_models[static_cast<std::size_t>(index)]
                                                                   : nullptr;
}

void RequestPanel::setModels(const std::vector<ModelInfo>& models)
{
    const std::string wanted = m_request.modelId;
    {
        const QSignalBlocker quiet(m_model);
        m_models = models;
        m_model->clear();
        auto* items = qobject_cast<QStandardItemModel*>(m_model->model());
        int chosen = -1;
        for (int i = 0; i < static_cast<int>(models.size()); ++i) {
            const ModelInfo& info = models[static_cast<std::size_t>(i)];
            m_model->addItem(modelText(info));
            const QString detail = tr("%1 parameters, %2 × %3 pixels, in %4")
                                       .arg(QLocale().toString(qulonglong{info.parameters}))
                                       .arg(info.width)
                                       .arg(info.height)
                                       .arg(QString::fromStdString(info.folder));
            m_model->setItemData(i, info.problem.empty() ? detail : QString::fromStdString(info.problem),
                                 Qt::ToolTipRole);
            items->item(i)->setEnabled(info.problem.empty());
            if (info.problem.empty() && (chosen < 0 || info.id == wanted)) {
                chosen = i;
            }
        }
        m_model->setPlaceholderText(models.empty() ? tr("No model was found") : tr("No model can be used"));
        m_model->setCurrentIndex(chosen);
    }
    showModel();
}

void RequestPanel::showModel()
{
    const ModelInfo* info = model();
    if (info != nullptr) {
        m_window->setRange(1, std::max<double>(info->layout.positions(), 2), 1, 0);
        const double topK = m_topK->value(); // A new range would move "all" to the least k.
        m_topK->setRange(1, std::max<double>(info->layout.codes, 2), 1, 0, LabeledSlider::Scale::Logarithmic);
        m_topK->setFloorValue(0);
        m_topK->setValue(topK);
        m_prompt->setVocabulary(info->vocabulary, static_cast<int>(info->maxPromptWords));
        m_request.modelId = info->id;
        m_request.modelHash.clear();
        if (!m_settled) {
            takeDefaults(info->defaults);
        }
    }
    showPromptHint();
    showButton();
}

void RequestPanel::takeDefaults(const RunRequest& defaults)
{
    RunRequest request = defaults;
    request.prompt = m_prompt->toPlainText().toStdString();
    request.seed = m_seed->seed();
    setRequest(request);
}

void RequestPanel::showMethod()
{
    const bool drafts = m_method->currentId() != QLatin1String("sequential");
    m_drafting->setVisible(drafts);
    m_window->setVisible(drafts);
    m_methodHint->setText(drafts ? couplingChoices().value(m_coupling->currentIndex()).hint
                                 : tr("Draws one token a pass, each from the model's own distribution: the baseline "
                                      "that all other methods are compared with."));
}

void RequestPanel::showPromptHint()
{
    const QStringList unknown = m_prompt->unknownWords();
    const ModelInfo* info = model();
    QString text;
    if (!unknown.isEmpty()) {
        const QString nearest = m_prompt->nearestWord(unknown.front());
        text = unknown.size() == 1 ? tr("The model never saw “%1”").arg(unknown.front())
                                   : tr("The model never saw %1").arg(unknown.join(QStringLiteral(", ")));
        text += nearest.isEmpty() ? tr(" and leaves it out.") : tr("; did you mean “%1”?").arg(nearest);
    } else if (info != nullptr && m_prompt->mostWords() > 0) {
        text = tr("%1 of %2 words").arg(m_prompt->knownWords()).arg(m_prompt->mostWords());
    }
    m_promptHint->setToolTip(unknown.isEmpty() ? QString()
                                               : QStringLiteral("<span>%1</span>").arg(text.toHtmlEscaped()));
    const int width = kWidth - 2 * 14;
    m_promptHint->setText(m_promptHint->fontMetrics().elidedText(text, Qt::ElideRight, 2 * width - 24));
    showButton();
}

void RequestPanel::showButton()
{
    QString reason = m_disabledReason;
    if (reason.isEmpty() && model() == nullptr && !m_models.empty()) {
        reason = tr("None of the models found can be used");
    }
    m_generate->setEnabled(reason.isEmpty());
    m_generate->setToolTip(reason);
}

RunRequest RequestPanel::shownRequest() const
{
    RunRequest request = m_request;
    request.prompt = m_prompt->prompt().toStdString();
    request.method = m_method->currentId().toStdString();
    request.coupling = m_coupling->currentData().toString().toStdString();
    request.initialisation = m_initialisation->currentData().toString().toStdString();
    request.window = static_cast<int>(std::lround(m_window->value()));
    request.guidance = m_guidance->value();
    request.temperature = m_temperature->value();
    request.topK = static_cast<int>(std::lround(m_topK->value()));
    request.topP = m_topP->value();
    request.seed = m_seed->seed();
    request.device = "auto";
    request.precision = "float32"; // There is no control for it here.
    return request;
}

RunRequest RequestPanel::nextRequest()
{
    RunRequest request = shownRequest();
    request.seed = m_seed->nextSeed();
    return request;
}

void RequestPanel::setRequest(const RunRequest& request)
{
    m_settled = true;
    m_request = request;
    m_request.modelHash.clear();
    for (int i = 0; i < static_cast<int>(m_models.size()); ++i) {
        const ModelInfo& info = m_models[static_cast<std::size_t>(i)];
        if (info.id == request.modelId && info.problem.empty()) {
            m_model->setCurrentIndex(i);
        }
    }
    if (const ModelInfo* info = model()) { // Made with a model that is not here: what is here will be used.
        m_request.modelId = info->id;
    }
    const QString prompt = QString::fromStdString(request.prompt);
    if (prompt != m_prompt->toPlainText()) {
        m_prompt->setPlainText(prompt);
    }
    m_method->setCurrentId(QString::fromStdString(request.method));
    choose(m_coupling, request.coupling);
    choose(m_initialisation, request.initialisation);
    if (request.method != "sequential") {
        m_window->setValue(request.window);
    }
    m_guidance->setValue(request.guidance);
    m_temperature->setValue(request.temperature);
    m_topK->setValue(request.topK);
    m_topP->setValue(request.topP);
    m_seed->setSeed(request.seed);
}

void RequestPanel::seedWasUsed(quint64 seed)
{
    m_seed->wasUsed(seed);
}

bool RequestPanel::isSeedLocked() const
{
    return m_seed->isLocked();
}

void RequestPanel::setSeedLocked(bool locked)
{
    m_seed->setLocked(locked);
}

void RequestPanel::setGenerateDisabledReason(const QString& reason)
{
    m_disabledReason = reason;
    showButton();
}

bool RequestPanel::canGenerate() const
{
    return m_generate->isEnabled();
}

} // namespace jacobi
