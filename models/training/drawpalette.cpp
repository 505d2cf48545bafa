// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/training/drawpalette.h"

namespace jacobi {
namespace {

constexpr Palette kDay = {
    .skyTop = hexColour(0x3C87DE),
    .skyMiddle = hexColour(0x7FBBF1),
    .skyLow = hexColour(0xDDF0FC),
    .disc = hexColour(0xFFF3B8),
    .glow = hexColour(0xFFF7D6),
    .glowStrength = 0.75F,
    .glowWidth = 0.075F,
    .cloud = hexColour(0xFFFFFF),
    .cloudShade = hexColour(0xD3E4F6),
    .light = {1, 1, 1},
    .subjectLight = {1, 1, 1},
    .shadow = {0.70F, 0.74F, 0.86F},
    .haze = 0.55F,
    .window = hexColour(0x8FB6D6),
    .lamps = false,
};

constexpr Palette kSunset = {
    .skyTop = hexColour(0x4B2E83),
    .skyMiddle = hexColour(0xE2576B),
    .skyLow = hexColour(0xFFC067),
    .disc = hexColour(0xFFE089),
    .glow = hexColour(0xFFD273),
    .glowStrength = 0.80F,
    .glowWidth = 0.13F,
    .cloud = hexColour(0xF9A08E),
    .cloudShade = hexColour(0xC9607F),
    .light = {0.98F, 0.72F, 0.56F},
    .subjectLight = {1.0F, 0.84F, 0.74F},
    .shadow = {0.62F, 0.52F, 0.66F},
    .haze = 0.50F,
    .window = hexColour(0xFFD86B),
    .lamps = true,
};

constexpr Palette kDawn = {
    .skyTop = hexColour(0x7D97D3),
    .skyMiddle = hexColour(0xD9B4D2),
    .skyLow = hexColour(0xFFDDBB),
    .disc = hexColour(0xFFF2CF),
    .glow = hexColour(0xFFEBC4),
    .glowStrength = 0.80F,
    .glowWidth = 0.12F,
    .cloud = hexColour(0xF6DDE6),
    .cloudShade = hexColour(0xC9B0D2),
    .light = {0.98F, 0.87F, 0.87F},
    .subjectLight = {1.0F, 0.93F, 0.92F},
    .shadow = {0.70F, 0.68F, 0.80F},
    .haze = 0.62F,
    .window = hexColour(0xF7D79A),
    .lamps = false,
};

constexpr Palette kNight = {
    .skyTop = hexColour(0x080E2C),
    .skyMiddle = hexColour(0x16214F),
    .skyLow = hexColour(0x34477F),
    .disc = hexColour(0xFBF5DC),
    .glow = hexColour(0xB9C8F2),
    .glowStrength = 0.38F,
    .glowWidth = 0.085F,
    .cloud = hexColour(0x5D6FA6),
    .cloudShade = hexColour(0x3A4880),
    .light = {0.36F, 0.43F, 0.66F},
    .subjectLight = {0.66F, 0.68F, 0.80F},
    .shadow = {0.62F, 0.64F, 0.78F},
    .haze = 0.50F,
    .window = hexColour(0xFFDD77),
    .lamps = true,
};

} // namespace

const Palette& paletteOf(SceneTime time)
{
    switch (time) {
    case SceneTime::Day: return kDay;
    case SceneTime::Sunset: return kSunset;
    case SceneTime::Dawn: return kDawn;
    case SceneTime::Night: break;
    }
    return kNight;
}

} // namespace jacobi
