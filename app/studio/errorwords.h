// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/error.h"

#include <QString>

namespace jacobi {

/// What the user of the window reads of an error; where the CPU would do instead, it says so, for there is a button for that.
/// A fault of ours comes with what a report of it needs.
QString sentenceOf(const Error& error);

} // namespace jacobi
