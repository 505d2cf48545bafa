// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QVector>
#include <QWidget>

class QButtonGroup;
class QAbstractButton;

namespace jacobi {

/// One of a few, side by side: "Sequential | SJD". The chosen one is filled with the accent colour. The tab key goes to the
/// chosen one, and arrow keys move from there; the mouse chooses without taking the keyboard.
class SegmentedControl : public QWidget {
    Q_OBJECT

public:
    explicit SegmentedControl(QWidget* parent = nullptr);

    /// The first segment added is chosen.
    void addSegment(const QString& id, const QString& text, const QString& toolTip = {});
    /// Greyed out; the reason is its tool tip. An empty reason enables it.
    void setDisabledReason(const QString& id, const QString& reason);
    QString currentId() const;
    int count() const { return static_cast<int>(m_ids.size()); }

public Q_SLOTS:
    void setCurrentId(const QString& id); ///< an unknown id changes nothing

Q_SIGNALS:
    void currentChanged(const QString& id);
    void chosen(const QString& id); ///< by the user, not by the program

private:
    QAbstractButton* button(const QString& id) const;
    void takeTabStop(QAbstractButton* segment);

    QButtonGroup* m_group = nullptr;
    QAbstractButton* m_stop = nullptr; ///< where the tab key stops
    QVector<QString> m_ids;
    QVector<QString> m_toolTips; // as addSegment was given them
};

} // namespace jacobi
