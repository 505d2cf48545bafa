// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/metricsview.h"

#include "widgets/chiplabel.h"
#include "widgets/flowtrace.h"
#include "widgets/plotparts.h"
#include "widgets/repaintclock.h"
#include "widgets/selection.h"
#include "widgets/tablebehind.h"
#include "widgets/theme.h"
#include "widgets/tracemodel.h"

#include <QEvent>
#include <QMouseEvent>
#include <QToolTip>
#include <QVBoxLayout>

#include <algorithm>
#include <cmath>
#include <utility>

namespace jacobi {
namespace {

constexpr double kBarWidth = 0.3;
constexpr double kBeside = 0.6; ///< blocks between the outer ones' middles and the axes' sides
constexpr QMargins kAround(44, 8, 50, 38); ///< of the axes, without what stands below the bars
constexpr int kLine = 15; ///< pixels of a line below the bars

/// In one line, or in two where one is too narrow and there is a space; the second may end in an ellipsis.
QStringList inLines(const QString& words, const QFontMetricsF& metrics, double width)
{
    if (metrics.horizontalAdvance(words) <= width) {
        return {words};
    }
    qsizetype end = words.lastIndexOf(QLatin1Char(' '));
    while (end > 0 && metrics.horizontalAdvance(words.left(end)) > width) {
        end = words.lastIndexOf(QLatin1Char(' '), end - 1);
    }
    const auto elided = [&](const QString& text) { return metrics.elidedText(text, Qt::ElideRight, width); };
    return end > 0 ? QStringList{words.left(end), elided(words.mid(end + 1))} : QStringList{elided(words)};
}

double igmSum(const FlowAnalysis& analysis)
{
    double sum = 0.0;
    for (const FlowBlockMetrics& block : analysis.blocks) {
        sum += std::min(block.igmInput, kMostMetric);
    }
    return sum;
}

QString signedText(double value)
{
    const QString text = QLocale().toString(std::abs(value), 'f', 2);
    return (value < 0 ? QStringLiteral("−") : QStringLiteral("+")) + text;
}

} // namespace

MetricsView::MetricsView(const FlowTrace* flow, TraceModel* model, Selection* selection, QWidget* parent)
    : QWidget(parent), m_flow(flow), m_model(model), m_selection(selection), m_title(new TitleLine(tr("Blocks"), this)),
      m_chip(new ChipLabel(tr("Analyse"), this)), m_plot(makePlot(this)), m_clock(new RepaintClock(this))
{
    setAccessibleName(tr("CRM and IGM of each block, and the passes it took"));
    setMinimumSize(260, 150);
    m_chip->setClickable(true);
    m_chip->setWidestText(tr("Analyse"));
    m_title->addChip(m_chip);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(4);
    column->addWidget(m_title);
    column->addWidget(m_plot, 1);

    QCPAxisRect* axes = m_plot->axisRect();
    axes->setAutoMargins(QCP::msNone);
    axes->setMargins(kAround);
    m_plot->yAxis2->setVisible(true);
    for (QCPAxis* axis : {m_plot->xAxis, m_plot->yAxis, m_plot->yAxis2}) {
        axis->setTicker(QSharedPointer<WholeTicker>(new WholeTicker));
        setMostTicks(axis, 4);
    }
    m_plot->xAxis->grid()->setVisible(false);
    m_plot->xAxis->setTickLabels(false);
    addAxisName(m_plot, QCPAxis::atBottom, [this] { return axisWords(); }, [] { return colours().secondary; });
    addAxisName(m_plot, QCPAxis::atLeft, tr("share, %"), [] { return colours().secondary; });
    addAxisName(m_plot, QCPAxis::atRight, tr("passes"), [] { return colours().redrawn; });
    m_crm = new QCPBars(m_plot->xAxis, m_plot->yAxis);
    m_igm = new QCPBars(m_plot->xAxis, m_plot->yAxis);
    for (QCPBars* bars : {m_crm, m_igm}) {
        bars->setWidth(kBarWidth);
        bars->setAntialiased(false);
        bars->setPen(Qt::NoPen);
    }
    m_passes = m_plot->addGraph(m_plot->xAxis, m_plot->yAxis2);
    m_passes->setLineStyle(QCPGraph::lsNone);
    new PlotPainting(m_plot, QStringLiteral("cursor"), [this](QCPPainter& painter) { paintOver(painter); },
                     PlotPainting::Clip::None);
    m_plot->installEventFilter(this);
    connect(m_plot, &QCustomPlot::beforeReplot, this, &MetricsView::leaveRoomBelow);

    const auto soon = [this] { m_clock->request(); };
    connect(m_clock, &RepaintClock::repaint, this, &MetricsView::repaintNow);
    connect(model, &TraceModel::reset, this, soon);
    connect(model, &TraceModel::passesAdded, this, soon);
    connect(selection, &Selection::currentPassChanged, this, soon);
    connect(&Theme::instance(), &Theme::changed, this, &MetricsView::applyTheme);
    connect(m_chip, &ChipLabel::clicked, this, &MetricsView::analysisRequested);
    buildTable();
    applyTheme();
    setBusy({});
}

void MetricsView::buildTable()
{
    PlotNumbers numbers;
    numbers.name = tr("Blocks");
    numbers.heading = {tr("block"),     tr("method"),    tr("passes"),    tr("CRM, %"),
                       tr("IGM, %"),    tr("IGM input"), tr("IGM zeros"), tr("plain Jacobi, passes")};
    numbers.usual = {{}, tr("%1 segments").arg(88)};
    numbers.rows = [this] { return blocks(); };
    numbers.cells = [this](int block) { return this->numbers(block); };
    numbers.chosen = [this](int block) {
        if (const auto run = m_flow->runOf(block)) {
            m_selection->goToPass(run->end - 1);
        }
    };
    m_table = new TableBehind(m_model, m_title, m_plot, static_cast<QVBoxLayout*>(layout()), std::move(numbers), this);
    connect(m_table->chip(), &ChipLabel::toggled, m_clock, &RepaintClock::request);
}

QStringList MetricsView::numbers(int block) const
{
    const QString nothing = QStringLiteral("–");
    const auto plan = m_flow->plan(block);
    const auto run = m_flow->runOf(block);
    QStringList cells{QString::number(block), plan ? planWords(*plan) : nothing,
                      run ? QString::number(run->passes()) : nothing};
    const FlowBlockMetrics* metrics = metricsOf(block);
    if (metrics == nullptr) {
        return cells << nothing << nothing << nothing << nothing << nothing;
    }
    const QLocale locale;
    return cells << locale.toString(metrics->crmPercent, 'f', 1) << locale.toString(igmPercent(*metrics), 'f', 1)
                 << QString::number(metrics->igmInput, 'g', 3) << QString::number(metrics->igmZeros, 'g', 3)
                 << (metrics->passes > 0.0 ? locale.toString(metrics->passes, 'f', 1) : nothing);
}

const FlowBlockMetrics* MetricsView::metricsOf(int block) const
{
    if (!m_analysis) {
        return nullptr;
    }
    const auto found = std::ranges::find_if(m_analysis->blocks, [block](const FlowBlockMetrics& one) {
        return static_cast<std::int64_t>(one.block) == block;
    });
    return found == m_analysis->blocks.end() ? nullptr : &*found;
}

double MetricsView::igmPercent(const FlowBlockMetrics& block) const
{
    const double sum = m_analysis ? igmSum(*m_analysis) : 0.0;
    return sum > 0.0 ? 100.0 * std::min(block.igmInput, kMostMetric) / sum : 0.0;
}

QString MetricsView::axisWords() const
{
    if (!m_analysis && blocks() > 0) {
        return tr("block · CRM and IGM are not known yet");
    }
    if (!m_analysis || m_analysis->images == 0) { // there is nothing, or it does not say
        return tr("block");
    }
    return m_analysis->images == 1 ? tr("block · CRM and IGM from 1 picture")
                                   : tr("block · CRM and IGM from %1 pictures").arg(m_analysis->images);
}

void MetricsView::setAnalysis(std::optional<FlowAnalysis> analysis)
{
    m_analysis = std::move(analysis);
    setBusy(m_busy);
    m_table->refresh();
    m_clock->request();
}

void MetricsView::setBusy(const QString& words)
{
    m_busy = words;
    m_chip->setText(words.isEmpty() ? tr("Analyse") : words);
    if (!words.isEmpty() && m_chip->hasFocus()) {
        setFocus(); // a chip that cannot be pressed would pass the keyboard on to whatever is next
    }
    m_chip->setEnabled(words.isEmpty());
    m_chip->setToolTip(m_analysis ? tr("Compute the metrics of this model again")
                                  : tr("Compute CRM and IGM of this model's blocks from sample pictures"));
}

double MetricsView::blockWidth() const
{
    const int axes = m_plot->viewport().width() - kAround.left() - kAround.right();
    return std::max(axes, 0) / (std::max(1, blocks()) - 1 + 2 * kBeside);
}

QStringList MetricsView::linesBelow(int block) const
{
    constexpr double kApart = 4.0; // pixels from the neighbour's
    const std::optional<FlowBlockPlan> plan = m_flow->plan(block);
    if (!plan) {
        return {};
    }
    const QFontMetricsF metrics(Theme::instance().secondaryFont());
    const double width = blockWidth() - kApart;
    const QStringList whole = inLines(planWords(*plan), metrics, width);
    return whole.join(QLatin1Char(' ')) == planWords(*plan) ? whole : inLines(briefPlanWords(*plan), metrics, width);
}

/// As many lines as the methods of these blocks take at this width; one where there are none yet.
void MetricsView::leaveRoomBelow()
{
    qsizetype lines = 1;
    for (int block = 0; block < blocks(); ++block) {
        lines = std::max(lines, linesBelow(block).size());
    }
    m_plot->axisRect()->setMargins(kAround + QMargins(0, 0, 0, 1 + kLine * static_cast<int>(lines)));
}

int MetricsView::blocks() const
{
    return m_flow->isFlow() ? m_flow->blocks() : m_analysis ? static_cast<int>(m_analysis->blocks.size()) : 0;
}

void MetricsView::applyTheme()
{
    const Palette& c = colours();
    stylePlot(m_plot);
    m_plot->axisRect()->setBackground(Qt::NoBrush);
    styleAxis(m_plot->yAxis2, c.redrawn);
    m_plot->yAxis2->grid()->setVisible(false);
    m_crm->setBrush(c.accent);
    m_igm->setBrush(c.kept);
    m_passes->setScatterStyle(QCPScatterStyle(QCPScatterStyle::ssDiamond, QPen(c.redrawn, 1.5), c.redrawn, 10.0));
    m_clock->request();
}

QVector<LegendEntry> MetricsView::legend() const
{
    const Palette& c = colours();
    const auto metric = [](const QString& name, const std::optional<double>& correlation, const QColor& colour) {
        const QString rho = correlation ? signedText(*correlation) : QString();
        return LegendEntry{correlation ? tr("%1, ρ %2").arg(name, rho) : name, colour, LegendEntry::Mark::Square,
                           correlation ? tr("%1 ρ %2").arg(name, rho) : name};
    };
    return {metric(tr("CRM"), m_analysis ? m_analysis->crmCorrelation() : std::nullopt, c.accent),
            metric(tr("IGM"), m_analysis ? m_analysis->igmCorrelation() : std::nullopt, c.kept),
            {tr("passes of this run"), c.redrawn, LegendEntry::Mark::SoftSquare, tr("passes")}};
}

void MetricsView::fill()
{
    m_crm->data()->clear();
    m_igm->data()->clear();
    m_passes->data()->clear();
    double highest = 10.0;
    if (m_analysis) {
        for (const FlowBlockMetrics& block : m_analysis->blocks) {
            const double igm = igmPercent(block);
            m_crm->addData(block.block - kBarWidth / 2.0, block.crmPercent);
            m_igm->addData(block.block + kBarWidth / 2.0, igm);
            highest = std::max({highest, block.crmPercent, igm});
        }
    }
    int most = 4;
    for (const BlockRun& run : m_flow->runs()) {
        m_passes->addData(run.block, run.passes());
        most = std::max(most, run.passes());
    }
    m_plot->xAxis->setRange(-kBeside, std::max(1, blocks()) - 1 + kBeside);
    m_plot->yAxis->setTickLabels(m_analysis.has_value()); // without bars there is nothing to read
    m_plot->yAxis->setRange(0.0, highest * 1.12);
    m_plot->yAxis2->setTickLabels(!m_flow->runs().empty());
    m_plot->yAxis2->setRange(0.0, most * 1.12);
}

void MetricsView::repaintNow()
{
    if (!m_plot->isVisible()) {
        return; // the show event asks again
    }
    matchScreen(m_plot);
    fill();
    m_title->setLegend(legend());
    m_plot->replot(QCustomPlot::rpQueuedRefresh);
}

/// Numbers and methods under the axis, and what is looked at.
void MetricsView::paintOver(QCPPainter& painter)
{
    const QRect axes = m_plot->axisRect()->rect();
    if (blocks() == 0) {
        paintPlaceholder(painter, axes, tr("Nothing has run yet. The bars will be what CRM and IGM say of each block."));
        return;
    }
    const double width = blockWidth();
    const int current = m_flow->blockOf(m_selection->currentPass());
    painter.setFont(Theme::instance().secondaryFont());
    for (int block = 0; block < blocks(); ++block) {
        const double x = m_plot->xAxis->coordToPixel(block);
        const bool strong = block == current || block == m_hovered;
        painter.setPen(strong ? colours().accent : colours().secondary);
        painter.drawText(QRectF(x - width / 2, axes.bottom() + 4, width, 16), Qt::AlignHCenter | Qt::AlignTop,
                         QString::number(block));
        if (m_hasUprightMethods) {
            if (const std::optional<FlowBlockPlan> plan = m_flow->plan(block)) {
                paintMethod(painter, x, planWords(*plan));
            }
        } else {
            double top = axes.bottom() + 4;
            for (const QString& line : linesBelow(block)) {
                top += kLine;
                painter.drawText(QRectF(x - width / 2, top, width, 16), Qt::AlignHCenter | Qt::AlignTop, line);
            }
        }
        if (strong) {
            painter.setPen(QPen(colours().accent, 1.0, block == current ? Qt::SolidLine : Qt::DashLine));
            painter.setBrush(Qt::NoBrush);
            painter.drawRect(QRectF(x - width / 2 + 3.5, axes.top() + 0.5, width - 7, axes.height() - 1));
        }
    }
}

int MetricsView::blockAt(const QPointF& point) const
{
    if (!m_plot->axisRect()->rect().adjusted(0, 0, 0, m_plot->axisRect()->margins().bottom() - 14).contains(point.toPoint())) {
        return -1;
    }
    const int block = static_cast<int>(std::lround(m_plot->xAxis->pixelToCoord(point.x())));
    return block >= 0 && block < blocks() ? block : -1;
}

QString MetricsView::describe(int block) const
{
    QStringList lines{tr("block %1").arg(block)};
    if (const auto plan = m_flow->plan(block)) {
        lines.front() += QStringLiteral(" · ") + planWords(*plan);
    }
    if (const auto run = m_flow->runOf(block)) {
        lines << tr("%1 passes instead of %2").arg(run->passes()).arg(std::max(1, m_model->positions() - 1));
    }
    if (const FlowBlockMetrics* one = metricsOf(block)) {
        lines << tr("CRM %1 %").arg(QLocale().toString(one->crmPercent, 'f', 1));
        lines << tr("IGM %1 from the input, %2 from zeros")
                     .arg(QString::number(one->igmInput, 'g', 3), QString::number(one->igmZeros, 'g', 3));
        if (one->passes > 0.0) {
            lines << tr("plain Jacobi took %1 passes when measured").arg(QLocale().toString(one->passes, 'f', 1));
        }
    }
    if (m_analysis && m_analysis->crmCorrelation()) {
        lines << tr("ρ: rank correlation with the passes measured, 1 where a metric ranks the blocks rightly");
    }
    return lines.join(QLatin1Char('\n'));
}

bool MetricsView::eventFilter(QObject* watched, QEvent* event)
{
    if (watched != m_plot) {
        return QWidget::eventFilter(watched, event);
    }
    const auto hover = [this](int block) {
        if (block != m_hovered) {
            m_hovered = block;
            m_clock->request();
        }
    };
    switch (event->type()) {
    case QEvent::Show: m_clock->request(); break;
    case QEvent::Leave: hover(-1); break;
    case QEvent::MouseMove: {
        const auto* mouse = static_cast<QMouseEvent*>(event);
        hover(blockAt(mouse->position()));
        if (m_hovered >= 0) {
            QToolTip::showText(mouse->globalPosition().toPoint(), describe(m_hovered), m_plot);
        } else {
            QToolTip::hideText();
        }
        break;
    }
    case QEvent::MouseButtonRelease: {
        const auto* mouse = static_cast<QMouseEvent*>(event);
        const auto run = m_flow->runOf(blockAt(mouse->position()));
        if (run && mouse->button() == Qt::LeftButton) {
            m_selection->goToPass(run->end - 1);
        }
        break;
    }
    default: break;
    }
    return QWidget::eventFilter(watched, event);
}

} // namespace jacobi
