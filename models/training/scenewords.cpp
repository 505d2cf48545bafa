// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/training/scenewords.h"

#include <array>
#include <vector>

namespace jacobi {
namespace {

template <std::size_t N>
using List = std::array<std::string_view, N>;

constexpr List<7> kDay = {"at noon",        "by day", "on a bright day", "at midday",
                          "during the day", "by day", "in the day"};
constexpr List<4> kLowDay = {"by day", "on a bright day", "during the day", "in the day"};
constexpr List<5> kSunset = {"at sunset", "at dusk", "in the evening", "at sunset", "at sundown"};
constexpr List<5> kDawn = {"at dawn", "at sunrise", "in the morning", "at dawn", "in the early morning"};
constexpr List<5> kNight = {"at night", "by night", "in the night", "at night", "at midnight"};

constexpr List<4> kDayName = {"noon", "a bright day", "midday", "day"};
constexpr List<2> kLowDayName = {"a bright day", "day"};
constexpr List<5> kSunsetName = {"sunset", "a sunset", "dusk", "evening", "sunset"};
constexpr List<5> kDawnName = {"dawn", "sunrise", "morning", "a sunrise", "early morning"};
constexpr List<5> kNightName = {"night", "a night", "a dark night", "midnight", "night"};

constexpr List<1> kDayNoun = {"day"};
constexpr List<2> kSunsetNoun = {"evening", "sunset"};
constexpr List<1> kDawnNoun = {"morning"};
constexpr List<1> kNightNoun = {"night"};

constexpr List<6> kSea = {"the sea", "the ocean", "a lake", "the water", "the sea", "a calm sea"};
constexpr List<3> kHills = {"the hills", "hills", "meadows"};
constexpr List<6> kGreenHills = {"green hills", "the hills", "green meadows", "hills", "a meadow", "a green hill"};
constexpr List<5> kSnowyHills = {"snowy hills", "hills in snow", "white snowy hills", "the snowy hills",
                                 "a snowy hill"};
constexpr List<5> kMountains = {"mountains", "the mountains", "rocky mountains", "a mountain", "high mountains"};
constexpr List<4> kSnowyMountains = {"snowy mountains", "the snowy mountains", "mountains with snow",
                                     "snowy mountains"};
constexpr List<5> kDesert = {"the desert", "a desert", "sand dunes", "the desert", "sand dunes"};

constexpr List<3> kAtSea = {"by", "at", "by"};
constexpr List<1> kAfloat = {"on"};
constexpr List<3> kOnHills = {"on", "in", "on"};
constexpr List<5> kBelowMountains = {"in front of", "below", "under", "in front of", "near"};
constexpr List<1> kInDesert = {"in"};
constexpr List<2> kAloft = {"over", "above"};

constexpr List<6> kClouds = {"with clouds", "clouds", "cloudy sky", "some clouds", "a cloudy sky", "under clouds"};
constexpr List<5> kClear = {"clear sky", "a clear sky", "no clouds", "under a clear sky", "blue sky"};
constexpr List<4> kClearAnyTime = {"clear sky", "a clear sky", "no clouds", "under a clear sky"};
constexpr List<7> kStars = {"stars",       "clear sky with stars", "starry sky", "with stars",
                            "under stars", "a starry sky",         "clear sky"};
constexpr List<6> kRain = {"rain", "in the rain", "in rain", "with rain", "raining", "rain"};
constexpr List<6> kFog = {"fog", "in the fog", "in fog", "mist", "foggy", "with mist"};
constexpr List<5> kSnowfall = {"snowing", "snow falling", "with falling snow", "snowfall", "falling snow"};

constexpr List<2> kCloudy = {"a cloudy", "a cloudy"};
constexpr List<2> kSunny = {"a sunny", "a clear"};
constexpr List<1> kClearAdjective = {"a clear"};
constexpr List<2> kStarry = {"a starry", "a clear"};
constexpr List<1> kRainy = {"a rainy"};
constexpr List<2> kFoggy = {"a foggy", "a misty"};
constexpr List<1> kSnowyWeather = {"a snowy"};

constexpr List<1> kSpring = {"in spring"};
constexpr List<1> kSummer = {"in summer"};
constexpr List<3> kAutumn = {"in autumn", "in fall", "in autumn"};
constexpr List<1> kWinter = {"in winter"};

constexpr List<4> kLeft = {"on the left", "left", "on the left side", "on the left"};
constexpr List<4> kRight = {"on the right", "right", "on the right side", "on the right"};
constexpr List<4> kMiddle = {"in the middle", "in the centre", "in the center", "in the middle"};
constexpr List<6> kLeftSubject = {"on the left", "on the left", "on the left", "on the left", "to the left", "left"};
constexpr List<6> kRightSubject = {"on the right", "on the right", "on the right",
                                   "on the right", "to the right", "right"};

constexpr List<2> kGrey = {"grey", "gray"};

constexpr List<17> kJoining = {"a",    "an",  "the",  "and",     "over",   "on",   "in",  "is",       "low",
                               "high", "sun", "moon", "setting", "rising", "some", "sky", "two three"};

struct Names {
    std::vector<std::string_view> one;
    std::vector<std::string_view> several;
};

const Names& namesOf(SubjectKind kind)
{
    static const std::array<Names, 15> names = {{{{}, {}},
                                                 {{"house"}, {"houses"}},
                                                 {{"tree"}, {"trees"}},
                                                 {{"pine", "pine tree"}, {"pines", "pine trees"}},
                                                 {{"boat", "boat", "sailboat"}, {"boats", "boats", "sailboats"}},
                                                 {{"lighthouse"}, {}},
                                                 {{"cactus"}, {"cacti"}},
                                                 {{"windmill"}, {}},
                                                 {{"tower"}, {}},
                                                 {{"bridge"}, {}},
                                                 {{"balloon", "hot air balloon"}, {"balloons", "hot air balloons"}},
                                                 {{"flowers"}, {"flowers"}},
                                                 {{"deer"}, {"deer"}},
                                                 {{"horse"}, {"horses"}},
                                                 {{"bird"}, {"birds"}}}};
    return names[static_cast<std::size_t>(kind)];
}

bool isAfloatOrNone(const Subject& subject)
{
    return subject.kind == SubjectKind::Boat || subject.kind == SubjectKind::None;
}

bool isAloftOrNone(const Subject& subject)
{
    return isInSky(subject.kind) || subject.kind == SubjectKind::None;
}

} // namespace

Phrases timePhrases(const Scene& scene)
{
    switch (scene.time) {
    case SceneTime::Day: return scene.sunHeight == SunHeight::Low ? Phrases(kLowDay) : kDay; // noon has a high sun
    case SceneTime::Sunset: return kSunset;
    case SceneTime::Dawn: return kDawn;
    case SceneTime::Night: break;
    }
    return kNight;
}

Phrases timeNames(const Scene& scene)
{
    switch (scene.time) {
    case SceneTime::Day: return scene.sunHeight == SunHeight::Low ? Phrases(kLowDayName) : kDayName;
    case SceneTime::Sunset: return kSunsetName;
    case SceneTime::Dawn: return kDawnName;
    case SceneTime::Night: break;
    }
    return kNightName;
}

Phrases timeNouns(SceneTime time)
{
    constexpr std::array<Phrases, 4> phrases = {kDayNoun, kSunsetNoun, kDawnNoun, kNightNoun};
    return phrases[static_cast<std::size_t>(time)];
}

Phrases placeNames(const Scene& scene)
{
    switch (scene.terrain) {
    case Terrain::Sea: return kSea;
    case Terrain::Hills:
        return scene.season == Season::Spring || scene.season == Season::Summer ? Phrases(kGreenHills) : kHills;
    case Terrain::Mountains: return kMountains;
    case Terrain::Desert: break;
    }
    return kDesert;
}

Phrases snowyPlaceNames(const Scene& scene)
{
    return scene.terrain == Terrain::Hills ? Phrases(kSnowyHills) : kSnowyMountains;
}

Phrases placeLinks(const Scene& scene)
{
    if (isAloftOrNone(scene.left) && isAloftOrNone(scene.right))
        return kAloft;
    switch (scene.terrain) {
    case Terrain::Sea: return isAfloatOrNone(scene.left) && isAfloatOrNone(scene.right) ? Phrases(kAfloat) : kAtSea;
    case Terrain::Hills: return kOnHills;
    case Terrain::Mountains: return kBelowMountains;
    case Terrain::Desert: break;
    }
    return kInDesert;
}

Phrases weatherPhrases(const Scene& scene)
{
    switch (scene.weather) {
    case Weather::Clear:
        return scene.hasStars() ? Phrases(kStars) : scene.time == SceneTime::Day ? Phrases(kClear) : kClearAnyTime;
    case Weather::Clouds: return kClouds;
    case Weather::Rain: return kRain;
    case Weather::Fog: return kFog;
    case Weather::Snowfall: break;
    }
    return kSnowfall;
}

Phrases weatherAdjectives(const Scene& scene)
{
    switch (scene.weather) {
    case Weather::Clear:
        return scene.hasStars() ? Phrases(kStarry) : scene.time == SceneTime::Day ? Phrases(kSunny) : kClearAdjective;
    case Weather::Clouds: return kCloudy;
    case Weather::Rain: return kRainy;
    case Weather::Fog: return kFoggy;
    case Weather::Snowfall: break;
    }
    return kSnowyWeather;
}

Phrases seasonPhrases(Season season)
{
    constexpr std::array<Phrases, 4> phrases = {kSpring, kSummer, kAutumn, kWinter};
    return phrases[static_cast<std::size_t>(season)];
}

Phrases sunSidePhrases(SunSide side)
{
    constexpr std::array<Phrases, 3> phrases = {kLeft, kMiddle, kRight};
    return phrases[static_cast<std::size_t>(side)];
}

Phrases subjectSidePhrases(bool left)
{
    return left ? Phrases(kLeftSubject) : kRightSubject;
}

Phrases subjectNames(SubjectKind kind, bool several)
{
    return several ? namesOf(kind).several : namesOf(kind).one;
}

Phrases colourNames(SubjectColour colour)
{
    constexpr List<11> names = {"red",  "yellow", "blue",  "white", "green", "orange",
                                "pink", "purple", "brown", "grey",  "black"};
    static_assert(names[static_cast<std::size_t>(SubjectColour::Black)] == "black");
    static constexpr List<11> kept = names;
    if (colour == SubjectColour::Grey)
        return kGrey;
    return Phrases(kept).subspan(static_cast<std::size_t>(colour), 1);
}

std::string_view numberName(int count)
{
    constexpr List<3> names = {"one", "two", "three"};
    return names[static_cast<std::size_t>(count - 1)];
}

std::span<const Phrases> allPhrases()
{
    static const std::vector<Phrases> all = [] {
        std::vector<Phrases> list = {kDay,      kLowDay,      kSunset,       kDawn,         kNight,
                                     kDayName,  kLowDayName,  kSunsetName,   kDawnName,     kNightName,
                                     kDayNoun,  kSunsetNoun,  kDawnNoun,     kNightNoun,    kSea,
                                     kHills,    kGreenHills,  kSnowyHills,   kMountains,    kSnowyMountains,
                                     kDesert,   kAtSea,       kAfloat,       kOnHills,      kBelowMountains,
                                     kInDesert, kAloft,       kClouds,       kClear,        kStars,
                                     kRain,     kFog,         kSnowfall,     kCloudy,       kSunny,
                                     kStarry,   kRainy,       kFoggy,        kSnowyWeather, kSpring,
                                     kSummer,   kAutumn,      kWinter,       kLeft,         kRight,
                                     kMiddle,   kLeftSubject, kRightSubject, kJoining};
        for (int kind = 1; kind < 15; ++kind) {
            list.push_back(subjectNames(static_cast<SubjectKind>(kind), false));
            list.push_back(subjectNames(static_cast<SubjectKind>(kind), true));
        }
        for (int colour = 0; colour < 11; ++colour)
            list.push_back(colourNames(static_cast<SubjectColour>(colour)));
        return list;
    }();
    return all;
}

} // namespace jacobi
