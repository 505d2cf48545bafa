// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "models/training/promptwords.h"

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace jacobi {

/// What stands before a subject's noun and belongs to it, in words of the prompt: "the three dark green trees".
struct NounPhrase {
    std::size_t first = 0;              ///< its first word: the article, or what else begins it
    std::size_t name = 0;               ///< the first word of its name: "hot" of "hot air balloon"
    std::size_t numberAt = 0;           ///< before this word a number would stand
    std::optional<std::size_t> article; ///< "a" or "an", where it stands directly before the name or its only colour
    std::vector<std::size_t> colours;   ///< the words that name its own
    bool saysColour = false;            ///< or may: "a green hill house"
    bool saysCount = false;             ///< or may: there is an article, a number, or a word that nobody knows
    int count = 0;                      ///< the number, 1..3; 0: none of these
    bool isDefinite = false;            ///< "the" with no more than a colour
};

/// The phrase whose noun is the word at `noun`, from there back to the first word that cannot belong to it. Adjectives, and
/// words that nobody knows, are stepped over: what was said before them still counts. Pure.
NounPhrase nounPhraseBefore(std::span<const std::string> words, std::span<const WordPlace> places, std::size_t noun,
                            bool several);

} // namespace jacobi
