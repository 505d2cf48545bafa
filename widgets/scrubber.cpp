// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "widgets/scrubber.h"

#include "widgets/chiplabel.h"
#include "widgets/numberlabel.h"
#include "widgets/selection.h"
#include "widgets/theme.h"
#include "widgets/tracemodel.h"

#include <QHBoxLayout>
#include <QLocale>
#include <QMenu>
#include <QPainter>
#include <QPainterPath>
#include <QSlider>

#include <algorithm>
#include <cmath>

namespace jacobi {
namespace {

constexpr double kSpeeds[] = {0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 16.0};
constexpr int kTickMs = 16;
constexpr double kSlowest = 10.0; // passes a second at speed 1, however slow the run was
constexpr double kFastest = 60.0;
constexpr int kLeastSlider = 96; // pixels: a pass can still be found on it
constexpr int kSpacing = 8;
constexpr int kButton = 42;
constexpr int kTightButton = 30; // where there is little room

QString speedText(double speed)
{
    return QLocale().toString(speed, 'g', 3) + QStringLiteral("×");
}

// A button with a drawn symbol or, without one, its text.
class TransportButton : public QAbstractButton {
public:
    enum class Symbol { None, Back, Play, Pause, Forward };

    TransportButton(Symbol symbol, QWidget* parent) : QAbstractButton(parent), m_symbol(symbol)
    {
        setFixedSize(symbol == Symbol::None ? 48 : kButton, 30);
        setFocusPolicy(Qt::TabFocus);
        setAttribute(Qt::WA_Hover);
    }
    void setSymbol(Symbol symbol)
    {
        m_symbol = symbol;
        update();
    }

protected:
    void paintEvent(QPaintEvent*) override
    {
        const Palette& c = colours();
        QPainter painter(this);
        painter.setRenderHint(QPainter::Antialiasing);
        const QRectF box = QRectF(rect()).adjusted(0.5, 0.5, -0.5, -0.5);
        const bool lit = isEnabled() && (underMouse() || isDown());
        painter.setBrush(lit ? c.line : c.raised);
        painter.setPen(QPen(hasFocus() ? c.accent : c.line, hasFocus() ? 1.6 : 1.0));
        painter.drawRoundedRect(box, 6, 6);
        painter.setOpacity(isEnabled() ? 1.0 : 0.4);
        if (m_symbol == Symbol::None) {
            painter.setFont(font());
            painter.setPen(c.text);
            drawTabular(painter, rect(), Qt::AlignCenter, text());
            return;
        }
        painter.setPen(Qt::NoPen);
        painter.setBrush(c.text);
        painter.translate(QRectF(rect()).center());
        paintSymbol(painter);
    }

private:
    void paintSymbol(QPainter& painter) const
    {
        const auto triangle = [&painter](qreal left, qreal right) {
            painter.drawPolygon(QPolygonF({QPointF(left, -5.5), QPointF(left, 5.5), QPointF(right, 0.0)}));
        };
        switch (m_symbol) {
        case Symbol::Back:
            triangle(5.0, -4.0);
            painter.drawRect(QRectF(-6.5, -5.5, 2.0, 11.0));
            break;
        case Symbol::Forward:
            triangle(-5.0, 4.0);
            painter.drawRect(QRectF(4.5, -5.5, 2.0, 11.0));
            break;
        case Symbol::Play: triangle(-4.0, 6.0); break;
        case Symbol::Pause:
            painter.drawRect(QRectF(-5.0, -5.5, 3.5, 11.0));
            painter.drawRect(QRectF(1.5, -5.5, 3.5, 11.0));
            break;
        case Symbol::None: break;
        }
    }

    Symbol m_symbol;
};

} // namespace

Scrubber::Scrubber(TraceModel* model, Selection* selection, QWidget* parent)
    : QWidget(parent), m_model(model), m_selection(selection),
      m_back(new TransportButton(TransportButton::Symbol::Back, this)),
      m_play(new TransportButton(TransportButton::Symbol::Play, this)),
      m_forward(new TransportButton(TransportButton::Symbol::Forward, this)),
      m_speedButton(new TransportButton(TransportButton::Symbol::None, this)), m_slider(new QSlider(Qt::Horizontal, this)),
      m_label(new NumberLabel(this)), m_follow(new ChipLabel(tr("following"), ChipLabel::Tone::Good, this))
{
    auto* row = new QHBoxLayout(this);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(kSpacing);
    row->setSizeConstraint(QLayout::SetNoConstraint); // minimumSizeHint() says what is least: parts of the row can give way
    for (QWidget* widget : {static_cast<QWidget*>(m_back), static_cast<QWidget*>(m_play),
                            static_cast<QWidget*>(m_forward), static_cast<QWidget*>(m_speedButton)}) {
        row->addWidget(widget);
    }
    row->addSpacing(4);
    row->addWidget(m_slider, 1);
    row->addSpacing(4);
    row->addWidget(m_label);
    row->addWidget(m_follow);
    setFixedHeight(34);
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);

    nameControls();
    buildSpeedMenu();
    m_label->setAlignment(Qt::AlignRight | Qt::AlignVCenter);
    m_follow->setCheckable(true);
    m_follow->setClickable(true);
    m_follow->setWidestText(tr("following"));
    m_slider->setSingleStep(1);
    m_slider->setPageStep(10);
    m_slider->setMinimumWidth(kLeastSlider);
    m_timer.setInterval(kTickMs);
    m_timer.setTimerType(Qt::PreciseTimer);

    connect(m_back, &QAbstractButton::clicked, this, [this] { stepBy(-1); });
    connect(m_forward, &QAbstractButton::clicked, this, [this] { stepBy(1); });
    connect(m_play, &QAbstractButton::clicked, this, &Scrubber::togglePlay);
    connect(m_slider, &QSlider::valueChanged, this, [this](int pass) {
        stop();
        m_selection->goToPass(pass);
    });
    connect(m_follow, &QAbstractButton::clicked, this, [this](bool checked) {
        stop();
        m_selection->setFollowLive(checked);
        refresh();
    });
    connect(&m_timer, &QTimer::timeout, this, &Scrubber::tick);
    connect(model, &TraceModel::reset, this, [this] {
        stop();
        refresh();
    });
    connect(model, &TraceModel::passesAdded, this, &Scrubber::refresh);
    connect(selection, &Selection::currentPassChanged, this, &Scrubber::refresh);
    connect(selection, &Selection::followLiveChanged, this, &Scrubber::refresh);
    connect(&Theme::instance(), &Theme::changed, this, [this] { update(); });
    setSpeed(1.0);
    refresh();
}

int Scrubber::widthOf(bool isTight) const
{
    constexpr int kBesideSlider = 8;
    const int buttons = isTight ? 3 * kTightButton + 2 * kSpacing : 3 * kButton + m_speedButton->width() + 3 * kSpacing;
    return buttons + kLeastSlider + m_label->sizeHint().width() + m_follow->sizeHint().width() + 3 * kSpacing + kBesideSlider;
}

QSize Scrubber::minimumSizeHint() const
{
    return {widthOf(true), height()};
}

/// Where there is little room the slider keeps some, and the speed and the buttons give way.
void Scrubber::resizeEvent(QResizeEvent* event)
{
    QWidget::resizeEvent(event);
    const bool isTight = width() < widthOf(false);
    m_speedButton->setVisible(!isTight);
    for (QAbstractButton* button : {m_back, m_play, m_forward}) {
        button->setFixedWidth(isTight ? kTightButton : kButton);
    }
}

void Scrubber::nameControls()
{
    const auto name = [](QWidget* widget, const QString& text, const QString& tip) {
        widget->setAccessibleName(text);
        widget->setToolTip(tip);
    };
    name(m_back, tr("One pass back"), tr("One pass back (Left)"));
    name(m_forward, tr("One pass forward"), tr("One pass forward (Right)"));
    name(m_play, tr("Play"), tr("Play the passes (Space)"));
    name(m_speedButton, tr("Speed of playing"), tr("Speed of playing, 1× is the run's own"));
    name(m_slider, tr("Pass shown"), QString());
    name(m_follow, tr("Follow the newest pass"), tr("Show the newest pass as soon as it is there (End)"));
}

void Scrubber::buildSpeedMenu()
{
    auto* menu = new QMenu(this);
    for (const double speed : kSpeeds) {
        QAction* action = menu->addAction(speedText(speed));
        connect(action, &QAction::triggered, this, [this, speed] { setSpeed(speed); });
    }
    connect(m_speedButton, &QAbstractButton::clicked, this, [this, menu] {
        menu->popup(m_speedButton->mapToGlobal(QPoint(0, m_speedButton->height() + 2)));
    });
}

double Scrubber::passesPerSecond() const
{
    const double seconds = m_model->secondsUntil(m_model->passes() - 1);
    const double own = seconds > 0.0 ? m_model->passes() / seconds : kSlowest;
    return std::clamp(own, kSlowest, kFastest) * m_speed;
}

void Scrubber::setSpeed(double speed)
{
    m_speed = std::isfinite(speed) ? std::clamp(speed, 0.25, 16.0) : 1.0;
    m_speedButton->setText(speedText(m_speed));
    m_speedButton->setAccessibleDescription(speedText(m_speed));
}

void Scrubber::stepBy(int passes)
{
    stop();
    m_selection->stepBy(passes);
}

void Scrubber::first()
{
    stop();
    m_selection->first();
}

void Scrubber::last()
{
    stop();
    m_selection->last();
}

void Scrubber::togglePlay()
{
    if (isPlaying()) {
        stop();
    } else {
        play();
    }
}

void Scrubber::play()
{
    const int end = m_model->passes() - 1;
    if (end < 1 || isPlaying()) {
        return;
    }
    if (m_selection->currentPass() >= end) {
        if (m_model->isLive()) {
            return; // already at the newest: following is all the playing there is
        }
        m_selection->goToPass(0);
    }
    m_selection->setFollowLive(false);
    m_fraction = 0.0;
    m_clock.start();
    m_timer.start();
    refresh();
    Q_EMIT playingChanged(true);
}

void Scrubber::stop()
{
    if (isPlaying()) {
        m_timer.stop();
        refresh();
        Q_EMIT playingChanged(false);
    }
}

void Scrubber::tick()
{
    m_fraction += static_cast<double>(m_clock.restart()) * 1e-3 * passesPerSecond();
    const double whole = std::floor(m_fraction);
    if (whole < 1.0) {
        return;
    }
    m_fraction -= whole;
    m_selection->stepBy(static_cast<int>(std::min(whole, 1e6)));
    if (m_selection->currentPass() >= m_model->passes() - 1) {
        stop();
    }
}

void Scrubber::refresh()
{
    const int passes = m_model->passes();
    const int current = m_selection->currentPass();
    {
        const QSignalBlocker quiet(m_slider);
        m_slider->setRange(0, std::max(0, passes - 1));
        m_slider->setValue(std::max(0, current));
    }
    const bool any = passes > 0;
    m_slider->setEnabled(any);
    m_back->setEnabled(current > 0);
    m_forward->setEnabled(any && current < passes - 1);
    m_play->setEnabled(passes > 1);
    static_cast<TransportButton*>(m_play)->setSymbol(isPlaying() ? TransportButton::Symbol::Pause
                                                                 : TransportButton::Symbol::Play);
    m_play->setAccessibleName(isPlaying() ? tr("Pause playing") : tr("Play"));
    m_label->setWidestText(tr("pass %1").arg(8888));
    m_label->setText(current >= 0 ? tr("pass %1").arg(current) : tr("no pass"));
    m_follow->setChecked(m_selection->followLive());
    m_follow->setText(m_selection->followLive() ? tr("following") : tr("follow"));
    m_follow->setTone(m_selection->followLive() ? ChipLabel::Tone::Good : ChipLabel::Tone::Neutral);
}

} // namespace jacobi
