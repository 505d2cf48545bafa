// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/training/captionreader.h"

#include "models/training/nounphrase.h"
#include "models/training/promptwords.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace jacobi {
namespace {

class Reader {
public:
    explicit Reader(PromptWords prompt)
        : m_places(std::move(prompt.places)), m_words(m_reading.words), m_used(m_places.size(), false)
    {
        m_reading.words = std::move(prompt.words);
    }

    CaptionReading read()
    {
        readTime();
        readWeather();
        readPlace();
        readSun();
        readSubjects();
        readLeftoverNumbers();
        m_reading.knownWords = static_cast<std::size_t>(std::ranges::count_if(m_words, isCaptionWord));
        readLeftovers();
        return m_reading;
    }

private:
    struct Mentioned {
        SubjectKind kind = SubjectKind::None;
        int colour = kNotJudged;
        int count = kNotJudged; ///< a class of the judge's
        std::optional<bool> left;
        bool isDefinite = false; ///< "the house"
        SubjectMention place;
    };

    void use(std::size_t from, std::size_t to)
    {
        std::fill(m_used.begin() + static_cast<std::ptrdiff_t>(from), m_used.begin() + static_cast<std::ptrdiff_t>(to),
                  true);
    }

    /// What is said of sides and colours beside what was read: of nothing that is known, or in a way that is not.
    void readLeftovers()
    {
        constexpr std::array<std::string_view, 8> kSides = {"left",   "right", "middle", "centre",
                                                            "center", "side",  "sides",  "both"};
        constexpr std::array<std::string_view, 8> kGrounds = {"sky",    "clouds",  "hills", "hill",
                                                              "meadow", "meadows", "snowy", "mountains"};
        constexpr std::array<std::string_view, 5> kNegations = {"without", "not", "never", "none", "nor"};
        const auto isOneOf = [](const auto& list, const std::string& word) {
            return std::ranges::find(list, word) != list.end();
        };
        for (std::size_t i = 0; i < m_words.size(); ++i) {
            m_reading.hasOtherSide = m_reading.hasOtherSide || (!m_used[i] && isOneOf(kSides, m_words[i]));
            m_reading.hasOtherColour =
                m_reading.hasOtherColour || (!m_used[i] && namesColour(m_words[i]) && !isOneOf(kGrounds, at(i + 1)));
            m_reading.isNegated =
                m_reading.isNegated || isOneOf(kNegations, m_words[i]) || (m_words[i] == "no" && at(i + 1) != "clouds");
        }
    }

    /// Numbers that are said behind their nouns: "trees, three of them".
    void readLeftoverNumbers()
    {
        for (std::size_t i = 0; i < m_words.size(); ++i) {
            const std::string& next = at(i + 1);
            m_reading.hasOtherNumber = m_reading.hasOtherNumber ||
                                       (numberOfWord(m_words[i]).has_value() &&
                                        (next.empty() || next == "," || next == "and" || next == "or" || next == "of"));
        }
    }

    void claim(Judged attribute, int value) { valueOf(m_reading.claims.values, attribute) = value; }
    template <class Enum>
    void claim(Judged attribute, Enum value)
    {
        claim(attribute, static_cast<int>(value));
    }

    const std::string& at(std::size_t i) const
    {
        static const std::string none;
        return i < m_words.size() ? m_words[i] : none;
    }
    bool has(std::initializer_list<std::string_view> some) const { return m_reading.has(some); }
    bool follow(std::string_view first, std::string_view second) const { return m_reading.follow(first, second); }

    static bool isTime(const std::string& word)
    {
        return word == "day" || word == "evening" || word == "sunset" || word == "morning" || word == "night";
    }

    void readTime()
    {
        if (has({"noon", "midday", "day"}))
            claim(Judged::Time, SceneTime::Day);
        if (has({"sunset", "dusk", "evening", "sundown"}))
            claim(Judged::Time, SceneTime::Sunset);
        if (has({"dawn", "sunrise", "morning"}))
            claim(Judged::Time, SceneTime::Dawn);
        if (has({"night", "midnight"}))
            claim(Judged::Time, SceneTime::Night);
    }

    void readWeather()
    {
        // Snow falls, or lies: "a snowy night", "snowy hills".
        bool falls = has({"snowing", "snowfall"});
        bool lies = false;
        for (std::size_t i = 0; i < m_words.size(); ++i) {
            const bool isFalling =
                m_words[i] == "snowy" ? isTime(at(i + 1)) : at(i + 1) == "falling" || (i > 0 && at(i - 1) == "falling");
            const bool isSnow = m_words[i] == "snowy" || m_words[i] == "snow";
            falls = falls || (isSnow && isFalling);
            lies = lies || (isSnow && !isFalling);
        }
        if (has({"clear", "sunny", "stars", "starry"}) || follow("blue", "sky") || follow("no", "clouds"))
            claim(Judged::Weather, Weather::Clear);
        else if (has({"clouds", "cloudy"}))
            claim(Judged::Weather, Weather::Clouds);
        if (has({"rain", "rainy", "raining"}))
            claim(Judged::Weather, Weather::Rain);
        if (has({"fog", "foggy", "mist", "misty"}))
            claim(Judged::Weather, Weather::Fog);
        if (falls)
            claim(Judged::Weather, Weather::Snowfall);
        if (has({"spring"}))
            claim(Judged::Season, Season::Spring);
        if (has({"summer"}))
            claim(Judged::Season, Season::Summer);
        if (has({"autumn", "fall"}))
            claim(Judged::Season, Season::Autumn);
        if (has({"winter"}) || lies)
            claim(Judged::Season, Season::Winter);
    }

    void readPlace()
    {
        const auto place = [this](std::initializer_list<std::string_view> names, Terrain terrain) {
            if (!has(names))
                return;
            m_reading.claims.otherTerrain = valueOf(m_reading.claims.values, Judged::Terrain);
            claim(Judged::Terrain, terrain);
        };
        place({"sea", "ocean", "lake", "water"}, Terrain::Sea);
        place({"hills", "hill", "meadow", "meadows"}, Terrain::Hills);
        place({"mountain", "mountains"}, Terrain::Mountains);
        place({"desert", "dunes"}, Terrain::Desert);
    }

    /// The words "on the left", "to the right side", "left" from i on: which side, and where they end.
    std::optional<std::pair<SunSide, std::size_t>> sideAt(std::size_t i) const
    {
        std::size_t word = i;
        if (at(word) == "on" || at(word) == "to" || at(word) == "in")
            ++word;
        if (at(word) == "the")
            ++word;
        const std::string& side = at(word);
        const std::size_t end = word + (at(word + 1) == "side" ? 2 : 1);
        if (side == "left")
            return std::pair(SunSide::Left, end);
        if (side == "right")
            return std::pair(SunSide::Right, end);
        if (side == "middle" || side == "centre" || side == "center")
            return std::pair(SunSide::Middle, end);
        return std::nullopt;
    }

    void readSun()
    {
        for (std::size_t i = 0; i < m_words.size(); ++i) {
            if (m_words[i] != "sun" && m_words[i] != "moon")
                continue;
            const auto height = [&](const std::string& word) {
                const bool isLow = word == "low" || word == "setting" || word == "rising";
                if (word == "high" || isLow)
                    claim(Judged::SunHeight, isLow ? SunHeight::Low : SunHeight::High);
                return word == "high" || isLow;
            };
            if (i > 0)
                height(m_words[i - 1]);
            std::size_t next = i + 1;
            next += at(next) == "is" ? 1 : 0;
            m_reading.sunEnd = m_places[next - 1].end;
            next += height(at(next)) ? 1 : 0;
            m_reading.heightEnd = m_places[next - 1].end;
            if (const auto side = sideAt(next)) {
                claim(Judged::SunSide, side->first);
                use(next, side->second);
                if (at(side->second) == "is")
                    height(at(side->second + 1));
            }
        }
    }

    void readSubjects()
    {
        std::vector<Mentioned> subjects;
        for (std::size_t i = 0; i < m_words.size() && subjects.size() < 2; ++i) {
            for (const Noun& noun : kNouns) {
                const bool several = m_words[i] == noun.several;
                if (!several && m_words[i] != noun.one)
                    continue;
                if (noun.kind == SubjectKind::Pine && (at(i + 1) == "tree" || at(i + 1) == "trees"))
                    continue; // told by the next word
                if (!several && isPartOfName(i))
                    continue;
                const bool isPineTree = noun.kind == SubjectKind::Tree && i > 0 && m_words[i - 1] == "pine";
                Mentioned subject = mentionedAt(i, isPineTree ? SubjectKind::Pine : noun.kind, several);
                const bool isSame = subject.isDefinite && !subjects.empty() && subjects[0].kind == subject.kind;
                if (!isSame) // "a house. The house ..."
                    subjects.push_back(std::move(subject));
            }
        }
        if (subjects.empty()) {
            claim(Judged::LeftKind, SubjectKind::None);
            claim(Judged::RightKind, SubjectKind::None);
            return;
        }
        place(std::move(subjects));
    }

    /// "a tree house" is a house.
    bool isPartOfName(std::size_t i) const
    {
        const std::string& next = at(i + 1);
        const bool isNoun = std::ranges::any_of(
            kNouns, [&](const Noun& noun) { return !next.empty() && (noun.one == next || noun.several == next); });
        return isNoun && i > 0 && (at(i - 1) == "a" || at(i - 1) == "an" || numberOfWord(at(i - 1)).has_value());
    }

    /// The subject whose noun is word i.
    Mentioned mentionedAt(std::size_t i, SubjectKind kind, bool several)
    {
        const NounPhrase phrase = nounPhraseBefore(m_words, m_places, i, several);
        Mentioned subject;
        subject.kind = kind;
        subject.isDefinite = phrase.isDefinite;
        for (const std::size_t colour : phrase.colours)
            use(colour, colour + 1);
        if (phrase.colours.size() == 1) {
            if (const auto colour = colourOfWord(m_words[phrase.colours.front()]))
                subject.colour = static_cast<int>(*colour);
        }
        const int count = phrase.count > 0 ? phrase.count : several ? 0 : 1;
        if (mostOf(kind) > 1 && count > 0)
            subject.count = count - 1;
        SubjectMention& place = subject.place;
        place.begin = m_places[phrase.first].begin;
        place.colourAt = m_places[phrase.name].begin;
        place.numberAt = m_places[phrase.numberAt].begin;
        place.articleEnd = phrase.article ? m_places[*phrase.article].end : 0;
        place.saysColour = phrase.saysColour;
        place.saysCount = phrase.saysCount || count > 0 || mostOf(kind) == 1;
        readSide(subject, phrase.first, i + 1);
        return subject;
    }

    /// Where the subject is, by the words before word `first` or from word `after` on.
    void readSide(Mentioned& subject, std::size_t first, std::size_t after)
    {
        if (at(after) == "in" && at(after + 1) == "the" && at(after + 2) == "sky")
            after += 3;
        const std::size_t end = endOfCompound(after);
        subject.place.end = m_places[end - 1].end;
        std::size_t sideBegin = at(after) != "on" && at(end) == "on" ? end : after;
        auto side = sideAt(sideBegin);
        subject.place.isCompound = end == after && isUnknown(after) && !endsNounPhrase(at(after));
        if (!side)
            side = sideBefore(first, sideBegin);
        if (side && side->first != SunSide::Middle) {
            subject.left = side->first == SunSide::Left;
            use(sideBegin, side->second);
        }
    }

    bool isUnknown(std::size_t i) const { return i < m_words.size() && at(i) != "," && !isCaptionWord(at(i)); }

    /// Behind the words that nobody knows and that go with a name which ends before word i: "a pine forest", "a house stands".
    /// i where what follows may belong to them: "a boat carrying a horse", "trees full of birds".
    std::size_t endOfCompound(std::size_t i) const
    {
        std::size_t end = i;
        while (isUnknown(end) && !endsNounPhrase(at(end)))
            ++end;
        const bool isEnd = end >= m_words.size() || (endsNounPhrase(at(end)) && at(end) != "of");
        const bool isSide = at(end) == "left" || at(end) == "right";
        return isEnd && !isSide ? end : i;
    }

    /// "on the left" or "on the left," directly before word i, and where it begins.
    std::optional<std::pair<SunSide, std::size_t>> sideBefore(std::size_t i, std::size_t& begin) const
    {
        i -= i > 0 && at(i - 1) == "," ? 1 : 0;
        for (std::size_t length = 4; length >= 3; --length) {
            if (i >= length && (at(i - length) == "on" || at(i - length) == "to")) {
                const auto side = sideAt(i - length);
                // Not the side of a subject before this one.
                const bool isFirst = i == length || at(i - length - 1) == "," || at(i - length - 1) == "and";
                if (side && side->second == i && isFirst) {
                    begin = i - length;
                    return side;
                }
            }
        }
        return std::nullopt;
    }

    void place(std::vector<Mentioned> subjects)
    {
        m_reading.claims.sides =
            std::ranges::all_of(subjects, [](const Mentioned& subject) { return subject.left.has_value(); });
        const std::size_t count = subjects.size();
        if (count == 1) {
            subjects.push_back({});
            subjects[1].left = !subjects[0].left.value_or(true);
        }
        const bool isSwapped = subjects[0].left ? !*subjects[0].left : subjects[1].left.value_or(false);
        const bool saysEither = subjects[0].left || (count > 1 && subjects[1].left);
        for (std::size_t i = 0; i < count; ++i) {
            SubjectMention mention = subjects[i].place;
            mention.isLeft = (i == 0) != isSwapped;
            mention.saysSide = subjects[i].left.has_value();
            mention.isSideKnown = saysEither;
            m_reading.subjects.push_back(mention);
        }
        if (isSwapped)
            std::swap(subjects[0], subjects[1]);
        for (const bool left : {true, false}) {
            const Mentioned& subject = subjects[left ? 0 : 1];
            claim(left ? Judged::LeftKind : Judged::RightKind, subject.kind);
            claim(left ? Judged::LeftColour : Judged::RightColour, subject.colour);
            claim(left ? Judged::LeftCount : Judged::RightCount, subject.count);
        }
    }

    CaptionReading m_reading;
    std::vector<WordPlace> m_places;
    const std::vector<std::string>& m_words; ///< the reading's
    std::vector<bool> m_used;                ///< words of sides and colours that belong to something
};

} // namespace

bool CaptionReading::has(std::initializer_list<std::string_view> some) const
{
    return std::ranges::any_of(some,
                               [&](std::string_view word) { return std::ranges::find(words, word) != words.end(); });
}

bool CaptionReading::follow(std::string_view first, std::string_view second) const
{
    return std::ranges::adjacent_find(words, [&](const std::string& a, const std::string& b) {
               return a == first && b == second;
           }) != words.end();
}

SceneClaims readCaption(std::string_view prompt)
{
    return readCaptionClosely(prompt).claims;
}

CaptionReading readCaptionClosely(std::string_view prompt)
{
    return Reader(wordsOfPrompt(prompt)).read();
}

} // namespace jacobi
