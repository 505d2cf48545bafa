// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/training/scenecaption.h"

#include "models/training/scenerandom.h"

#include <set>

namespace jacobi {
namespace {

using Phrases = std::span<const std::string_view>;

// What a caption may say, one list a meaning. The model's vocabulary is what stands in these lists.
constexpr std::array<std::string_view, 4> kDay = {"at noon", "by day", "on a bright day", "at midday"};
constexpr std::array<std::string_view, 4> kSunset = {"at sunset", "at dusk", "in the evening", "at sunset"};
constexpr std::array<std::string_view, 4> kDawn = {"at dawn", "at sunrise", "in the morning", "at dawn"};
constexpr std::array<std::string_view, 4> kNight = {"at night", "by night", "in the night", "at night"};

constexpr std::array<std::string_view, 4> kDayName = {"noon", "a bright day", "midday", "day"};
constexpr std::array<std::string_view, 4> kSunsetName = {"sunset", "a sunset", "dusk", "evening"};
constexpr std::array<std::string_view, 4> kDawnName = {"dawn", "sunrise", "morning", "a sunrise"};
constexpr std::array<std::string_view, 4> kNightName = {"night", "a night", "a dark night", "midnight"};

constexpr std::array<std::string_view, 4> kSea = {"the sea", "the ocean", "a lake", "the water"};
constexpr std::array<std::string_view, 3> kHills = {"green hills", "the hills", "green meadows"};
constexpr std::array<std::string_view, 3> kSnowyHills = {"snowy hills", "hills in snow", "white snowy hills"};
constexpr std::array<std::string_view, 3> kMountains = {"mountains", "the mountains", "rocky mountains"};
constexpr std::array<std::string_view, 3> kSnowyMountains = {"snowy mountains", "the snowy mountains",
                                                             "mountains with snow"};
constexpr std::array<std::string_view, 3> kDesert = {"the desert", "a desert", "sand dunes"};

constexpr std::array<std::string_view, 2> kAtSea = {"by", "at"};
constexpr std::array<std::string_view, 1> kAfloat = {"on"};
constexpr std::array<std::string_view, 2> kOnHills = {"on", "in"};
constexpr std::array<std::string_view, 3> kBelowMountains = {"in front of", "below", "under"};
constexpr std::array<std::string_view, 1> kInDesert = {"in"};

constexpr std::array<std::string_view, 4> kClouds = {"with clouds", "clouds", "cloudy sky", "some clouds"};
constexpr std::array<std::string_view, 3> kClear = {"clear sky", "a clear sky", "no clouds"};
constexpr std::array<std::string_view, 4> kStars = {"stars", "clear sky with stars", "starry sky", "with stars"};

constexpr std::array<std::string_view, 2> kLeft = {"on the left", "left"};
constexpr std::array<std::string_view, 2> kRight = {"on the right", "right"};
constexpr std::array<std::string_view, 2> kMiddle = {"in the middle", "in the centre"};

constexpr std::array<std::string_view, 1> kSun = {"sun"};
constexpr std::array<std::string_view, 1> kMoon = {"moon"};
constexpr std::array<std::string_view, 1> kLow = {"low"};
constexpr std::array<std::string_view, 1> kHigh = {"high"};
constexpr std::array<std::string_view, 7> kSmallWords = {"a", "an", "the", "and", "with", "over", "of"};

constexpr std::array<Phrases, 30> kAllPhrases = {
    kDay,      kSunset,     kDawn,      kNight,          kDayName, kSunsetName, kDawnName, kNightName, kSea,
    kHills,    kSnowyHills, kMountains, kSnowyMountains, kDesert,  kAtSea,      kAfloat,   kOnHills,   kBelowMountains,
    kInDesert, kClouds,     kClear,     kStars,          kLeft,    kRight,      kMiddle,   kSun,       kMoon,
    kLow,      kHigh,       kSmallWords};

Phrases timePhrases(SceneTime time)
{
    constexpr std::array<Phrases, 4> phrases = {kDay, kSunset, kDawn, kNight};
    return phrases[static_cast<std::size_t>(time)];
}

Phrases timeNames(SceneTime time)
{
    constexpr std::array<Phrases, 4> phrases = {kDayName, kSunsetName, kDawnName, kNightName};
    return phrases[static_cast<std::size_t>(time)];
}

Phrases placeNames(const Scene& scene)
{
    switch (scene.terrain) {
    case Terrain::Sea: return kSea;
    case Terrain::Hills: return scene.snow ? Phrases(kSnowyHills) : Phrases(kHills);
    case Terrain::Mountains: return scene.snow ? Phrases(kSnowyMountains) : Phrases(kMountains);
    case Terrain::Desert: break;
    }
    return kDesert;
}

bool isAfloatOrNone(const Subject& subject)
{
    return subject.kind == SubjectKind::Boat || subject.kind == SubjectKind::None;
}

/// Between the subjects and the place they are at.
Phrases placeLinks(const Scene& scene)
{
    switch (scene.terrain) {
    case Terrain::Sea: return isAfloatOrNone(scene.left) && isAfloatOrNone(scene.right) ? Phrases(kAfloat) : kAtSea;
    case Terrain::Hills: return kOnHills;
    case Terrain::Mountains: return kBelowMountains;
    case Terrain::Desert: break;
    }
    return kInDesert;
}

Phrases sidePhrases(SunSide side)
{
    constexpr std::array<Phrases, 3> phrases = {kLeft, kMiddle, kRight};
    return phrases[static_cast<std::size_t>(side)];
}

/// Speaks about one scene: picks words, and remembers what they settled.
class Speaker {
public:
    Speaker(const Scene& scene, std::uint64_t variant)
        : m_scene(scene), m_random(scene.seed, scene.index, ScenePart::Caption, variant)
    {
        // Said or not, for the whole sentence.
        m_saysSides = m_random.chance(0.8F);
        m_saysColours = m_random.chance(0.9F);
        m_saysSun = m_random.chance(0.8F);
        m_saysHeight = m_saysSun && m_random.chance(0.6F);
        m_saysSky = m_random.chance(0.75F);
        m_template = m_random.pick(4);
    }

    std::string sentence()
    {
        const std::string subjects = subjectPhrase();
        const std::string place{pick(placeNames(m_scene))};
        const std::string time{pick(timePhrases(m_scene.time))};
        std::string text;
        if (m_template == 0) { // "sunset over the sea, a red boat on the left"
            text = std::string(pick(timeNames(m_scene.time))) + " over " + place;
            append(text, subjects);
        } else if (subjects.empty() || m_template == 1) { // "the sea at sunset, a red boat on the left"
            text = place + " " + time;
            append(text, subjects);
        } else { // "a red boat on the sea at sunset"
            text = subjects + " " + std::string(pick(placeLinks(m_scene))) + " " + place + " " + time;
        }
        const std::string sky{m_saysSky ? pick(skyPhrases()) : ""};
        const std::string sun = m_saysSun ? sunPhrase() : "";
        const bool skyFirst = m_random.chance(0.5F);
        append(text, skyFirst ? sky : sun);
        append(text, skyFirst ? sun : sky);
        return text;
    }

    std::vector<SceneAttribute> attributes() const
    {
        const Scene& s = m_scene;
        std::vector<SceneAttribute> list;
        const auto add = [&](const char* name, std::string_view value, bool stated) {
            list.push_back({name, std::string(value), stated});
        };
        add("time", nameOf(s.time), true);
        add("sun", nameOf(s.sunSide), m_saysSun);
        add("height", nameOf(s.sunHeight), m_saysHeight);
        add("terrain", nameOf(s.terrain), true);
        if (s.terrain == Terrain::Hills || s.terrain == Terrain::Mountains) {
            add("snow", s.snow ? "snow" : "bare", true);
        }
        add("sky", s.sky == SkyKind::Clouds ? "clouds" : "clear", m_saysSky);
        const bool none = s.left.kind == SubjectKind::None && s.right.kind == SubjectKind::None;
        const bool sides = m_saysSides || none;
        const auto addSubject = [&](const char* name, const char* colourName, const Subject& subject) {
            add(name, nameOf(subject.kind), sides);
            if (subject.kind != SubjectKind::None) {
                add(colourName, nameOf(subject.colour), sides && m_saysColours);
            }
        };
        addSubject("left", "leftColour", s.left);
        addSubject("right", "rightColour", s.right);
        return list;
    }

private:
    std::string_view pick(Phrases phrases)
    {
        return phrases[static_cast<std::size_t>(m_random.pick(static_cast<int>(phrases.size())))];
    }

    static void append(std::string& text, const std::string& part)
    {
        if (!part.empty()) {
            text += ", " + part;
        }
    }

    std::string named(const Subject& subject, std::string_view side)
    {
        std::string text;
        if (m_saysColours) {
            text = std::string(nameOf(subject.colour)) + " ";
        }
        text += nameOf(subject.kind);
        text = (text.starts_with('o') ? "an " : "a ") + text; // of these words only "orange" begins with a vowel
        if (m_saysSides) {
            text += " on the " + std::string(side);
        }
        return text;
    }

    std::string subjectPhrase()
    {
        const bool left = m_scene.left.kind != SubjectKind::None;
        const bool right = m_scene.right.kind != SubjectKind::None;
        const std::string first = left ? named(m_scene.left, "left") : "";
        const std::string second = right ? named(m_scene.right, "right") : "";
        if (!left || !right) {
            return first + second;
        }
        return m_random.chance(0.7F) ? first + " and " + second : second + " and " + first;
    }

    Phrases skyPhrases() const
    {
        if (m_scene.sky == SkyKind::Clouds) {
            return kClouds;
        }
        return m_scene.hasStars() ? Phrases(kStars) : Phrases(kClear);
    }

    /// "the sun low on the left", "low sun left"
    std::string sunPhrase()
    {
        const std::string disc = m_scene.isNight() ? "moon" : "sun";
        const std::string height{nameOf(m_scene.sunHeight)};
        const bool heightFirst = m_random.chance(0.4F);
        const std::string article = m_random.chance(0.5F) ? "the " : "";
        const std::string side{pick(sidePhrases(m_scene.sunSide))};
        if (!m_saysHeight) {
            return article + disc + " " + side;
        }
        return article + (heightFirst ? height + " " + disc : disc + " " + height) + " " + side;
    }

    const Scene& m_scene;
    SceneRandom m_random;
    int m_template = 0;
    bool m_saysSides = false;
    bool m_saysColours = false;
    bool m_saysSun = false;
    bool m_saysHeight = false;
    bool m_saysSky = false;
};

void addWords(std::set<std::string>& words, std::string_view phrase)
{
    while (!phrase.empty()) {
        const std::size_t end = std::min(phrase.find(' '), phrase.size());
        words.emplace(phrase.substr(0, end));
        phrase.remove_prefix(std::min(end + 1, phrase.size()));
    }
}

} // namespace

SceneCaption captionOf(const Scene& scene, std::uint64_t variant)
{
    Speaker speaker(scene, variant);
    std::string text = speaker.sentence();
    return {std::move(text), speaker.attributes()};
}

int wordsIn(const std::string& caption)
{
    int words = 0;
    bool inside = false;
    for (const char c : caption) {
        const bool letter = c != ' ' && c != ',';
        words += letter && !inside ? 1 : 0;
        inside = letter;
    }
    return words;
}

const std::vector<std::string>& sceneWords()
{
    static const std::vector<std::string> list = [] {
        std::set<std::string> words;
        for (const Phrases phrases : kAllPhrases) {
            for (const std::string_view phrase : phrases) {
                addWords(words, phrase);
            }
        }
        for (int kind = static_cast<int>(SubjectKind::House); kind <= static_cast<int>(SubjectKind::Cactus); ++kind) {
            words.emplace(nameOf(static_cast<SubjectKind>(kind)));
            for (const SubjectColour colour : coloursOf(static_cast<SubjectKind>(kind))) {
                words.emplace(nameOf(colour));
            }
        }
        return std::vector<std::string>(words.begin(), words.end());
    }();
    return list;
}

int longestSceneCaption()
{
    // "an orange tree on the left and a red house on the right in front of the snowy mountains in the evening, clear
    // sky with stars, the low moon in the middle", the longest of each part: 13 + 3 + 3 + 3 + 4 + 6.
    return 32;
}

} // namespace jacobi
