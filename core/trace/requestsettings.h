// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/trace/runrequest.h"

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace jacobi {

/// One setting of a request, for people and for programs.
struct RequestSetting {
    const char* key;      ///< as in the request's JSON
    const char* label;    ///< for people
    nlohmann::json value; ///< written out also where it is the default
};

/// Whether drafts are redrawn: else the request's coupling says nothing.
bool usesCoupling(const RunRequest& request);

/// What decided the pictures besides model, method, prompt or class, seed and number: the settings that the method uses, and
/// no others. isFlow: the request is for a normalizing flow.
std::vector<RequestSetting> settingsOf(const RunRequest& request, bool isFlow);

/// The whole request in the form of toJson(RunRequest), with every setting that is used and none that is not.
nlohmann::json usedRequest(const RunRequest& request, bool isFlow);

/// Texts as they are, numbers in the shortest form that is exact, "yes" or "no".
std::string settingText(const nlohmann::json& value);

} // namespace jacobi
