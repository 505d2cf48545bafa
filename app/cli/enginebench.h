// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/cli/commands.h"

namespace jacobi::cli {

/// `jacobi bench engine`: a GPU's ceilings, and how near to them passes, sampling and whole pictures come.
void addEngineBench(CLI::App& bench, Action& chosen);

} // namespace jacobi::cli
