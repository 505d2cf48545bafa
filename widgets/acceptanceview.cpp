// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "widgets/acceptanceview.h"

#include "widgets/plotparts.h"
#include "widgets/repaintclock.h"
#include "widgets/selection.h"
#include "widgets/theme.h"
#include "widgets/titleline.h"
#include "widgets/tracemodel.h"

#include <QEvent>
#include <QMouseEvent>
#include <QToolTip>
#include <QVBoxLayout>

#include <algorithm>
#include <cmath>

namespace jacobi {
namespace {

constexpr double kBarWidth = 0.76;
constexpr double kFewestPasses = 8.0; // zooming in ends here
constexpr int kClickPixels = 4;

} // namespace

struct AcceptanceView::Parts {
    QCPBars* bars = nullptr;
    QCPGraph* cumulative = nullptr;
    QCPGraph* onePerPass = nullptr;
};

AcceptanceView::AcceptanceView(TraceModel* model, Selection* selection, QWidget* parent)
    : QWidget(parent), m_model(model), m_selection(selection), m_plot(makePlot(this)),
      m_title(new TitleLine(tr("Accepted per pass"), this)), m_clock(new RepaintClock(this)),
      m_parts(std::make_unique<Parts>())
{
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(4);
    column->addWidget(m_title);
    column->addWidget(m_plot, 1);
    setMinimumSize(260, 140);
    setAccessibleName(tr("Tokens accepted in each pass, and so far"));
    buildPlot();
    applyTheme();

    connect(m_clock, &RepaintClock::repaint, this, &AcceptanceView::repaintNow);
    const auto data = [this] {
        m_dataDirty = true;
        m_clock->request();
    };
    connect(model, &TraceModel::reset, this, [this, data] {
        m_filled = 0;
        m_zoomed = false; // another run has other passes
        data();
    });
    connect(model, &TraceModel::passesAdded, this, data);
    connect(model, &TraceModel::finished, this, data);
    const auto cursor = [this] { m_clock->request(); };
    connect(selection, &Selection::currentPassChanged, this, cursor);
    connect(selection, &Selection::hoveredChanged, this, cursor);
    connect(selection, &Selection::pinnedChanged, this, cursor);
    connect(&Theme::instance(), &Theme::changed, this, &AcceptanceView::applyTheme);
}

AcceptanceView::~AcceptanceView() = default;

void AcceptanceView::buildPlot()
{
    QCPAxisRect* axes = m_plot->axisRect();
    axes->setAutoMargins(QCP::msNone);
    axes->setMargins(QMargins(44, 8, 50, 38));
    m_plot->yAxis2->setVisible(true);
    for (QCPAxis* axis : {m_plot->xAxis, m_plot->yAxis, m_plot->yAxis2}) {
        axis->setTicker(QSharedPointer<WholeTicker>(new WholeTicker));
    }
    m_plot->xAxis->ticker()->setTickCount(7);
    m_plot->yAxis->ticker()->setTickCount(3);
    m_plot->yAxis2->ticker()->setTickCount(4);
    m_plot->xAxis->grid()->setVisible(false);
    const auto grey = [] { return colours().secondary; };
    addAxisName(m_plot, QCPAxis::atBottom, tr("pass"), grey);
    addAxisName(m_plot, QCPAxis::atLeft, tr("tokens"), grey);
    addAxisName(m_plot, QCPAxis::atRight, tr("tokens so far"), [] { return colours().redrawn; });
    m_parts->bars = new QCPBars(m_plot->xAxis, m_plot->yAxis);
    m_parts->bars->setWidth(kBarWidth);
    m_parts->bars->setAntialiased(false);
    m_parts->onePerPass = m_plot->addGraph(m_plot->xAxis, m_plot->yAxis2);
    m_parts->cumulative = m_plot->addGraph(m_plot->xAxis, m_plot->yAxis2);
    for (QCPGraph* graph : {m_parts->onePerPass, m_parts->cumulative}) {
        graph->setAdaptiveSampling(true);
        graph->setAntialiased(true);
    }
    // The current pass lies under the curves' layer of its own, so that scrubbing repaints nothing else.
    new PlotPainting(m_plot, QStringLiteral("cursor"), [this](QCPPainter& painter) { paintCursor(painter); });
    m_plot->setInteractions(QCP::iRangeDrag | QCP::iRangeZoom);
    axes->setRangeDrag(Qt::Horizontal);
    axes->setRangeZoom(Qt::Horizontal);
    m_plot->installEventFilter(this);
    connect(m_plot->xAxis, qOverload<const QCPRange&>(&QCPAxis::rangeChanged), this, [this](const QCPRange& wanted) {
        if (m_settingRange || m_model->passes() == 0) {
            return;
        }
        m_settingRange = true;
        QCPRange range = wanted;
        if (range.size() < kFewestPasses) {
            range = QCPRange(range.center() - kFewestPasses / 2.0, range.center() + kFewestPasses / 2.0);
        }
        m_plot->xAxis->setRange(range.bounded(-0.5, roomyEnd(m_model->passes()) - 0.5));
        m_settingRange = false;
        m_zoomed = true;
        m_title->setTexts(tr("Accepted per pass"), tr("zoomed, double-click shows all"));
        m_dataDirty = true;
        m_clock->request();
    });
    applyFullRange();
}

void AcceptanceView::applyTheme()
{
    stylePlot(m_plot);
    const Palette& c = colours();
    m_plot->axisRect()->setBackground(Qt::NoBrush);
    styleAxis(m_plot->yAxis2, c.redrawn);
    m_plot->yAxis2->grid()->setVisible(false);
    m_parts->bars->setPen(Qt::NoPen);
    m_parts->bars->setBrush(c.accepted);
    m_parts->cumulative->setPen(QPen(c.redrawn, 2.0, Qt::SolidLine, Qt::FlatCap, Qt::RoundJoin));
    QPen dashed(c.secondary, 1.2);
    dashed.setDashPattern({4.0, 3.0});
    m_parts->onePerPass->setPen(dashed);
    m_dataDirty = true;
    m_clock->request();
}

void AcceptanceView::repaintNow()
{
    if (!isVisible()) {
        return; // the show event asks again
    }
    matchScreen(m_plot);
    if (!m_dataDirty) {
        m_plot->layer(QStringLiteral("cursor"))->replot();
        return;
    }
    m_dataDirty = false;
    fillFrom(m_filled);
    if (!m_zoomed) {
        applyFullRange();
        m_title->setTexts(tr("Accepted per pass"));
    }
    const Palette& c = colours();
    const int total = m_model->positions();
    m_title->setLegend({{tr("in the pass"), c.accepted},
                        {total > 0 ? tr("cumulative, of %1").arg(total) : tr("cumulative"), c.redrawn,
                         LegendEntry::Mark::Line},
                        {tr("one per pass"), c.secondary, LegendEntry::Mark::Dashed}});
    m_plot->replot(QCustomPlot::rpQueuedRefresh);
}

void AcceptanceView::fillFrom(int from)
{
    if (from == 0) {
        m_parts->bars->data()->clear();
        m_parts->cumulative->data()->clear();
        m_parts->onePerPass->data()->clear();
    }
    for (int pass = from; pass < m_model->passes(); ++pass) {
        m_parts->bars->addData(pass, m_model->acceptedInPass(pass));
        m_parts->cumulative->addData(pass, m_model->committedEnd(pass));
    }
    m_filled = m_model->passes();
    if (m_filled > 0) {
        const double end = 2.0 * m_model->positions(); // the axes clip it; without a layout it grows
        m_parts->onePerPass->setData({-0.5, end}, {0.5, end + 1.0}, true);
    }
}

void AcceptanceView::applyFullRange()
{
    m_settingRange = true;
    const int passes = m_model->passes();
    m_plot->xAxis->setRange(-0.5, (m_model->isFinished() && passes > 0 ? passes : roomyEnd(passes)) - 0.5);
    const int top = std::max(4, m_model->maxAcceptedInPass());
    m_plot->yAxis->setRange(0.0, top <= 4 ? 4.4 : roomyEnd(top) * 1.02);
    const int positions = m_model->isEmpty() ? 100 : std::max(1, m_model->positions());
    m_plot->yAxis2->setRange(0.0, positions * 1.02);
    m_plot->yAxis2->ticker().staticCast<WholeTicker>()->setUnit(positions % 4 == 0 ? positions / 4 : 1);
    m_settingRange = false;
}

void AcceptanceView::resetZoom()
{
    m_zoomed = false;
    m_dataDirty = true;
    m_clock->request();
}

int AcceptanceView::passAt(const QPointF& point) const
{
    if (!m_plot->axisRect()->rect().contains(point.toPoint())) {
        return -1;
    }
    const int pass = static_cast<int>(std::floor(m_plot->xAxis->pixelToCoord(point.x()) + 0.5));
    return pass >= 0 && pass < m_model->passes() ? pass : -1;
}

QRectF AcceptanceView::barRect(int pass) const
{
    const double left = m_plot->xAxis->coordToPixel(pass - kBarWidth / 2.0);
    const double right = m_plot->xAxis->coordToPixel(pass + kBarWidth / 2.0);
    const double top = m_plot->yAxis->coordToPixel(m_model->acceptedInPass(pass));
    const double bottom = m_plot->yAxis->coordToPixel(0.0);
    const double width = std::max(right - left, 2.0);
    return {(left + right - width) / 2.0, top, width, bottom - top};
}

QPointF AcceptanceView::pointOf(int pass) const
{
    return {m_plot->xAxis->coordToPixel(pass), m_plot->yAxis->coordToPixel(0.0) - 1.0};
}

void AcceptanceView::paintCursor(QPainter& painter)
{
    const QRect axes = m_plot->axisRect()->rect();
    const int passes = m_model->passes();
    if (passes == 0) {
        paintPlaceholder(static_cast<QCPPainter&>(painter), axes,
                         m_model->isEmpty() ? tr("Nothing has run yet. Each bar will be the tokens one pass accepted.")
                                            : tr("Waiting for the first pass."));
        return;
    }
    painter.setPen(Qt::NoPen);
    const int current = m_selection->currentPass();
    if (current >= 0 && current < passes) {
        QRectF bar = barRect(current);
        bar.setTop(std::min(bar.top(), bar.bottom() - 2.0)); // a pass that accepted nothing is still seen
        painter.fillRect(bar, colours().accent);
        QColor guide = colours().accent;
        guide.setAlphaF(0.35F);
        painter.setPen(QPen(guide, 1.0));
        const double x = std::floor(bar.center().x()) + 0.5;
        painter.drawLine(QPointF(x, axes.top()), QPointF(x, bar.top()));
    }
    // A hovered pass, or the pass that accepted the hovered token.
    const auto mark = [&](Cell cell, bool pinned) {
        const int pass = cell.position >= 0 && cell.pass < 0 ? m_model->passOfAcceptance(cell.position) : cell.pass;
        if (pass < 0 || pass >= passes) {
            return;
        }
        painter.setBrush(Qt::NoBrush);
        painter.setPen(cursorPen(pinned));
        const double x = std::floor(barRect(pass).center().x()) + 0.5;
        painter.drawLine(QPointF(x, axes.top()), QPointF(x, axes.bottom()));
        painter.setPen(QPen(colours().accent, pinned ? 2.0 : 1.5));
        painter.drawRect(barRect(pass).adjusted(-1.5, -1.5, 1.5, 0));
    };
    if (m_selection->isPinned()) {
        mark(m_selection->pinned(), true);
    }
    mark(m_selection->hovered(), false);
}

void AcceptanceView::hoverAt(const QPointF& point, const QPoint& globalPoint)
{
    const int pass = passAt(point);
    m_selection->setHovered({pass, -1});
    if (pass < 0) {
        QToolTip::hideText();
        return;
    }
    const QString text = tr("pass %1: %2 accepted").arg(pass).arg(m_model->acceptedInPass(pass)) +
                         QLatin1Char('\n') +
                         tr("%1 of %2 so far").arg(m_model->committedEnd(pass)).arg(m_model->positions());
    QToolTip::showText(globalPoint, text, m_plot);
}

bool AcceptanceView::eventFilter(QObject* watched, QEvent* event)
{
    if (watched != m_plot) {
        return QWidget::eventFilter(watched, event);
    }
    switch (event->type()) {
    case QEvent::Show: m_clock->request(); break;
    case QEvent::Leave: m_selection->clearHovered(); break;
    case QEvent::MouseButtonPress:
        m_pressed = static_cast<QMouseEvent*>(event)->position();
        m_down = static_cast<QMouseEvent*>(event)->button() == Qt::LeftButton;
        break;
    case QEvent::MouseMove: {
        const auto* mouse = static_cast<QMouseEvent*>(event);
        if (mouse->buttons() == Qt::NoButton) {
            hoverAt(mouse->position(), mouse->globalPosition().toPoint());
        }
        break;
    }
    case QEvent::MouseButtonRelease: {
        const QPointF point = static_cast<QMouseEvent*>(event)->position();
        if (m_down && passAt(point) >= 0 && (point - m_pressed).manhattanLength() < kClickPixels) {
            m_selection->goToPass(passAt(point));
        }
        m_down = false;
        break;
    }
    case QEvent::MouseButtonDblClick:
        m_down = false;
        resetZoom();
        break;
    default: break;
    }
    return QWidget::eventFilter(watched, event);
}

} // namespace jacobi
