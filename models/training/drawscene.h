// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "models/training/drawcanvas.h"
#include "models/training/sceneplan.h"

namespace jacobi {

/// The parts of a picture, back to front. Each composites on what is there and draws its details from its own
/// random stream.
void drawSky(Canvas& canvas, const Scene& scene);
void drawTerrain(Canvas& canvas, const Scene& scene);
void drawSubjects(Canvas& canvas, const Scene& scene);

/// At sea a subject other than a boat stands on a headland: the height of that ground above x (1 and more where
/// there is only water). Else the height of the foreground.
float groundAt(const Scene& scene, float x);

/// Where a subject touches the ground.
Point footOf(const Scene& scene, bool left);

} // namespace jacobi
