// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/training/completecaption.h"

#include "models/training/captionreader.h"
#include "models/training/scenerandom.h"
#include "models/training/scenewords.h"

#include <algorithm>
#include <utility>
#include <vector>

namespace jacobi {
namespace {

/// Of weather that nobody speaks of: mostly there is none. Rain is snow where it is winter.
constexpr float kClear = 0.60F, kClouds = 0.85F, kFog = 0.93F;

/// Draws a scene that shows what a prompt says, and chooses the rest.
class Chooser {
public:
    Chooser(const CaptionReading& reading, std::uint64_t seed) : m_reading(reading), m_seed(seed)
    {
        SceneRandom random(seed, 0, ScenePart::Completion, 1);
        m_isMirrored = random.chance(0.5F);
        for (const SubjectMention& subject : reading.subjects)
            m_isMirrored = m_isMirrored && !subject.isSideKnown;
    }

    /// Whether the subjects stand the other way round than the claims have them, which say nothing of it.
    bool isMirrored() const { return m_isMirrored; }

    /// The scene with the fewest clashes, which a prompt may have by itself ("a boat in the desert").
    Scene choose() const
    {
        constexpr std::uint64_t kMostTries = 200;
        Scene best = draw(0);
        int least = clashesOf(best);
        for (std::uint64_t i = 1; i < kMostTries && least > 0; ++i) {
            const Scene scene = draw(i);
            if (const int clashes = clashesOf(scene); clashes < least) {
                best = scene;
                least = clashes;
            }
        }
        return best;
    }

private:
    int said(Judged attribute) const { return valueOf(m_reading.claims.values, attribute); }
    bool says(Judged attribute) const { return said(attribute) != kNotJudged; }
    template <class Enum>
    Enum chosen(Judged attribute, Enum otherwise) const
    {
        return says(attribute) ? static_cast<Enum>(said(attribute)) : otherwise;
    }

    Scene draw(std::uint64_t attempt) const
    {
        SceneRandom random(m_seed, attempt, ScenePart::Completion);
        Scene scene;
        scene.time = chosen(Judged::Time, static_cast<SceneTime>(random.pick(4)));
        scene.sunSide = chosen(Judged::SunSide, static_cast<SunSide>(random.pick(3)));
        const bool twilight = scene.time == SceneTime::Sunset || scene.time == SceneTime::Dawn;
        const bool isHigh = random.chance(0.5F) && !twilight;
        scene.sunHeight = chosen(Judged::SunHeight, isHigh ? SunHeight::High : SunHeight::Low);
        scene.terrain = chosen(Judged::Terrain, static_cast<Terrain>(random.pick(4)));
        // Winter is always spoken of, and so is what falls in it.
        const bool snows = said(Judged::Weather) == static_cast<int>(Weather::Snowfall);
        const auto season = static_cast<Season>(snows ? 3 : random.pick(3));
        scene.season = chosen(Judged::Season, scene.hasSeason() ? season : Season::Summer);
        scene.weather = chosen(Judged::Weather, weather(random, scene));
        scene.left = subject(random, scene, m_isMirrored ? Judged::RightKind : Judged::LeftKind);
        scene.right = subject(random, scene, m_isMirrored ? Judged::LeftKind : Judged::RightKind);
        return scene;
    }

    static Weather weather(SceneRandom& random, const Scene& scene)
    {
        const float u = random.uniform();
        if (u < kClear || (scene.terrain == Terrain::Desert && u >= kClouds))
            return Weather::Clear;
        if (u < kClouds)
            return Weather::Clouds;
        if (u < kFog)
            return Weather::Fog;
        return scene.hasSnow() ? Weather::Snowfall : Weather::Rain;
    }

    Subject subject(SceneRandom& random, const Scene& scene, Judged kind) const
    {
        const auto after = [kind](int places) { return static_cast<Judged>(static_cast<int>(kind) + places); };
        Subject subject;
        subject.kind = static_cast<SubjectKind>(said(kind));
        if (subject.kind == SubjectKind::None)
            return subject;
        const auto colours = coloursIn(scene, subject.kind);
        subject.colour =
            chosen(after(1), colours[static_cast<std::size_t>(random.pick(static_cast<int>(colours.size())))]);
        const int most = mostOf(subject.kind);
        const int several = most > 1 ? 2 + random.pick(most - 1) : 1;
        subject.count = says(after(2)) ? said(after(2)) + 1 : several;
        return subject;
    }

    /// How much of it training never showed.
    int clashesOf(const Scene& scene) const
    {
        int clashes = 0;
        const auto count = [&](bool isClash) { clashes += isClash ? 1 : 0; };
        for (const Subject* subject : {&scene.left, &scene.right}) {
            if (subject->kind == SubjectKind::None)
                continue;
            count(!std::ranges::count(subjectsOf(scene.terrain), subject->kind));
            count(!std::ranges::count(coloursIn(scene, subject->kind), subject->colour));
            count(subject->kind == SubjectKind::Flowers && scene.hasSnow());
            const SunSide side = subject == &scene.left ? SunSide::Left : SunSide::Right;
            count(subject->kind == SubjectKind::Balloon && subject->count > 1 && scene.hasSun() &&
                  scene.sunSide == side);
        }
        count(says(Judged::Season) && !scene.hasSeason());
        count((says(Judged::SunSide) || says(Judged::SunHeight) || m_reading.sunEnd) && !scene.hasSun());
        count(scene.terrain == Terrain::Desert && scene.weather != Weather::Clear && scene.weather != Weather::Clouds);
        count(scene.weather == Weather::Rain && scene.hasSnow());
        count(scene.weather == Weather::Snowfall && !scene.hasSnow());
        return clashes;
    }

    const CaptionReading& m_reading;
    std::uint64_t m_seed;
    bool m_isMirrored = false;
};

std::string phrase(Phrases phrases)
{
    return std::string(phrases.front());
}

/// Puts words into a prompt, as long as there is room.
class Editor {
public:
    Editor(std::string_view prompt, std::size_t words) : m_prompt(prompt), m_words(words)
    {
        while (!m_prompt.empty() && std::string_view(" \t\r\n.,;").find(m_prompt.back()) != std::string_view::npos)
            m_prompt.remove_suffix(1);
    }

    void insert(std::size_t at, const std::string& words, bool isBefore)
    {
        if (hasRoom(words))
            m_insertions.emplace_back(at, isBefore ? words + " " : " " + words);
    }
    void append(const std::string& words)
    {
        if (hasRoom(words))
            m_tail += ", " + words;
    }

    std::string text() const
    {
        std::string text(m_prompt);
        std::vector<std::pair<std::size_t, std::string>> insertions = m_insertions;
        std::ranges::stable_sort(insertions, std::greater<>(), &std::pair<std::size_t, std::string>::first);
        for (const auto& [at, words] : insertions)
            text.insert(std::min(at, text.size()), words);
        return text + m_tail;
    }

private:
    bool hasRoom(const std::string& words)
    {
        const std::size_t more = 1 + static_cast<std::size_t>(std::ranges::count(words, ' '));
        const bool fits = m_words + more <= static_cast<std::size_t>(longestSceneCaption());
        m_words += fits ? more : 0;
        return fits;
    }

    std::string_view m_prompt;
    std::size_t m_words;
    std::vector<std::pair<std::size_t, std::string>> m_insertions;
    std::string m_tail;
};

std::string sunWords(const Scene& scene, bool withHeight)
{
    const std::string side = phrase(sunSidePhrases(scene.sunSide));
    return withHeight ? std::string(nameOf(scene.sunHeight)) + " " + side : side;
}

} // namespace

std::string completeCaption(std::string_view prompt, std::uint64_t seed)
{
    const CaptionReading reading = readCaptionClosely(prompt);
    const Chooser chooser(reading, seed);
    const Scene scene = chooser.choose();
    const auto says = [&](Judged attribute) { return valueOf(reading.claims.values, attribute) != kNotJudged; };
    Editor editor(prompt, reading.words);
    // What matters most comes first: it finds room.
    for (const SubjectMention& subject : reading.subjects) {
        const bool isLeft = subject.isLeft != chooser.isMirrored();
        const Subject& drawn = isLeft ? scene.left : scene.right;
        if (!subject.saysSide)
            editor.insert(subject.end, phrase(subjectSidePhrases(isLeft)), false);
        if (!subject.saysCount)
            editor.insert(subject.numberAt, std::string(numberName(drawn.count)), true);
        if (!subject.saysColour)
            editor.insert(subject.colourAt, phrase(colourNames(drawn.colour)), true);
    }
    if (!says(Judged::Terrain))
        editor.append(phrase(placeNames(scene)));
    if (!says(Judged::Time))
        editor.append(phrase(timePhrases(scene)));
    if (scene.hasSun()) {
        if (!reading.sunEnd)
            editor.append((scene.isNight() ? "the moon " : "the sun ") + sunWords(scene, true));
        else if (!says(Judged::SunSide))
            editor.insert(*reading.heightEnd, sunWords(scene, !says(Judged::SunHeight)), false);
        else if (!says(Judged::SunHeight))
            editor.insert(*reading.sunEnd, std::string(nameOf(scene.sunHeight)), false);
    }
    if (!says(Judged::Weather))
        editor.append(phrase(weatherPhrases(scene)));
    if (!says(Judged::Season) && scene.hasSeason())
        editor.append(phrase(seasonPhrases(scene.season)));
    return editor.text();
}

} // namespace jacobi
