// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/residualview.h"

#include "widgets/flowtrace.h"
#include "widgets/selection.h"
#include "widgets/theme.h"
#include "widgets/tracemodel.h"

#include <QPainter>

#include <algorithm>
#include <cmath>
#include <limits>

namespace jacobi {
namespace {

constexpr double kLeast = 1e-12; ///< what is below is drawn here: float32 has no more to say
constexpr double kMost = 1e12;

QColor faint(QColor colour, float alpha)
{
    colour.setAlphaF(alpha);
    return colour;
}

/// Powers of ten in one way of writing along the axis: "0.01" and "1", or, where one of them is too small or large for that,
/// all as powers.
class DecadeTicker : public QCPAxisTickerLog {
protected:
    QVector<QString> createLabelVector(const QVector<double>& ticks, const QLocale& locale, QChar, int) override
    {
        const auto plain = [](double tick) { return QString::number(tick, 'g', 3); };
        const bool isLong = std::any_of(ticks.cbegin(), ticks.cend(),
                                        [&plain](double tick) { return plain(tick).contains(QLatin1Char('e')); });
        QVector<QString> labels;
        for (const double tick : ticks) { // the plot sets what the locale calls an exponent as one
            labels << (isLong ? locale.toString(tick, 'e', 0) : plain(tick));
        }
        return labels;
    }
};

QString residualText(double residual)
{
    return std::isnan(residual) ? QStringLiteral("–") : QString::number(residual, 'g', 3);
}

} // namespace

ResidualView::ResidualView(const FlowTrace* flow, TraceModel* model, Selection* selection, QWidget* parent)
    : PassPlot(tr("Residual"), model, selection, parent), m_flow(flow)
{
    setAccessibleName(tr("By how much each pass moved its block"));
    plot()->yAxis->setScaleType(QCPAxis::stLogarithmic);
    plot()->yAxis->setTicker(QSharedPointer<QCPAxisTicker>(new DecadeTicker));
    plot()->axisRect()->setMargins(QMargins(64, 22, 14, 38));
    addAxisName(plot(), QCPAxis::atLeft, tr("residual"), [] { return colours().secondary; });
    new PlotPainting(
        plot(), QStringLiteral("grid"), [this](QCPPainter& painter) { paintBlocks(painter); },
        PlotPainting::Clip::None);
    for (QCPGraph** graph : {&m_tolerance, &m_residual, &m_final}) {
        *graph = plot()->addGraph();
        (*graph)->setAntialiased(true);
        (*graph)->setAdaptiveSampling(false); // gaps between blocks are to stay
    }
    m_final->setLineStyle(QCPGraph::lsNone);
    begin({tr("pass"), tr("block"), tr("segment"), tr("residual"), tr("tolerance"), tr("final"), tr("time, ms")});
}

void ResidualView::styleGraphs()
{
    const Palette& c = colours();
    plot()->yAxis->grid()->setSubGridVisible(false);
    plot()->yAxis->setSubTicks(false);
    m_residual->setPen(QPen(c.redrawn, 1.8, Qt::SolidLine, Qt::FlatCap, Qt::RoundJoin));
    m_residual->setScatterStyle(QCPScatterStyle(QCPScatterStyle::ssDisc, c.redrawn, 3.0));
    QPen dashed(c.secondary, 1.2);
    dashed.setDashPattern({4.0, 3.0});
    m_tolerance->setPen(dashed);
    m_final->setScatterStyle(QCPScatterStyle(QCPScatterStyle::ssDiamond, QPen(c.accepted, 1.5), c.accepted, 9.0));
    for (int run = 0; run < static_cast<int>(m_lines.size()); ++run) {
        styleLine(run);
    }
}

QVector<LegendEntry> ResidualView::legend() const
{
    const Palette& c = colours();
    return {{tr("change in the pass"), c.redrawn, LegendEntry::Mark::Line},
            {tr("tolerance"), c.secondary, LegendEntry::Mark::Dashed},
            {tr("block final"), c.accepted, LegendEntry::Mark::SoftSquare}};
}

double ResidualView::shown(int pass) const
{
    return clamped(m_flow->residual(pass));
}

double ResidualView::clamped(double residual) const
{
    return std::isnan(residual) ? residual : std::clamp(residual, m_floor, kMost);
}

void ResidualView::fillFrom(int)
{
    // Few passes, and a block's end is known only when the next begins: drawn anew each time.
    for (QCPGraph* graph : {m_residual, m_tolerance, m_final}) {
        graph->data()->clear();
    }
    for (QCPGraph* graph : m_lines) {
        graph->data()->clear();
    }
    constexpr double kGap = std::numeric_limits<double>::quiet_NaN();
    double least = std::numeric_limits<double>::infinity();
    for (int at = 0; at < static_cast<int>(m_flow->runs().size()); ++at) {
        const BlockRun& run = m_flow->runs()[static_cast<std::size_t>(at)];
        for (int pass = run.begin; pass < run.end; ++pass) {
            const double residual = m_flow->residual(at, pass);
            if (residual > 0.0) { // NaN is not
                least = std::min(least, residual);
            }
        }
    }
    for (const BlockRun& run : m_flow->runs()) {
        if (const double tolerance = m_flow->tolerance(run.block); tolerance > 0.0) {
            least = std::min(least, tolerance);
        }
    }
    m_floor = std::isfinite(least) ? std::pow(10.0, std::floor(std::log10(std::max(least, kLeast)))) : 1e-6;
    const auto& runs = m_flow->runs();
    for (int at = 0; at < static_cast<int>(runs.size()); ++at) {
        const BlockRun& run = runs[static_cast<std::size_t>(at)];
        QCPGraph* line = lineOf(at);
        for (int pass = run.begin; pass < run.end; ++pass) {
            line->addData(pass, clamped(m_flow->residual(at, pass)));
        }
        line->addData(run.end - 0.5, kGap);
        const double tolerance = m_flow->tolerance(run.block);
        if (tolerance > 0.0 && (!m_flow->overlaps() || at == 0)) { // blocks that overlap are held against one
            m_tolerance->addData(run.begin - 0.48, tolerance);
            const int end = m_flow->overlaps() ? model()->passes() : run.end;
            m_tolerance->addData(end - 0.52, tolerance);
            m_tolerance->addData(end - 0.5, kGap);
        }
        if (m_flow->isConverged(at)) {
            const double residual = clamped(m_flow->residual(at, run.end - 1));
            m_final->addData(run.end - 1, std::isnan(residual) ? m_floor : residual);
        }
    }
}

/// The line of a run: one for all, or, where blocks overlap, one for each.
QCPGraph* ResidualView::lineOf(int run)
{
    if (!m_flow->overlaps()) {
        return m_residual;
    }
    constexpr int kMostLines = 64;
    const auto at = static_cast<std::size_t>(run % kMostLines);
    while (m_lines.size() <= at) {
        m_lines.push_back(plot()->addGraph());
        m_lines.back()->setAntialiased(true);
        m_lines.back()->setAdaptiveSampling(false);
        styleLine(static_cast<int>(m_lines.size()) - 1);
    }
    return m_lines[at];
}

/// From the block that begins first to the one nearest the picture.
QColor ResidualView::lineColour(int run) const
{
    const QColor from = colours().kept;
    const QColor to = colours().redrawn;
    const float share = std::min(1.0F, static_cast<float>(run + 1) / static_cast<float>(std::max(1, m_flow->blocks())));
    const auto mixed = [share](float a, float b) { return a + share * (b - a); };
    return QColor::fromRgbF(mixed(from.redF(), to.redF()), mixed(from.greenF(), to.greenF()),
                            mixed(from.blueF(), to.blueF()));
}

void ResidualView::styleLine(int run)
{
    QCPGraph* line = m_lines[static_cast<std::size_t>(run)];
    line->setPen(QPen(lineColour(run), 1.8, Qt::SolidLine, Qt::FlatCap, Qt::RoundJoin));
    line->setScatterStyle(QCPScatterStyle(QCPScatterStyle::ssDisc, lineColour(run), 3.0));
}

void ResidualView::applyHeight()
{
    double most = 1.0;
    for (int pass = 0; pass < model()->passes(); ++pass) {
        const double residual = m_flow->residual(pass);
        most = std::isnan(residual) ? most : std::max(most, std::min(residual, kMost));
    }
    plot()->yAxis->setRange(m_floor * 0.45, std::pow(10.0, std::ceil(std::log10(most))) * 1.2);
}

int ResidualView::markRadius() const
{
    return 7; // of the circle around a pass that is looked at
}

QString ResidualView::emptyWords() const
{
    return tr("Nothing has run yet. The line will be how far each pass moved its block.");
}

QString ResidualView::describe(int pass) const
{
    const int at = m_flow->runAt(pass);
    if (at < 0) {
        return tr("pass %1").arg(pass);
    }
    if (const std::vector<int> working = m_flow->runsAt(pass); working.size() > 1) {
        QString text = tr("pass %1: %2").arg(pass).arg(m_flow->blockWords(pass));
        for (const int own : working) {
            text += QLatin1Char('\n') + tr("block %1: residual %2 · %3 of %4 positions final")
                                            .arg(m_flow->runs()[static_cast<std::size_t>(own)].block)
                                            .arg(residualText(m_flow->residual(own, pass)))
                                            .arg(m_flow->finalAfter(own, pass))
                                            .arg(model()->positions());
        }
        return text;
    }
    const BlockRun& run = m_flow->runs()[static_cast<std::size_t>(at)];
    return tr("pass %1: block %2, iteration %3").arg(pass).arg(run.block).arg(pass - run.begin + 1) +
           QLatin1Char('\n') +
           tr("residual %1 · %2 of %3 positions final")
               .arg(residualText(m_flow->residual(pass)))
               .arg(model()->committedEnd(pass))
               .arg(model()->positions());
}

int ResidualView::tableRows()
{
    m_rows.clear();
    const auto& runs = m_flow->runs();
    for (int run = 0; run < static_cast<int>(runs.size()); ++run) {
        const BlockRun& own = runs[static_cast<std::size_t>(run)];
        for (int pass = own.begin; pass < own.end; ++pass) {
            m_rows.push_back({pass, run});
        }
    }
    std::ranges::stable_sort(m_rows, {}, &Row::pass);
    return static_cast<int>(m_rows.size());
}

int ResidualView::passOfRow(int row) const
{
    return row >= 0 && row < static_cast<int>(m_rows.size()) ? m_rows[static_cast<std::size_t>(row)].pass : -1;
}

int ResidualView::firstRowOf(int pass) const
{
    const auto first = std::ranges::lower_bound(m_rows, pass, {}, &Row::pass);
    const bool isNew = first == m_rows.end() && pass >= 0 && pass < model()->passes(); // its row comes next
    return isNew || (first != m_rows.end() && first->pass == pass) ? static_cast<int>(first - m_rows.begin()) : -1;
}

QStringList ResidualView::numbers(int row) const
{
    const int pass = passOfRow(row);
    const int run = pass < 0 ? -1 : m_rows[static_cast<std::size_t>(row)].run;
    if (pass < 0 || pass >= model()->passes() || run >= static_cast<int>(m_flow->runs().size())) {
        return {}; // of a run that is no longer there
    }
    const int block = m_flow->runs()[static_cast<std::size_t>(run)].block;
    const auto steps = model()->stepsOf(pass);
    const auto own = std::ranges::find_if(
        steps, [block](const auto& step) { return static_cast<std::int64_t>(step->lane) == block; });
    const double milliseconds = 1e3 * (model()->secondsUntil(pass) - model()->secondsUntil(pass - 1));
    const double tolerance = m_flow->tolerance(block);
    const bool isFirst = row == firstRowOf(pass); // the time is that of all blocks at work in the pass
    return {QString::number(pass),
            QString::number(block),
            QString::number(own != steps.end() ? (*own)->segment : model()->step(pass).segment),
            residualText(m_flow->residual(run, pass)),
            tolerance > 0.0 ? residualText(tolerance) : QStringLiteral("–"),
            QString::number(m_flow->finalAfter(run, pass)),
            isFirst ? QLocale().toString(milliseconds, 'f', 2) : QString()};
}

std::unique_ptr<PassPlot> ResidualView::another(Selection* selection) const
{
    return std::make_unique<ResidualView>(m_flow, model(), selection);
}

FigureTable ResidualView::figureTable(int from, int to) const
{
    const auto rows = [this, from, to](const FigureTable::TakeRow& take) {
        for (int pass = from; pass < to; ++pass) {
            for (const int run : m_flow->runsAt(pass)) {
                const BlockRun& own = m_flow->runs()[static_cast<std::size_t>(run)];
                const double tolerance = m_flow->tolerance(own.block);
                const bool isFinal = pass == own.end - 1 && m_flow->isConverged(run);
                take({QString::number(pass), QString::number(own.block), figureNumber(m_flow->residual(run, pass)),
                      tolerance > 0.0 ? figureNumber(tolerance) : QString(), isFinal ? QStringLiteral("1") : QStringLiteral("0")});
            }
        }
    };
    // A residual is a difference of a latent's entries, which have no unit.
    return {{tr("pass"), tr("block"), tr("residual"), tr("tolerance"), tr("block final (0 or 1)")}, rows};
}

QPointF ResidualView::place(int pass) const
{
    const double residual = shown(pass);
    const double y = std::isnan(residual) ? plot()->axisRect()->bottom() : plot()->yAxis->coordToPixel(residual);
    return {plot()->xAxis->coordToPixel(pass), y};
}

void ResidualView::paintCurrent(QPainter& painter, int pass)
{
    painter.setPen(QPen(faint(colours().accent, 0.35F), 1.0));
    const QPointF at = place(pass);
    const double x = std::floor(at.x()) + 0.5;
    painter.drawLine(QPointF(x, plot()->axisRect()->top()), QPointF(x, plot()->axisRect()->bottom()));
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(Qt::NoPen);
    painter.setBrush(colours().accent);
    painter.drawEllipse(at, 4.5, 4.5);
    painter.setRenderHint(QPainter::Antialiasing, false);
}

void ResidualView::paintMark(QPainter& painter, int pass, bool)
{
    painter.setRenderHint(QPainter::Antialiasing);
    painter.drawEllipse(place(pass), 6.0, 6.0);
    painter.setRenderHint(QPainter::Antialiasing, false);
}

/// Where blocks overlap: the number of each above where it begins, in the colour of its line.
void ResidualView::paintBegins(QPainter& painter)
{
    const QRect axes = plot()->axisRect()->rect();
    painter.setFont(Theme::instance().secondaryFont());
    const QFontMetricsF metrics(painter.font());
    double free = axes.left() - 12.0;
    for (int at = 0; at < static_cast<int>(m_flow->runs().size()); ++at) {
        const BlockRun& run = m_flow->runs()[static_cast<std::size_t>(at)];
        const double x = plot()->xAxis->coordToPixel(run.begin);
        const QString text = at == 0 ? tr("block %1").arg(run.block) : QString::number(run.block);
        const double width = metrics.horizontalAdvance(text) + 4.0;
        const double left = std::max(free, x - width / 2);
        if (x < axes.left() - 1.0 || left + width > axes.right() + 10.0) {
            continue;
        }
        free = left + width;
        painter.setPen(lineColour(at));
        painter.drawText(QRectF(left, axes.top() - 20.0, width, 18.0), Qt::AlignCenter, text);
        painter.drawLine(QPointF(x, axes.top() - 3.0), QPointF(x, axes.top() + 2.0));
    }
}

/// Every other block on a ground of its own, its number above it, ticks at the foot where segments begin.
void ResidualView::paintBlocks(QPainter& painter)
{
    if (m_flow->overlaps()) {
        paintBegins(painter);
        return;
    }
    const QRect axes = plot()->axisRect()->rect();
    const auto x = [this](double pass) { return plot()->xAxis->coordToPixel(pass); };
    painter.setFont(Theme::instance().secondaryFont());
    const QFontMetricsF metrics(painter.font());
    for (const BlockRun& run : m_flow->runs()) {
        const double left = std::max<double>(x(run.begin - 0.5), axes.left());
        const double right = std::min<double>(x(run.end - 0.5), axes.right() + 1.0);
        if (right - left < 1.0) {
            continue;
        }
        if (run.block % 2 == 1) {
            painter.fillRect(QRectF(left, axes.top(), right - left, axes.height()), faint(colours().kept, 0.13F));
        }
        const QString number = QString::number(run.block);
        const QString words = tr("block %1").arg(number);
        const QString text = metrics.horizontalAdvance(words) + 6 <= right - left ? words : number;
        painter.setPen(colours().secondary);
        if (metrics.horizontalAdvance(text) <= right - left) {
            painter.drawText(QRectF(left, axes.top() - 20.0, right - left, 18.0), Qt::AlignCenter, text);
        }
        painter.setPen(QPen(colours().secondary, 1.0));
        for (int pass = run.begin; pass < run.end; ++pass) {
            const double at = std::floor(x(pass - 0.5)) + 0.5;
            if (m_flow->isSegmentStart(pass) && at >= left && at <= right) {
                painter.drawLine(QPointF(at, axes.bottom() - 7.0), QPointF(at, axes.bottom()));
            }
        }
    }
}

} // namespace jacobi
