// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/studio/figureexport.h"

#include "app/studio/backgroundtasks.h"
#include "app/studio/noticebar.h"
#include "app/studio/runwords.h"
#include "core/io/atomicfile.h"

#include <QApplication>
#include <QClipboard>
#include <QDir>
#include <QFileDialog>
#include <QFileInfo>
#include <QImage>
#include <QMenu>
#include <QMimeData>
#include <QRegularExpression>
#include <QStandardPaths>

#include <algorithm>
#include <utility>

namespace jacobi {
namespace {

constexpr std::pair<const char*, FigureFormat> kSuffixes[] = {
    {"svg", FigureFormat::Svg}, {"pdf", FigureFormat::Pdf}, {"png", FigureFormat::Png}, {"csv", FigureFormat::Csv}};

const FigureFormat* formatOf(const QString& path)
{
    const QByteArray suffix = QFileInfo(path).suffix().toLower().toUtf8();
    const auto found = std::ranges::find(kSuffixes, suffix, [](const auto& known) { return QByteArray(known.first); });
    return found == std::end(kSuffixes) ? nullptr : &found->second;
}

Result<void> writeFigure(const QString& path, const QByteArray& bytes)
{
    return writeFileAtomically(path.toStdString(), std::string_view(bytes.constData(), static_cast<std::size_t>(bytes.size())));
}

QString readable(const QString& path)
{
    return QDir::toNativeSeparators(path);
}

} // namespace

QStringList figureNames(bool isFlow)
{
    return isFlow ? QStringList{QStringLiteral("residual"), QStringLiteral("blocks"), QStringLiteral("picture")}
                  : QStringList{QStringLiteral("trajectory"), QStringLiteral("acceptance"), QStringLiteral("window"),
                                QStringLiteral("picture")};
}

QString figureCaption(const RunRequest& request, int item)
{
    QStringList words;
    if (!request.modelId.empty()) {
        words << QString::fromStdString(request.modelId).simplified();
    }
    words << methodWords(request) << FigureExport::tr("seed %1").arg(request.seed + static_cast<std::uint64_t>(std::max(0, item)));
    return words.join(QStringLiteral(" · "));
}

QString figurePath(const QString& path)
{
    return QFileInfo(path).suffix().isEmpty() ? path + (path.endsWith(QLatin1Char('.')) ? QStringLiteral("svg") : QStringLiteral(".svg"))
                                              : path;
}

FigurePage figurePage(const QString& caption)
{
    FigurePage page;
    page.caption = caption;
    page.program = QStringLiteral("Jacobi Studio " JACOBI_VERSION);
    return page;
}

Result<QByteArray> figureBytes(const Figure& figure, const QString& path, const FigurePage& page)
{
    const FigureFormat* format = formatOf(path);
    if (format == nullptr) {
        return fail(ErrorCode::InvalidRequest,
                    FigureExport::tr("A figure is written as .svg, .pdf, .png or .csv, and “%1” ends in none of them. Choose one.")
                        .arg(QFileInfo(path).fileName())
                        .toStdString());
    }
    if (*format == FigureFormat::Csv && !figure.table.rows) {
        return fail(ErrorCode::InvalidRequest,
                    FigureExport::tr("“%1” has no numbers that could be written as .csv. Choose .svg, .pdf or .png.")
                        .arg(figure.title)
                        .toStdString());
    }
    const QByteArray bytes = figureFile(figure, *format, page);
    if (bytes.isEmpty()) {
        return fail(ErrorCode::Io, FigureExport::tr("The figure is too large to be drawn. Choose a smaller size.").toStdString());
    }
    return bytes;
}

FigureExport::FigureExport(QWidget* window, NoticeBar* notice, BackgroundTasks* background)
    : QObject(window), m_notice(notice), m_background(background)
{
}

void FigureExport::add(QWidget* widget, FigureView* view, std::function<QString()> caption, std::function<void(QMenu*)> before)
{
    m_entries.push_back({widget, view, std::move(caption), std::move(before)});
    widget->setContextMenuPolicy(Qt::CustomContextMenu); // the keyboard's menu key asks for it, too
    connect(widget, &QWidget::customContextMenuRequested, this, [this, view](const QPoint& at) { showMenu(view, at); });
}

const FigureExport::Entry& FigureExport::entryOf(const FigureView* view) const
{
    return *std::ranges::find(m_entries, view, &Entry::view);
}

QString FigureExport::caption(const FigureView* view) const
{
    return entryOf(view).caption();
}

FigureView* FigureExport::inFront(const QVector<FigureView*>& among) const
{
    for (QWidget* widget = QApplication::focusWidget(); widget != nullptr; widget = widget->parentWidget()) {
        auto* view = dynamic_cast<FigureView*>(widget);
        if (view != nullptr && among.contains(view)) {
            return view;
        }
    }
    const auto seen = std::ranges::find_if(among, [this](const FigureView* view) { return entryOf(view).widget->isVisible(); });
    return seen == among.end() ? nullptr : *seen;
}

void FigureExport::fillMenu(QMenu* menu, FigureView* view)
{
    const bool hasFigure = view->hasFigure();
    const bool hasData = hasFigure && view->figure().table.rows;
    menu->addAction(tr("Export figure…"), this, [this, view] { askToExport(view); })->setEnabled(hasFigure);
    menu->addAction(tr("Copy figure"), this, [this, view] { copyFigure(view); })->setEnabled(hasFigure);
    menu->addAction(tr("Copy data"), this, [this, view] { copyData(view); })->setEnabled(hasData);
}

void FigureExport::showMenu(FigureView* view, const QPoint& at)
{
    const Entry& entry = entryOf(view);
    auto* menu = new QMenu(entry.widget);
    menu->setAttribute(Qt::WA_DeleteOnClose);
    if (entry.before) {
        entry.before(menu);
    }
    fillMenu(menu, view);
    menu->popup(entry.widget->mapToGlobal(at));
}

QString FigureExport::fileName(const FigureView* view) const
{
    QString name = QStringLiteral("%1-%2").arg(view->figureName(), caption(view));
    QString kept;
    for (const QChar c : std::as_const(name)) { // a trace may say anything
        const bool isPlain = c.unicode() < 128 && (c.isLetterOrNumber() || c == QLatin1Char('-') || c == QLatin1Char('.'));
        kept += isPlain ? c : QLatin1Char('-');
    }
    static const QRegularExpression kMany(QStringLiteral("-{2,}"));
    return kept.replace(kMany, QStringLiteral("-"));
}

void FigureExport::askToExport(FigureView* view)
{
    if (!view->hasFigure()) {
        m_notice->show(NoticeBar::Tone::Note, tr("Nothing is to be seen there yet. Open or make a run first."));
        return;
    }
    QStringList filters{tr("SVG drawing (*.svg)"), tr("PDF document (*.pdf)"), tr("PNG picture (*.png)")};
    if (view->figure().table.rows) {
        filters << tr("Table of its numbers (*.csv)");
    }
    const QString folder =
        m_folder.isEmpty() ? QStandardPaths::writableLocation(QStandardPaths::DocumentsLocation) : m_folder;
    auto* dialog = new QFileDialog(entryOf(view).widget->window(), tr("Export the figure “%1”").arg(view->figureTitle()), folder);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setAcceptMode(QFileDialog::AcceptSave);
    dialog->setNameFilters(filters);
    dialog->setDefaultSuffix(QStringLiteral("svg"));
    dialog->selectFile(fileName(view) + QStringLiteral(".svg"));
    // The kind that is chosen is what a name without an ending gets; one that has an ending keeps its own.
    connect(dialog, &QFileDialog::filterSelected, dialog, [dialog](const QString& filter) {
        const QString suffix = filter.section(QStringLiteral("*."), 1).chopped(1);
        const QFileInfo name(dialog->selectedFiles().value(0));
        dialog->setDefaultSuffix(suffix);
        if (formatOf(name.fileName()) != nullptr) {
            dialog->selectFile(name.completeBaseName() + QLatin1Char('.') + suffix);
        }
    });
    connect(dialog, &QFileDialog::fileSelected, this, [this, view](const QString& path) {
        const QString real = figurePath(path);
        if (real != path && QFileInfo::exists(real)) { // the dialog has asked for the name it knows
            m_notice->show(NoticeBar::Tone::Error,
                           tr("“%1” is there already. Choose another name.").arg(QFileInfo(real).fileName()));
            return;
        }
        exportTo(view, real);
    });
    dialog->open();
}

void FigureExport::exportTo(FigureView* view, const QString& chosen)
{
    const QString path = figurePath(chosen);
    if (!view->hasFigure()) {
        return; // the run went while the user chose a name
    }
    const Result<QByteArray> bytes = figureBytes(view->figure(), path, figurePage(caption(view)));
    if (!bytes) {
        m_notice->show(NoticeBar::Tone::Error, QString::fromStdString(bytes.error().message));
        Q_EMIT written(path, false);
        return;
    }
    m_background->run([this, path, bytes = *bytes]() -> BackgroundTasks::Continuation {
        const Result<void> saved = writeFigure(path, bytes);
        return [this, path, saved] {
            if (!saved) {
                m_notice->show(NoticeBar::Tone::Error, QString::fromStdString(saved.error().message));
            } else {
                m_folder = QFileInfo(path).absolutePath();
                m_notice->show(NoticeBar::Tone::Note, tr("Exported to %1").arg(readable(path)));
            }
            Q_EMIT written(path, saved.has_value());
        };
    });
}

void FigureExport::copyFigure(FigureView* view)
{
    if (!view->hasFigure()) {
        return;
    }
    const Figure figure = view->figure();
    const FigurePage page = figurePage(caption(view));
    auto* copied = new QMimeData; // the clipboard's
    copied->setImageData(figureImage(figure, page));
    copied->setData(QStringLiteral("image/svg+xml"), figureFile(figure, FigureFormat::Svg, page));
    QApplication::clipboard()->setMimeData(copied);
    m_notice->show(NoticeBar::Tone::Note, tr("The figure “%1” was copied.").arg(view->figureTitle()));
}

void FigureExport::copyData(FigureView* view)
{
    const Figure figure = view->hasFigure() ? view->figure() : Figure();
    if (figure.table.rows) {
        QApplication::clipboard()->setText(figureText(figure.table));
        m_notice->show(NoticeBar::Tone::Note, tr("The numbers of “%1” were copied.").arg(view->figureTitle()));
    }
}

} // namespace jacobi
