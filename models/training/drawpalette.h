// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "models/training/drawcanvas.h"
#include "models/training/sceneplan.h"

namespace jacobi {

/// The colours of a time of day in some weather. Every material is multiplied by a light, so that a picture holds
/// together.
struct Palette {
    Colour skyTop;
    Colour skyMiddle;
    Colour skyLow; ///< at the horizon, and the haze that far things fade into
    Colour disc;   ///< sun or moon
    Colour halo;
    float haloStrength;
    Colour cloud;
    Colour cloudShade;
    Colour light;        ///< on the land
    Colour subjectLight; ///< on houses, trees, boats: nearly white, so that their colours can be told at night
    Colour shadow;       ///< tint of sides turned away
    Colour fog;
    float haze;    ///< how much far layers fade
    Colour window; ///< a window's pane
    bool lamps;    ///< whether windows and the lighthouse are lit
};

const Palette& paletteOf(SceneTime time, Weather weather);
inline const Palette& paletteOf(const Scene& scene)
{
    return paletteOf(scene.time, scene.weather);
}

} // namespace jacobi
