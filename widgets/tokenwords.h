// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "widgets/tracemodel.h"

#include <QString>

namespace jacobi {

/// "row 16, column 22": counted from one, as people do; empty where the trace has no grid.
QString placeName(const TraceModel& model, int position);
/// "accepted in this pass", "draft, unchanged", ...
QString stateName(CellState state);
/// The same in a word or two, for tables: "accepted", "kept", ...
QString stateWord(CellState state);
/// What a pass did to a token, in a word: "accepted", "kept", "redrawn", ...
QString verdictName(TokenState state);
/// "0.312", "4.1e-06", "–" where there is nothing: never longer than seven characters.
QString probabilityText(float value);
/// p / q, "–" where it has no meaning.
QString ratioText(float p, float q);

} // namespace jacobi
