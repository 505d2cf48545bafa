// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/flowview.h"

#include "widgets/chiplabel.h"
#include "widgets/flowtrace.h"
#include "widgets/selection.h"
#include "widgets/titleline.h"
#include "widgets/tracemodel.h"

#include <QActionGroup>
#include <QMenu>
#include <QVBoxLayout>

#include <algorithm>
#include <cmath>
#include <iterator>

namespace jacobi {
namespace {

constexpr FlowCanvas::Overlay kOverlays[] = {FlowCanvas::Overlay::None, FlowCanvas::Overlay::State,
                                             FlowCanvas::Overlay::Residual};

QString overlayName(FlowCanvas::Overlay overlay)
{
    switch (overlay) {
    case FlowCanvas::Overlay::State: return FlowView::tr("state");
    case FlowCanvas::Overlay::Residual: return FlowView::tr("residual");
    case FlowCanvas::Overlay::None: break;
    }
    return FlowView::tr("none");
}

} // namespace

FlowView::FlowView(const FlowTrace* flow, TraceModel* model, Selection* selection, QWidget* parent)
    : QWidget(parent), m_flow(flow), m_model(model), m_selection(selection),
      m_canvas(new FlowCanvas(flow, model, selection, this)), m_title(new TitleLine(tr("Picture"), this, TitleLine::Lines::Two)),
      m_itemChip(new ChipLabel(QString(), this)), m_items(new QMenu(this)),
      m_overlayChip(new ChipLabel(QString(), this)), m_scaleChip(new ChipLabel(QString(), this))
{
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(6);
    column->addWidget(m_title);
    column->addWidget(m_canvas, 1);
    for (ChipLabel* chip : {m_itemChip, m_overlayChip, m_scaleChip}) {
        m_title->addChip(chip);
    }
    m_itemChip->setMenu(m_items);
    m_itemChip->setToolTip(tr("Which picture of the batch is shown ([ and ])"));
    m_canvas->setPlaceholder(tr("Nothing has run yet. Choose what the picture shows and press Ctrl+Enter."));
    m_canvas->setOverlay(m_overlay, kOverlayOpacity);
    buildMenus();
    showItems();
    showChips();
    connect(m_canvas, &FlowCanvas::scaleChanged, this, &FlowView::showChips);
    connect(model, &TraceModel::reset, this, &FlowView::showItems);
}

void FlowView::buildMenus()
{
    auto* menu = new QMenu(this);
    m_overlays = new QActionGroup(this);
    int number = 1;
    for (const FlowCanvas::Overlay overlay : kOverlays) {
        QString name = overlayName(overlay);
        name[0] = name[0].toUpper();
        QAction* action = menu->addAction(QStringLiteral("%1\t%2").arg(name).arg(number++));
        action->setCheckable(true);
        action->setChecked(overlay == m_overlay);
        m_overlays->addAction(action);
        connect(action, &QAction::triggered, this, [this, overlay] { setOverlay(overlay); });
    }
    m_overlayChip->setMenu(menu);
    m_overlayChip->setToolTip(tr("What lies over the picture (1 to 3)"));
    m_scaleChip->setClickable(true);
    connect(m_scaleChip, &ChipLabel::clicked, this, [this] { setActualSize(!m_canvas->isActualSize()); });
}

void FlowView::showChips()
{
    m_overlayChip->setText(tr("Overlay: %1").arg(overlayName(m_overlay)));
    m_overlayChip->setAccessibleName(m_overlayChip->text());
    m_overlayChip->updateGeometry();
    const int percent = static_cast<int>(std::lround(m_canvas->scalePercent()));
    m_scaleChip->setText(tr("%1 %").arg(percent));
    m_scaleChip->setWidestText(tr("%1 %").arg(8888));
    m_scaleChip->setAccessibleName(tr("Scale: %1 %").arg(percent));
    m_scaleChip->setToolTip(m_canvas->isActualSize()
                                ? tr("Show the picture as large as fits")
                                : tr("Show the picture at 100 %: one pixel of it is one of the screen"));
}

void FlowView::showItems()
{
    const int items = m_model->items();
    m_itemChip->setVisible(items > 1);
    m_itemChip->setText(tr("%1 of %2").arg(m_model->item() + 1).arg(items));
    m_itemChip->setAccessibleName(tr("Picture %1 of %2").arg(m_model->item() + 1).arg(items));
    m_items->clear();
    for (int item = 0; item < items && items > 1; ++item) {
        const quint64 seed = m_model->header()->request.seed + static_cast<quint64>(item);
        QAction* action = m_items->addAction(tr("%1 · seed %2").arg(item + 1).arg(seed));
        connect(action, &QAction::triggered, this, [this, item] { m_model->setItem(item); }, Qt::QueuedConnection);
        action->setCheckable(true);
        action->setChecked(item == m_model->item());
    }
}

void FlowView::showNextItem(int by)
{
    const int items = m_model->items();
    m_model->setItem((m_model->item() + by % items + items) % items);
}

void FlowView::setTitle(const QString& strong, const QString& rest)
{
    m_title->setTexts(strong, rest);
}

void FlowView::setOverlay(FlowCanvas::Overlay overlay)
{
    m_overlay = overlay;
    m_overlays->actions()[static_cast<int>(std::find(std::begin(kOverlays), std::end(kOverlays), overlay) - kOverlays)]
        ->setChecked(true);
    m_canvas->setOverlay(overlay, kOverlayOpacity);
    showChips();
}

void FlowView::setOverlayNumber(int number)
{
    if (number >= 1 && number <= static_cast<int>(std::size(kOverlays))) {
        setOverlay(kOverlays[number - 1]);
    }
}

void FlowView::setActualSize(bool on)
{
    m_canvas->setActualSize(on);
    showChips();
}

QImage FlowView::picture() const
{
    return m_flow->pictureAt(m_selection->currentPass());
}

} // namespace jacobi
