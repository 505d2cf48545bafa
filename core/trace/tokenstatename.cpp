// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/trace/tokenstatename.h"

namespace jacobi {

std::string_view name(TokenState state)
{
    switch (state) {
    case TokenState::New: return "new";
    case TokenState::Kept: return "kept";
    case TokenState::Redrawn: return "redrawn";
    case TokenState::Accepted: return "accepted";
    case TokenState::Resampled: return "resampled";
    case TokenState::Bonus: return "bonus";
    case TokenState::Forced: return "forced";
    case TokenState::Noisy: return "noisy";
    case TokenState::Converged: return "converged";
    case TokenState::Exited: return "exited";
    }
    return "unknown";
}

} // namespace jacobi
