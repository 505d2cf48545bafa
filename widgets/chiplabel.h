// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QAbstractButton>

class QMenu;

namespace jacobi {

/// A small pill with a word or two: "lossless", "Queue 2", "Overlay: state". Passive by default; clickable, checkable
/// or with a menu on request. Its text is in the secondary font; its tone says its meaning together with the text.
class ChipLabel : public QAbstractButton {
    Q_OBJECT

public:
    enum class Tone { Neutral, Good, Accent, Warning, Bad };

    explicit ChipLabel(const QString& text = {}, QWidget* parent = nullptr);
    explicit ChipLabel(const QString& text, Tone tone, QWidget* parent = nullptr);

    Tone tone() const { return m_tone; }
    void setTone(Tone tone);
    /// Clickable chips take the keyboard focus by Tab only, leave the arrow keys to what is around them, show a hover
    /// state and emit clicked().
    void setClickable(bool clickable);
    /// Opens the menu on click; the menu stays owned by the caller.
    void setMenu(QMenu* menu);
    /// The longest text it will show: keeps its width, so that nothing beside it moves.
    void setWidestText(const QString& text);

    QSize sizeHint() const override;
    QSize minimumSizeHint() const override { return sizeHint(); }

protected:
    void paintEvent(QPaintEvent* event) override;
    bool hitButton(const QPoint& position) const override;
    void keyPressEvent(QKeyEvent* event) override;
    bool event(QEvent* event) override;

private:
    void openMenu();

    Tone m_tone = Tone::Neutral;
    bool m_clickable = false;
    QMenu* m_menu = nullptr;
    QString m_widest;
};

} // namespace jacobi
