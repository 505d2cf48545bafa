// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/training/sceneplan.h"

#include "models/training/scenerandom.h"

namespace jacobi {
namespace {

using enum SubjectKind;
using enum SubjectColour;

// A kind that stands here twice is drawn twice as often.
constexpr std::array kSeaSubjects = {Boat, Boat, Lighthouse, House, Tree, Bridge, Balloon, Birds};
constexpr std::array kHillSubjects = {House, House, Tree, Tree, Windmill, Tower, Flowers, Balloon, Deer, Horse, Birds};
constexpr std::array kMountainSubjects = {House, House, Pine, Pine, Tree, Tower, Balloon, Deer, Horse, Birds};
constexpr std::array kDesertSubjects = {Cactus, Cactus, Cactus, House, Tower, Balloon, Horse, Birds};

constexpr std::array kHouseColours = {Red, Yellow, Blue, White};
constexpr std::array kTreeColours = {Green, Orange, Red, Pink, Yellow, White};
constexpr std::array kPineColours = {Green};
constexpr std::array kBoatColours = {Red, White, Blue, Yellow};
constexpr std::array kLighthouseColours = {Red, Blue};
constexpr std::array kCactusColours = {Green, Purple};
constexpr std::array kWindmillColours = {White, Red, Blue};
constexpr std::array kTowerColours = {Grey, Red, Yellow};
constexpr std::array kBridgeColours = {Red, White, Grey};
constexpr std::array kBalloonColours = {Red, Yellow, Blue, Purple};
constexpr std::array kFlowerColours = {Red, Yellow, Pink, Purple, White};
constexpr std::array kDeerColours = {Brown};
constexpr std::array kHorseColours = {Brown, White};
constexpr std::array kBirdColours = {Black, White};

constexpr std::array kSpringTrees = {Pink, White, Green};
constexpr std::array kSummerTrees = {Green, Green, Red, Orange, Pink};
constexpr std::array kAutumnTrees = {Orange, Red, Yellow};
constexpr std::array kWinterTrees = {White, Green};
constexpr std::array kNightBirds = {White};
constexpr std::array kDayBirds = {Black};
// White ones cannot be told from the snow.
constexpr std::array kWinterHouses = {Red, Yellow, Blue};
constexpr std::array kWinterHorses = {Brown};

template <class T>
T pickOne(SceneRandom& random, std::span<const T> list)
{
    return list[static_cast<std::size_t>(random.pick(static_cast<int>(list.size())))];
}

Subject planSubject(SceneRandom& random, const Scene& scene, bool left)
{
    Subject subject;
    if (random.chance(0.25F))
        return subject;
    do {
        subject.kind = pickOne(random, subjectsOf(scene.terrain));
    } while (subject.kind == Flowers && scene.hasSnow());
    subject.colour = pickOne(random, coloursIn(scene, subject.kind));
    const int most = mostOf(subject.kind);
    if (most > 1 && random.chance(subject.kind == Birds ? 0.85F : 0.4F))
        subject.count = 2 + random.pick(most - 1);
    // Beside the sun there is room for one balloon.
    const SunSide side = left ? SunSide::Left : SunSide::Right;
    if (subject.kind == Balloon && scene.hasSun() && scene.sunSide == side)
        subject.count = 1;
    return subject;
}

Weather planWeather(SceneRandom& random, const Scene& scene)
{
    const float u = random.uniform();
    if (scene.terrain == Terrain::Desert)
        return u < 0.55F ? Weather::Clear : Weather::Clouds;
    if (u < 0.40F)
        return Weather::Clear;
    if (u < 0.70F)
        return Weather::Clouds;
    if (u < 0.85F)
        return Weather::Fog;
    return scene.hasSnow() ? Weather::Snowfall : Weather::Rain;
}

void planAttributes(Scene& scene, std::uint64_t attempt)
{
    SceneRandom random(scene.seed, scene.index, ScenePart::Attributes, attempt);
    scene.time = static_cast<SceneTime>(random.pick(4));
    scene.sunSide = static_cast<SunSide>(random.pick(3));
    scene.sunHeight = random.chance(0.5F) ? SunHeight::High : SunHeight::Low;
    if (scene.time == SceneTime::Sunset || scene.time == SceneTime::Dawn)
        scene.sunHeight = SunHeight::Low;
    scene.terrain = static_cast<Terrain>(random.pick(4));
    const auto season = static_cast<Season>(random.pick(4));
    scene.season = scene.hasSeason() ? season : Season::Summer;
    scene.weather = planWeather(random, scene);
    scene.left = planSubject(random, scene, true);
    scene.right = planSubject(random, scene, false);
}

bool belongs(const Scene& scene, SceneSet set)
{
    return set == SceneSet::All || isHeldOut(scene) == (set == SceneSet::HeldOut);
}

} // namespace

Scene planScene(std::uint64_t seed, std::uint64_t index, SceneSet set, Placing placing)
{
    Scene scene;
    scene.seed = seed;
    scene.index = index;
    std::uint64_t attempt = 0;
    do {
        planAttributes(scene, attempt++);
    } while (!belongs(scene, set));
    planLayout(scene, placing);
    return scene;
}

bool isHeldOut(const Scene& scene)
{
    if (scene.left.kind == None && scene.right.kind == None)
        return false;
    const auto colourOf = [](const Subject& s) { return s.kind == None ? 0U : static_cast<std::uint32_t>(s.colour); };
    const std::array<std::uint32_t, 6> parts = {
        static_cast<std::uint32_t>(scene.terrain),    static_cast<std::uint32_t>(scene.time),
        static_cast<std::uint32_t>(scene.left.kind),  colourOf(scene.left),
        static_cast<std::uint32_t>(scene.right.kind), colourOf(scene.right)};
    // FNV-1a with a last stir, for its low bits alone are too regular.
    std::uint32_t hash = 2166136261U;
    for (const std::uint32_t part : parts)
        hash = (hash ^ part) * 16777619U;
    hash ^= hash >> 15;
    hash *= 0x2C1B3C6DU;
    hash ^= hash >> 12;
    return hash % 25 == 0;
}

bool isHard(const Scene& scene)
{
    const auto isFine = [](const Subject& subject) {
        return subject.kind == Tower || subject.kind == Windmill || subject.kind == Horse || subject.kind == Deer;
    };
    const bool isVeiled = scene.weather == Weather::Rain || scene.weather == Weather::Fog ||
                          scene.weather == Weather::Snowfall || scene.hasSnow();
    return isFine(scene.left) || isFine(scene.right) ||
           (isVeiled && (scene.left.kind != None || scene.right.kind != None));
}

bool isInSky(SubjectKind kind)
{
    return kind == Balloon || kind == Birds;
}

std::span<const SubjectKind> subjectsOf(Terrain terrain)
{
    switch (terrain) {
    case Terrain::Sea: return kSeaSubjects;
    case Terrain::Hills: return kHillSubjects;
    case Terrain::Mountains: return kMountainSubjects;
    case Terrain::Desert: break;
    }
    return kDesertSubjects;
}

std::span<const SubjectColour> coloursOf(SubjectKind kind)
{
    switch (kind) {
    case House: return kHouseColours;
    case Tree: return kTreeColours;
    case Pine: return kPineColours;
    case Boat: return kBoatColours;
    case Lighthouse: return kLighthouseColours;
    case Cactus: return kCactusColours;
    case Windmill: return kWindmillColours;
    case Tower: return kTowerColours;
    case Bridge: return kBridgeColours;
    case Balloon: return kBalloonColours;
    case Flowers: return kFlowerColours;
    case Deer: return kDeerColours;
    case Horse: return kHorseColours;
    case Birds: return kBirdColours;
    case None: break;
    }
    return {};
}

std::span<const SubjectColour> coloursIn(const Scene& scene, SubjectKind kind)
{
    if (kind == Tree && scene.terrain != Terrain::Desert) {
        switch (scene.season) {
        case Season::Spring: return kSpringTrees;
        case Season::Summer: return kSummerTrees;
        case Season::Autumn: return kAutumnTrees;
        case Season::Winter: return kWinterTrees;
        }
    }
    if (kind == Birds)
        return scene.isNight() ? std::span<const SubjectColour>(kNightBirds) : kDayBirds;
    if (kind == Horse && scene.hasSnow())
        return kWinterHorses;
    if (kind == House && scene.hasSnow())
        return kWinterHouses;
    return coloursOf(kind);
}

int mostOf(SubjectKind kind)
{
    switch (kind) {
    case Tree:
    case Pine:
    case Boat:
    case Cactus:
    case Balloon:
    case Birds: return 3;
    case House:
    case Deer:
    case Horse: return 2;
    default: return 1; // what fills its side, or, of flowers, comes in bunches
    }
}

} // namespace jacobi
