// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/engine/backend.h"

#include <string>
#include <vector>

namespace jacobi::cli {

/// The folder the user named, or `judge` in the first of the model folders that has one.
Result<std::string> judgeFolder(const std::string& named, const std::vector<std::string>& folders);

/// The model of that name; an error where there is none, or it cannot be used.
Result<ModelInfo> usableModel(Backend& backend, const std::string& id);

/// The same of models that are no flows, which have a bench of their own.
Result<ModelInfo> tokenModel(Backend& backend, const std::string& id);

/// Refuses settings that no run takes, before minutes are spent on them. What the picture shows need not be said.
Result<void> checkSettings(Backend& backend, const ModelInfo& model, RunRequest request);

/// Two lines: what every picture of a record was made with, which its table does not say. Keys: model, guidance, temperature,
/// top_k, top_p, min_p, captions, completes_prompt, seed, precision, device.
void printBenchSettings(const nlohmann::json& record);

} // namespace jacobi::cli
