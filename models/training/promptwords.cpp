// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/training/promptwords.h"

#include "models/training/scene.h"

#include <algorithm>

namespace jacobi {

PromptWords wordsOfPrompt(std::string_view prompt)
{
    PromptWords found;
    bool inside = false;
    for (std::size_t i = 0; i < prompt.size(); ++i) {
        const char c = prompt[i];
        const char lower = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
        const bool isLetter = lower >= 'a' && lower <= 'z';
        if (isLetter) {
            if (!inside) {
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

} // namespace jacobi
