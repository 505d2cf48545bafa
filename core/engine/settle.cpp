// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/engine/backend.h"

#include <utility>

namespace jacobi {

Result<ResolvedRequest> settle(Backend& backend, const RunRequest& request, ProgressSink& sink, std::stop_token stop)
{
    Result<ResolvedRequest> resolved = backend.resolve(request);
    if (!resolved || !resolved->request.hasAuto()) {
        return resolved;
    }
    const Result<nlohmann::json> measured =
        backend.job(kMeasureAutoJob, toJson(resolved->request), sink, std::move(stop));
    if (!measured) {
        return tl::unexpected(measured.error());
    }
    resolved = backend.resolve(request);
    if (resolved && measured->contains("note")) {
        resolved->notes.push_back(measured->at("note").get<std::string>());
    }
    return resolved;
}

} // namespace jacobi
