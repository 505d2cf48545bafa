// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "widgets/tokeninspector.h"

#include "widgets/repaintclock.h"
#include "widgets/selection.h"
#include "widgets/theme.h"
#include "widgets/titleline.h"
#include "widgets/quiettable.h"
#include "widgets/tokentable.h"
#include "widgets/tokenwords.h"
#include "widgets/tracemodel.h"

#include <QLabel>
#include <QScrollBar>
#include <QTableView>
#include <QVBoxLayout>

#include <algorithm>
#include <cmath>

namespace jacobi {
namespace {

constexpr int kVerdictColumn = 6; // of the history, whose last column is what the token becomes
constexpr int kBecomesColumn = 7;
constexpr int kLeastRows = 3; ///< of each table, its heading included

QColor verdictColour(TokenState state)
{
    const Palette& c = colours();
    switch (state) {
    case TokenState::Accepted:
    case TokenState::Bonus:
    case TokenState::Forced: return c.accepted;
    case TokenState::Resampled: return c.rejected;
    case TokenState::Redrawn: return c.redrawn;
    default: return {};
    }
}

QString codeText(std::int32_t code)
{
    return code >= 0 ? QString::number(code) : QStringLiteral("\u2013");
}

} // namespace

TokenInspector::TokenInspector(TraceModel* model, Selection* selection, QWidget* parent)
    : QWidget(parent), m_model(model), m_selection(selection), m_clock(new RepaintClock(this)),
      m_title(new TitleLine(tr("Token"), this)), m_hint(new QLabel(this)),
      m_historyTitle(new TitleLine(tr("Pass by pass"), this)), m_candidateTable(new TokenTable(this)),
      m_historyTable(new TokenTable(this))
{
    m_candidateView = makeTokenTableView(m_candidateTable, tr("Candidates of the token"), this);
    m_historyView = makeTokenTableView(m_historyTable, tr("What each pass did to the token"), this);
    const QString code = QStringLiteral("00000");
    m_candidateTable->setUsual({code, {}, {}, {}, {}, verdictName(TokenState::Accepted)});
    m_historyTable->setUsual({{}, code, {}, {}, {}, {}, verdictName(TokenState::Accepted), code});
    m_historyTable->setVerdictColumn(kVerdictColumn);
    m_historyTable->setHints({{},
                              tr("The code that the pass tested"),
                              tr("The draft's probability now; of the token itself where there was no draft"),
                              tr("The draft's probability under the law it was drawn from"),
                              {},
                              tr("The draft is accepted where this random number is less than p/q"),
                              {},
                              tr("The code that stood here after the pass")});
    m_candidateView->setMinimumHeight(kLeastRows * kTableRowHeight);
    m_historyView->setMinimumHeight(kLeastRows * kTableRowHeight);
    Theme::setRole(m_hint, Theme::Role::Secondary);
    m_hint->setWordWrap(true);
    m_hint->setAlignment(Qt::AlignTop | Qt::AlignLeft);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(4);
    column->addWidget(m_title);
    column->addWidget(m_hint, 1);
    column->addWidget(m_candidateView, 3);
    column->addSpacing(4);
    column->addWidget(m_historyTitle);
    column->addWidget(m_historyView, 2);
    setMinimumSize(260, 230); // whether or not there is a token to show: the views above do not move
    setAccessibleName(tr("Token inspector"));

    const auto soon = [this] { m_clock->request(); };
    connect(m_clock, &RepaintClock::repaint, this, &TokenInspector::refresh);
    connect(model, &TraceModel::reset, this, [this, soon] {
        m_position = -1; // was a token, and perhaps a pass, of another run
        m_pass = -1;
        m_wanted = -1;
        soon();
    });
    connect(model, &TraceModel::passesAdded, this, soon);
    connect(selection, &Selection::currentPassChanged, this, soon);
    connect(selection, &Selection::hoveredChanged, this, soon);
    connect(selection, &Selection::pinnedChanged, this, soon);
    connect(&Theme::instance(), &Theme::changed, this, soon);
    refresh();
}

void TokenInspector::refresh()
{
    // What was looked at last stays while the mouse is elsewhere: an empty panel would only flicker.
    const Cell focus = m_selection->resolvedFocus();
    if (m_model->passes() == 0) {
        m_position = -1;
    } else if (focus.position >= 0 && focus.position < m_model->positions()) {
        m_position = focus.position;
        m_wanted = m_selection->focus().pass;
    }
    if (m_position >= m_model->positions()) {
        m_position = -1;
    }
    const bool shows = m_position >= 0;
    m_hint->setVisible(!shows);
    m_historyTitle->setVisible(shows);
    m_historyView->setVisible(shows);
    if (!shows) {
        m_pass = -1;
        m_candidateView->hide();
        m_title->setTexts(tr("Token"));
        m_title->setRightText({});
        m_hint->setText(m_model->passes() == 0
                            ? tr("Nothing has run yet. Codes and probabilities of a token will stand here.")
                            : tr("Move the mouse over the picture or the trajectory; a click keeps a token here."));
        return;
    }
    m_pass = m_wanted >= 0 ? m_wanted : m_selection->currentPass();
    m_title->setTexts(tr("Token %1").arg(m_position), m_selection->isPinned() ? tr("pinned, Esc frees it") : QString());
    QString place = placeName(*m_model, m_position);
    const int changes = m_model->changesOf(m_position, m_pass);
    place += (place.isEmpty() ? QString() : QStringLiteral(" · ")) +
             (changes == 0   ? (m_model->changesOf(m_position) == 0 ? tr("never changed") : tr("not changed yet")) : changes == 1 ? tr("changed once") : tr("changed %1 times").arg(changes));
    m_title->setRightText(place);
    fillCandidates();
    fillHistory();
}

// The candidates of the row, the tested draft first; the test's uniform and its outcome stand beside that one.
void TokenInspector::fillCandidates()
{
    const TokenMoment moment = m_model->momentAt(m_pass, m_position);
    auto candidates = m_model->candidatesAt(moment.pass, m_position);
    QVector<TokenTable::Row> rows;
    const std::int32_t tested = moment.draft >= 0 ? moment.draft : moment.token;
    const auto first = std::find_if(candidates.begin(), candidates.end(),
                                    [tested](const Candidate& c) { return c.code == tested; });
    if (first != candidates.end()) {
        std::rotate(candidates.begin(), first, first + 1);
    } else if (!candidates.empty()) {
        candidates.insert(candidates.begin(), Candidate{tested, moment.p, moment.q});
    }
    for (const Candidate& candidate : candidates) {
        const bool isTested = candidate.code == tested;
        TokenTable::Row row;
        row.cells = {codeText(candidate.code), probabilityText(candidate.p), probabilityText(candidate.q),
                     ratioText(candidate.p, candidate.q), isTested ? probabilityText(moment.u) : QString(),
                     isTested ? verdictName(moment.state) : QString()};
        row.swatch = m_model->codeColour(candidate.code);
        row.verdict = verdictColour(moment.state);
        row.strong = isTested;
        row.quiet = !isTested;
        rows << row;
    }
    m_candidateTable->setContents({tr("code"), tr("p now"), tr("q drawn"), tr("p/q"), tr("u"), tr("verdict")}, rows, 0);
    m_candidateView->setVisible(!rows.isEmpty());
    // As high as its rows where there is room, else it scrolls.
    m_candidateView->setMaximumHeight(std::max(static_cast<int>(rows.size()) + 1, kLeastRows) * kTableRowHeight);
}

void TokenInspector::fillHistory()
{
    const auto moments = m_model->history(m_position);
    const int shown = m_model->momentAt(m_pass, m_position).pass;
    QVector<TokenTable::Row> rows;
    int current = -1;
    for (const TokenMoment& moment : moments) {
        TokenTable::Row row;
        // p, q and u are the tested draft's: what stood there afterwards may be another code.
        row.cells = {QString::number(moment.pass), codeText(moment.draft), probabilityText(moment.p),
                     probabilityText(moment.q), ratioText(moment.p, moment.q), probabilityText(moment.u),
                     verdictName(moment.state), codeText(moment.token)};
        row.swatch = m_model->codeColour(moment.token);
        row.verdict = verdictColour(moment.state);
        row.strong = moment.pass == shown;
        row.quiet = moment.pass > m_pass; // has not happened yet in the pass looked at
        if (row.strong) {
            current = static_cast<int>(rows.size());
        }
        rows << row;
    }
    m_historyTable->setContents({tr("pass"), tr("draft"), tr("p now"), tr("q drawn"), tr("p/q"), tr("u"), tr("verdict"),
                                 tr("becomes")},
                                rows, kBecomesColumn);
    if (current >= 0) {
        m_historyView->scrollTo(m_historyTable->index(current, 0));
    }
    m_historyTitle->setRightText(moments.empty() ? tr("the window has not reached it") : QString());
}

} // namespace jacobi
