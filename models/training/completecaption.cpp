// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/training/completecaption.h"

#include "models/training/captionreader.h"
#include "models/training/scene.h"
#include "models/training/scenerandom.h"
#include "models/training/scenewords.h"

#include <algorithm>
#include <functional>
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
        return clashes + clashesOfTheSky(scene) + clashesOfWords(scene);
    }

    int clashesOfTheSky(const Scene& scene) const
    {
        int clashes = 0;
        const auto count = [&](bool isClash) { clashes += isClash ? 1 : 0; };
        const bool twilight = scene.time == SceneTime::Sunset || scene.time == SceneTime::Dawn;
        count(twilight && scene.sunHeight == SunHeight::High);
        count((says(Judged::SunSide) || says(Judged::SunHeight) || m_reading.sunEnd) && !scene.hasSun());
        count(scene.terrain == Terrain::Desert && scene.weather != Weather::Clear && scene.weather != Weather::Clouds);
        count(scene.weather == Weather::Rain && scene.hasSnow());
        count(scene.weather == Weather::Snowfall && !scene.hasSnow());
        return clashes;
    }

    /// What single words of the captions go with.
    int clashesOfWords(const Scene& scene) const
    {
        int clashes = 0;
        const auto count = [&](bool isSaid, bool isSo) { clashes += isSaid && !isSo ? 1 : 0; };
        const auto has = [&](std::string_view word) { return m_reading.has({word}); };
        const auto is = [&](SceneTime time) { return scene.time == time; };
        count(has("moon") || has("stars") || has("starry"), is(SceneTime::Night));
        count(has("sun"), !is(SceneTime::Night));
        count(has("sunny") || m_reading.follow("blue", "sky"), is(SceneTime::Day));
        count(has("setting"), is(SceneTime::Sunset));
        count(has("rising"), is(SceneTime::Dawn));
        count(has("noon") || has("midday"), scene.sunHeight == SunHeight::High);
        for (const std::string_view place : {"hills", "hill", "meadow", "meadows"})
            count(m_reading.follow("green", place), scene.season == Season::Spring || scene.season == Season::Summer);
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
    Editor(std::string_view prompt, std::size_t words) : m_prompt(prompt), m_words(words) {}

    bool insertBefore(std::size_t at, const std::string& words) { return insert(at, words, words + " "); }
    bool insertAfter(std::size_t at, const std::string& words) { return insert(at, words, " " + words); }
    void append(const std::string& words)
    {
        if (hasRoom(words))
            m_tail += ", " + words;
    }
    /// "a" before "orange" becomes "an", and the other way round.
    void fitArticle(std::size_t end, const std::string& next)
    {
        const bool isAn = m_prompt[end - 1] == 'n' || m_prompt[end - 1] == 'N';
        const bool wantsAn = std::string_view("aeiou").find(next.front()) != std::string_view::npos;
        if (!isAn && wantsAn)
            m_edits.push_back({end, 0, "n"});
        if (isAn && !wantsAn)
            m_edits.push_back({end - 1, 1, ""});
    }

    std::string text() const
    {
        std::string text(m_prompt);
        if (!m_tail.empty()) {
            while (!text.empty() && std::string_view(" \t\r\n.,;").find(text.back()) != std::string_view::npos)
                text.pop_back();
        }
        std::vector<Edit> edits = m_edits;
        std::ranges::stable_sort(edits, std::greater<>(), &Edit::at);
        for (const Edit& edit : edits)
            text.replace(std::min(edit.at, text.size()), edit.length, edit.words);
        return text + m_tail;
    }

private:
    struct Edit {
        std::size_t at;
        std::size_t length; ///< of what is replaced
        std::string words;
    };

    bool insert(std::size_t at, const std::string& words, const std::string& spaced)
    {
        const bool fits = hasRoom(words);
        if (fits)
            m_edits.push_back({at, 0, spaced});
        return fits;
    }
    bool hasRoom(const std::string& words)
    {
        const std::size_t more = 1 + static_cast<std::size_t>(std::ranges::count(words, ' '));
        const bool fits = m_words + more <= static_cast<std::size_t>(longestSceneCaption());
        m_words += fits ? more : 0;
        return fits;
    }

    std::string_view m_prompt;
    std::size_t m_words;
    std::vector<Edit> m_edits;
    std::string m_tail;
};

void completeSubject(const SubjectMention& mention, const Subject& drawn, bool isLeft, const CaptionReading& reading,
                     Editor& editor)
{
    const std::string side = phrase(subjectSidePhrases(isLeft));
    if (!mention.saysSide && !reading.hasOtherSide) {
        if (mention.isCompound) // "on the left a boat carrying flowers"
            editor.insertBefore(mention.begin, side);
        else
            editor.insertAfter(mention.end, side);
    }
    const std::string colour = phrase(colourNames(drawn.colour));
    if (!mention.saysColour && !reading.hasOtherColour && editor.insertBefore(mention.colourAt, colour) &&
        mention.articleEnd > 0)
        editor.fitArticle(mention.articleEnd, colour);
    if (!mention.saysCount && !reading.hasOtherNumber) // at the same place it comes to stand before the colour
        editor.insertBefore(mention.numberAt, std::string(numberName(drawn.count)));
}

std::string sunWords(const Scene& scene, bool withHeight)
{
    const std::string side = phrase(sunSidePhrases(scene.sunSide));
    return withHeight ? std::string(nameOf(scene.sunHeight)) + " " + side : side;
}

} // namespace

std::string completeCaption(std::string_view prompt, std::uint64_t seed)
{
    const CaptionReading reading = readCaptionClosely(prompt);
    if (reading.isNegated) // what is not to be there cannot be told from what is
        return std::string(prompt);
    const Chooser chooser(reading, seed);
    const Scene scene = chooser.choose();
    const auto says = [&](Judged attribute) { return valueOf(reading.claims.values, attribute) != kNotJudged; };
    Editor editor(prompt, reading.knownWords);
    // What matters most comes first: it finds room.
    for (const SubjectMention& mention : reading.subjects) {
        const bool isLeft = mention.isLeft != chooser.isMirrored();
        completeSubject(mention, isLeft ? scene.left : scene.right, isLeft, reading, editor);
    }
    if (!says(Judged::Terrain))
        editor.append(phrase(placeNames(scene)));
    if (!says(Judged::Time))
        editor.append(phrase(timePhrases(scene)));
    if (scene.hasSun()) {
        const std::string height(nameOf(scene.sunHeight));
        if (!reading.sunEnd)
            editor.append((scene.isNight() ? "the moon " : "the sun ") + sunWords(scene, true));
        else if (!says(Judged::SunSide) && !reading.hasOtherSide)
            editor.insertAfter(*reading.heightEnd, sunWords(scene, !says(Judged::SunHeight)));
        else if (!says(Judged::SunHeight))
            editor.insertAfter(*reading.sunEnd, height);
    }
    if (!says(Judged::Weather))
        editor.append(phrase(weatherPhrases(scene)));
    if (!says(Judged::Season) && scene.hasSeason())
        editor.append(phrase(seasonPhrases(scene.season)));
    return editor.text();
}

bool completesCaptions(const std::vector<std::string>& words, std::int64_t mostWords)
{
    return words == sceneWords() && mostWords >= longestSceneCaption();
}

} // namespace jacobi
