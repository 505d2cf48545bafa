// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/error.h"
#include "core/trace/runrequest.h"
#include "widgets/figure.h"

#include <QObject>
#include <QString>
#include <QStringList>
#include <QVector>

#include <functional>

class QMenu;
class QWidget;

namespace jacobi {

class BackgroundTasks;
class NoticeBar;

/// The names of the figures that a run has, of tokens or of a flow, as the command line knows them.
QStringList figureNames(bool isFlow);

/// "scenes · SJD, maximal coupling · seed 7": what a figure says of its run. item: which picture of the batch it is of.
QString figureCaption(const RunRequest& request, int item);

/// The path with the suffix that says how it is written: ".svg" where it has none.
QString figurePath(const QString& path);

/// What a figure's file holds, as its suffix asks. Errors: a suffix that stands for nothing here, a figure without numbers as
/// CSV. The text is a sentence for the user. GUI thread.
Result<QByteArray> figureBytes(const Figure& figure, const QString& path, const FigurePage& page);

/// The page that figures are put on: 160 mm wide, as the text of a page of A4.
FigurePage figurePage(const QString& caption);

/// Takes the plots of a window out of it, each as it is shown at that moment: into a file, or into the clipboard. Each has it
/// in its context menu; what is told is told in the notice bar. GUI thread.
class FigureExport : public QObject {
    Q_OBJECT

public:
    /// All must outlive it. Files are written beside the GUI thread.
    FigureExport(QWidget* window, NoticeBar* notice, BackgroundTasks* background);

    /// A view, which lives as long as this object, gets a context menu: what `before` adds to it, then what can be done with its
    /// figure. caption: of the run that it shows when it is asked.
    void add(QWidget* widget, FigureView* view, std::function<QString()> caption, std::function<void(QMenu*)> before = {});

    /// Of some of them the one with the keyboard, else the first that is to be seen; null where there is none.
    FigureView* inFront(const QVector<FigureView*>& among) const;
    QString caption(const FigureView* view) const;

    /// Fills a menu with what can be done with a figure.
    void fillMenu(QMenu* menu, FigureView* view);

    /// Asks for a file, and writes it.
    void askToExport(FigureView* view);
    void exportTo(FigureView* view, const QString& path);
    void copyFigure(FigureView* view);
    void copyData(FigureView* view);

Q_SIGNALS:
    void written(const QString& path, bool ok);

private:
    struct Entry {
        QWidget* widget;
        FigureView* view;
        std::function<QString()> caption;
        std::function<void(QMenu*)> before;
    };
    const Entry& entryOf(const FigureView* view) const;
    QString fileName(const FigureView* view) const;
    void showMenu(FigureView* view, const QPoint& at);

    NoticeBar* m_notice;
    BackgroundTasks* m_background;
    QVector<Entry> m_entries;
    QString m_folder; ///< where figures were last written
};

} // namespace jacobi
