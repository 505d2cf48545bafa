// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/training/drawpalette.h"

#include <array>

namespace jacobi {
namespace {

constexpr Palette kDay = {
    .skyTop = hexColour(0x3F9BE6),
    .skyMiddle = hexColour(0x86C8F4),
    .skyLow = hexColour(0xE2F4FB),
    .disc = hexColour(0xFFDF5E),
    .halo = hexColour(0xFFF6C9),
    .haloStrength = 0.42F,
    .cloud = hexColour(0xFFFFFF),
    .cloudShade = hexColour(0xCFE3F5),
    .light = {1, 1, 1},
    .subjectLight = {1, 1, 1},
    .shadow = {0.72F, 0.74F, 0.86F},
    .fog = hexColour(0xE6EEF2),
    .haze = 0.50F,
    .window = hexColour(0x7FB2D8),
    .lamps = false,
};

constexpr Palette kSunset = {
    .skyTop = hexColour(0x56358F),
    .skyMiddle = hexColour(0xE65B74),
    .skyLow = hexColour(0xFFBE5E),
    .disc = hexColour(0xFFF0A6),
    .halo = hexColour(0xFFD98A),
    .haloStrength = 0.40F,
    .cloud = hexColour(0xFFA994),
    .cloudShade = hexColour(0xCB6489),
    .light = {0.98F, 0.74F, 0.60F},
    .subjectLight = {1.0F, 0.90F, 0.82F},
    .shadow = {0.64F, 0.54F, 0.68F},
    .fog = hexColour(0xF8CBB2),
    .haze = 0.46F,
    .window = hexColour(0xFFDC6E),
    .lamps = true,
};

constexpr Palette kDawn = {
    .skyTop = hexColour(0x6FA3DC),
    .skyMiddle = hexColour(0xE3BFE0),
    .skyLow = hexColour(0xFFE3BE),
    .disc = hexColour(0xFF8D70),
    .halo = hexColour(0xFFD9B8),
    .haloStrength = 0.55F,
    .cloud = hexColour(0xFFF1F0),
    .cloudShade = hexColour(0xD5B7DA),
    .light = {0.98F, 0.88F, 0.90F},
    .subjectLight = {1.0F, 0.96F, 0.95F},
    .shadow = {0.70F, 0.68F, 0.82F},
    .fog = hexColour(0xF7E3E3),
    .haze = 0.58F,
    .window = hexColour(0xF7D79A),
    .lamps = false,
};

constexpr Palette kNight = {
    .skyTop = hexColour(0x0C1238),
    .skyMiddle = hexColour(0x1B2860),
    .skyLow = hexColour(0x40569A),
    .disc = hexColour(0xFFF6D0),
    .halo = hexColour(0x8C9FE0),
    .haloStrength = 0.30F,
    .cloud = hexColour(0x6C7FBE),
    .cloudShade = hexColour(0x3F4F90),
    .light = {0.46F, 0.52F, 0.76F},
    .subjectLight = {0.84F, 0.85F, 0.94F},
    .shadow = {0.62F, 0.64F, 0.80F},
    .fog = hexColour(0x7483B8),
    .haze = 0.45F,
    .window = hexColour(0xFFDD66),
    .lamps = true,
};

Colour greyed(Colour c, float share)
{
    const float luminance = 0.30F * c.r + 0.59F * c.g + 0.11F * c.b;
    return mix(c, {0.97F * luminance, luminance, 1.05F * luminance}, share);
}

Palette inWeather(Palette p, Weather weather)
{
    switch (weather) {
    case Weather::Clear:
    case Weather::Clouds: break;
    case Weather::Rain:
        p.skyTop = greyed(p.skyTop, 0.55F) * 0.86F;
        p.skyMiddle = greyed(p.skyMiddle, 0.55F) * 0.84F;
        p.skyLow = greyed(p.skyLow, 0.45F) * 0.86F;
        p.cloud = greyed(p.cloudShade, 0.5F) * 0.95F;
        p.cloudShade = greyed(p.cloudShade, 0.5F) * 0.76F;
        p.light = greyed(p.light, 0.3F) * 0.88F;
        p.lamps = true;
        p.window = hexColour(0xFFDD77);
        break;
    case Weather::Fog:
        p.skyTop = mix(greyed(p.skyTop, 0.4F), p.fog, 0.45F);
        p.skyMiddle = mix(greyed(p.skyMiddle, 0.4F), p.fog, 0.75F);
        p.skyLow = mix(p.skyLow, p.fog, 0.85F);
        p.haze = 0.80F;
        break;
    case Weather::Snowfall:
        p.skyTop = mix(greyed(p.skyTop, 0.45F), p.fog, 0.12F);
        p.skyMiddle = mix(greyed(p.skyMiddle, 0.45F), p.fog, 0.18F);
        p.skyLow = mix(greyed(p.skyLow, 0.35F), p.fog, 0.20F);
        break;
    }
    return p;
}

} // namespace

const Palette& paletteOf(SceneTime time, Weather weather)
{
    constexpr std::size_t times = 4;
    constexpr std::size_t weathers = 5;
    static const auto table = [] {
        std::array<std::array<Palette, weathers>, times> all{};
        const std::array<Palette, times> plain = {kDay, kSunset, kDawn, kNight};
        for (std::size_t t = 0; t < times; ++t)
            for (std::size_t w = 0; w < weathers; ++w)
                all[t][w] = inWeather(plain[t], static_cast<Weather>(w));
        return all;
    }();
    return table[static_cast<std::size_t>(time)][static_cast<std::size_t>(weather)];
}

} // namespace jacobi
