// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "models/training/drawcanvas.h"
#include "models/training/drawpalette.h"
#include "models/training/sceneplan.h"

#include <functional>

namespace jacobi {

/// The parts of a picture, back to front. Each composites on what is there. Nothing here is random: what varies from
/// picture to picture stands in the scene's layout, on lattices, so that the same patches come again and again.
void drawSky(Canvas& canvas, const Scene& scene);
void drawClouds(Canvas& canvas, const Scene& scene);
void drawTerrain(Canvas& canvas, const Scene& scene);
void drawFalling(Canvas& canvas, const Scene& scene); ///< rain or snow; behind the subjects, which stay clear
/// drawn: told after each subject that is painted, and each reflection of one.
using SubjectDrawn = std::function<void(const Subject& subject, bool left, bool isReflection)>;
void drawSubjects(Canvas& canvas, const Scene& scene, const SubjectDrawn& drawn = {});

/// All of it: [3, size, size], 0..1, sRGB.
std::vector<float> drawPicture(const Scene& scene, int size);

/// Pieces of drawTerrain.
void drawWater(Canvas& canvas, const Scene& scene);
void drawMountains(Canvas& canvas, const Scene& scene);
void drawRidges(Canvas& canvas, const Scene& scene, std::size_t first); ///< layers first .. 2, far to near
void drawFogBank(Canvas& canvas, const Scene& scene, float y);

/// The shore that a subject at sea stands on.
bool standsOnHeadland(const Subject& subject);
void drawHeadland(Canvas& canvas, const Scene& scene, bool left);

} // namespace jacobi
