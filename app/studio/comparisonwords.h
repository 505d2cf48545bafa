// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/studio/comparison.h"

#include <QString>

namespace jacobi {

/// Why there is no result yet; nothing where there is.
QString stateWords(ComparedRun::State state);
/// The window of a run, and how its new drafts begin; a dash for sequential sampling, which has neither.
QString windowWords(const RunRequest& request);
QString draftWords(const RunRequest& request);

} // namespace jacobi
