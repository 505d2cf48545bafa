// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/engine/autochoice.h"

#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>
#include <vector>

namespace jacobi {

/// Remembers what was measured, in a JSON file that may be deleted at any time. A file that cannot be read counts as
/// empty: everything in it can be measured again. One thread.
class AutoChoiceStore {
public:
    /// An empty path remembers until the program ends.
    explicit AutoChoiceStore(std::filesystem::path file);

    std::optional<AutoChoice> find(const RunRequest& request, const std::string& deviceName) const;

    /// Also where the file cannot be written; the error is then a sentence for the user.
    Result<void> remember(const RunRequest& request, const std::string& deviceName, const AutoChoice& choice);

private:
    std::filesystem::path m_file;
    std::vector<std::pair<nlohmann::json, AutoChoice>> m_choices; ///< the oldest first
};

/// What a choice depends on: model, device, version and those settings that change the cost of a pass or how many tokens
/// it gains. A little more guidance or another prompt does not count.
nlohmann::json autoChoiceKey(const RunRequest& request, const std::string& deviceName);

} // namespace jacobi
