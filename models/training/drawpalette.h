// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "models/training/drawcanvas.h"
#include "models/training/sceneplan.h"

namespace jacobi {

/// The colours of a time of day. Every material is multiplied by a light, so that a picture holds together.
struct Palette {
    Colour skyTop;
    Colour skyMiddle;
    Colour skyLow; ///< at the horizon, and the haze that far things fade into
    Colour disc;   ///< sun or moon
    Colour glow;
    float glowStrength;
    float glowWidth; ///< the glow falls by e over this length
    Colour cloud;
    Colour cloudShade;
    Colour light;        ///< on the land
    Colour subjectLight; ///< on houses, trees, boats: weaker, so that their colours can be told at night
    Colour shadow;       ///< tint of sides turned away
    float haze;          ///< how much far layers fade
    Colour window;       ///< a window's pane
    bool lamps;          ///< whether windows and the lighthouse are lit
};

const Palette& paletteOf(SceneTime time);

} // namespace jacobi
