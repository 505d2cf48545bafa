// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "models/training/drawcanvas.h"
#include "models/training/drawpalette.h"
#include "models/training/sceneplan.h"

namespace jacobi {

/// The parts of a picture, back to front. Each composites on what is there. Nothing here is random: what varies from
/// picture to picture stands in the scene's layout, on lattices, so that the same patches come again and again.
void drawSky(Canvas& canvas, const Scene& scene);
void drawClouds(Canvas& canvas, const Scene& scene);
void drawTerrain(Canvas& canvas, const Scene& scene);
void drawFalling(Canvas& canvas, const Scene& scene); ///< rain or snow; behind the subjects, which stay clear
void drawSubjects(Canvas& canvas, const Scene& scene);

/// All of it: [3, size, size], 0..1, sRGB.
std::vector<float> drawPicture(const Scene& scene, int size);

/// The same, and for each patch of patchPixels x patchPixels, raster order, whether a subject, its reflection or the sun
/// is to be seen there. patchPixels divides size.
std::vector<float> drawPicture(const Scene& scene, int size, int patchPixels, std::vector<bool>& stated);

/// Pieces of drawTerrain.
void drawWater(Canvas& canvas, const Scene& scene);
void drawMountains(Canvas& canvas, const Scene& scene);
void drawRidges(Canvas& canvas, const Scene& scene, std::size_t first); ///< layers first .. 2, far to near
void drawFogBank(Canvas& canvas, const Scene& scene, float y);

/// The shore that a subject at sea stands on.
bool standsOnHeadland(const Subject& subject);
void drawHeadland(Canvas& canvas, const Scene& scene, bool left);

} // namespace jacobi
