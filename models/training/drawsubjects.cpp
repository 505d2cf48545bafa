// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/training/draweasel.h"

namespace jacobi {

std::uint32_t Easel::paintOf(SubjectColour colour)
{
    switch (colour) {
    case SubjectColour::Red: return 0xDA3B36;
    case SubjectColour::Yellow: return 0xFBCB35;
    case SubjectColour::Blue: return 0x2F68D8;
    case SubjectColour::White: return 0xFCF8F2;
    case SubjectColour::Green: return 0x3C9A48;
    case SubjectColour::Orange: return 0xF48A24;
    case SubjectColour::Pink: return 0xF794C0;
    case SubjectColour::Purple: return 0x9A52C4;
    case SubjectColour::Brown: return 0x8B4E2B;
    case SubjectColour::Grey: return 0x9DA2AE;
    case SubjectColour::Black: return 0x2B2B3C;
    }
    return 0;
}

namespace {

void drawSubject(Easel& e, SubjectKind kind, bool left)
{
    switch (kind) {
    case SubjectKind::House: drawHouse(e); return;
    case SubjectKind::Tree: drawTree(e); return;
    case SubjectKind::Pine: drawPine(e); return;
    case SubjectKind::Boat: drawBoat(e); return;
    case SubjectKind::Lighthouse: drawLighthouse(e); return;
    case SubjectKind::Cactus: drawCactus(e); return;
    case SubjectKind::Windmill: drawWindmill(e); return;
    case SubjectKind::Tower: drawTower(e); return;
    case SubjectKind::Bridge: drawBridge(e, left); return;
    case SubjectKind::Balloon: drawBalloon(e); return;
    case SubjectKind::Flowers: drawFlowers(e); return;
    case SubjectKind::Deer: drawDeer(e); return;
    case SubjectKind::Horse: drawHorse(e); return;
    case SubjectKind::Birds: drawBird(e); return;
    case SubjectKind::None: return;
    }
}

void drawSide(Canvas& canvas, const Scene& scene, bool left, const SubjectDrawn& drawn)
{
    const Subject& subject = left ? scene.left : scene.right;
    if (subject.kind == SubjectKind::None)
        return;
    const auto places = placesOf(subject, left ? scene.layout.left : scene.layout.right);
    if (subject.kind == SubjectKind::Boat) {
        for (const SubjectPlace& place : places) {
            Easel image(canvas, scene, subject, place);
            image.mirror();
            drawSubject(image, subject.kind, left);
            if (drawn)
                drawn(subject, left, true);
        }
    }
    for (const SubjectPlace& place : places) {
        Easel easel(canvas, scene, subject, place);
        drawSubject(easel, subject.kind, left);
        if (drawn)
            drawn(subject, left, false);
    }
}

} // namespace

void drawSubjects(Canvas& canvas, const Scene& scene, const SubjectDrawn& drawn)
{
    drawSide(canvas, scene, true, drawn);
    drawSide(canvas, scene, false, drawn);
}

} // namespace jacobi
