// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

namespace jacobi {

/// Takes the lock of an open file or folder (flock), which all programs that ask for it share; it is held until every
/// copy of the descriptor is closed. Does not wait: false where another has it. True also where the file system has no
/// locks, for working without one is better than not working. Any thread.
bool tryLock(int descriptor);

} // namespace jacobi
