// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/training/nounphrase.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace jacobi {
namespace {

bool isArticle(const std::string& word)
{
    return word == "a" || word == "an";
}

bool isSeason(const std::string& word)
{
    return word == "spring" || word == "summer" || word == "autumn" || word == "winter";
}

/// Reads backward from a noun.
class PhraseWalk {
public:
    PhraseWalk(std::span<const std::string> words, std::span<const WordPlace> places, std::size_t noun, bool several)
        : m_words(words), m_places(places), m_several(several), m_at(noun)
    {
    }

    NounPhrase read()
    {
        stepOverName();
        while (step()) {
        }
        if (!m_isDetermined)
            forgetWhatWasJoined();
        m_phrase.saysCount = m_phrase.saysCount || m_isDoubtful || m_joined.has_value();
        readGroup();
        m_phrase.first = m_at;
        m_phrase.saysCount = m_phrase.saysCount || (m_at > 0 && isUnknown(before()));
        m_phrase.saysColour = m_phrase.saysColour || !m_phrase.colours.empty();
        return m_phrase;
    }

private:
    /// What is known where two adjectives are joined: "calm, dark trees".
    struct Joined {
        std::size_t at;
        std::size_t colours;
        bool isComma;
    };

    const std::string& before(std::size_t words = 1) const
    {
        static const std::string none;
        return m_at >= words ? m_words[m_at - words] : none;
    }
    static bool isUnknown(const std::string& word) { return word != "," && !isCaptionWord(word); }

    void stepOverName()
    {
        for (const std::string_view word : {"pine", "air", "hot"})
            m_at -= before() == word ? 1 : 0;
        // "three tree houses"
        const bool isPart = std::ranges::any_of(kNouns, [&](const Noun& noun) { return before() == noun.one; });
        m_at -= isPart && (isArticle(before(2)) || numberOfWord(before(2)).has_value()) ? 1 : 0;
        m_phrase.name = m_phrase.numberAt = m_at;
    }

    /// One word further back; false where the phrase ends.
    bool step()
    {
        const std::string& word = before();
        if (word.empty())
            return false;
        const bool isHyphened = m_places[m_at - 1].isHyphened;
        if (!isHyphened && (isArticle(word) || word == "the" || numberOfWord(word).has_value())) {
            if (const bool isPart = m_isFar && !m_several && !isArticle(word) && word != "the"; !isPart)
                return readDeterminer(word); // else "three storey house"
        }
        if (word == "and" || word == ",")
            return join();
        const bool isOfTheSun =
            (word == "high" || word == "low") && (before(2) == "sun" || before(2) == "moon" || before(2) == "is");
        if (endsNounPhrase(word) || isOfTheSun)
            return false;
        if (looksLikeSeveral(word)) { // a noun of its own: "three dogs watch trees"
            m_isDoubtful = true;
            return false;
        }
        readModifier(word, isHyphened);
        --m_at;
        if (m_isSure && !m_joined)
            m_phrase.numberAt = m_at;
        return true;
    }

    void readModifier(const std::string& word, bool isHyphened)
    {
        if (!isHyphened && namesColour(word)) {
            m_phrase.saysColour = true;
            if (m_isSure)
                m_phrase.colours.push_back(m_at - 1);
            return;
        }
        m_isFar = true;
        if (isSeason(word) && !isHyphened && before(2) != "in")
            return; // "autumn trees"
        if (isHyphened || (!isAdjective(word) && !isCaptionWord(word)))
            m_isDoubtful = m_isDoubtful || !isAdjective(word);
        else if (!isAdjective(word))
            m_isSure = false; // "sea birds", or "the sea" and something else
    }

    bool readDeterminer(const std::string& word)
    {
        m_isDetermined = true;
        bool isThe = word == "the";
        if (isArticle(word)) {
            if (!m_isFar && !m_joined)
                m_phrase.article = m_at - 1;
            m_phrase.saysCount = m_phrase.saysCount || m_isSure || !m_several;
        } else if (const auto number = numberOfWord(word)) {
            m_phrase.count = *number;
            m_phrase.saysCount = true;
        }
        m_phrase.saysCount = m_phrase.saysCount || !m_isSure;
        --m_at;
        if (!isThe && !isArticle(word) && before() == "the") {
            isThe = true;
            --m_at;
        }
        m_phrase.isDefinite = isThe && !m_isFar && !m_joined;
        return false;
    }

    /// Over "and" or a comma, where an adjective stands on either side of it.
    bool join()
    {
        const bool hasModifier = m_at < m_phrase.name;
        const std::string& other = before(2);
        if (!hasModifier || other.empty())
            return false;
        if (!isAdjective(other) && !namesColour(other) && !(isSeason(other) && before(3) != "in")) {
            // "big and dark trees" in words that nobody knows, or "a dog and dark trees".
            m_isDoubtful = m_isDoubtful || (isUnknown(other) && !endsNounPhrase(other)) || isCountedBefore(m_at - 1);
            return false;
        }
        if (!m_joined)
            m_joined = Joined{m_at, m_phrase.colours.size(), before() == ","};
        --m_at;
        return true;
    }

    /// "two dark autumn, ...": whether a number goes with what ends before word `end`, which is no subject.
    bool isCountedBefore(std::size_t end) const
    {
        const auto isSubject = [](const std::string& word) {
            return std::ranges::any_of(kNouns, [&](const Noun& noun) { return noun.one == word; });
        };
        while (end > 0 && !endsNounPhrase(m_words[end - 1]) && !isSubject(m_words[end - 1])) {
            if (numberOfWord(m_words[--end]).has_value())
                return true;
        }
        return false;
    }

    /// Where no article or number tells that it is one phrase, it may be two: "the sea is calm, dark trees".
    void forgetWhatWasJoined()
    {
        const bool isSaidOfOther = before() == "is" || before() == "are" || before() == "was" || before() == "were";
        if (m_joined && (m_joined->isComma || isSaidOfOther)) {
            m_at = m_joined->at;
            m_phrase.colours.resize(m_joined->colours);
        }
    }

    /// "a flock of birds", "two of the boats"; not "in front of trees".
    void readGroup()
    {
        constexpr std::array<std::string_view, 9> kPictures = {"picture", "photo", "photograph", "painting", "drawing",
                                                               "image",   "view",  "scene",      "landscape"};
        const std::string& group = before(2);
        const auto number = numberOfWord(group);
        if (before() != "of" || group.empty() || std::ranges::count(kPictures, group) > 0 ||
            (isCaptionWord(group) && !number))
            return;
        m_phrase.saysCount = true;
        if (m_phrase.count == 0)
            m_phrase.count = number ? *number : group == "pair" || group == "couple" ? 2 : 0;
        m_at -= 2;
        m_at -= isArticle(before()) || before() == "the" || numberOfWord(before()).has_value() ? 1 : 0;
    }

    std::span<const std::string> m_words;
    std::span<const WordPlace> m_places;
    bool m_several;
    std::size_t m_at; ///< the first word that was stepped over
    NounPhrase m_phrase;
    std::optional<Joined> m_joined; ///< at the first join, from the noun
    bool m_isSure = true;           ///< no other noun was stepped over
    bool m_isFar = false;           ///< more than colours was
    bool m_isDoubtful = false;      ///< what was may have been a number
    bool m_isDetermined = false;
};

} // namespace

NounPhrase nounPhraseBefore(std::span<const std::string> words, std::span<const WordPlace> places, std::size_t noun,
                            bool several)
{
    return PhraseWalk(words, places, noun, several).read();
}

} // namespace jacobi
