// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "widgets/figure.h"

#include <QDialog>

class QLabel;
class QPushButton;
class QStandardItemModel;
class QTableView;

namespace jacobi {

class Comparison;

/// The pictures of a comparison side by side, what is not there yet as an empty frame that says why. A click asks for a run.
class ComparedPictures : public QWidget {
    Q_OBJECT

public:
    ComparedPictures(const Comparison* comparison, QWidget* parent);

    QRectF pictureRect(int run) const;
    QSize sizeHint() const override;
    QSize minimumSizeHint() const override { return {480, 120}; }

Q_SIGNALS:
    void chosen(int run);

protected:
    void paintEvent(QPaintEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;

private:
    const Comparison* m_comparison;
};

/// A comparison as pictures and a table, growing while it goes on; it leaves the window free. A row or a picture that is
/// chosen asks for that run to be looked at.
class ComparisonDialog : public QDialog, public FigureView {
    Q_OBJECT

public:
    ComparisonDialog(Comparison* comparison, QWidget* parent);

    QTableView* table() const { return m_table; }
    ComparedPictures* pictures() const { return m_pictures; }
    void done(int result) override; ///< closed, by whatever means: what is going on is stopped
    QString words() const;          ///< the line above: what is compared

    QString figureName() const override { return QStringLiteral("comparison"); }
    QString figureTitle() const override;
    bool hasFigure() const override; ///< one run is done at least
    Figure figure() const override;  ///< the pictures, and the table in full
    QString figureCaption() const;   ///< of the runs together

Q_SIGNALS:
    void traceChosen(const QString& path);
    void figureRequested();

private:
    void refresh();
    void choose(int run);
    void copy() const;

    Comparison* m_comparison;
    QLabel* m_words;
    ComparedPictures* m_pictures;
    QStandardItemModel* m_rows;
    QTableView* m_table;
    QPushButton* m_stop;
};

} // namespace jacobi
