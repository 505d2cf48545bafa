// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/engine/autochoice.h"
#include "core/engine/choicefile.h"

#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

namespace jacobi {

/// Remembers what was measured, under the rules of ChoiceFile. One thread.
class AutoChoiceStore {
public:
    /// An empty path remembers until the program ends.
    explicit AutoChoiceStore(std::filesystem::path file);

    std::optional<AutoChoice> find(const RunRequest& request, const std::string& deviceName) const;

    /// Also where the file cannot be written; the error is then a sentence for the user.
    Result<void> remember(const RunRequest& request, const std::string& deviceName, const AutoChoice& choice);

private:
    ChoiceFile m_file;
};

/// What a choice depends on: model, device, version and those settings that change the cost of a pass or how many tokens
/// it gains: the narrower the laws (temperature, top-k, top-p, min-p, in steps), the sooner a draft is accepted. A little more
/// guidance, a slider moved a little or another prompt does not count.
nlohmann::json autoChoiceKey(const RunRequest& request, const std::string& deviceName);

} // namespace jacobi
