// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "widgets/figure.h"
#include "widgets/flowcanvas.h"

class QActionGroup;
class QMenu;

namespace jacobi {

class ChipLabel;
class TitleLine;

/// The picture a flow makes, block by block, under one title line that says what is running and holds the chips for
/// picture, overlay and scale.
class FlowView : public QWidget, public FigureView {
    Q_OBJECT

public:
    FlowView(const FlowTrace* flow, TraceModel* model, Selection* selection, QWidget* parent = nullptr);

    void setTitle(const QString& strong, const QString& rest);
    FlowCanvas* canvas() const { return m_canvas; }
    FlowCanvas::Overlay overlay() const { return m_overlay; }
    QImage picture() const; ///< as it stood after the current pass; null where there is none

    QString figureName() const override { return QStringLiteral("picture"); }
    QString figureTitle() const override;
    bool hasFigure() const override;
    Figure figure() const override; ///< pictures of the blocks and the large one with its overlay

public Q_SLOTS:
    void setOverlay(jacobi::FlowCanvas::Overlay overlay);
    void setOverlayNumber(int number); ///< keys 1-3
    void showNextItem(int by);         ///< keys [ and ]: another picture of the batch
    void setActualSize(bool on);

private:
    static constexpr int kOverlayOpacity = 45; ///< percent
    void buildMenus();
    void showChips();
    void showItems();
    FigureTable figureTable(int pass) const;
    struct Copy;

    const FlowTrace* m_flow;
    TraceModel* m_model;
    Selection* m_selection;
    FlowCanvas* m_canvas = nullptr;
    TitleLine* m_title = nullptr;
    ChipLabel* m_itemChip = nullptr;
    QMenu* m_items = nullptr;
    ChipLabel* m_overlayChip = nullptr;
    ChipLabel* m_scaleChip = nullptr;
    QActionGroup* m_overlays = nullptr;
    FlowCanvas::Overlay m_overlay = FlowCanvas::Overlay::None;
};

} // namespace jacobi
