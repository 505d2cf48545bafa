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
};

struct PromptWords {
    std::vector<std::string> words; ///< lower case, letters only; a comma, full stop or semicolon is the word ","
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

} // namespace jacobi
