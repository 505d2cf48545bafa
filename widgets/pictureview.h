// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "widgets/figure.h"

#include <QImage>
#include <QWidget>

class QAction;
class QMenu;

namespace jacobi {

class TraceModel;
class Selection;
class ChipLabel;
class LabeledSlider;
class PictureCanvas;
class TitleLine;

/// What lies over the picture.
enum class Overlay { State, AcceptancePass, Changes, Entropy, None, Noise };

/// The picture being made, as large as fits, with the state of each token laid over it, under one title line that says
/// what is running and holds the chips for overlay, opacity and scale. Hovering a patch marks its token, a click pins.
class PictureView : public QWidget, public FigureView {
    Q_OBJECT

public:
    PictureView(TraceModel* model, Selection* selection, QWidget* parent = nullptr);

    /// "SJD, maximal coupling" and "window 48 · seed 184467".
    void setTitle(const QString& strong, const QString& rest);
    /// What an empty view says. Default: "Nothing has run yet. Write a prompt and press Ctrl+Enter."
    void setPlaceholder(const QString& text);
    /// A picture without a run, shown as long as there is no run; a null one takes it away.
    void setStill(const QImage& picture);
    PictureCanvas* canvas() const { return m_canvas; }

    static QString overlayName(Overlay overlay); ///< "state", "changes", ...
    Overlay overlay() const { return m_overlay; }
    int opacityPercent() const { return m_opacity; }
    bool isActualSize() const;
    /// The picture as shown, overlays included or not; for saving what is on screen.
    QImage picture(bool withOverlay) const;
    /// Where a token's patch lies in this widget's coordinates; empty where it is not shown.
    QRect patchRect(int position) const;

    QString figureName() const override { return QStringLiteral("picture"); }
    QString figureTitle() const override;
    bool hasFigure() const override;
    Figure figure() const override; ///< with the overlay

public Q_SLOTS:
    void setOverlay(jacobi::Overlay overlay);
    void setOverlayNumber(int number); ///< keys 1-6
    void setOpacityPercent(int percent);
    void showNextItem(int by); ///< keys [ and ]: another picture of the batch
    void setActualSize(bool on); ///< 100 %: one pixel of the picture is one pixel of the screen

Q_SIGNALS:
    void overlayChanged(jacobi::Overlay overlay);
    void opacityChanged(int percent);

private:
    void buildMenus();
    void showChips();
    void showItems();
    bool isMissing(Overlay overlay) const; ///< the run that is shown has nothing for it
    Overlay shownOverlay() const;
    void applyOverlay();
    FigureTable stateTable(int pass) const;
    FigureTable scalarTable(int pass) const;

    TraceModel* m_model;
    PictureCanvas* m_canvas = nullptr;
    TitleLine* m_title = nullptr;
    ChipLabel* m_itemChip = nullptr; ///< which picture of a batch; absent where there is one
    QMenu* m_items = nullptr;
    ChipLabel* m_overlayChip = nullptr;
    ChipLabel* m_opacityChip = nullptr;
    ChipLabel* m_scaleChip = nullptr;
    LabeledSlider* m_opacitySlider = nullptr; // in the opacity chip's menu
    QAction* m_entropyAction = nullptr;
    QAction* m_noiseAction = nullptr;
    Overlay m_overlay = Overlay::State;
    int m_opacity = 30;
};

} // namespace jacobi
