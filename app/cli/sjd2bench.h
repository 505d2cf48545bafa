// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/cli/commands.h"

namespace jacobi::cli {

/// Adds `bench sjd2-ablation`.
void addSjd2Ablation(CLI::App& bench, Action& chosen);

} // namespace jacobi::cli
