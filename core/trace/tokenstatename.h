// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/trace/step.h"

#include <string_view>

namespace jacobi {

/// The word for a state in exports: "new", "kept", "redrawn", ...
std::string_view name(TokenState state);

} // namespace jacobi
