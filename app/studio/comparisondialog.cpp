// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/studio/comparisondialog.h"

#include "app/studio/comparison.h"
#include "app/studio/comparisonwords.h"
#include "app/studio/methodchoices.h"
#include "app/studio/runwords.h"
#include "widgets/numberlabel.h"
#include "widgets/quiettable.h"
#include "widgets/theme.h"

#include <QApplication>
#include <QClipboard>
#include <QDialogButtonBox>
#include <QHeaderView>
#include <QLabel>
#include <QLocale>
#include <QMouseEvent>
#include <QPainter>
#include <QPushButton>
#include <QStandardItemModel>
#include <QTableView>
#include <QVBoxLayout>

#include <algorithm>
#include <cmath>

namespace jacobi {
namespace {

constexpr qreal kGap = 12.0; ///< pixels
constexpr qreal kCaption = 22.0;
constexpr qreal kMostSide = 256.0;
constexpr int kLeastWidth = 1000; ///< pixels: the table's columns are whole
constexpr int kDraftsColumn = 2;

QStringList headings()
{
    return {ComparisonDialog::tr("Method"), ComparisonDialog::tr("Window"),        ComparisonDialog::tr("New drafts"),
            ComparisonDialog::tr("Passes"), ComparisonDialog::tr("Tokens a pass"), ComparisonDialog::tr("Passes fewer"),
            ComparisonDialog::tr("Time"),   ComparisonDialog::tr("Faster"),        ComparisonDialog::tr("Same tokens"),
            ComparisonDialog::tr("Prompt met")};
}

QString times(double ratio)
{
    return std::isfinite(ratio) ? ComparisonDialog::tr("%1 x").arg(QLocale().toString(ratio, 'f', 2)) : QString();
}

QStringList cellsOf(const Comparison& comparison, std::size_t at)
{
    const ComparedRun& run = comparison.runs()[at];
    const ComparedRun& sequential = comparison.runs().front();
    QStringList cells{methodWords(run.request), windowWords(run.request), draftWords(run.request)};
    if (run.state != ComparedRun::State::Done) {
        cells << stateWords(run.state);
        while (cells.size() < headings().size()) {
            cells << QString();
        }
        return cells;
    }
    const QLocale locale;
    const double equal = comparison.equalTokens(at);
    cells << locale.toString(run.passes) << locale.toString(run.tokensPerPass, 'f', 2)
          << times(run.passes > 0 ? static_cast<double>(sequential.passes) / run.passes : std::nan(""))
          << ComparisonDialog::tr("%1 s").arg(locale.toString(run.seconds, 'f', run.seconds < 10.0 ? 2 : 1))
          << times(run.seconds > 0.0 ? sequential.seconds / run.seconds : std::nan(""))
          << (std::isnan(equal) ? QString() : ComparisonDialog::tr("%1 %").arg(locale.toString(100.0 * equal, 'f', 1)))
          << (run.judgement ? ComparisonDialog::tr("%1 of %2").arg(run.judgement->met).arg(run.judgement->stated)
                            : QString());
    return cells;
}

} // namespace

ComparedPictures::ComparedPictures(const Comparison* comparison, QWidget* parent)
    : QWidget(parent), m_comparison(comparison)
{
    setAccessibleName(tr("The picture of each method"));
    connect(comparison, &Comparison::changed, this, [this] {
        updateGeometry();
        update();
    });
    connect(&Theme::instance(), &Theme::changed, this, [this] { update(); });
}

QSize ComparedPictures::sizeHint() const
{
    const auto count = static_cast<int>(std::max<std::size_t>(4, m_comparison->runs().size()));
    return {static_cast<int>(count * (176 + kGap) - kGap), static_cast<int>(176 + kCaption)};
}

QRectF ComparedPictures::pictureRect(int run) const
{
    const auto count = static_cast<qreal>(std::max<std::size_t>(1, m_comparison->runs().size()));
    const qreal side = std::floor(std::min({kMostSide, (width() - (count - 1) * kGap) / count, height() - kCaption}));
    const qreal left = std::floor((width() - count * side - (count - 1) * kGap) / 2.0);
    return {left + run * (side + kGap), 0.0, side, side};
}

void ComparedPictures::paintEvent(QPaintEvent*)
{
    const Palette& c = colours();
    QPainter painter(this);
    painter.setFont(Theme::instance().secondaryFont());
    for (int at = 0; at < static_cast<int>(m_comparison->runs().size()); ++at) {
        const ComparedRun& run = m_comparison->runs()[static_cast<std::size_t>(at)];
        const QRectF rect = pictureRect(at);
        painter.fillRect(rect, c.panel);
        if (!run.picture.isNull()) {
            painter.setRenderHint(QPainter::SmoothPixmapTransform, run.picture.width() > rect.width());
            painter.drawImage(rect, run.picture);
        } else {
            painter.setPen(c.secondary);
            painter.drawText(rect, Qt::AlignCenter, stateWords(run.state));
        }
        painter.setBrush(Qt::NoBrush);
        painter.setPen(QPen(run.state == ComparedRun::State::Running ? c.accent : c.line, 1.0));
        painter.drawRect(rect.adjusted(0.5, 0.5, -0.5, -0.5));
        painter.setPen(c.secondary);
        painter.drawText(
            QRectF(rect.left(), rect.bottom() + 4, rect.width(), kCaption - 4), Qt::AlignCenter,
            painter.fontMetrics().elidedText(methodWords(run.request), Qt::ElideRight, static_cast<int>(rect.width())));
    }
}

void ComparedPictures::mousePressEvent(QMouseEvent* event)
{
    for (int at = 0; at < static_cast<int>(m_comparison->runs().size()); ++at) {
        if (event->button() == Qt::LeftButton && pictureRect(at).contains(event->position())) {
            Q_EMIT chosen(at);
        }
    }
}

ComparisonDialog::ComparisonDialog(Comparison* comparison, QWidget* parent)
    : QDialog(parent),
      m_comparison(comparison),
      m_words(new QLabel(this)),
      m_pictures(new ComparedPictures(comparison, this)),
      m_rows(new QStandardItemModel(this)),
      m_table(makeQuietTableView(m_rows, tr("Methods compared"), this)),
      m_stop(new QPushButton(tr("Stop"), this))
{
    setWindowTitle(tr("Methods compared"));
    m_words->setWordWrap(true);
    m_words->setTextFormat(Qt::PlainText);
    Theme::setRole(m_words, Theme::Role::Title);
    m_rows->setHorizontalHeaderLabels(headings());
    for (int column = 0; column < m_rows->columnCount(); ++column) {
        m_rows->setHeaderData(column, Qt::Horizontal,
                              QVariant::fromValue(Qt::Alignment(Qt::AlignLeft | Qt::AlignVCenter)),
                              Qt::TextAlignmentRole);
    }
    const auto keepRoom = [this](int column, const QString& usual) {
        const qreal width = tabularWidth(Theme::instance().bodyFont(), usual) + kCellMargins + 1;
        m_rows->setHeaderData(column, Qt::Horizontal, width, kLeastWidthRole);
    };
    keepRoom(0, QStringLiteral("SJD2, ") + tr("independent redraw"));
    keepRoom(kDraftsColumn, initialisationChoices().first().name);
    setFirstColumnWide(m_table, 2);
    m_table->horizontalHeader()->setToolTip(
        tr("Passes fewer and faster: compared with sequential sampling. Same tokens: as sequential sampling drew them. "
           "Time: of this one run. Prompt met: how much of what it says the built-in judge finds in the picture."));
    auto* note =
        new QLabel(tr("One after the other, with the same prompt, seed and settings; only methods and drafts differ. "
                      "Times are of one run each: another one may take a little more or less. The first four follow the "
                      "same distribution. Choose a row and press Enter, or click a picture, to look at that run."),
                   this);
    note->setWordWrap(true);
    Theme::setRole(note, Theme::Role::Secondary);
    auto* buttons = new QDialogButtonBox(QDialogButtonBox::Close, this);
    buttons->button(QDialogButtonBox::Close)->setIcon(QIcon()); // words, as all buttons here
    buttons->addButton(m_stop, QDialogButtonBox::ActionRole);
    QPushButton* copies = buttons->addButton(tr("Copy the table"), QDialogButtonBox::ActionRole);
    QPushButton* exports = buttons->addButton(tr("Export figure…"), QDialogButtonBox::ActionRole);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(20, 18, 20, 16);
    column->setSpacing(14);
    column->addWidget(m_words);
    column->addWidget(m_pictures, 1);
    column->addWidget(m_table);
    column->addWidget(note);
    column->addWidget(buttons);
    connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::close);
    connect(m_stop, &QPushButton::clicked, comparison, &Comparison::stop);
    connect(copies, &QPushButton::clicked, this, &ComparisonDialog::copy);
    connect(exports, &QPushButton::clicked, this, &ComparisonDialog::figureRequested);
    connect(comparison, &Comparison::changed, exports, [this, exports] { exports->setEnabled(hasFigure()); });
    exports->setEnabled(hasFigure());
    connect(m_table, &QTableView::activated, this, [this](const QModelIndex& at) { choose(at.row()); });
    connect(m_pictures, &ComparedPictures::chosen, this, &ComparisonDialog::choose);
    connect(comparison, &Comparison::changed, this, &ComparisonDialog::refresh);
    refresh();
}

QString ComparisonDialog::words() const
{
    return m_words->text();
}

void ComparisonDialog::refresh()
{
    const std::vector<ComparedRun>& runs = m_comparison->runs();
    if (!runs.empty()) {
        const RunRequest& request = runs.front().request;
        m_words->setText(QString::fromStdString(request.prompt).simplified() + QStringLiteral(" · ") +
                         settingWords(request));
    }
    m_rows->setRowCount(static_cast<int>(runs.size()));
    for (std::size_t at = 0; at < runs.size(); ++at) {
        const QStringList cells = cellsOf(*m_comparison, at);
        for (int column = 0; column < cells.size(); ++column) {
            m_rows->setItem(static_cast<int>(at), column, new QStandardItem(cells[column]));
        }
        if (const auto& judgement = runs[at].judgement) {
            m_rows->item(static_cast<int>(at), static_cast<int>(cells.size()) - 1)
                ->setToolTip(judgement->missed.isEmpty() ? tr("The judge finds everything that the prompt says.")
                                                         : tr("The judge does not find: %1").arg(judgement->missed.join(QStringLiteral(", "))));
        }
    }
    m_table->setFixedHeight((static_cast<int>(runs.size()) + 1) * kTableRowHeight + 4);
    layOutColumns(m_table);
    // Sentences take more lines the narrower the window is: what that takes is known for the least width, which a layout by
    // itself does not keep room for.
    setMinimumSize(kLeastWidth, layout()->minimumHeightForWidth(kLeastWidth));
    if (m_stop->hasFocus() && !m_comparison->isGoingOn()) {
        m_table->setFocus(); // what one has waited for
    }
    m_stop->setEnabled(m_comparison->isGoingOn());
}

void ComparisonDialog::choose(int run)
{
    const std::vector<ComparedRun>& runs = m_comparison->runs();
    if (run >= 0 && run < static_cast<int>(runs.size()) && !runs[static_cast<std::size_t>(run)].tracePath.isEmpty()) {
        Q_EMIT traceChosen(runs[static_cast<std::size_t>(run)].tracePath);
    }
}

void ComparisonDialog::copy() const
{
    QStringList lines{headings().join(QLatin1Char('\t'))};
    for (std::size_t at = 0; at < m_comparison->runs().size(); ++at) {
        lines << cellsOf(*m_comparison, at).join(QLatin1Char('\t'));
    }
    QApplication::clipboard()->setText(lines.join(QLatin1Char('\n')) + QLatin1Char('\n'));
}

void ComparisonDialog::done(int result)
{
    m_comparison->stop();
    QDialog::done(result);
}

} // namespace jacobi
