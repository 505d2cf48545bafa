// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace jacobi {

/// Whether a character is a control character, or a format character that is invisible or turns the text around it.
bool isHidden(char32_t c);

/// Somebody else's text as it may stand in a message or on a terminal: hidden characters and bytes that are not UTF-8
/// are escaped ("\u{001B}", "\xFF"), and what follows the first maxBytes is "...".
std::string printable(std::string_view text, std::size_t maxBytes);

/// Whether text is UTF-8 in which nothing hides.
bool isPrintable(std::string_view text);

} // namespace jacobi
