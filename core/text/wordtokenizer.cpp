// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/text/wordtokenizer.h"

#include "core/base/printable.h"
#include "core/base/utf8.h"

#include <algorithm>
#include <numeric>
#include <unordered_set>
#include <utility>

namespace jacobi {
namespace {

constexpr std::size_t kLongestReportedWord = 64; // bytes shown of an unknown word
constexpr std::size_t kMostNamedWords = 8;       // words named in an error

constexpr char lowered(char c)
{
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

/// Whitespace and ASCII punctuation; other control characters belong to a word, so that they are reported.
constexpr bool isSeparator(char c)
{
    const bool space = c == ' ' || (c >= '\t' && c <= '\r');
    const bool punctuation =
        (c >= '!' && c <= '/') || (c >= ':' && c <= '@') || (c >= '[' && c <= '`') || (c >= '{' && c <= '~');
    return space || punctuation;
}

std::string loweredWord(std::string_view word)
{
    std::string result(word);
    std::ranges::transform(result, result.begin(), lowered);
    return result;
}

/// White space beyond ASCII separates words too: a prompt pasted from a page may hold no-break spaces.
bool isWideSpace(char32_t c)
{
    return c == 0x85 || c == 0xA0 || c == 0x1680 || (c >= 0x2000 && c <= 0x200A) || c == 0x2028 || c == 0x2029 ||
           c == 0x202F || c == 0x205F || c == 0x3000;
}

/// Dashes, curly quotes, ellipsis, ideographic comma and full stop.
bool isWidePunctuation(char32_t c)
{
    return (c >= 0x2010 && c <= 0x2027) || c == 0x3001 || c == 0x3002 || c == 0xFF0C || c == 0xFF0E;
}

std::vector<std::string_view> splitWords(std::string_view text)
{
    std::vector<std::string_view> words;
    std::size_t begin = 0;
    const auto close = [&](std::size_t end) {
        if (end > begin)
            words.push_back(text.substr(begin, end - begin));
    };
    for (std::size_t i = 0; i < text.size();) {
        const DecodedUtf8 c = decodeUtf8(text.substr(i));
        const bool wide = c.isValid && (isWideSpace(c.codePoint) || isWidePunctuation(c.codePoint));
        if (wide || (c.bytes == 1 && isSeparator(text[i]))) {
            close(i);
            begin = i + c.bytes;
        }
        i += c.bytes;
    }
    close(text.size());
    return words;
}

std::string quoted(const std::vector<std::string>& words)
{
    std::string list;
    const std::size_t named = std::min(words.size(), kMostNamedWords);
    for (std::size_t i = 0; i < named; ++i)
        list += (i == 0 ? "\"" : ", \"") + words[i] + "\"";
    if (words.size() > named)
        list += " and " + std::to_string(words.size() - named) + " more";
    return list;
}

/// Letters to replace, add, leave out or exchange with the next one, until a is b.
std::size_t editDistance(std::string_view a, std::string_view b)
{
    std::vector<std::size_t> row(b.size() + 1), above, twoAbove;
    std::iota(row.begin(), row.end(), std::size_t{0});
    for (std::size_t i = 1; i <= a.size(); ++i) {
        twoAbove = std::exchange(above, row);
        row[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const std::size_t replaced = above[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
            row[j] = std::min({replaced, above[j] + 1, row[j - 1] + 1});
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                row[j] = std::min(row[j], twoAbove[j - 2] + 1);
        }
    }
    return row.back();
}

/// Of short words, two letters are much: "storm" is no slip of "stars".
constexpr std::size_t mostEdits(std::size_t letters)
{
    return letters <= 5 ? 1 : 2;
}

} // namespace

WordTokenizer::WordTokenizer(std::vector<std::string> words, std::size_t maxWords)
    : m_words(std::move(words)), m_maxWords(maxWords)
{
    for (std::size_t i = 0; i < m_words.size(); ++i)
        m_ids.emplace(m_words[i], static_cast<std::int64_t>(i));
}

WordTokenizer::Encoded WordTokenizer::encode(std::string_view text) const
{
    Encoded encoded;
    std::unordered_set<std::string> reported;
    for (const std::string_view word : splitWords(text)) {
        std::string key = loweredWord(word);
        const auto known = m_ids.find(key);
        if (known != m_ids.end()) {
            encoded.ids.push_back(known->second);
        } else if (reported.insert(std::move(key)).second) {
            encoded.unknownWords.push_back(printable(word, kLongestReportedWord));
        }
    }
    return encoded;
}

Result<WordTokenizer::Encoded> WordTokenizer::encodePrompt(std::string_view prompt) const
{
    if (prompt.size() > kMaxPromptBytes) {
        return fail(ErrorCode::InvalidRequest, "The prompt is too long: " + std::to_string(prompt.size()) +
                                                   " bytes, where " + std::to_string(kMaxPromptBytes) +
                                                   " are the most. Shorten it to one sentence.");
    }
    Encoded encoded = encode(prompt);
    if (encoded.ids.empty() && encoded.unknownWords.empty()) {
        return fail(ErrorCode::InvalidRequest, "Type what the picture should show, for example \"a red house on the "
                                               "left below snowy mountains, sunset\".");
    }
    if (encoded.ids.empty()) {
        return fail(ErrorCode::InvalidRequest, "This model knows no word of the prompt: " +
                                                   quoted(encoded.unknownWords) + ". Use words that it has learned.");
    }
    if (encoded.ids.size() > m_maxWords) {
        return fail(ErrorCode::InvalidRequest, "The prompt has " + std::to_string(encoded.ids.size()) +
                                                   " words that this model knows; it reads " +
                                                   std::to_string(m_maxWords) + " at most. Leave some out.");
    }
    return encoded;
}

std::vector<std::string> WordTokenizer::nearestWords(std::string_view word, std::size_t count) const
{
    const std::string key = loweredWord(word);
    std::vector<std::pair<std::size_t, std::string>> near;
    for (const std::string& candidate : m_words) {
        const std::size_t longer = std::max(candidate.size(), key.size());
        const std::size_t shorter = std::min(candidate.size(), key.size());
        const std::size_t allowed = mostEdits(shorter);
        if (longer - shorter > allowed)
            continue;
        const std::size_t distance = editDistance(key, candidate);
        if (distance <= allowed && distance < longer)
            near.emplace_back(distance, candidate);
    }
    std::ranges::sort(near);
    near.resize(std::min(count, near.size()));
    std::vector<std::string> result;
    for (auto& [distance, candidate] : near)
        result.push_back(std::move(candidate));
    return result;
}

} // namespace jacobi
