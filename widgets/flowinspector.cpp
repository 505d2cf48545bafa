// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/flowinspector.h"

#include "widgets/flowtrace.h"
#include "widgets/quiettable.h"
#include "widgets/repaintclock.h"
#include "widgets/selection.h"
#include "widgets/stepcolumns.h"
#include "widgets/theme.h"
#include "widgets/titleline.h"
#include "widgets/tokentable.h"
#include "widgets/tracemodel.h"

#include <QLabel>
#include <QLocale>
#include <QTableView>
#include <QVBoxLayout>

#include <algorithm>
#include <cmath>

namespace jacobi {
namespace {

constexpr int kWordLines = 3;

QString residualText(double residual)
{
    return std::isnan(residual) ? QStringLiteral("–") : QString::number(residual, 'g', 3);
}

/// The same in a table, where two digits tell enough and leave the other columns room.
QString shortResidual(double residual)
{
    return std::isnan(residual) ? QStringLiteral("–") : QString::number(residual, 'g', 2);
}

} // namespace

FlowInspector::FlowInspector(const FlowTrace* flow, TraceModel* model, Selection* selection, QWidget* parent)
    : QWidget(parent),
      m_flow(flow),
      m_model(model),
      m_selection(selection),
      m_clock(new RepaintClock(this)),
      m_title(new TitleLine(tr("Pass"), this)),
      m_words(new QLabel(this)),
      m_table(new TokenTable(this))
{
    setAccessibleName(tr("Inspector of the pass and its block"));
    setMinimumSize(260, 170);
    Theme::setRole(m_words, Theme::Role::Secondary);
    m_words->setWordWrap(true);
    m_words->setTextFormat(Qt::PlainText);
    m_words->setAlignment(Qt::AlignTop | Qt::AlignLeft);
    m_words->setFixedHeight(kWordLines * m_words->fontMetrics().lineSpacing() + 4);
    m_view = makeTokenTableView(m_table, tr("What each block took"), this);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(4);
    column->addWidget(m_title);
    column->addWidget(m_words);
    column->addWidget(m_view, 1);
    column->addStretch(); // takes the room while there is no table

    const auto soon = [this] { m_clock->request(); };
    connect(m_clock, &RepaintClock::repaint, this, &FlowInspector::refresh);
    connect(model, &TraceModel::reset, this, soon);
    connect(model, &TraceModel::passesAdded, this, soon);
    connect(model, &TraceModel::finished, this, soon);
    connect(selection, &Selection::currentPassChanged, this, soon);
    connect(selection, &Selection::hoveredChanged, this, soon);
    connect(selection, &Selection::pinnedChanged, this, soon);
    connect(&Theme::instance(), &Theme::changed, this, soon);
    connect(m_view, &QTableView::clicked, this, [this](const QModelIndex& index) {
        const auto& runs = m_flow->runs();
        if (index.row() >= 0 && index.row() < static_cast<int>(runs.size())) {
            m_selection->goToPass(runs[static_cast<std::size_t>(index.row())].end - 1);
        }
    });
    refresh();
}

QString FlowInspector::words() const
{
    return m_words->text();
}

QString FlowInspector::passWords(int pass) const
{
    const int at = m_flow->runAt(pass);
    if (at < 0) {
        return {};
    }
    if (m_flow->runsAt(pass).size() > 1) {
        return overlapWords(pass);
    }
    const BlockRun& run = m_flow->runs()[static_cast<std::size_t>(at)];
    const bool bySegment = m_flow->plan(run.block) && m_flow->plan(run.block)->method == FlowMethod::Segments;
    QString text = bySegment ? tr("segment %1, iteration %2, positions %3 to %4 of %5")
                                   .arg(m_model->step(pass).segment)
                                   .arg(pass - run.begin + 1)
                             : tr("iteration %1, positions %2 to %3 of %4").arg(pass - run.begin + 1);
    text = text.arg(m_model->windowBegin(pass))
               .arg(std::max(m_model->windowBegin(pass), m_model->windowEnd(pass) - 1))
               .arg(m_model->positions());
    text += QLatin1Char('\n') + tr("residual %1, %2 positions final")
                                    .arg(residualText(m_flow->residual(pass)))
                                    .arg(m_model->committedEnd(pass));
    if (const double tolerance = m_flow->tolerance(run.block); tolerance > 0.0) {
        text += tr(" · tolerance %1").arg(residualText(tolerance));
    }
    return text;
}

/// Of a pass that several blocks took part in; each has its row in the table.
QString FlowInspector::overlapWords(int pass) const
{
    const int run = m_flow->runAt(pass);
    QString text = tr("each block on what the one before it has so far, %1 of %2 positions final")
                       .arg(m_flow->doneAfter(pass))
                       .arg(m_flow->total());
    text += QLatin1Char('\n') + tr("largest residual %1").arg(residualText(m_flow->residual(pass)));
    if (const double tolerance = m_flow->tolerance(m_flow->runs()[static_cast<std::size_t>(run)].block);
        tolerance > 0.0) {
        text += tr(" · tolerance %1").arg(residualText(tolerance));
    }
    return text;
}

/// Where blocks overlap, what the pass was for each.
void FlowInspector::fillOverlapTable(int pass)
{
    QVector<TokenTable::Row> rows;
    int at = 0;
    for (const BlockRun& run : m_flow->runs()) {
        const bool isAtWork = pass >= run.begin && pass < run.end;
        const QString none = QStringLiteral("–");
        TokenTable::Row row;
        row.cells = {QString::number(run.block), tr("%1 to %2").arg(run.begin).arg(run.end - 1),
                     isAtWork ? tr("%1 of %2").arg(pass - run.begin + 1).arg(run.passes()) : none,
                     isAtWork ? shortResidual(m_flow->residual(at, pass)) : none,
                     QString::number(m_flow->finalAfter(at, pass))};
        row.strong = isAtWork;
        row.quiet = run.begin > pass;
        rows << row;
        ++at;
    }
    m_table->setContents({tr("block"), tr("passes"), tr("iteration"), tr("residual"), tr("final")}, rows, -1);
}

QString FlowInspector::positionWords(int pass, int position) const
{
    const Step& step = m_model->step(pass);
    const auto own =
        static_cast<int>(m_model->layout().rasterPosition(step.lane, static_cast<std::uint32_t>(position)));
    const float* residual = entry(step, step.residual, own);
    const int columns = std::max(1, m_model->columns());
    QString text =
        tr("row %1, column %2, read as number %3: ").arg(position / columns).arg(position % columns).arg(own);
    if (own < m_model->committedBefore(pass)) {
        return text + tr("final before this pass");
    }
    if (residual == nullptr || std::isnan(*residual)) {
        return text + tr("not computed in this pass");
    }
    return text + tr("moved by %1").arg(residualText(static_cast<double>(*residual)));
}

void FlowInspector::refresh()
{
    const Cell focus = m_selection->resolvedFocus();
    const int pass = focus.pass >= 0 ? focus.pass : m_selection->currentPass();
    if (!m_flow->isFlow() || pass < 0 || pass >= m_model->passes()) {
        m_title->setTexts(tr("Pass"));
        m_title->setRightText({});
        m_words->setText(tr("Nothing has run yet. The pass that is looked at will be explained here."));
        m_view->setVisible(false);
        return;
    }
    m_title->setTexts(tr("Pass %1").arg(pass), m_flow->blockWords(pass));
    m_title->setRightText(tr("%1 passes instead of %2").arg(m_model->passes()).arg(m_flow->sequentialPasses()));
    QString text = passWords(pass);
    if (focus.position >= 0 && focus.position < m_model->positions()) {
        text += QLatin1Char('\n') + positionWords(pass, focus.position);
    }
    m_words->setText(text);
    fillTable(pass);
    m_view->setVisible(true);
}

void FlowInspector::fillTable(int pass)
{
    if (m_flow->overlaps()) {
        fillOverlapTable(pass);
        return;
    }
    QVector<TokenTable::Row> rows;
    const int alone = std::max(1, m_model->positions() - 1);
    int at = 0;
    for (const BlockRun& run : m_flow->runs()) {
        const auto plan = m_flow->plan(run.block);
        const double seconds = m_model->secondsUntil(run.end - 1) - m_model->secondsUntil(run.begin - 1);
        TokenTable::Row row;
        row.cells = {QString::number(run.block),
                     plan ? planWords(*plan) : QString(),
                     QString::number(run.passes()),
                     QLocale().toString(static_cast<double>(alone) / std::max(1, run.passes()), 'f', 1) +
                         QStringLiteral("×"),
                     shortResidual(m_flow->residual(at, run.end - 1)),
                     QLocale().toString(seconds * 1e3, 'f', 1)};
        row.strong = pass >= run.begin && pass < run.end;
        row.quiet = run.begin > pass;
        rows << row;
        ++at;
    }
    m_table->setContents({tr("block"), tr("method"), tr("passes"), tr("fewer"), tr("residual"), tr("time, ms")}, rows,
                         -1);
}

} // namespace jacobi
