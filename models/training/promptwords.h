// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "models/training/sceneplan.h"

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace jacobi {

// The words of a prompt, and what single ones mean; captionreader.cpp puts them together.

/// Where a word stands: bytes of the prompt.
struct WordPlace {
    std::size_t begin = 0;
    std::size_t end = 0;
    bool isHyphened = false; ///< to the next word: "red-roofed"
};

struct PromptWords {
    std::vector<std::string> words; ///< lower case, letters and digits; a comma, full stop or semicolon is the word ","
    std::vector<WordPlace> places;  ///< of each
};
PromptWords wordsOfPrompt(std::string_view prompt);

/// Whether captions have the word.
bool isCaptionWord(const std::string& word);

/// What a subject is called.
struct Noun {
    std::string_view one;
    std::string_view several;
    SubjectKind kind;
};
inline constexpr std::array<Noun, 15> kNouns = {{{"house", "houses", SubjectKind::House},
                                                 {"tree", "trees", SubjectKind::Tree},
                                                 {"pine", "pines", SubjectKind::Pine},
                                                 {"boat", "boats", SubjectKind::Boat},
                                                 {"sailboat", "sailboats", SubjectKind::Boat},
                                                 {"lighthouse", "", SubjectKind::Lighthouse},
                                                 {"cactus", "cacti", SubjectKind::Cactus},
                                                 {"windmill", "", SubjectKind::Windmill},
                                                 {"tower", "", SubjectKind::Tower},
                                                 {"bridge", "", SubjectKind::Bridge},
                                                 {"balloon", "balloons", SubjectKind::Balloon},
                                                 {"", "flowers", SubjectKind::Flowers},
                                                 {"deer", "", SubjectKind::Deer},
                                                 {"horse", "horses", SubjectKind::Horse},
                                                 {"bird", "birds", SubjectKind::Birds}}};

/// The colour that a word names.
std::optional<SubjectColour> colourOfWord(const std::string& word);
/// The same, or one that no caption has: "violet".
bool namesColour(const std::string& word);

/// The number that a word names: 1..3, or 0 for any other ("12", "many", "some").
std::optional<int> numberOfWord(const std::string& word);

/// Of what stands before a noun: "dark", "tall".
bool isAdjective(const std::string& word);

/// A word that cannot be a part of what stands before a noun: "on", "behind", "is", "left", a noun in the plural.
bool endsNounPhrase(const std::string& word);
/// Whether an unknown word may be a noun in the plural: "dogs", "people".
bool looksLikeSeveral(const std::string& word);

} // namespace jacobi
