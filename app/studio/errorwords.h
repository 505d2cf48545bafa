// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/error.h"

#include <QString>

namespace jacobi {

/// What the user of the window reads of an error: nothing of the command line's options, for which the window has buttons.
/// A fault of ours comes with what a report of it needs.
QString sentenceOf(const Error& error);

/// Whether the error says that the CPU would do instead: then a button for it belongs beside the sentence.
bool offersCpu(const Error& error);

} // namespace jacobi
