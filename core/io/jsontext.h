// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/error.h"

#include <cstddef>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

namespace jacobi {

/// Parses JSON that a stranger wrote: UTF-8, no key twice in an object, nested at most kMaxJsonDepth deep, at most
/// maxValues values. `what` begins the error's sentence, for example "The model's model.json".
Result<nlohmann::json> parseJson(std::string_view text, const std::string& what, std::size_t maxValues = 1'000'000);

/// JSON as text: keys sorted, texts that are not UTF-8 repaired; never throws for them.
std::string jsonText(const nlohmann::json& json, int indent = -1);

/// The same with every character beyond ASCII written as an escape.
std::string asciiJsonText(const nlohmann::json& json);

} // namespace jacobi
