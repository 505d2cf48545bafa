// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "widgets/progressstrip.h"

#include "widgets/flowtrace.h"
#include "widgets/numberlabel.h"
#include "widgets/theme.h"
#include "widgets/tracemodel.h"

#include <QEvent>
#include <QLocale>
#include <QPainter>
#include <QPainterPath>

#include <algorithm>
#include <cmath>

namespace jacobi {
namespace {

constexpr int kBarHeight = 8;
constexpr int kTextTop = 14;
constexpr int kHeight = 34;
constexpr int kRefreshMs = 100;
constexpr double kLeastLeft = 0.1; // seconds: less is not worth a change of unit
const QString kDot = QStringLiteral(" · "); // between clauses
constexpr int kPacePasses = 16; // passes the pace is taken from, at least

// The latest quarter of the run, at least kPacePasses: recent enough to follow it, long enough to be calm.
int paceBegin(const TraceModel& model)
{
    const int passes = model.passes();
    return std::max(0, passes - std::max(kPacePasses, passes / 4));
}

} // namespace

ProgressStrip::ProgressStrip(TraceModel* model, QWidget* parent) : QWidget(parent), m_model(model)
{
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    setAccessibleName(tr("Progress"));
    m_timer.setInterval(kRefreshMs);
    connect(&m_timer, &QTimer::timeout, this, [this] {
        if (m_state == State::Loading && !m_loaded) {
            m_busy = std::fmod(m_busy + 0.04, 1.0);
            update();
        } else {
            m_timer.stop();
            refresh();
        }
    });
    const auto soon = [this] {
        if (!m_timer.isActive()) {
            m_timer.start();
        }
    };
    connect(model, &TraceModel::reset, this, &ProgressStrip::refresh);
    connect(model, &TraceModel::passesAdded, this, soon);
    connect(model, &TraceModel::finished, this, &ProgressStrip::refresh);
    connect(&Theme::instance(), &Theme::changed, this, [this] { update(); });
    refresh();
}

double ProgressStrip::secondsLeft(const TraceModel& model)
{
    const int last = model.passes() - 1;
    const int begin = paceBegin(model);
    const int accepted = model.committed() - model.committedEnd(begin - 1);
    const double seconds = model.secondsUntil(last) - model.secondsUntil(begin - 1);
    if (accepted <= 0 || !(seconds > 0.0)) {
        return -1.0;
    }
    return (model.positions() - model.committed()) * seconds / accepted;
}

int ProgressStrip::expectedPasses(const TraceModel& model)
{
    const int begin = paceBegin(model);
    const int accepted = model.committed() - model.committedEnd(begin - 1);
    if (accepted <= 0) {
        return -1;
    }
    const double perPass = static_cast<double>(accepted) / (model.passes() - begin);
    return model.passes() + static_cast<int>(std::ceil((model.positions() - model.committed()) / perPass));
}

QString ProgressStrip::duration(double seconds)
{
    if (!(seconds >= 0.0) || seconds > 1e7) {
        return tr("unknown");
    }
    if (seconds >= 5e-4 && seconds < 0.0995) {
        return tr("%1 ms").arg(std::llround(seconds * 1e3));
    }
    if (seconds < 9.95) {
        return tr("%1 s").arg(QLocale().toString(seconds, 'f', 1));
    }
    const auto whole = static_cast<qint64>(std::llround(seconds));
    if (whole < 60) {
        return tr("%1 s").arg(whole);
    }
    if (whole < 3600) {
        return tr("%1 min %2 s").arg(whole / 60).arg(whole % 60);
    }
    return tr("%1 h %2 min").arg(whole / 3600).arg(whole % 3600 / 60);
}

QString ProgressStrip::clausesThatFit(const QString& text, const QFont& font, qreal room)
{
    QString shown = text;
    while (tabularWidth(font, shown) > room) {
        const qsizetype cut = shown.lastIndexOf(kDot);
        if (cut <= 0) {
            return QFontMetricsF(font).elidedText(shown, Qt::ElideRight, room);
        }
        shown.truncate(cut);
    }
    return shown;
}

void ProgressStrip::setState(State state, const QString& sentence, std::optional<double> done)
{
    if (state != m_state) {
        m_busy = 0.0;
    }
    m_state = state;
    m_sentence = sentence;
    m_loaded = state == State::Loading ? done : std::nullopt;
    if (state == State::Loading && !m_loaded) {
        m_timer.start();
    }
    refresh();
}

bool ProgressStrip::isFlow() const
{
    return m_flow != nullptr && m_flow->isFlow();
}

double ProgressStrip::share() const
{
    if (m_loaded) {
        return *m_loaded;
    }
    const int total = isFlow() ? m_flow->total() : m_model->positions();
    const int done = isFlow() ? m_flow->doneAfter(m_model->passes() - 1) : m_model->committed();
    return total > 0 && m_model->passes() > 0 ? static_cast<double>(done) / total : 0.0;
}

void ProgressStrip::takeNumbers()
{
    const int passes = m_model->passes();
    int instead = m_model->positions();
    if (isFlow()) {
        instead = m_flow->sequentialPasses();
        const int done = m_flow->doneAfter(passes - 1);
        const int blocks = m_flow->blocks();
        m_left = done < m_flow->total() ? tr("block %1 of %2").arg(m_flow->runs().size()).arg(blocks)
                                        : tr("%1 blocks").arg(blocks);
        m_strong = tr("%1 positions per pass").arg(QLocale().toString(static_cast<double>(done) / passes, 'f', 1));
    } else {
        m_left = tr("%1 of %2 tokens").arg(m_model->committed()).arg(m_model->positions());
        m_strong = tr("%1 tokens per pass").arg(QLocale().toString(m_model->tokensPerPass(), 'f', 1));
    }
    m_passes = (passes == 1 ? tr("1 pass instead of %1") : tr("%1 passes instead of %2").arg(passes)).arg(instead);
}

/// How long it will go on; empty where nobody can know. A flow's blocks differ too much to tell.
QString ProgressStrip::paceText() const
{
    const bool isPaused = m_state == State::Paused;
    if (isFlow()) {
        return isPaused ? tr("Paused") + kDot + m_passes : m_passes;
    }
    const double seconds = secondsLeft(*m_model);
    const int expected = expectedPasses(*m_model);
    if (seconds < 0.0 || expected < 0) {
        return {};
    }
    return (isPaused ? tr("Paused, %1 left") : tr("%1 left")).arg(duration(std::max(kLeastLeft, seconds))) + kDot +
           tr("about %1 passes instead of %2").arg(expected).arg(m_model->positions());
}

/// Of a run that did not get to its end nobody can say what it saved.
QString ProgressStrip::replayText(const QString& took) const
{
    const std::optional<RunSummary>& summary = m_model->trace().summary;
    if (summary && summary->outcome == Outcome::Complete) {
        return tr("Replay, took %1").arg(took) + (m_passes.isEmpty() ? QString() : kDot + m_passes);
    }
    const QString how = !summary                                ? tr("Replay of a part, %1")
                        : summary->outcome == Outcome::Cancelled ? tr("Replay, stopped after %1")
                                                                 : tr("Replay, failed after %1");
    const int passes = m_model->passes();
    return how.arg(took) + kDot + (passes == 1 ? tr("1 pass") : tr("%1 passes").arg(passes));
}

void ProgressStrip::refresh()
{
    const bool numbers = m_model->passes() > 0 && m_state != State::Loading;
    m_left.clear();
    m_strong.clear();
    m_right.clear();
    m_passes.clear();
    if (numbers) {
        takeNumbers();
    }
    const std::optional<RunSummary>& summary = m_model->trace().summary;
    const double took = summary ? summary->seconds : m_model->secondsUntil(m_model->passes() - 1);
    const QString dot = m_passes.isEmpty() ? QString() : QString(kDot);
    switch (m_state) {
    case State::Idle: m_right = m_sentence.isEmpty() && !numbers ? tr("Ready") : m_sentence; break;
    case State::Loading: m_left = m_sentence.isEmpty() ? tr("Loading the model") : m_sentence; break;
    case State::Running:
    case State::Paused:
        m_right = !m_sentence.isEmpty() ? m_sentence : numbers ? paceText() : QString();
        if (m_right.isEmpty()) {
            m_right = m_state == State::Paused ? tr("Paused") : tr("Starting");
        }
        break;
    case State::Stopped: m_right = m_sentence.isEmpty() ? tr("Stopped after %1").arg(duration(took)) : m_sentence; break;
    case State::Failed: // the sentence says what to do: it gets all the room
        m_left = m_sentence.isEmpty() ? tr("This run failed.") : m_sentence;
        m_strong.clear();
        break;
    case State::Complete:
        m_right = m_sentence.isEmpty() ? duration(took) + dot + m_passes : m_sentence;
        break;
    case State::Replay:
        m_right = m_sentence.isEmpty() ? replayText(duration(took)) : m_sentence;
        break;
    }
    setAccessibleDescription(leftText() + QStringLiteral(". ") + m_right);
    update();
}

QString ProgressStrip::leftText() const
{
    return m_strong.isEmpty() ? m_left : m_left + kDot + m_strong;
}

QString ProgressStrip::rightText() const
{
    return m_right;
}

QSize ProgressStrip::sizeHint() const
{
    return {480, kHeight};
}

QSize ProgressStrip::minimumSizeHint() const
{
    return {200, kHeight};
}

bool ProgressStrip::event(QEvent* event)
{
    if (event->type() == QEvent::PaletteChange || event->type() == QEvent::FontChange) {
        update();
    }
    return QWidget::event(event);
}

void ProgressStrip::paintEvent(QPaintEvent*)
{
    const Palette& c = colours();
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    const QRectF track(0, 0, width(), kBarHeight);
    QPainterPath rounded;
    rounded.addRoundedRect(track, kBarHeight / 2.0, kBarHeight / 2.0);
    painter.fillPath(rounded, c.line);
    painter.save();
    painter.setClipPath(rounded);
    if (m_state == State::Loading && !m_loaded) {
        const double share = 0.5 - 0.5 * std::cos(m_busy * 6.283185307179586);
        painter.fillRect(QRectF(share * width() * 0.75, 0, width() * 0.25, kBarHeight), c.accent);
    } else if (const double done = share(); done > 0.0) {
        const bool resting = m_state == State::Paused || m_state == State::Stopped;
        const QColor fill = m_state == State::Failed    ? c.rejected
                            : m_state == State::Loading ? c.accent
                            : resting                   ? c.kept
                                                        : c.accepted;
        painter.fillRect(QRectF(0, 0, done * width(), kBarHeight), fill);
    }
    painter.restore();

    const QRectF line(0, kTextTop, width(), kHeight - kTextTop);
    const QFont plain = Theme::instance().bodyFont();
    QFont strong = plain;
    strong.setWeight(QFont::DemiBold);
    painter.setFont(plain);
    painter.setPen(m_state == State::Failed ? c.rejected : c.text);
    qreal x = tabularWidth(plain, m_left);
    const bool leftFits = x <= width();
    drawTabular(painter, line, Qt::AlignLeft | Qt::AlignVCenter,
                leftFits ? m_left : QFontMetricsF(plain).elidedText(m_left, Qt::ElideRight, width()));
    if (!m_strong.isEmpty()) {
        drawTabular(painter, line.adjusted(x, 0, 0, 0), Qt::AlignLeft | Qt::AlignVCenter, kDot);
        x += tabularWidth(plain, kDot);
        painter.setFont(strong);
        drawTabular(painter, line.adjusted(x, 0, 0, 0), Qt::AlignLeft | Qt::AlignVCenter, m_strong);
        x += tabularWidth(strong, m_strong);
    }
    painter.setFont(plain);
    painter.setPen(c.secondary);
    const qreal room = width() - x - (x > 0 ? 16 : 0);
    const QString shown = clausesThatFit(m_right, plain, std::max(room, 0.0));
    drawTabular(painter, line, Qt::AlignRight | Qt::AlignVCenter, shown);
    setToolTip(!leftFits ? m_left : shown == m_right ? QString() : m_right);
}

} // namespace jacobi
