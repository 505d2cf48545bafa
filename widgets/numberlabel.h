// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>

class QPainter;
class QRectF;

namespace jacobi {

/// Text whose digits all take the width of the widest one, so that a running number does not jitter.
qreal tabularWidth(const QFont& font, const QString& text);
void drawTabular(QPainter& painter, const QRectF& box, Qt::Alignment alignment, const QString& text);

/// A line of text with a number in it ("pass 63"), in tabular figures, as wide as its widest text will be.
class NumberLabel : public QWidget {
    Q_OBJECT

public:
    explicit NumberLabel(QWidget* parent = nullptr);

    QString text() const { return m_text; }
    void setText(const QString& text);
    void setWidestText(const QString& text);
    void setAlignment(Qt::Alignment alignment);
    QSize sizeHint() const override;
    QSize minimumSizeHint() const override { return sizeHint(); }

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    QString m_text;
    QString m_widest;
    Qt::Alignment m_alignment = Qt::AlignLeft | Qt::AlignVCenter;
};

} // namespace jacobi
