// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/engine/choicefile.h"
#include "core/engine/flowchoice.h"

#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

namespace jacobi {

/// Remembers what was measured for flows, under the rules of ChoiceFile. One thread.
class FlowChoiceStore {
public:
    /// An empty path remembers until the program ends.
    explicit FlowChoiceStore(std::filesystem::path file);

    std::optional<FlowChoice> find(const RunRequest& request, const std::string& deviceName) const;

    /// Also where the file cannot be written; the error is then a sentence for the user.
    Result<void> remember(const RunRequest& request, const std::string& deviceName, const FlowChoice& choice);

private:
    ChoiceFile m_file;
};

/// What a choice depends on: model, device, version, batch, precision, clip, strategy, guidance as far as measuring tells it
/// apart (measuredGuidance), its schedule and a temperature of its own, and whether there is a class; not which.
nlohmann::json flowChoiceKey(const RunRequest& request, const std::string& deviceName);

/// {"plan", "passes", "sequentialPasses", "seconds", "sequentialSeconds", "error", "blocks": [{"block", "passes"}]}
nlohmann::json toJson(const FlowChoice& choice);
Result<FlowChoice> flowChoiceFromJson(const nlohmann::json& json);

} // namespace jacobi
