// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/engine/backend.h"

#include <QStringList>

namespace jacobi {

/// What a run's settings became in the panel, where that is not what the run had: a sentence each; nothing where the panel
/// holds all of them. wanted: the run's; shown: the panel's afterwards; model: the one that is chosen there.
QStringList requestChanges(const RunRequest& wanted, const RunRequest& shown, const ModelInfo& model, bool onGpu);

} // namespace jacobi
