// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "widgets/pictureview.h"

#include "widgets/chiplabel.h"
#include "widgets/labeledslider.h"
#include "widgets/picturecanvas.h"
#include "widgets/selection.h"
#include "widgets/titleline.h"
#include "widgets/tracemodel.h"

#include <QActionGroup>
#include <QMenu>
#include <QPainter>
#include <QVBoxLayout>
#include <QWidgetAction>

#include <algorithm>
#include <cmath>

namespace jacobi {
namespace {

constexpr Overlay kOverlays[] = {Overlay::State, Overlay::AcceptancePass, Overlay::Changes, Overlay::Entropy,
                                 Overlay::None,  Overlay::Noise};

} // namespace

PictureView::PictureView(TraceModel* model, Selection* selection, QWidget* parent)
    : QWidget(parent), m_model(model), m_canvas(new PictureCanvas(model, selection, this)),
      m_title(new TitleLine(QString(), this, TitleLine::Lines::Two)), m_itemChip(new ChipLabel(QString(), this)),
      m_items(new QMenu(this)), m_overlayChip(new ChipLabel(QString(), this)),
      m_opacityChip(new ChipLabel(QString(), this)), m_scaleChip(new ChipLabel(QString(), this))
{
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(6);
    column->addWidget(m_title);
    column->addWidget(m_canvas, 1);
    for (ChipLabel* chip : {m_itemChip, m_overlayChip, m_opacityChip, m_scaleChip}) {
        m_title->addChip(chip);
    }
    m_itemChip->setMenu(m_items);
    m_itemChip->setToolTip(tr("Which picture of the batch is shown ([ and ])"));
    showItems();
    buildMenus();
    setPlaceholder(tr("Nothing has run yet. Write a prompt and press Ctrl+Enter."));
    m_canvas->setOverlay(m_overlay, m_opacity);
    connect(m_canvas, &PictureCanvas::scaleChanged, this, &PictureView::showChips);
    connect(model, &TraceModel::reset, this, &PictureView::applyOverlay);
    connect(model, &TraceModel::reset, this, &PictureView::showItems);
    connect(model, &TraceModel::passesAdded, this, [this] {
        if (m_entropyAction->isEnabled() != m_model->hasEntropy()) {
            m_entropyAction->setEnabled(m_model->hasEntropy());
        }
        if (m_noiseAction->isEnabled() != m_model->hasNoise()) {
            m_noiseAction->setEnabled(m_model->hasNoise());
        }
        if (m_canvas->overlay() != shownOverlay()) {
            applyOverlay();
        }
    });
    setTitle(tr("Picture"), QString());
    showChips();
}

QString PictureView::overlayName(Overlay overlay)
{
    switch (overlay) {
    case Overlay::State: return tr("state");
    case Overlay::AcceptancePass: return tr("pass of acceptance");
    case Overlay::Changes: return tr("changes");
    case Overlay::Entropy: return tr("entropy");
    case Overlay::Noise: return tr("noise level");
    case Overlay::None: break;
    }
    return tr("none");
}

void PictureView::buildMenus()
{
    auto* overlays = new QMenu(this);
    auto* group = new QActionGroup(this);
    int number = 1;
    for (const Overlay overlay : kOverlays) {
        QString name = overlayName(overlay);
        name[0] = name[0].toUpper();
        QAction* action = overlays->addAction(QStringLiteral("%1\t%2").arg(name).arg(number++));
        action->setCheckable(true);
        action->setChecked(overlay == m_overlay);
        action->setData(static_cast<int>(overlay));
        group->addAction(action);
        connect(action, &QAction::triggered, this, [this, overlay] { setOverlay(overlay); });
        if (overlay == Overlay::Entropy) {
            m_entropyAction = action;
            action->setEnabled(false);
        } else if (overlay == Overlay::Noise) {
            m_noiseAction = action;
            action->setEnabled(false);
        }
    }
    connect(this, &PictureView::overlayChanged, group, [group](Overlay overlay) {
        for (QAction* action : group->actions()) {
            action->setChecked(action->data().toInt() == static_cast<int>(overlay));
        }
    });
    m_overlayChip->setMenu(overlays);
    m_overlayChip->setToolTip(tr("What lies over the picture (1 to 6)"));

    auto* opacity = new QMenu(this);
    auto* holder = new QWidget(opacity);
    auto* box = new QVBoxLayout(holder);
    box->setContentsMargins(10, 6, 10, 6);
    m_opacitySlider = new LabeledSlider(tr("Opacity of the overlay"), holder);
    m_opacitySlider->setRange(0, 100, 5, 0);
    m_opacitySlider->setFormatter([](double value) { return QStringLiteral("%1 %").arg(qRound(value)); });
    m_opacitySlider->setValue(m_opacity);
    m_opacitySlider->setMinimumWidth(200);
    box->addWidget(m_opacitySlider);
    auto* action = new QWidgetAction(opacity);
    action->setDefaultWidget(holder);
    opacity->addAction(action);
    connect(m_opacitySlider, &LabeledSlider::edited, this, [this](double value) { setOpacityPercent(qRound(value)); });
    m_opacityChip->setMenu(opacity);
    m_opacityChip->setToolTip(tr("Opacity of the overlay"));

    m_scaleChip->setClickable(true);
    connect(m_scaleChip, &ChipLabel::clicked, this, [this] { setActualSize(!isActualSize()); });
}

void PictureView::showChips()
{
    const bool off = shownOverlay() == Overlay::None;
    m_overlayChip->setText(tr("Overlay: %1").arg(overlayName(shownOverlay())));
    m_opacityChip->setText(tr("opacity %1 %").arg(m_opacity));
    m_opacityChip->setWidestText(tr("opacity %1 %").arg(100));
    m_opacityChip->setEnabled(!off);
    const int percent = static_cast<int>(std::lround(m_canvas->scalePercent()));
    m_scaleChip->setText(tr("%1 %").arg(percent));
    m_scaleChip->setWidestText(tr("%1 %").arg(888));
    m_scaleChip->setToolTip(isActualSize() ? tr("Show the picture as large as fits")
                                           : tr("Show the picture at 100 %: one pixel of it is one of the screen"));
    m_overlayChip->setAccessibleName(m_overlayChip->text());
    m_opacityChip->setAccessibleName(m_opacityChip->text());
    m_scaleChip->setAccessibleName(tr("Scale: %1 %").arg(percent));
    m_overlayChip->updateGeometry();
}

void PictureView::showItems()
{
    const int items = m_model->items();
    m_itemChip->setVisible(items > 1);
    if (items == 1) {
        return;
    }
    m_itemChip->setText(tr("%1 of %2").arg(m_model->item() + 1).arg(items));
    m_itemChip->setAccessibleName(tr("Picture %1 of %2").arg(m_model->item() + 1).arg(items));
    m_itemChip->updateGeometry();
    m_items->clear();
    for (int item = 0; item < items; ++item) {
        const quint64 seed = m_model->header()->request.seed + static_cast<quint64>(item);
        QAction* action = m_items->addAction(tr("Picture %1 · seed %2").arg(item + 1).arg(seed));
        // Queued: showing another picture makes these actions anew.
        connect(action, &QAction::triggered, this, [this, item] { m_model->setItem(item); }, Qt::QueuedConnection);
        action->setCheckable(true);
        action->setChecked(item == m_model->item());
    }
}

void PictureView::showNextItem(int by)
{
    const int items = m_model->items();
    m_model->setItem((m_model->item() + by % items + items) % items);
}

void PictureView::setTitle(const QString& strong, const QString& rest)
{
    m_title->setTexts(strong, rest);
}

void PictureView::setPlaceholder(const QString& text)
{
    m_canvas->setPlaceholder(text);
}

void PictureView::setStill(const QImage& picture)
{
    m_canvas->setStill(picture);
}

bool PictureView::isActualSize() const
{
    return m_canvas->isActualSize();
}

QImage PictureView::picture(bool withOverlay) const
{
    QImage image = m_model->compose(m_canvas->currentPass());
    const QImage overlay = withOverlay ? m_canvas->overlayImage() : QImage();
    if (!image.isNull() && !overlay.isNull()) {
        QPainter painter(&image);
        painter.setOpacity(m_opacity / 100.0);
        painter.drawImage(QRectF(image.rect()), overlay);
    }
    return image;
}

QRect PictureView::patchRect(int position) const
{
    const QRectF patch = m_canvas->patchRect(position);
    return patch.isEmpty() ? QRect() : patch.toAlignedRect().translated(m_canvas->pos());
}

void PictureView::setOverlay(Overlay overlay)
{
    if (overlay == m_overlay || isMissing(overlay)) {
        return;
    }
    m_overlay = overlay;
    applyOverlay();
    Q_EMIT overlayChanged(overlay);
}

bool PictureView::isMissing(Overlay overlay) const
{
    return m_model->passes() > 0 && ((overlay == Overlay::Entropy && !m_model->hasEntropy()) ||
                                     (overlay == Overlay::Noise && !m_model->hasNoise()));
}

/// The one that was chosen, or, where the run has no such thing, the first.
Overlay PictureView::shownOverlay() const
{
    return isMissing(m_overlay) ? Overlay::State : m_overlay;
}

void PictureView::applyOverlay()
{
    m_canvas->setOverlay(shownOverlay(), m_opacity);
    showChips();
}

void PictureView::setOverlayNumber(int number)
{
    if (number >= 1 && number <= static_cast<int>(std::size(kOverlays))) {
        setOverlay(kOverlays[number - 1]);
    }
}

void PictureView::setOpacityPercent(int percent)
{
    const int opacity = std::clamp(percent, 0, 100);
    if (opacity != m_opacity) {
        m_opacity = opacity;
        m_opacitySlider->setValue(opacity);
        applyOverlay();
        Q_EMIT opacityChanged(opacity);
    }
}

void PictureView::setActualSize(bool on)
{
    m_canvas->setActualSize(on);
}

} // namespace jacobi
