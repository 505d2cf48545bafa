// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/training/scenecaption.h"

#include "models/training/scenerandom.h"
#include "models/training/scenewords.h"

#include <set>

namespace jacobi {
namespace {

constexpr int kMostWords = 32;

/// Speaks about one scene: picks words, and remembers what they say.
class Speaker {
public:
    Speaker(const Scene& scene, std::uint64_t variant)
        : m_scene(scene), m_random(scene.seed, scene.index, ScenePart::Caption, variant)
    {
        const bool subjects = hasLeft() || hasRight();
        m_saysTime = m_random.chance(0.93F);
        m_saysPlace = !subjects || m_random.chance(0.95F);
        m_saysSeason = scene.hasSeason() && (scene.hasSnow() || m_random.chance(0.7F));
        m_saysSun = scene.hasSun() && m_random.chance(0.90F);
        m_saysHeight = m_saysSun && m_random.chance(0.6F);
        m_saysWeather = m_random.chance(scene.weather == Weather::Clear ? 0.6F : 0.85F);
        // Of two alike, which one is which must be said.
        m_saysSides = m_random.chance(0.88F) || scene.left.kind == scene.right.kind;
        m_plain = m_random.chance(0.12F);
        m_form = m_random.pick(8);
    }

    SceneCaption caption()
    {
        choose();
        std::string text = sentence();
        // Too long: what is least missed goes first.
        if (wordsIn(text) > kMostWords) {
            m_saysWeather = false;
            text = sentence();
        }
        if (wordsIn(text) > kMostWords && !m_scene.hasSnow()) {
            m_saysSeason = false;
            text = sentence();
        }
        if (wordsIn(text) > kMostWords) {
            m_saysSun = m_saysHeight = false;
            text = sentence();
        }
        return {std::move(text), claims()};
    }

private:
    bool hasLeft() const { return m_scene.left.kind != SubjectKind::None; }
    bool hasRight() const { return m_scene.right.kind != SubjectKind::None; }

    std::string pick(Phrases phrases)
    {
        return std::string(phrases[static_cast<std::size_t>(m_random.pick(static_cast<int>(phrases.size())))]);
    }

    static std::string joined(const std::string& a, std::string_view between, const std::string& b)
    {
        return a.empty() || b.empty() ? a + b : a + std::string(between) + b;
    }

    /// Picks every part once, so that leaving one out changes no other.
    void choose()
    {
        m_subjects = subjectPhrase();
        m_link = pick(placeLinks(m_scene));
        m_place = pick(placeNames(m_scene));
        m_season = pick(seasonPhrases(m_scene.season));
        if (m_scene.hasSnow() && m_saysPlace && m_random.chance(0.7F)) {
            m_place = pick(snowyPlaceNames(m_scene));
            m_snowyPlace = true;
        }
        m_time = pick(timePhrases(m_scene));
        m_timeName = pick(timeNames(m_scene));
        m_weather = pick(weatherPhrases(m_scene));
        m_weatherTime = pick(weatherAdjectives(m_scene)) + " " + pick(timeNouns(m_scene.time));
        m_sun = sunPhrase();
        m_skyFirst = m_random.chance(0.5F);
    }

    std::string sentence() const
    {
        const std::string place = m_saysPlace ? m_place : "";
        const std::string time = m_saysTime ? m_time : "";
        const std::string name = m_saysTime ? m_timeName : "";
        const std::string season = m_saysSeason && !m_snowyPlace ? m_season : "";
        const std::string linked = m_saysPlace ? joined(m_subjects, " " + m_link + " ", place) : m_subjects;
        const std::string sun = m_saysSun ? m_sun : "";
        std::string weather = m_saysWeather ? m_weather : "";
        std::string text;
        if (m_form >= 6 && m_saysWeather && m_saysTime && m_saysPlace) {
            weather.clear();
            if (m_form == 6) { // "a rainy evening over the hills in autumn, a red house on the left"
                text = joined(m_weatherTime + " over " + place, " ", season);
                text = joined(text, ", ", m_subjects);
            } else { // "a red house on the hills in autumn on a rainy evening"
                text = joined(linked, " ", season) + " on " + m_weatherTime;
            }
        } else if (m_form == 0 && m_saysTime && m_saysPlace) { // "sunset over the sea, a red boat on the left"
            text = joined(joined(name + " over " + place, " ", season), ", ", m_subjects);
        } else if (m_form == 1 && m_saysPlace) { // "the sea at sunset, a red boat on the left"
            text = joined(joined(joined(place, " ", time), " ", season), ", ", m_subjects);
        } else if (m_form == 2) { // "a red boat on the sea, sunset"
            text = joined(joined(linked, " ", season), ", ", name);
        } else if (m_form == 3) { // "at sunset in autumn, a red house on the hills"
            text = joined(joined(time, " ", season), ", ", linked);
        } else if (m_form == 4 && m_saysPlace) { // "a red house on the left, the hills, autumn, sunset"
            text = joined(joined(joined(m_subjects, ", ", place), " ", season), ", ", name);
        } else { // "a red boat on the sea at sunset"
            text = joined(joined(linked, " ", time), " ", season);
        }
        text = joined(text, ", ", m_skyFirst ? weather : sun);
        return joined(text, ", ", m_skyFirst ? sun : weather);
    }

    std::string named(const Subject& subject, bool left)
    {
        bool& colour = left ? m_saysLeftColour : m_saysRightColour;
        bool& count = left ? m_saysLeftCount : m_saysRightCount;
        colour = m_random.chance(0.9F);
        count = mostOf(subject.kind) > 1;
        const bool several = subject.count > 1;
        std::string text = pick(subjectNames(subject.kind, several));
        if (colour)
            text = pick(colourNames(subject.colour)) + " " + text;
        if (subject.kind == SubjectKind::Flowers)
            return m_random.chance(0.3F) ? "some " + text : text;
        if (several && subject.kind == SubjectKind::Birds && m_random.chance(0.4F)) {
            count = false;
            return text;
        }
        if (several)
            return std::string(numberName(subject.count)) + " " + text;
        const bool articled = !m_plain || subject.kind == SubjectKind::Deer; // which could be several
        const bool vowel = text.starts_with('o');                            // "orange": no other word here
        return articled ? (vowel ? "an " : "a ") + text : text;
    }

    std::string placed(const Subject& subject, bool left)
    {
        std::string text = named(subject, left);
        if (isInSky(subject.kind) && m_random.chance(0.25F))
            text += " in the sky";
        if (!m_saysSides)
            return text;
        const std::string side = pick(subjectSidePhrases(left));
        const bool sideFirst = m_sideFirst && side.find(' ') != std::string::npos;
        return sideFirst ? side + " " + text : text + " " + side;
    }

    std::string subjectPhrase()
    {
        m_sideFirst = m_random.chance(0.1F);
        const std::string left = hasLeft() ? placed(m_scene.left, true) : "";
        const std::string right = hasRight() ? placed(m_scene.right, false) : "";
        const std::string between = m_random.chance(0.85F) ? " and " : ", ";
        return m_random.chance(0.7F) ? joined(left, between, right) : joined(right, between, left);
    }

    /// "the sun low on the left", "low sun left", "the setting sun on the right"
    std::string sunPhrase()
    {
        const std::string disc = m_scene.isNight() ? "moon" : "sun";
        const std::string article = m_random.chance(0.6F) ? "the " : "";
        const std::string side = pick(sunSidePhrases(m_scene.sunSide));
        if (!m_saysHeight)
            return article + disc + " " + side;
        const bool twilight = m_scene.time == SceneTime::Sunset || m_scene.time == SceneTime::Dawn;
        std::string height{nameOf(m_scene.sunHeight)};
        if (twilight && m_random.chance(0.3F)) {
            height = m_scene.time == SceneTime::Sunset ? "setting" : "rising";
            return article + height + " " + disc + " " + side;
        }
        switch (m_random.pick(4)) {
        case 0: return (article.empty() ? "a " : "the ") + height + " " + disc + " " + side;
        case 1: return height + " " + disc + " " + side;
        case 2: return "the " + disc + " is " + height + " " + side;
        default: return article + disc + " " + height + " " + side;
        }
    }

    SceneClaims claims() const
    {
        const JudgedValues all = judgedValuesOf(m_scene);
        SceneClaims claims;
        const auto claim = [&](Judged attribute, bool said) {
            if (said)
                valueOf(claims.values, attribute) = valueOf(all, attribute);
        };
        claim(Judged::Time, m_saysTime);
        claim(Judged::Weather, m_saysWeather);
        claim(Judged::Terrain, m_saysPlace);
        claim(Judged::Season, m_saysSeason);
        claim(Judged::SunSide, m_saysSun);
        claim(Judged::SunHeight, m_saysHeight);
        claim(Judged::LeftKind, true);
        claim(Judged::LeftColour, m_saysLeftColour);
        claim(Judged::LeftCount, m_saysLeftCount);
        claim(Judged::RightKind, true);
        claim(Judged::RightColour, m_saysRightColour);
        claim(Judged::RightCount, m_saysRightCount);
        claims.sides = m_saysSides;
        return claims;
    }

    const Scene& m_scene;
    SceneRandom m_random;
    int m_form = 0;
    bool m_saysTime = false;
    bool m_saysPlace = false;
    bool m_saysSeason = false;
    bool m_saysSun = false;
    bool m_saysHeight = false;
    bool m_saysWeather = false;
    bool m_saysSides = false;
    bool m_saysLeftColour = false;
    bool m_saysRightColour = false;
    bool m_saysLeftCount = false;
    bool m_saysRightCount = false;
    bool m_plain = false;     ///< leaves out articles
    bool m_sideFirst = false; ///< "on the left a house"
    bool m_snowyPlace = false;
    bool m_skyFirst = false;
    std::string m_subjects, m_link, m_place, m_season, m_time, m_timeName, m_weather, m_weatherTime, m_sun;
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
    return Speaker(scene, variant).caption();
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
        for (const Phrases phrases : allPhrases())
            for (const std::string_view phrase : phrases)
                addWords(words, phrase);
        return std::vector<std::string>(words.begin(), words.end());
    }();
    return list;
}

int longestSceneCaption()
{
    return kMostWords;
}

} // namespace jacobi
