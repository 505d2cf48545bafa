// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QColor>
#include <QFont>
#include <QObject>

class QApplication;
class QPainter;
class QRectF;
class QWidget;

namespace jacobi {

/// Colours by meaning. Colour says state and never alone: shape, position or text says it too.
struct Palette {
    QColor window;   ///< ground of the window and of what lies between panels
    QColor panel;    ///< side panels, docks
    QColor raised;   ///< fields, buttons, hovered rows
    QColor line;     ///< one-pixel separators and borders
    QColor text;
    QColor secondary; ///< captions, ticks, hints
    QColor accent;   ///< selection, primary action, current pass
    QColor onAccent; ///< text on accent
    QColor accepted; ///< accepted, lossless, healthy
    QColor kept;     ///< draft unchanged
    QColor redrawn;  ///< draft redrawn, warning, cumulative curve
    QColor rejected; ///< rejected, error
    QColor fresh;    ///< draft that just entered the window
    QColor plotGround; ///< inside a plot's axes
};

/// The look of the program: light or dark palette, fonts and the style sheet of the standard controls.
/// One per process, made by the first call to instance(). GUI thread only.
class Theme : public QObject {
    Q_OBJECT
    friend class PaperLook;

public:
    enum class Mode { System, Light, Dark };
    /// What a label is, for its font and colour; see setRole.
    enum class Role { Body, Secondary, Title, Error };

    static Theme& instance();

    /// Fusion, our palette, font and style sheet. Call once after the application object is made; later calls of
    /// setMode re-apply. System follows the desktop, also when it changes while the program runs.
    static void apply(QApplication& application, Mode mode = Mode::System);

    Mode mode() const { return m_mode; }
    bool isDark() const { return m_dark && m_papers == 0; }
    const Palette& palette() const;
    static const Palette& palette(bool dark);

    QFont bodyFont() const;      ///< 13 px
    QFont secondaryFont() const; ///< 11.5 px
    QFont titleFont() const;     ///< 12.5 px semibold

    /// Fonts and colours of a QLabel or other plain widget, kept through theme changes.
    static void setRole(QWidget* widget, Role role);
    /// Marks a QPushButton as the one primary action of its panel (filled with the accent colour).
    static void setPrimary(QWidget* button, bool primary = true);

public Q_SLOTS:
    void setMode(jacobi::Theme::Mode mode);

Q_SIGNALS:
    /// Palette or fonts are others now; widgets that paint themselves repaint, plots take new pens.
    void changed();

protected:
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    Theme() = default;
    void update();
    bool systemIsDark() const;

    QApplication* m_application = nullptr;
    Mode m_mode = Mode::System;
    bool m_dark = false;
    bool m_updating = false;
    int m_papers = 0; ///< PaperLooks alive
    QString m_family;
};

/// While one lives, whoever paints finds the colours and fonts of paper: light, on white, in sizes that no screen changes.
/// Nobody is told and nothing on the screen changes, so no event may be handled meanwhile. GUI thread only.
class PaperLook {
public:
    PaperLook() { ++Theme::instance().m_papers; }
    ~PaperLook() { --Theme::instance().m_papers; }
    PaperLook(const PaperLook&) = delete;
    PaperLook& operator=(const PaperLook&) = delete;
};

/// Shorthand for painting code: Theme::instance().palette().
inline const Palette& colours()
{
    return Theme::instance().palette();
}

/// The line inside `box` that says: this has the keyboard.
void paintFocusFrame(QPainter& painter, const QRectF& box);

} // namespace jacobi
