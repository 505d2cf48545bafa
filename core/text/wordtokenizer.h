// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/error.h"

#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace jacobi {

/// Turns a prompt into indices of a fixed list of words: the tokenizer of the small text-to-image models. The list
/// holds words only; ids that mean something special are the model's own to add. Immutable after construction: safe
/// from any thread.
class WordTokenizer {
public:
    /// A prompt longer than this is refused before it is looked at.
    static constexpr std::size_t kMaxPromptBytes = 4096;
    static constexpr std::size_t kNoLimit = std::numeric_limits<std::size_t>::max();

    struct Encoded {
        std::vector<std::int64_t> ids;         ///< of the known words, in order
        std::vector<std::string> unknownWords; ///< as typed, made printable, in order, each once
    };

    /// words: lower case, each once; a word's id is its index. maxWords: the most known words a prompt may have.
    explicit WordTokenizer(std::vector<std::string> words, std::size_t maxWords = kNoLimit);

    /// Splits at whitespace and ASCII punctuation, lower-cases ASCII and looks each word up. Words not in the list are
    /// left out of the ids and reported. Bytes that are not ASCII belong to the word around them; in a reported word,
    /// control characters, invisible and bidirectional formatting, and bytes that are not UTF-8 are escaped.
    /// Never fails; time is linear in the text.
    Encoded encode(std::string_view text) const;

    /// The same for what a user typed. Errors (InvalidRequest, with a sentence that says what to do): nothing typed,
    /// longer than kMaxPromptBytes (refused unread), no word known, more than maxWords known.
    Result<Encoded> encodePrompt(std::string_view prompt) const;

    /// Up to count words of the list that are spelled most alike (edit distance, then alphabetically): one letter apart, or two
    /// where both have six or more. Two letters exchanged count as one.
    std::vector<std::string> nearestWords(std::string_view word, std::size_t count) const;

    const std::vector<std::string>& words() const { return m_words; }

private:
    std::vector<std::string> m_words;
    std::unordered_map<std::string, std::int64_t> m_ids;
    std::size_t m_maxWords;
};

} // namespace jacobi
