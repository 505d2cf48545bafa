// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QColor>
#include <QVector>
#include <QWidget>

class QHBoxLayout;
class QPainter;

namespace jacobi {

/// An entry of a plot's legend. The mark has the form of what it stands for, so colour does not speak alone.
struct LegendEntry {
    enum class Mark { Square, SoftSquare, Line, Dashed, Frame };
    QString text;
    QColor colour;
    Mark mark = Mark::Square;
    QString brief{}; ///< what it says where the whole legend has no room with its texts; empty: its text
};

/// The mark of an entry: kLegendMark wide, its left end's middle at `left`.
void paintLegendMark(QPainter& painter, const QPointF& left, const LegendEntry& entry);
inline constexpr qreal kLegendMark = 10.0;
inline constexpr qreal kLegendMarkGap = 5.0; ///< between mark and text

/// The one line over a view: what it is (strong), then more in grey, at the right a legend or chips. Never wraps;
/// too long a text ends in an ellipsis with the whole text as tool tip, and so does a legend, whose first entries matter most, where
/// its brief texts have no room either.
/// Where there is much to say, the grey text has a line of its own below, under the chips too.
class TitleLine : public QWidget {
    Q_OBJECT

public:
    enum class Lines { One, Two };

    explicit TitleLine(const QString& strong, QWidget* parent = nullptr, Lines lines = Lines::One);

    void setTexts(const QString& strong, const QString& rest = {});
    void setRightText(const QString& text); ///< grey, right-aligned, in the legend's place
    void setLegend(const QVector<LegendEntry>& entries);
    void addChip(QWidget* chip); ///< at the right end
    QString text() const { return m_rest.isEmpty() ? m_strong : m_strong + QStringLiteral(" · ") + m_rest; }
    QString rightText() const { return m_right; }
    QRectF moreRect() const { return m_more; } ///< the ellipsis in place of entries without room; empty where all have it
    QString moreWords() const;                 ///< those entries, as rich text with their colours
    QRectF legendRect() const { return m_legendRect; } ///< what was painted of the legend
    bool isLegendBrief() const { return m_isBrief; }   ///< its tool tip has the texts
    QSize sizeHint() const override;
    QSize minimumSizeHint() const override;

protected:
    void paintEvent(QPaintEvent* event) override;
    bool event(QEvent* event) override;
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    qreal paintLegend(QPainter& painter, qreal left, qreal right);
    QString legendWords(int from) const;
    bool paintRest(QPainter& painter, const QString& rest, const QRectF& place) const; ///< false: it was cut

    Lines m_lines = Lines::One;
    QString m_strong;
    QString m_rest;
    QString m_right;
    QVector<LegendEntry> m_legend;
    QHBoxLayout* m_row = nullptr;
    QRectF m_more;
    QRectF m_legendRect;
    bool m_isBrief = false;
    int m_fitting = 0; ///< entries of the legend that were painted
};

} // namespace jacobi
