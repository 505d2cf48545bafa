// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>

class QLineEdit;
class QPushButton;

namespace jacobi {

/// The seed: a number, "Lock" to use it again and again, "New" for another one. Unlocked, each run draws its own, and
/// the field shows the one that was really used.
class SeedField : public QWidget {
    Q_OBJECT

public:
    explicit SeedField(QWidget* parent = nullptr);

    quint64 seed() const;
    void setSeed(quint64 seed);
    bool isLocked() const;
    void setLocked(bool locked);
    /// The seed of the next run: the one in the field where it is locked or was just typed, else a new one.
    quint64 nextSeed();
    /// A run began with this seed: the next one draws another, unless locked or typed since.
    void wasUsed(quint64 seed);

Q_SIGNALS:
    void edited();

private:
    void drawNew();
    void take(); ///< what was typed

    QLineEdit* m_field = nullptr;
    QPushButton* m_lock = nullptr;
    quint64 m_seed = 0;
    bool m_fresh = false; ///< chosen by the user and not used yet
};

} // namespace jacobi
