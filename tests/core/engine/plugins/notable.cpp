// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later

// A library that is no plug-in at all.
extern "C" __attribute__((visibility("default"))) int somethingElse()
{
    return 7;
}
