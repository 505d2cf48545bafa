// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/labeledslider.h"

#include "widgets/exactnumber.h"
#include "widgets/numberlabel.h"
#include "widgets/theme.h"

#include <QAbstractButton>
#include <QEvent>
#include <QGridLayout>
#include <QKeyEvent>
#include <QLabel>
#include <QLineEdit>
#include <QLocale>
#include <QPainter>
#include <QSlider>

#include <algorithm>
#include <cmath>

namespace jacobi {

/// The value at the right: text that is a button.
class ValueButton : public QAbstractButton {
public:
    explicit ValueButton(QWidget* parent) : QAbstractButton(parent)
    {
        setFocusPolicy(Qt::TabFocus);
        setCursor(Qt::IBeamCursor);
        setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
        setAttribute(Qt::WA_Hover);
    }
    QSize sizeHint() const override { return {60, QFontMetrics(font()).height() + 4}; }

protected:
    void paintEvent(QPaintEvent*) override
    {
        const Palette& c = colours();
        QPainter painter(this);
        painter.setFont(font());
        painter.setPen(isEnabled() ? c.text : c.secondary);
        drawTabular(painter, rect(), Qt::AlignRight | Qt::AlignVCenter, text());
        if (hasFocus() || (underMouse() && isEnabled())) {
            const qreal width = tabularWidth(font(), text());
            painter.setPen(QPen(hasFocus() ? c.accent : c.secondary, 1.0, hasFocus() ? Qt::SolidLine : Qt::DotLine));
            painter.drawLine(QPointF(rect().right() + 1 - width, height() - 1.5), QPointF(rect().right() + 1, height() - 1.5));
        }
    }
};

namespace {

constexpr int kLogSteps = 1000; // slider positions of a logarithmic scale

// The user's decimal sign, and the point everywhere.
bool parseNumber(const QString& text, double& value)
{
    bool ok = false;
    value = QLocale().toDouble(text.trimmed(), &ok);
    if (!ok) {
        value = QLocale::c().toDouble(text.trimmed(), &ok);
    }
    return ok && std::isfinite(value);
}

} // namespace

LabeledSlider::LabeledSlider(const QString& name, QWidget* parent)
    : QWidget(parent), m_name(name), m_slider(new QSlider(Qt::Horizontal, this)), m_button(new ValueButton(this)),
      m_field(new QLineEdit(this))
{
    auto* label = new QLabel(name, this);
    Theme::setRole(label, Theme::Role::Secondary);
    label->setBuddy(m_slider);
    m_slider->setAccessibleName(name);
    m_slider->setFixedHeight(18);
    m_button->setToolTip(tr("Click to type the exact number"));
    m_field->hide();
    m_field->setAccessibleName(tr("%1, exact value").arg(name));
    m_field->setAlignment(Qt::AlignRight);
    m_field->setStyleSheet(QStringLiteral("QLineEdit { min-height: 18px; padding: 0 6px; border-radius: 4px; }"));
    auto* grid = new QGridLayout(this);
    grid->setContentsMargins(0, 0, 0, 0);
    grid->setHorizontalSpacing(8);
    grid->setVerticalSpacing(0);
    grid->addWidget(label, 0, 0);
    grid->addWidget(m_button, 0, 1);
    grid->addWidget(m_slider, 1, 0, 1, 2);
    grid->setRowMinimumHeight(0, 20);
    grid->setColumnStretch(1, 1);
    for (QObject* watched : {static_cast<QObject*>(m_slider), static_cast<QObject*>(m_button),
                             static_cast<QObject*>(m_field)}) {
        watched->installEventFilter(this);
    }
    connect(m_button, &QAbstractButton::clicked, this, [this] { openField(); });
    connect(m_slider, &QSlider::valueChanged, this, [this](int position) {
        // Only what the user moves arrives here: showValue blocks the slider's signals.
        edit(movedTo(position));
        showValue();
    });
    setRange(0.0, 1.0, 0.01, 2);
}

double LabeledSlider::minimum() const
{
    return m_hasFloor ? m_floor : m_minimum;
}

void LabeledSlider::setRange(double minimum, double maximum, double step, int decimals, Scale scale)
{
    Q_ASSERT(maximum > minimum && step > 0.0 && (scale == Scale::Linear || minimum > 0.0));
    m_minimum = minimum;
    m_maximum = maximum;
    m_step = step;
    m_decimals = decimals;
    m_scale = scale;
    m_hasFloor = false;
    m_hasLegal = false;
    const QSignalBlocker quiet(m_slider);
    const int steps = scale == Scale::Linear ? static_cast<int>(std::lround((maximum - minimum) / step)) : kLogSteps;
    m_slider->setRange(0, steps);
    m_slider->setSingleStep(scale == Scale::Linear ? 1 : kLogSteps / 50);
    m_slider->setPageStep(std::max(1, steps / 10));
    setValue(m_value);
    showValue();
}

void LabeledSlider::setFloorValue(double value)
{
    m_hasFloor = true;
    m_floor = value;
    const QSignalBlocker quiet(m_slider);
    m_slider->setMinimum(-m_slider->singleStep());
    showValue();
}

void LabeledSlider::setLegalRange(double least, double most)
{
    Q_ASSERT(least <= m_minimum && most >= m_maximum);
    m_hasLegal = true;
    m_least = least;
    m_most = most;
}

double LabeledSlider::snapped(double value) const
{
    if (m_hasFloor && value < (m_floor + m_minimum) / 2.0) {
        return m_floor;
    }
    const double steps = std::round((std::clamp(value, m_minimum, m_maximum) - m_minimum) / m_step);
    // The number that is meant, not a sum of grains that is off in its last digit.
    const double plain = QString::number(m_minimum + steps * m_step, 'f', m_decimals).toDouble();
    return std::clamp(plain, m_minimum, m_maximum);
}

double LabeledSlider::allowed(double value) const
{
    if (!std::isfinite(value)) {
        return m_value;
    }
    const double whole = m_decimals == 0 ? std::round(value) : value;
    if (m_hasLegal) {
        return std::clamp(whole, m_least, m_most);
    }
    if (m_hasFloor && whole < m_minimum) {
        return whole < (m_floor + m_minimum) / 2.0 ? m_floor : m_minimum;
    }
    return std::clamp(whole, m_minimum, m_maximum);
}

int LabeledSlider::sliderFromValue(double value) const
{
    if (m_hasFloor && value < m_minimum) {
        return m_slider->minimum();
    }
    const double reached = std::clamp(value, m_minimum, m_maximum);
    if (m_scale == Scale::Linear) {
        return static_cast<int>(std::lround((reached - m_minimum) / m_step));
    }
    return static_cast<int>(std::lround(kLogSteps * std::log(reached / m_minimum) / std::log(m_maximum / m_minimum)));
}

double LabeledSlider::valueFromSlider(int position) const
{
    if (position < 0) {
        return position <= m_slider->minimum() / 2 ? m_floor : m_minimum;
    }
    if (m_scale == Scale::Linear) {
        return m_minimum + position * m_step;
    }
    return m_minimum * std::pow(m_maximum / m_minimum, static_cast<double>(position) / kLogSteps);
}

/// Where the user took the handle to: always a grain. The first key press leaves a value between two of them, or beyond
/// the slider's end, for the next one in its direction.
double LabeledSlider::movedTo(int position) const
{
    const double wanted = snapped(valueFromSlider(position));
    const int before = sliderFromValue(m_value);
    if (m_slider->isSliderDown() || std::abs(position - before) > m_slider->singleStep()) {
        return wanted;
    }
    const bool isUp = position > before;
    const double grain = snapped(m_value);
    if (grain != m_value && isUp == (grain > m_value)) {
        return grain;
    }
    // On a logarithmic scale a key's way may be shorter than the grain: it moves by one all the same.
    return wanted == m_value ? snapped(m_value + (isUp ? m_step : -m_step)) : wanted;
}

void LabeledSlider::edit(double value)
{
    const double before = m_value;
    setValue(value);
    if (m_value != before) {
        Q_EMIT edited(m_value);
    }
}

void LabeledSlider::setValue(double value)
{
    const double next = allowed(value);
    if (next != m_value) {
        m_value = next;
        showValue();
        Q_EMIT valueChanged(m_value);
    }
}

void LabeledSlider::setFormatter(std::function<QString(double)> formatter)
{
    m_formatter = std::move(formatter);
    showValue();
}

void LabeledSlider::showValue()
{
    const QString text = m_formatter ? m_formatter(m_value) : exactNumber(m_value, m_decimals);
    m_button->setText(text);
    m_button->setAccessibleName(tr("%1: %2").arg(m_name, text));
    m_slider->setAccessibleDescription(text);
    const QSignalBlocker quiet(m_slider);
    // On a coarse logarithmic scale the handle stays where the user holds it.
    if (!m_slider->isSliderDown()) {
        m_slider->setValue(sliderFromValue(m_value));
    }
}

void LabeledSlider::setDisabledReason(const QString& reason)
{
    setEnabled(reason.isEmpty());
    setToolTip(reason);
}

void LabeledSlider::openField(const QString& text)
{
    m_opened = exactNumber(m_value, m_decimals);
    m_field->setText(text.isEmpty() ? m_opened : text);
    // Over the value, a little higher, so that nothing else moves.
    const QRect value = m_button->geometry();
    m_field->setGeometry(QRect(value.right() - 83, value.top() - 1, 84, value.height() + 2));
    m_field->show();
    m_field->raise();
    m_field->setFocus(Qt::OtherFocusReason);
    if (text.isEmpty()) {
        m_field->selectAll();
    }
}

void LabeledSlider::closeField(bool take)
{
    if (m_field->isHidden()) {
        return;
    }
    double value = 0.0;
    const bool isTyped = take && m_field->text() != m_opened;
    bool usable = isTyped && parseNumber(m_field->text(), value);
    if (isTyped && !usable && m_hasFloor && m_formatter) { // the word that stands for it, without what follows: "auto · 48"
        const QString word = m_formatter(m_floor).section(QStringLiteral(" · "), 0, 0);
        usable = m_field->text().trimmed().compare(word, Qt::CaseInsensitive) == 0;
        value = m_floor;
    }
    const bool hadFocus = m_field->hasFocus();
    m_field->hide();
    if (hadFocus) {
        m_button->setFocus(Qt::OtherFocusReason);
    }
    if (usable) {
        edit(value);
    }
}

bool LabeledSlider::eventFilter(QObject* watched, QEvent* event)
{
    if (event->type() == QEvent::FocusOut && watched == m_field) {
        closeField(true);
    } else if (event->type() == QEvent::KeyPress) {
        const auto* key = static_cast<QKeyEvent*>(event);
        const bool enter = key->key() == Qt::Key_Return || key->key() == Qt::Key_Enter;
        if (watched == m_field && (enter || key->key() == Qt::Key_Escape)) {
            // Ctrl+Enter belongs to the window, after the number is taken.
            const bool ours = key->modifiers() == Qt::NoModifier || key->modifiers() == Qt::KeypadModifier;
            closeField(enter);
            return ours;
        }
        const bool digit = key->text().size() == 1 && key->text().at(0).isDigit() &&
                           (key->modifiers() & ~Qt::KeypadModifier) == Qt::NoModifier;
        if (watched != m_field && (digit || key->key() == Qt::Key_F2 || (enter && key->modifiers() == Qt::NoModifier))) {
            openField(digit ? key->text() : QString());
            return true;
        }
    }
    return QWidget::eventFilter(watched, event);
}

void LabeledSlider::changeEvent(QEvent* event)
{
    if (event->type() == QEvent::LocaleChange || event->type() == QEvent::EnabledChange) {
        showValue();
    }
    QWidget::changeEvent(event);
}

} // namespace jacobi
