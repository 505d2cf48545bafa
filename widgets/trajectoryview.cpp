// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "widgets/trajectoryview.h"

#include "widgets/plotparts.h"
#include "widgets/repaintclock.h"
#include "widgets/tablebehind.h"
#include "widgets/theme.h"
#include "widgets/titleline.h"
#include "widgets/tokenwords.h"
#include "widgets/tracemodel.h"
#include "widgets/trajectoryraster.h"

#include <QEvent>
#include <QMouseEvent>
#include <QToolTip>
#include <QVBoxLayout>

#include <algorithm>
#include <cmath>
#include <utility>

namespace jacobi {
namespace {

constexpr double kFewestCells = 8.0; // zooming in ends here
constexpr int kClickPixels = 4;      // a press that moves farther is a drag

} // namespace

struct TrajectoryView::Raster {
    QImage image;
    QRectF part;
    QSize size;
    int passes = -1;
    bool dark = false;
};

TrajectoryView::TrajectoryView(TraceModel* model, Selection* selection, QWidget* parent)
    : QWidget(parent), m_model(model), m_selection(selection), m_plot(makePlot(this)),
      m_title(new TitleLine(tr("Trajectory"), this)), m_clock(new RepaintClock(this)),
      m_raster(std::make_unique<Raster>())
{
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(4);
    column->addWidget(m_title);
    column->addWidget(m_plot, 1);
    setMinimumSize(260, 180);
    setAccessibleName(tr("Trajectory: what became of each token in each pass"));
    buildPlot();
    buildTable();
    applyTheme();

    connect(m_clock, &RepaintClock::repaint, this, &TrajectoryView::repaintNow);
    connect(model, &TraceModel::reset, this, [this] {
        m_raster->passes = -1;
        // A zoom stays for the next run of the same size: it was the user's.
        if (m_plot->xAxis->range().upper > m_model->positions()) {
            resetZoom();
        }
        scheduleData();
    });
    connect(model, &TraceModel::passesAdded, this, &TrajectoryView::scheduleData);
    connect(model, &TraceModel::passesAdded, this, [this] {
        if (m_namesNoise != m_model->hasNoise()) {
            showLegend();
        }
    });
    connect(model, &TraceModel::finished, this, &TrajectoryView::scheduleData);
    const auto cursor = [this] { m_clock->request(); };
    connect(selection, &Selection::currentPassChanged, this, cursor);
    connect(selection, &Selection::hoveredChanged, this, cursor);
    connect(selection, &Selection::pinnedChanged, this, cursor);
    connect(&Theme::instance(), &Theme::changed, this, &TrajectoryView::applyTheme);
}

TrajectoryView::~TrajectoryView() = default;

void TrajectoryView::buildPlot()
{
    QCPAxisRect* axes = m_plot->axisRect();
    axes->setAutoMargins(QCP::msNone);
    axes->setMargins(QMargins(kPlotLeft, 2, 14, 38));
    m_plot->yAxis->setRangeReversed(true);
    m_plot->yAxis->setTicker(QSharedPointer<WholeTicker>(new WholeTicker));
    m_plot->xAxis->setTicker(QSharedPointer<WholeTicker>(new WholeTicker));
    setMostTicks(m_plot->xAxis, 6);
    m_plot->xAxis->grid()->setVisible(false);
    m_plot->yAxis->grid()->setVisible(false);
    const auto grey = [] { return colours().secondary; };
    addAxisName(m_plot, QCPAxis::atBottom, [this] { return axisWords(); }, grey);
    addAxisName(m_plot, QCPAxis::atLeft, tr("pass"), grey);
    new PlotPainting(m_plot, QStringLiteral("main"), [this](QCPPainter& painter) { paintHeatmap(painter); });
    new PlotPainting(m_plot, QStringLiteral("cursor"), [this](QCPPainter& painter) { paintCursor(painter); });
    m_plot->setInteractions(QCP::iRangeDrag | QCP::iRangeZoom);
    m_plot->installEventFilter(this);
    for (QCPAxis* axis : {m_plot->xAxis, m_plot->yAxis}) {
        connect(axis, qOverload<const QCPRange&>(&QCPAxis::rangeChanged), this, &TrajectoryView::limitRange);
    }
    applyFullRange();
}

QString TrajectoryView::axisWords() const
{
    return m_zoomed && !m_isFigure ? zoomedName(tr("token position")) : tr("token position (raster order)");
}

void TrajectoryView::buildTable()
{
    PlotNumbers numbers;
    numbers.name = tr("Trajectory");
    numbers.heading = {tr("position"), tr("code"), tr("accepted"), tr("seen"), tr("changes")};
    numbers.rows = [this] { return m_model->passes() > 0 ? m_model->positions() : 0; };
    numbers.cells = [this](int position) -> QStringList {
        const auto orDash = [](int value) { return value < 0 ? QStringLiteral("\u2013") : QString::number(value); };
        return {QString::number(position), orDash(m_model->tokenAt(m_model->passes() - 1, position)),
                orDash(m_model->passOfAcceptance(position)),
                QString::number(static_cast<int>(m_model->history(position).size())),
                QString::number(m_model->changesOf(position))};
    };
    numbers.chosen = [this](int position) { m_selection->pin({-1, position}); };
    m_table = new TableBehind(m_model, m_title, m_plot, static_cast<QVBoxLayout*>(layout()), std::move(numbers), this);
}

void TrajectoryView::applyTheme()
{
    stylePlot(m_plot);
    showLegend();
    scheduleData();
}

QVector<LegendEntry> TrajectoryView::legend() const
{
    const Palette& c = colours();
    QVector<LegendEntry> entries{{tr("accepted"), c.accepted},
                                 {tr("draft, unchanged"), c.kept, LegendEntry::Mark::Square, tr("kept")},
                                 {tr("draft, redrawn"), c.redrawn, LegendEntry::Mark::Square, tr("redrawn")},
                                 {tr("new"), c.fresh}};
    if (m_model->hasNoise()) {
        entries.insert(3, {tr("noise"), QColor(cellColour(static_cast<int>(CellState::Noisy), c))});
    }
    return entries;
}

void TrajectoryView::showLegend()
{
    m_namesNoise = m_model->hasNoise();
    m_title->setLegend(legend());
}

void TrajectoryView::scheduleData()
{
    m_dataDirty = true;
    m_clock->request();
}

void TrajectoryView::repaintNow()
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
    if (!m_zoomed) {
        applyFullRange();
    }
    m_plot->replot(QCustomPlot::rpQueuedRefresh);
}

void TrajectoryView::applyFullRange()
{
    const int positions = std::max(1, m_model->positions());
    m_settingRange = true;
    m_plot->xAxis->setRange(0.0, m_model->isEmpty() ? 100.0 : positions);
    const bool isWhole = m_model->isFinished() || m_isFigure;
    m_plot->yAxis->setRange(0.0, isWhole && m_model->passes() > 0 ? m_model->passes() : roomyEnd(m_model->passes()));
    m_plot->xAxis->ticker().staticCast<WholeTicker>()->setUnit(m_model->rows() > 1 ? m_model->columns() : 1);
    m_settingRange = false;
}

// Called when the user zooms or drags: the range stays inside what there is.
void TrajectoryView::limitRange()
{
    if (m_settingRange) {
        return;
    }
    if (m_model->passes() == 0) {
        applyFullRange();
        return;
    }
    m_settingRange = true;
    const auto limit = [](QCPAxis* axis, double end) {
        QCPRange range = axis->range();
        if (range.size() < kFewestCells && end > kFewestCells) {
            const double middle = range.center();
            range = QCPRange(middle - kFewestCells / 2.0, middle + kFewestCells / 2.0);
        }
        axis->setRange(range.bounded(0.0, end));
    };
    const double passes = std::max({m_model->passes(), roomyEnd(m_model->passes()), 1});
    limit(m_plot->xAxis, std::max(1, m_model->positions()));
    limit(m_plot->yAxis, passes);
    m_settingRange = false;
    m_zoomed = true;
    scheduleData();
}

void TrajectoryView::resetZoom()
{
    m_zoomed = false;
    scheduleData();
}

Cell TrajectoryView::cellAt(const QPointF& point) const
{
    if (!m_plot->axisRect()->rect().contains(point.toPoint())) {
        return {};
    }
    const int position = static_cast<int>(std::floor(m_plot->xAxis->pixelToCoord(point.x())));
    const int pass = static_cast<int>(std::floor(m_plot->yAxis->pixelToCoord(point.y())));
    const bool inside = position >= 0 && position < m_model->positions() && pass >= 0 && pass < m_model->passes();
    return inside ? Cell{pass, position} : Cell{};
}

QRectF TrajectoryView::rectOf(const Cell& cell) const
{
    const double left = m_plot->xAxis->coordToPixel(cell.position);
    const double right = m_plot->xAxis->coordToPixel(cell.position + 1);
    const double top = m_plot->yAxis->coordToPixel(cell.pass);
    const double bottom = m_plot->yAxis->coordToPixel(cell.pass + 1);
    return {QPointF(left, top), QPointF(right, bottom)};
}

QPointF TrajectoryView::pointOf(const Cell& cell) const
{
    return rectOf(cell).center();
}

void TrajectoryView::paintHeatmap(QPainter& painter)
{
    const QRect axes = m_plot->axisRect()->rect();
    if (m_model->passes() == 0) {
        return;
    }
    if (m_isFigure) {
        paintCells(painter);
        return;
    }
    const QRectF part(m_plot->xAxis->range().lower, m_plot->yAxis->range().lower, m_plot->xAxis->range().size(),
                      m_plot->yAxis->range().size());
    const qreal ratio = m_plot->bufferDevicePixelRatio();
    const QSize size(qRound(axes.width() * ratio), qRound(axes.height() * ratio));
    Raster& r = *m_raster;
    const bool dark = Theme::instance().isDark();
    if (r.passes != m_model->passes() || r.part != part || r.size != size || r.dark != dark) {
        r = {renderTrajectory(*m_model, part, size, colours()), part, size, m_model->passes(), dark};
    }
    painter.drawImage(QRectF(axes), r.image, QRectF(r.image.rect()));
}

void TrajectoryView::paintCursor(QPainter& painter)
{
    const QRect axes = m_plot->axisRect()->rect();
    if (m_model->isEmpty()) {
        paintPlaceholder(static_cast<QCPPainter&>(painter), axes,
                         tr("Nothing has run yet. Each row will show one pass: which tokens it accepted, kept and redrew."));
        return;
    }
    if (m_model->passes() == 0) {
        paintPlaceholder(static_cast<QCPPainter&>(painter), axes, tr("Waiting for the first pass."));
        return;
    }
    const int current = m_selection->currentPass();
    if (current >= 0) {
        QRectF row = rectOf({current, 0});
        row = QRectF(axes.left() + 0.5, std::floor(row.top()) + 0.5, axes.width() - 1.0, std::ceil(row.height()));
        if (row.height() < 5.0) {
            row.adjust(0, -(5.0 - row.height()) / 2.0, 0, (5.0 - row.height()) / 2.0);
        }
        painter.setBrush(Qt::NoBrush);
        painter.setPen(QPen(colours().text, 1.0));
        painter.drawRect(row);
    }
    if (m_selection->isPinned()) {
        paintCell(painter, m_selection->pinned(), true);
    }
    if (m_selection->hovered() != m_selection->pinned()) {
        paintCell(painter, m_selection->hovered(), false);
    }
}

void TrajectoryView::paintCell(QPainter& painter, Cell cell, bool pinned) const
{
    if (cell.isNull()) {
        return;
    }
    const QRectF axes = m_plot->axisRect()->rect();
    painter.setBrush(Qt::NoBrush);
    painter.setPen(cursorPen(pinned));
    const QRectF box = rectOf({std::max(cell.pass >= 0 ? cell.pass : m_selection->currentPass(), 0),
                               std::max(cell.position, 0)});
    if (cell.position < 0) { // a whole pass
        painter.drawLine(QPointF(axes.left(), box.center().y()), QPointF(axes.right(), box.center().y()));
        return;
    }
    const double x = std::floor(box.center().x()) + 0.5;
    painter.drawLine(QPointF(x, axes.top()), QPointF(x, axes.bottom()));
    const double width = std::max(box.width(), 7.0);
    const double height = std::max(box.height(), 7.0);
    painter.setPen(QPen(colours().accent, pinned ? 2.0 : 1.5));
    painter.drawRect(QRectF(box.center().x() - width / 2.0, box.center().y() - height / 2.0, width, height));
}

QString TrajectoryView::describe(const Cell& cell) const
{
    const CellState state = m_model->stateAt(cell.pass, cell.position);
    QString text = tr("pass %1 · token %2").arg(cell.pass).arg(cell.position);
    const QString place = placeName(*m_model, cell.position);
    if (!place.isEmpty()) {
        text += QStringLiteral(" · ") + place;
    }
    text += QLatin1Char('\n') + stateName(state);
    const std::int32_t code = m_model->tokenAt(cell.pass, cell.position);
    if (code >= 0) {
        text += QStringLiteral(" · ") + tr("code %1").arg(code);
    }
    if (state == CellState::Outside || state == CellState::AcceptedBefore) {
        return text;
    }
    const TokenMoment moment = m_model->momentAt(cell.pass, cell.position);
    QStringList numbers;
    const auto add = [&numbers](const QString& name, float value) {
        if (std::isfinite(value)) {
            numbers << name + QLatin1Char(' ') + probabilityText(value);
        }
    };
    add(QStringLiteral("p"), moment.p);
    add(QStringLiteral("q"), moment.q);
    add(QStringLiteral("u"), moment.u);
    if (moment.noise > 0.0F) {
        add(tr("noise level"), moment.noise);
    }
    if (numbers.isEmpty()) {
        return text;
    }
    // They are the tested draft's, which may be another code than the one that stands there now.
    const QString whose = moment.draft >= 0 ? tr("draft %1:").arg(moment.draft) + QLatin1Char(' ') : QString();
    return text + QLatin1Char('\n') + whose + numbers.join(QStringLiteral("   "));
}

void TrajectoryView::hoverAt(const QPointF& point, const QPoint& globalPoint)
{
    const Cell cell = cellAt(point);
    m_selection->setHovered(cell);
    if (cell.isNull()) {
        QToolTip::hideText();
    } else {
        QToolTip::showText(globalPoint, describe(cell), m_plot);
    }
}

bool TrajectoryView::eventFilter(QObject* watched, QEvent* event)
{
    if (watched != m_plot) {
        return QWidget::eventFilter(watched, event);
    }
    switch (event->type()) {
    case QEvent::Show: m_clock->request(); break;
    case QEvent::Leave: m_selection->clearHovered(); break;
    case QEvent::MouseButtonPress: {
        const auto* mouse = static_cast<QMouseEvent*>(event);
        m_pressed = mouse->position();
        m_down = mouse->button() == Qt::LeftButton;
        m_pinnedBefore = m_selection->pinned();
        break;
    }
    case QEvent::MouseMove: {
        const auto* mouse = static_cast<QMouseEvent*>(event);
        if (mouse->buttons() == Qt::NoButton) {
            hoverAt(mouse->position(), mouse->globalPosition().toPoint());
        }
        break;
    }
    case QEvent::MouseButtonRelease: {
        const auto* mouse = static_cast<QMouseEvent*>(event);
        const Cell cell = cellAt(mouse->position());
        if (m_down && !cell.isNull() && (mouse->position() - m_pressed).manhattanLength() < kClickPixels) {
            m_selection->togglePin(cell);
            m_pinned = true;
        }
        m_down = false;
        break;
    }
    case QEvent::MouseButtonDblClick:
        m_down = false; // its second release is no click, and its first was none either
        if (std::exchange(m_pinned, false)) {
            m_selection->pin(m_pinnedBefore);
        }
        resetZoom();
        break;
    default: break;
    }
    return QWidget::eventFilter(watched, event);
}

} // namespace jacobi
