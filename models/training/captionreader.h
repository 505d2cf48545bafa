// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "models/training/scenejudged.h"

#include <cstddef>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace jacobi {

/// What a prompt says, as captionOf() would have said it: the other way round. Reads every caption of that grammar back
/// into its claims (of one without sides: left and right as they are named), and free prompts of its words as far as they
/// go: a word it does not know is passed over, of more than two subjects the first two count. Lower or upper case; pure.
SceneClaims readCaption(std::string_view prompt);

/// Where a prompt names a subject: bytes of it at which more could be said.
struct SubjectMention {
    bool isLeft = true;       ///< which of the claims' sides is its own
    bool saysSide = false;    ///< where it is named
    bool isSideKnown = false; ///< or where the other one is: isLeft is no matter of choice
    bool saysColour = false;
    bool saysCount = true;      ///< or comes in one number, or as "some"
    bool isCompound = false;    ///< a word that nobody knows follows its name, and more that may belong to that
    std::size_t begin = 0;      ///< before its article or number
    std::size_t articleEnd = 0; ///< behind "a" or "an" directly before its name or colour; 0: there is none
    std::size_t colourAt = 0;   ///< before its name
    std::size_t numberAt = 0;   ///< before its adjectives and colour
    std::size_t end = 0;        ///< behind its name and what goes with it, where its side would stand
};

/// A prompt read, with the places where it could say more.
struct CaptionReading {
    SceneClaims claims;
    std::vector<SubjectMention> subjects; ///< up to two, as they are named
    std::optional<std::size_t> sunEnd;    ///< behind "the sun is", where its height would stand
    std::optional<std::size_t> heightEnd; ///< behind what is said of its height, where its side would stand
    std::vector<std::string> words;       ///< promptwords.h
    std::size_t knownWords = 0;           ///< of them, those of the captions
    bool hasOtherSide = false;            ///< it speaks of sides that are neither a subject's nor the sun's
    bool hasOtherColour = false;          ///< or of colours that are no subject's, and not the sky's or the ground's
    bool hasOtherNumber = false;          ///< or of numbers behind what they are of
    bool isNegated = false;               ///< "no", but for "no clouds", "without" and the like

    bool has(std::initializer_list<std::string_view> some) const;       ///< one of them
    bool follow(std::string_view first, std::string_view second) const; ///< one directly after the other
};
CaptionReading readCaptionClosely(std::string_view prompt);

} // namespace jacobi
