// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/studio/flowpanel.h"

#include "app/studio/seedfield.h"
#include "core/trace/requestlimits.h"
#include "widgets/exactnumber.h"
#include "widgets/labeledslider.h"
#include "widgets/theme.h"

#include <QComboBox>
#include <QFileDialog>
#include <QFileInfo>
#include <QLabel>
#include <QLocale>
#include <QSignalBlocker>
#include <QVBoxLayout>

#include <algorithm>
#include <cmath>

namespace jacobi {
namespace {

constexpr double kLeastTolerance = 1e-6; ///< of the slider; below it: exact

QString chooseFileId()
{
    return QStringLiteral("\x01");
}

struct StrategyWords {
    QString name;
    QString hint;
};

StrategyWords strategyWords(const QString& id)
{
    if (id == QLatin1String(kAutoTime)) {
        return {FlowPanel::tr("Fastest here"),
                FlowPanel::tr("The method of each block is measured on this computer, once for these settings. Where "
                              "nothing beats one position a pass, that is taken.")};
    }
    if (id == QLatin1String(kAutoPasses)) {
        return {FlowPanel::tr("Fewest passes"),
                FlowPanel::tr("The fewest passes one after the other within 0.01 of the exact picture, measured once for "
                              "these settings. All blocks are at work at once, each on what the one before it has so "
                              "far.")};
    }
    if (id == QLatin1String(kAutoBlocks)) {
        return {FlowPanel::tr("Fewest passes, block by block"),
                FlowPanel::tr("The fewest passes where blocks wait for each other, within 0.01 of the exact picture, "
                              "measured once for these settings: more passes than with all blocks at work, but less "
                              "work.")};
    }
    if (id == QLatin1String(kCrm)) {
        return {FlowPanel::tr("By CRM"), FlowPanel::tr("More segments for blocks that CRM, the convergence ranking "
                                                       "metric, takes for hard. Computed once.")};
    }
    if (id.isEmpty()) {
        return {FlowPanel::tr("Equal segments"),
                FlowPanel::tr("Every block in so many segments, one after the other, each by Jacobi iteration.")};
    }
    return {id, FlowPanel::tr("Settings of each block as they were published, as far as they fit this model.")};
}

QString methodHint(const QString& method)
{
    if (method == QLatin1String("sequential")) {
        return FlowPanel::tr("One position a pass in each block: the exact inverse, which all other methods are "
                             "compared with.");
    }
    if (method == QLatin1String("jacobi")) {
        return FlowPanel::tr("All positions of a block in each pass, until none moves by more than the tolerance.");
    }
    return FlowPanel::tr("A window of positions that slides with what is final; exact at tolerance 0, and never more "
                         "passes than one by one.");
}

} // namespace

FlowPanel::FlowPanel(QWidget* parent) : RequestForm(parent)
{
    begin(buildSettings());
    showMethod();
}

QWidget* FlowPanel::firstField() const
{
    return m_class;
}

QWidget* FlowPanel::buildSettings()
{
    auto* page = new QWidget(this);
    m_class = new QComboBox(page);
    m_class->setAccessibleName(tr("Picture of"));
    m_class->addItem(tr("Anything"), QString());
    m_method = new QComboBox(page);
    m_method->setAccessibleName(tr("Method"));
    m_method->addItem(tr("GS-Jacobi, block by block"), QStringLiteral("gs-jacobi"));
    m_method->addItem(tr("Sliding front"), QStringLiteral("front"));
    m_method->addItem(tr("Jacobi"), QStringLiteral("jacobi"));
    m_method->addItem(tr("One by one (exact)"), QStringLiteral("sequential"));
    m_methodHint = caption(QString(), page);
    m_methodHint->setWordWrap(true);
    m_methodHint->setAlignment(Qt::AlignLeft | Qt::AlignTop);
    m_methodHint->setFixedHeight(4 * m_methodHint->fontMetrics().lineSpacing() + 2);
    m_strategyPart = new QWidget(page);
    m_strategy = new QComboBox(m_strategyPart);
    m_strategy->setAccessibleName(tr("Strategy of each block"));
    auto* strategyColumn = group(tr("Strategy of each block"), m_strategy, m_strategyPart);
    strategyColumn->setContentsMargins(0, 0, 0, 0);
    m_strategyPart->setLayout(strategyColumn);
    for (auto [slider, name] : {std::pair{&m_segments, tr("Segments")}, {&m_window, tr("Window")},
                                {&m_tolerance, tr("Tolerance")}, {&m_guidance, tr("Guidance")}, {&m_clip, tr("Clip")},
                                {&m_denoise, tr("Denoising")}, {&m_pictures, tr("Pictures")}}) {
        *slider = new LabeledSlider(name, page);
    }
    m_guidedPart = buildGuided(page);
    buildSliders();

    auto* column = new QVBoxLayout(page);
    column->setContentsMargins(14, 14, 14, 8);
    column->setSpacing(12);
    column->addLayout(group(tr("Picture of"), m_class, page));
    column->addLayout(group(tr("Model"), modelBox(), page));
    column->addLayout(group(tr("Method"), m_method, page));
    column->addWidget(m_strategyPart);
    column->addWidget(m_methodHint);
    for (QWidget* setting : {static_cast<QWidget*>(m_segments), static_cast<QWidget*>(m_window),
                             static_cast<QWidget*>(m_tolerance), static_cast<QWidget*>(m_guidance), m_guidedPart,
                             static_cast<QWidget*>(m_denoise), static_cast<QWidget*>(m_clip),
                             static_cast<QWidget*>(m_pictures)}) {
        column->addWidget(setting);
    }
    column->addLayout(group(tr("Seed"), seedField(), page));
    column->addStretch(1);
    connect(m_class, &QComboBox::activated, this, [this] { m_chosenClass = m_class->currentData().toString(); });
    connect(m_method, &QComboBox::currentIndexChanged, this, &FlowPanel::showMethod);
    connect(m_strategy, &QComboBox::currentIndexChanged, this, &FlowPanel::showMethod);
    connect(m_guidance, &LabeledSlider::valueChanged, this, &FlowPanel::showMethod);
    connect(m_strategy, &QComboBox::activated, this, [this] {
        if (m_strategy->currentData().toString() == chooseFileId()) {
            askForStrategy();
        } else {
            m_chosenStrategy = m_strategy->currentData().toString();
        }
    });
    return page;
}

QWidget* FlowPanel::buildGuided(QWidget* page)
{
    auto* part = new QWidget(page);
    m_schedule = new QComboBox(part);
    m_schedule->setAccessibleName(tr("Guidance over the picture"));
    m_schedule->setToolTip(tr("Whether the last position alone is guided in full, or each of them"));
    m_schedule->addItem(tr("Grows with the position"), QString::fromLatin1(kAnnealed));
    m_schedule->addItem(tr("The same everywhere"), QString::fromLatin1(kConstant));
    m_attention = new LabeledSlider(tr("Attention temperature"), part);
    m_attention->setRange(0.1, 3.0, 0.05, 2);
    m_attention->setLegalRange(kAttentionTemperatureLimit.least, kAttentionTemperatureLimit.most);
    m_attention->setToolTip(tr("Of what guidance pushes away from: the picture without its class; 1 leaves that as it is"));
    m_attention->setValue(1.0);
    auto* column = group(tr("Guidance over the picture"), m_schedule, part);
    column->setContentsMargins(0, 0, 0, 0);
    column->addSpacing(8);
    column->addWidget(m_attention);
    part->setLayout(column);
    return part;
}

void FlowPanel::buildSliders()
{
    const auto orOff = [](double value) { return value == 0.0 ? tr("off") : exactNumber(value, 1); };
    const auto allow = [](LabeledSlider* slider, const RequestLimit& limit) {
        slider->setLegalRange(limit.least, limit.most);
    };
    m_segments->setRange(1, 64, 1, 0);
    m_segments->setLegalRange(1, kMostBeforeModels);
    m_segments->setToolTip(tr("Segments of each block, worked on one after the other"));
    m_segments->setValue(8);
    m_window->setRange(1, 64, 1, 0);
    m_window->setLegalRange(1, kMostBeforeModels);
    m_window->setToolTip(tr("Positions a pass works on"));
    m_window->setValue(16);
    m_tolerance->setRange(kLeastTolerance, 1.0, 1e-6, 6, LabeledSlider::Scale::Logarithmic);
    m_tolerance->setFloorValue(0.0);
    allow(m_tolerance, kToleranceLimit);
    m_tolerance->setToolTip(tr("A position is final when no number of it moves by more; at the left end until exact"));
    m_tolerance->setFormatter([](double value) { return value == 0.0 ? tr("exact") : exactNumber(value); });
    m_tolerance->setValue(1e-3);
    m_guidance->setRange(0.0, 5.0, 0.1, 1);
    allow(m_guidance, kFlowGuidanceLimit);
    m_guidance->setToolTip(tr("How strongly the picture is pushed towards what it shows; 0 switches guidance off"));
    m_guidance->setFormatter(orOff);
    m_guidance->setValue(0.0);
    m_clip->setRange(0.0, 10.0, 0.5, 1);
    allow(m_clip, kClipLimit);
    m_clip->setToolTip(tr("Iterates are cut to this much; off for exactness, 3 as published"));
    m_clip->setFormatter(orOff);
    m_clip->setValue(0.0);
    m_denoise->setRange(0.0, 2.0, 0.1, 1);
    allow(m_denoise, kDenoiseLimit);
    m_denoise->setToolTip(tr("The last step, along the score, which takes the training noise away; 1 is the theory's"));
    m_denoise->setFormatter(orOff);
    m_denoise->setValue(1.0);
    m_pictures->setRange(1, kMostPicturesHere, 1, 0);
    m_pictures->setLegalRange(1, kMostPictures);
    m_pictures->setToolTip(tr("Made together, each from a seed of its own: this one, the next, and so on"));
    m_pictures->setValue(1);
}

void FlowPanel::addStrategy(const QString& id, const QString& name, const QString& hint)
{
    m_strategy->addItem(name, id);
    m_strategy->setItemData(m_strategy->count() - 1, hint, Qt::ToolTipRole);
}

void FlowPanel::showModel()
{
    const ModelInfo* info = model();
    if (info == nullptr) {
        return;
    }
    {
        const QSignalBlocker quietClass(m_class);
        const QSignalBlocker quietStrategy(m_strategy);
        m_class->clear();
        m_class->addItem(tr("Anything"), QString());
        for (const std::string& name : info->classes) {
            m_class->addItem(QString::fromStdString(name), QString::fromStdString(name));
        }
        m_class->setCurrentIndex(std::max(0, m_class->findData(m_chosenClass)));
        m_strategy->clear();
        for (const std::string& strategy : info->strategies) {
            const QString id = QString::fromStdString(strategy);
            const StrategyWords words = strategyWords(id);
            addStrategy(id, words.name, words.hint);
        }
        addStrategy({}, strategyWords({}).name, strategyWords({}).hint);
        m_strategy->insertSeparator(m_strategy->count());
        addStrategy(chooseFileId(), tr("From a file…"), tr("A strategy file, as the command line writes and reads it"));
    }
    chooseStrategy(m_chosenStrategy);
    const double positions = std::max<double>(info->layout.positions(), 2);
    for (LabeledSlider* slider : {m_segments, m_window}) {
        const double value = slider->value();
        slider->setRange(1, positions, 1, 0);
        slider->setValue(value);
    }
    m_request.modelId = info->id;
    m_request.modelHash.clear();
    if (!m_settled) {
        RunRequest defaults = info->defaults;
        defaults.seed = seed();
        setRequest(defaults);
    }
    showMethod();
}

/// One that is in no list is a file.
void FlowPanel::chooseStrategy(const QString& id)
{
    if (m_strategy->count() == 0) { // the models are not known yet
        m_chosenStrategy = id;
        return;
    }
    int index = id == chooseFileId() ? -1 : m_strategy->findData(id);
    if (index < 0 && !id.isEmpty() && id != chooseFileId()) {
        m_strategy->insertItem(0, QFileInfo(id).fileName(), id);
        m_strategy->setItemData(0, id, Qt::ToolTipRole);
        index = 0;
    }
    m_strategy->setCurrentIndex(std::max(0, index));
    m_chosenStrategy = m_strategy->currentData().toString();
}

void FlowPanel::askForStrategy()
{
    chooseStrategy(m_chosenStrategy); // until there is another
    auto* dialog = new QFileDialog(this, tr("Open a strategy"), QString(), tr("Strategies (*.json);;All files (*)"));
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setFileMode(QFileDialog::ExistingFile);
    connect(dialog, &QFileDialog::fileSelected, this, &FlowPanel::chooseStrategy);
    dialog->open();
}

QString FlowPanel::method() const
{
    return m_method->currentData().toString();
}

void FlowPanel::showMethod()
{
    const QString method = this->method();
    const bool isMixed = method == QLatin1String("gs-jacobi");
    const QString strategy = m_strategy->currentData().toString();
    const bool isPlain = isMixed && strategy.isEmpty();
    m_strategyPart->setVisible(isMixed);
    m_segments->setVisible(isPlain);
    m_window->setVisible(method == QLatin1String("front"));
    m_tolerance->setVisible(method == QLatin1String("jacobi") || method == QLatin1String("front") || isPlain);
    m_clip->setVisible(method == QLatin1String("jacobi") || isMixed);
    m_guidedPart->setVisible(m_guidance->value() != 0.0);
    m_methodHint->setText(isMixed ? m_strategy->currentData(Qt::ToolTipRole).toString() : methodHint(method));
}

RunRequest FlowPanel::shownRequest() const
{
    RunRequest request = m_request;
    request.method = method().toStdString();
    request.className = (model() != nullptr ? m_class->currentData().toString() : m_chosenClass).toStdString();
    const QString strategy = m_strategy->count() > 0 ? m_strategy->currentData().toString() : m_chosenStrategy;
    request.strategy = request.method == "gs-jacobi" && strategy != chooseFileId() ? strategy.toStdString() : "";
    request.plan.clear();
    request.segments = static_cast<int>(std::lround(m_segments->value()));
    request.window = static_cast<int>(std::lround(m_window->value()));
    request.tolerance = m_tolerance->value();
    request.guidance = m_guidance->value();
    request.guidanceSchedule = m_schedule->currentData().toString().toStdString();
    request.attentionTemperature = m_attention->value();
    request.clip = m_clip->value();
    request.denoise = m_denoise->value();
    request.pictures = static_cast<int>(std::lround(m_pictures->value()));
    request.seed = seed();
    request.device = "auto";
    request.precision = kAutoName;
    return request;
}

void FlowPanel::setRequest(const RunRequest& request)
{
    m_settled = true;
    m_request = request;
    m_request.modelHash.clear();
    chooseModel(request.modelId);
    if (const ModelInfo* info = model()) { // Made with a model that is not here: what is here will be used.
        m_request.modelId = info->id;
    }
    m_method->setCurrentIndex(std::max(0, m_method->findData(QString::fromStdString(request.method))));
    m_chosenClass = QString::fromStdString(request.className);
    m_class->setCurrentIndex(std::max(0, m_class->findData(m_chosenClass)));
    if (request.method == "gs-jacobi") {
        chooseStrategy(QString::fromStdString(request.strategy));
    }
    m_segments->setValue(request.segments);
    m_window->setValue(request.window);
    m_tolerance->setValue(request.tolerance);
    m_guidance->setValue(request.guidance);
    m_schedule->setCurrentIndex(std::max(0, m_schedule->findData(QString::fromStdString(request.guidanceSchedule))));
    m_attention->setValue(request.attentionTemperature);
    m_clip->setValue(request.clip);
    m_denoise->setValue(request.denoise);
    m_pictures->setValue(request.pictures);
    seedField()->setSeed(request.seed);
    showMethod();
}

void FlowPanel::showSettled(const RunRequest&)
{
    // What a strategy turned out to be is shown with the blocks: it is more than a word.
}

} // namespace jacobi
