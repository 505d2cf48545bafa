// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/error.h"

#include <cstdint>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace jacobi {

/// Remembers what was measured, in a JSON file that may be deleted at any time:
///
///     {"schema": 1, "choices": [{"for": {...}, ...}, ...]}
///
/// the oldest first. "for" is the key, whatever else a choice holds is its owner's, who also checks it when it is read. A
/// file that cannot be read counts as empty: everything in it can be measured again. Programs may share a file: what
/// others have written meanwhile is read before it is written. One thread.
class ChoiceFile {
public:
    /// An empty path remembers until the program ends. A file of more bytes counts as empty.
    ChoiceFile(std::filesystem::path file, std::uint64_t mostBytes);

    /// Null where there is none; valid until the next call of remember.
    const nlohmann::json* find(const nlohmann::json& key) const;

    /// choice: an object. Remembers it also where the file cannot be written; the error is then a sentence for the user.
    Result<void> remember(const nlohmann::json& key, nlohmann::json choice);

private:
    using Choices = std::vector<nlohmann::json>;

    Choices read() const;
    void put(const nlohmann::json& key, nlohmann::json choice);
    void takeOthers();

    std::filesystem::path m_file;
    std::uint64_t m_mostBytes;
    Choices m_choices;
};

} // namespace jacobi
