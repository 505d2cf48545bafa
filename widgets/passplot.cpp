// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "widgets/passplot.h"

#include "widgets/chiplabel.h"
#include "widgets/repaintclock.h"
#include "widgets/selection.h"
#include "widgets/theme.h"
#include "widgets/tracemodel.h"

#include <QEvent>
#include <QMouseEvent>
#include <QTableView>
#include <QToolTip>
#include <QVBoxLayout>

#include <algorithm>
#include <cmath>

namespace jacobi {
namespace {

constexpr double kFewestPasses = 8.0; // zooming in ends here
constexpr int kClickPixels = 4;

} // namespace

PassPlot::PassPlot(const QString& title, TraceModel* model, Selection* selection, QWidget* parent)
    : QWidget(parent), m_name(title), m_model(model), m_selection(selection), m_plot(makePlot(this)),
      m_title(new TitleLine(title, this)), m_clock(new RepaintClock(this))
{
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(4);
    column->addWidget(m_title);
    column->addWidget(m_plot, 1);
    setMinimumSize(260, 140);
    buildPlot();
}

PassPlot::~PassPlot() = default;

void PassPlot::begin(const QStringList& heading)
{
    PlotNumbers numbers;
    numbers.name = m_name;
    numbers.heading = heading;
    numbers.rows = [this] { return tableRows(); };
    numbers.cells = [this](int row) { return this->numbers(row); };
    numbers.chosen = [this](int row) { m_selection->goToPass(passOfRow(row)); };
    m_table = new TableBehind(m_model, m_title, m_plot, static_cast<QVBoxLayout*>(layout()), std::move(numbers), this);
    applyTheme();
    applyFullRange();

    connect(m_clock, &RepaintClock::repaint, this, &PassPlot::repaintNow);
    const auto data = [this] {
        m_dataDirty = true;
        m_clock->request();
    };
    connect(m_model, &TraceModel::reset, this, [this, data] {
        m_filled = 0;
        m_zoomed = false; // another run has other passes
        data();
    });
    connect(m_model, &TraceModel::passesAdded, this, data);
    connect(m_model, &TraceModel::finished, this, data);
    const auto cursor = [this] { m_clock->request(); };
    connect(m_selection, &Selection::currentPassChanged, this, cursor);
    connect(m_selection, &Selection::currentPassChanged, this, &PassPlot::showRowOf);
    connect(m_table->chip(), &ChipLabel::toggled, this,
            [this](bool shown) { shown ? showRowOf(m_selection->currentPass()) : m_clock->request(); });
    connect(m_selection, &Selection::hoveredChanged, this, cursor);
    connect(m_selection, &Selection::pinnedChanged, this, cursor);
    connect(&Theme::instance(), &Theme::changed, this, &PassPlot::applyTheme);
}

int PassPlot::tableRows()
{
    return m_model->passes();
}

/// The first row of a pass, unless the user stands on another one of it.
void PassPlot::showRowOf(int pass)
{
    const QModelIndex at = m_table->view()->currentIndex();
    if (!at.isValid() || passOfRow(at.row()) != pass) {
        m_table->setCurrentRow(firstRowOf(pass));
    } else if (m_table->isShown()) {
        m_table->view()->scrollTo(at);
    }
}

void PassPlot::buildPlot()
{
    QCPAxisRect* axes = m_plot->axisRect();
    axes->setAutoMargins(QCP::msNone);
    axes->setMargins(QMargins(44, 8, 50, 38));
    for (QCPAxis* axis : {m_plot->xAxis, m_plot->yAxis, m_plot->yAxis2}) {
        axis->setTicker(QSharedPointer<WholeTicker>(new WholeTicker));
    }
    setMostTicks(m_plot->xAxis, 7);
    m_plot->xAxis->grid()->setVisible(false);
    addAxisName(m_plot, QCPAxis::atBottom, [this] { return axisWords(); }, [] { return colours().secondary; });
    // The current pass lies under the curves' layer of its own, so that scrubbing repaints nothing else.
    new PlotPainting(m_plot, QStringLiteral("cursor"), [this](QCPPainter& painter) { paintCursor(painter); });
    m_plot->setInteractions(QCP::iRangeDrag | QCP::iRangeZoom);
    axes->setRangeDrag(Qt::Horizontal);
    axes->setRangeZoom(Qt::Horizontal);
    m_plot->installEventFilter(this);
    connect(m_plot->xAxis, qOverload<const QCPRange&>(&QCPAxis::rangeChanged), this, &PassPlot::userRange);
}

void PassPlot::userRange(const QCPRange& wanted)
{
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
    m_dataDirty = true;
    m_clock->request();
}

void PassPlot::applyTheme()
{
    stylePlot(m_plot);
    m_plot->axisRect()->setBackground(Qt::NoBrush);
    styleGraphs();
    m_dataDirty = true;
    m_clock->request();
}

void PassPlot::repaintNow()
{
    if (!m_plot->isVisible()) {
        return; // the show event asks again
    }
    matchScreen(m_plot);
    if (!m_dataDirty) {
        m_plot->layer(QStringLiteral("cursor"))->replot();
        return;
    }
    m_dataDirty = false;
    fillFrom(m_filled);
    m_filled = m_model->passes();
    if (!m_zoomed) {
        applyFullRange();
    }
    m_title->setLegend(legend());
    m_plot->replot(QCustomPlot::rpQueuedRefresh);
}

void PassPlot::applyFullRange()
{
    m_settingRange = true;
    const int passes = m_model->passes();
    const bool isWhole = m_model->isFinished() || m_isFigure;
    const int shown = isWhole && passes > 0 ? passes : roomyEnd(passes);
    // Of many passes, half of one is less than a mark on it takes.
    const int room = std::max(1, m_plot->axisRect()->width() - 2 * markRadius());
    const double beside = std::max(0.5, static_cast<double>(markRadius()) * (shown - 1) / room);
    m_plot->xAxis->setRange(-beside, shown - 1 + beside);
    applyHeight();
    m_settingRange = false;
}

void PassPlot::resetZoom()
{
    m_zoomed = false;
    m_dataDirty = true;
    m_clock->request();
}

QString PassPlot::axisWords() const
{
    return m_zoomed && !m_isFigure ? zoomedName(tr("pass")) : tr("pass");
}

/// A view of its own, so that the one on the screen stays as it is.
struct PassPlot::Copy {
    Selection selection; ///< of nothing: no pass is marked on paper
    std::unique_ptr<PassPlot> view;
};

bool PassPlot::hasFigure() const
{
    return m_model->passes() > 0;
}

Figure PassPlot::figure() const
{
    const PaperLook paper;
    const auto copy = std::make_shared<Copy>();
    copy->view = another(&copy->selection);
    PassPlot* view = copy->view.get();
    view->m_isFigure = true;
    QCPRange passes(0.0, m_model->passes() - 1.0);
    if (m_zoomed) {
        passes = m_plot->xAxis->range();
        view->m_settingRange = true;
        view->m_plot->xAxis->setRange(passes);
        view->m_settingRange = false;
        view->m_zoomed = true;
    }
    Figure figure;
    figure.title = m_name;
    figure.legend = legend();
    figure.paint = [copy](QCPPainter& painter, const QSize& size) { copy->view->paintFigure(painter, size); };
    const int from = std::max(0, static_cast<int>(std::ceil(passes.lower)));
    const int to = std::min(m_model->passes(), static_cast<int>(std::floor(passes.upper)) + 1);
    figure.table = figureTable(from, to);
    return figure;
}

void PassPlot::paintFigure(QCPPainter& painter, const QSize& size)
{
    m_plot->setViewport(QRect(QPoint(), size));
    fillFrom(0);
    m_plot->replot(QCustomPlot::rpImmediateRefresh); // places the axes, which say how many passes a mark is wide
    if (m_zoomed) {
        applyHeight();
    } else {
        applyFullRange();
    }
    paintPlot(m_plot, painter, size);
}

int PassPlot::passAt(const QPointF& point) const
{
    if (!m_plot->axisRect()->rect().contains(point.toPoint())) {
        return -1;
    }
    const int pass = static_cast<int>(std::floor(m_plot->xAxis->pixelToCoord(point.x()) + 0.5));
    return pass >= 0 && pass < m_model->passes() ? pass : -1;
}

QPointF PassPlot::pointOf(int pass) const
{
    return {m_plot->xAxis->coordToPixel(pass), m_plot->axisRect()->bottom() - 1.0};
}

void PassPlot::paintCursor(QPainter& painter)
{
    const QRect axes = m_plot->axisRect()->rect();
    const int passes = m_model->passes();
    if (passes == 0) {
        paintPlaceholder(static_cast<QCPPainter&>(painter), axes,
                         m_model->isEmpty() ? emptyWords() : tr("Waiting for the first pass."));
        return;
    }
    if (const int current = m_selection->currentPass(); current >= 0 && current < passes) {
        paintCurrent(painter, current);
    }
    // A hovered pass, or the pass that accepted the hovered token.
    const auto mark = [&](Cell cell, bool pinned) {
        const int pass = cell.position >= 0 && cell.pass < 0 ? m_model->passOfAcceptance(cell.position) : cell.pass;
        if (pass < 0 || pass >= passes) {
            return;
        }
        painter.setBrush(Qt::NoBrush);
        painter.setPen(cursorPen(pinned));
        const double x = std::floor(m_plot->xAxis->coordToPixel(pass)) + 0.5;
        painter.drawLine(QPointF(x, axes.top()), QPointF(x, axes.bottom()));
        painter.setPen(QPen(colours().accent, pinned ? 2.0 : 1.5));
        paintMark(painter, pass, pinned);
    };
    if (m_selection->isPinned()) {
        mark(m_selection->pinned(), true);
    }
    mark(m_selection->hovered(), false);
}

void PassPlot::hoverAt(const QPointF& point, const QPoint& globalPoint)
{
    const int pass = passAt(point);
    m_selection->setHovered({pass, -1});
    if (pass < 0) {
        QToolTip::hideText();
        return;
    }
    QToolTip::showText(globalPoint, describe(pass), m_plot);
}

bool PassPlot::eventFilter(QObject* watched, QEvent* event)
{
    if (watched != m_plot) {
        return QWidget::eventFilter(watched, event);
    }
    switch (event->type()) {
    case QEvent::Show: m_clock->request(); break;
    case QEvent::Resize: // how many passes a mark is wide
        m_dataDirty = true;
        m_clock->request();
        break;
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
