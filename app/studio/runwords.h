// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/trace/runrequest.h"
#include "core/trace/trace.h"

#include <QString>

namespace jacobi {

/// Whether a request is one of a flow: those have no coupling.
bool isFlowRequest(const RunRequest& request);

/// "SJD, independent redraw", "Sequential", "GS-Jacobi, fewest passes": how a run was made, for its title.
QString methodWords(const RunRequest& request);

/// "window 32 · guidance 2.25 · seed 184467": all that is not as usual, digit for digit; of a flow what it shows comes first.
QString settingWords(const RunRequest& request);

/// The same after what went wrong with numbers of the run, where something did: "199 numbers set back · anything · ...".
QString runWords(const RunRequest& request, const RunSummary* summary);

/// A file name for the picture of a run, without its ending: "scenes-184467".
QString fileNameOf(const RunRequest& request);

} // namespace jacobi
