// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/training/promptwords.h"

#include "models/training/scene.h"

#include <algorithm>
#include <array>
#include <set>

namespace jacobi {

PromptWords wordsOfPrompt(std::string_view prompt)
{
    PromptWords found;
    bool inside = false;
    for (std::size_t i = 0; i < prompt.size(); ++i) {
        const char c = prompt[i];
        const char lower = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
        const bool isLetter = (lower >= 'a' && lower <= 'z') || (lower >= '0' && lower <= '9');
        if (isLetter) {
            if (!inside) {
                if (i > 1 && prompt[i - 1] == '-' && !found.places.empty() && found.places.back().end == i - 1)
                    found.places.back().isHyphened = true;
                found.words.emplace_back();
                found.places.push_back({i, i});
            }
            found.words.back() += lower;
            found.places.back().end = i + 1;
        } else if (lower == ',' || lower == '.' || lower == ';') {
            found.words.emplace_back(",");
            found.places.push_back({i, i + 1});
        }
        inside = isLetter;
    }
    return found;
}

bool isCaptionWord(const std::string& word)
{
    return std::ranges::binary_search(sceneWords(), word);
}

std::optional<SubjectColour> colourOfWord(const std::string& word)
{
    for (int i = 0; i <= static_cast<int>(SubjectColour::Black); ++i) {
        if (word == nameOf(static_cast<SubjectColour>(i)))
            return static_cast<SubjectColour>(i);
    }
    return word == "gray" ? std::optional(SubjectColour::Grey) : std::nullopt;
}

bool namesColour(const std::string& word)
{
    static const std::set<std::string_view> others = {
        "amber",    "azure",    "beige",    "blond",     "blonde",   "bluish",  "bronze",  "colourful",
        "colorful", "coloured", "cream",    "colored",   "crimson",  "cyan",    "ebony",   "gold",
        "golden",   "greenish", "indigo",   "ivory",     "khaki",    "lilac",   "magenta", "maroon",
        "mauve",    "ochre",    "reddish",  "scarlet",   "silver",   "silvery", "tan",     "teal",
        "violet",   "pinkish",  "purplish", "yellowish", "brownish", "greyish", "whitish", "turquoise"};
    return colourOfWord(word).has_value() || others.contains(word);
}

std::optional<int> numberOfWord(const std::string& word)
{
    constexpr std::array<std::string_view, 3> kNumbers = {"one", "two", "three"};
    for (std::size_t i = 0; i < kNumbers.size(); ++i) {
        if (word == kNumbers[i] || word == std::to_string(i + 1))
            return static_cast<int>(i) + 1;
    }
    static const std::set<std::string_view> others = {"four", "five",    "six",       "seven",  "eight",   "nine",
                                                      "ten",  "eleven",  "twelve",    "twenty", "hundred", "thousand",
                                                      "many", "dozen",   "several",   "few",    "some",    "any",
                                                      "all",  "various", "countless", "both",   "numerous"};
    const bool isDigits = !word.empty() && word.find_first_not_of("0123456789") == std::string::npos;
    return isDigits || others.contains(word) ? std::optional(0) : std::nullopt;
}

bool isAdjective(const std::string& word)
{
    static const std::set<std::string_view> words = {
        "ancient", "bare",   "beautiful", "big",   "bright",   "broken", "calm",  "clear",  "cloudy",
        "dark",    "dead",   "distant",   "early", "enormous", "foggy",  "giant", "high",   "huge",
        "large",   "little", "lonely",    "lone",  "long",     "low",    "misty", "narrow", "new",
        "old",     "pretty", "rainy",     "rocky", "round",    "ruined", "short", "small",  "snowy",
        "starry",  "stone",  "sunny",     "tall",  "tiny",     "wide",   "wild",  "wooden", "young"};
    return words.contains(word);
}

bool endsNounPhrase(const std::string& word)
{
    static const std::set<std::string_view> words = {
        // of the captions
        ",", "above", "and", "at", "below", "by", "center", "centre", "clouds", "dunes", "during", "front", "hills",
        "in", "is", "left", "meadows", "middle", "mountains", "near", "of", "on", "over", "right", "side", "stars",
        "to", "under", "with",
        // of others
        "about", "across", "against", "along", "amid", "among", "are", "around", "as", "before", "behind", "beneath",
        "beside", "between", "beyond", "but", "for", "from", "has", "have", "inside", "into", "like", "next", "off",
        "onto", "or", "outside", "that", "there", "through", "towards", "upon", "was", "were", "where", "which",
        "while", "who", "without"};
    return words.contains(word) || std::ranges::any_of(kNouns, [&](const Noun& noun) { return noun.several == word; });
}

bool looksLikeSeveral(const std::string& word)
{
    const bool isKnown =
        isCaptionWord(word) || isAdjective(word) || namesColour(word) || numberOfWord(word).has_value();
    const bool isSingular = word.ends_with("ss") || word.ends_with("us") || word.ends_with("is");
    return !isKnown && ((word.size() > 2 && word.ends_with('s') && !isSingular) || word == "men" || word == "women" ||
                        word == "people" || word == "children");
}

} // namespace jacobi
