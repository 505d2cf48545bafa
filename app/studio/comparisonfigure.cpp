// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
// ComparisonDialog as a figure.
#include "app/studio/comparison.h"
#include "app/studio/comparisondialog.h"
#include "app/studio/comparisonwords.h"
#include "app/studio/runwords.h"
#include "widgets/patchgrid.h"
#include "widgets/qcustomplotheader.h"
#include "widgets/theme.h"

#include <QLocale>

#include <algorithm>
#include <cmath>

namespace jacobi {
namespace {

constexpr qreal kGap = 10.0; ///< in units of 1/96 inch, as all lengths here
constexpr qreal kWords = 72.0; ///< below a picture

QString wordsBelow(const ComparedRun& run)
{
    if (run.state != ComparedRun::State::Done) {
        return methodWords(run.request) + QLatin1Char('\n') + stateWords(run.state);
    }
    const QStringList lines{methodWords(run.request), ComparisonDialog::tr("%1 passes").arg(run.passes),
                            ComparisonDialog::tr("%1 s").arg(QLocale().toString(run.seconds, 'f', 2))};
    return lines.join(QLatin1Char('\n'));
}

void paintRuns(QPainter& painter, const QSize& size, const std::vector<ComparedRun>& runs)
{
    const auto count = static_cast<qreal>(runs.size());
    const qreal side = std::max(1.0, std::min((size.width() - (count - 1) * kGap) / count, size.height() - kWords));
    qreal left = (size.width() - count * side - (count - 1) * kGap) / 2.0;
    painter.setFont(Theme::instance().secondaryFont());
    for (const ComparedRun& run : runs) {
        const QRectF box(left, 0.0, side, side);
        if (!run.picture.isNull()) {
            painter.setRenderHint(QPainter::SmoothPixmapTransform, run.picture.width() > 2.0 * side);
            painter.drawImage(box, run.picture);
        }
        painter.setBrush(Qt::NoBrush);
        painter.setPen(QPen(colours().line, 1.0));
        painter.drawRect(box.adjusted(-0.5, -0.5, 0.5, 0.5));
        painter.setPen(colours().text);
        painter.drawText(QRectF(left, side + 4.0, side, kWords - 4.0), Qt::AlignHCenter | Qt::AlignTop | Qt::TextWordWrap,
                         wordsBelow(run));
        left += side + kGap;
    }
}

QStringList cellsOf(const ComparedRun& run, const ComparedRun& sequential, double equal)
{
    const bool hasDrafts = run.request.method != "sequential";
    QStringList cells{methodWords(run.request), hasDrafts ? windowWords(run.request) : QString(),
                      hasDrafts ? draftWords(run.request) : QString()};
    if (run.state != ComparedRun::State::Done) {
        return cells << QString() << QString() << QString() << QString() << QString() << QString() << QString() << QString();
    }
    return cells << QString::number(run.passes) << figureNumber(run.tokensPerPass)
                 << (run.passes > 0 ? figureNumber(static_cast<double>(sequential.passes) / run.passes) : QString())
                 << figureNumber(run.seconds)
                 << (run.seconds > 0.0 ? figureNumber(sequential.seconds / run.seconds) : QString())
                 << figureNumber(100.0 * equal) << (run.judgement ? QString::number(run.judgement->met) : QString())
                 << (run.judgement ? QString::number(run.judgement->stated) : QString());
}

} // namespace

QString ComparisonDialog::figureTitle() const
{
    return tr("Methods compared");
}

QString ComparisonDialog::figureCaption() const
{
    if (m_comparison->runs().empty()) {
        return {};
    }
    const RunRequest& request = m_comparison->runs().front().request;
    const QStringList words{QString::fromStdString(request.modelId).simplified(),
                            tr("%1 methods").arg(m_comparison->runs().size()), tr("seed %1").arg(request.seed)};
    return words.join(QStringLiteral(" · "));
}

bool ComparisonDialog::hasFigure() const
{
    return std::ranges::any_of(m_comparison->runs(), [](const ComparedRun& run) { return run.state == ComparedRun::State::Done; });
}

Figure ComparisonDialog::figure() const
{
    const std::vector<ComparedRun>& runs = m_comparison->runs();
    Figure figure;
    figure.title = figureTitle();
    figure.heightPerWidth = std::max(0.3, 1.0 / static_cast<double>(runs.size()) + 0.18);
    figure.paint = [runs](QCPPainter& painter, const QSize& size) { paintRuns(painter, size, runs); };
    figure.table.heading = {tr("method"),           tr("window (positions)"), tr("new drafts"),
                            tr("passes"),           tr("tokens a pass"),      tr("passes fewer (times)"),
                            tr("time (s)"),         tr("faster (times)"),     tr("same tokens (%)"),
                            tr("prompt met (details)"), tr("prompt says (details)")};
    figure.table.rows = [comparison = m_comparison](const FigureTable::TakeRow& take) {
        for (std::size_t at = 0; at < comparison->runs().size(); ++at) {
            take(cellsOf(comparison->runs()[at], comparison->runs().front(), comparison->equalTokens(at)));
        }
    };
    return figure;
}

} // namespace jacobi
