// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/studio/requestform.h"

#include "app/studio/seedfield.h"
#include "widgets/theme.h"

#include <QAbstractSlider>
#include <QComboBox>
#include <QEvent>
#include <QLabel>
#include <QLocale>
#include <QPushButton>
#include <QScrollArea>
#include <QScrollBar>
#include <QSignalBlocker>
#include <QStandardItemModel>
#include <QVBoxLayout>

namespace jacobi {
namespace {

QString modelText(const ModelInfo& model)
{
    QString text = QString::fromStdString(model.name.empty() ? model.id : model.name);
    if (model.parameters > 0) {
        const double millions = static_cast<double>(model.parameters) / 1e6;
        text += QStringLiteral(" · ") +
                RequestForm::tr("%1 M").arg(QLocale().toString(millions, 'f', millions < 10 ? 1 : 0));
    }
    return text;
}

constexpr int kMargin = 14; ///< pixels beside the settings

/// The widgets that the tab key stops at, as they stand below each other; they were made in another order.
void collectStops(QLayout* layout, QWidgetList& stops)
{
    for (int i = 0; i < layout->count(); ++i) {
        QLayoutItem* item = layout->itemAt(i);
        if (item->layout() != nullptr) {
            collectStops(item->layout(), stops);
            continue;
        }
        QWidget* widget = item->widget();
        if (widget == nullptr) {
            continue;
        }
        if ((widget->focusPolicy() & Qt::TabFocus) != 0) {
            stops << widget;
        } else if (widget->layout() != nullptr) {
            collectStops(widget->layout(), stops);
        }
    }
}

} // namespace

RequestForm::RequestForm(QWidget* parent)
    : QWidget(parent),
      m_model(new QComboBox(this)),
      m_seed(new SeedField(this)),
      m_generate(new QPushButton(tr("Generate   Ctrl+Enter"), this)),
      m_column(new QVBoxLayout(this))
{
    setFixedWidth(kWidth);
    setAutoFillBackground(true);
    setBackgroundRole(QPalette::AlternateBase); // the colour of panels
    m_model->setAccessibleName(tr("Model"));
    m_generate->setAccessibleName(tr("Generate"));
    Theme::setPrimary(m_generate);
    connect(m_generate, &QPushButton::clicked, this, &RequestForm::generateRequested);
    connect(m_model, &QComboBox::currentIndexChanged, this, [this] {
        if (const ModelInfo* info = model()) {
            m_wanted = info->id;
        }
        showModel();
        showButton();
        Q_EMIT modelChanged();
    });
}

void RequestForm::begin(QWidget* page)
{
    auto* scroll = new QScrollArea(this);
    scroll->setWidgetResizable(true);
    scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    scroll->setFrameShape(QFrame::NoFrame);
    scroll->setFocusPolicy(Qt::NoFocus);
    scroll->viewport()->setAutoFillBackground(false);
    scroll->setWidget(page);
    page->setAutoFillBackground(false);
    auto* footer = new QVBoxLayout;
    footer->setContentsMargins(14, 12, 14, 14);
    footer->addWidget(m_generate);
    m_column->setContentsMargins(0, 0, 0, 0);
    m_column->setSpacing(0);
    m_column->addWidget(scroll, 1);
    m_column->addLayout(footer);
    // A bar that comes and goes takes its room from the margin: no field changes its width.
    connect(scroll->verticalScrollBar(), &QScrollBar::rangeChanged, this, [page, scroll](int least, int most) {
        QMargins margins = page->layout()->contentsMargins();
        const int bar = most > least ? scroll->verticalScrollBar()->sizeHint().width() : 0;
        margins.setRight(std::max(kMargin - bar, 0));
        page->layout()->setContentsMargins(margins);
    });
    // The wheel moves the settings, and never changes one that happens to pass under the mouse, nor gives it the keyboard.
    for (QWidget* widget : page->findChildren<QWidget*>()) {
        if (qobject_cast<QComboBox*>(widget) != nullptr || qobject_cast<QAbstractSlider*>(widget) != nullptr) {
            widget->installEventFilter(this);
            widget->setFocusPolicy(Qt::StrongFocus);
        }
    }
    QWidgetList stops;
    collectStops(page->layout(), stops);
    stops << m_generate;
    for (int i = 1; i < stops.size(); ++i) {
        setTabOrder(stops[i - 1], stops[i]);
    }
    showButton();
}

bool RequestForm::eventFilter(QObject* watched, QEvent* event)
{
    if (event->type() == QEvent::Wheel) {
        event->ignore(); // it goes on to what scrolls
        return true;
    }
    return QWidget::eventFilter(watched, event);
}

QLabel* RequestForm::caption(const QString& text, QWidget* parent)
{
    auto* label = new QLabel(text, parent);
    Theme::setRole(label, Theme::Role::Secondary);
    return label;
}

QVBoxLayout* RequestForm::group(const QString& name, QWidget* control, QWidget* parent)
{
    auto* column = new QVBoxLayout;
    column->setSpacing(4);
    QLabel* label = caption(name, parent);
    label->setBuddy(control);
    column->addWidget(label);
    column->addWidget(control);
    return column;
}

const ModelInfo* RequestForm::model() const
{
    const int index = m_model->currentIndex();
    return index >= 0 && index < static_cast<int>(m_models.size()) ? &m_models[static_cast<std::size_t>(index)]
                                                                   : nullptr;
}

void RequestForm::setModels(const std::vector<ModelInfo>& models)
{
    {
        const QSignalBlocker quiet(m_model);
        m_models = models;
        m_model->clear();
        auto* items = qobject_cast<QStandardItemModel*>(m_model->model());
        int chosen = -1;
        for (int i = 0; i < static_cast<int>(models.size()); ++i) {
            const ModelInfo& info = models[static_cast<std::size_t>(i)];
            m_model->addItem(modelText(info));
            const QString detail = (info.builtIn ? tr("Built in: %1 parameters, %2 × %3 pixels, in %4")
                                                 : tr("%1 parameters, %2 × %3 pixels, in %4"))
                                       .arg(QLocale().toString(qulonglong{info.parameters}))
                                       .arg(info.width)
                                       .arg(info.height)
                                       .arg(QString::fromStdString(info.folder));
            m_model->setItemData(i, info.problem.empty() ? detail : QString::fromStdString(info.problem),
                                 Qt::ToolTipRole);
            items->item(i)->setEnabled(info.problem.empty());
            if (info.problem.empty() && (chosen < 0 || info.id == m_wanted)) {
                chosen = i;
            }
        }
        m_model->setPlaceholderText(models.empty() ? tr("No model was found") : tr("No model can be used"));
        m_model->setCurrentIndex(chosen);
    }
    showModel();
    showButton();
    Q_EMIT modelChanged();
}

void RequestForm::chooseModel(const std::string& id)
{
    m_wanted = id;
    for (int i = 0; i < static_cast<int>(m_models.size()); ++i) {
        const ModelInfo& info = m_models[static_cast<std::size_t>(i)];
        if (info.id == id && info.problem.empty()) {
            m_model->setCurrentIndex(i);
        }
    }
}

void RequestForm::showButton()
{
    QString reason = m_disabledReason;
    if (reason.isEmpty() && model() == nullptr && !m_models.empty()) {
        reason = tr("None of the models found can be used");
    }
    if (reason.isEmpty()) {
        reason = problem();
    }
    const bool canPress = reason.isEmpty();
    if (!canPress && m_generate->hasFocus()) {
        setFocus(); // else a setting would get it, and the keys that are meant for the run
    }
    m_generate->setEnabled(canPress);
    m_generate->setToolTip(reason);
}

RunRequest RequestForm::nextRequest()
{
    RunRequest request = shownRequest();
    request.seed = m_seed->nextSeed();
    return request;
}

quint64 RequestForm::seed() const
{
    return m_seed->seed();
}

void RequestForm::seedWasUsed(quint64 seed)
{
    m_seed->wasUsed(seed);
}

bool RequestForm::isSeedLocked() const
{
    return m_seed->isLocked();
}

void RequestForm::setSeedLocked(bool locked)
{
    m_seed->setLocked(locked);
}

void RequestForm::setGenerateDisabledReason(const QString& reason)
{
    m_disabledReason = reason;
    showButton();
}

bool RequestForm::canGenerate() const
{
    return m_generate->isEnabled();
}

} // namespace jacobi
