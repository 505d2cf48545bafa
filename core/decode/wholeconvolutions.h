// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <ATen/Context.h>

namespace jacobi {

/// While it lives, convolutions on a GPU read whole float32 numbers, not the 10 bits after the point that cuDNN takes otherwise.
class WholeConvolutions {
public:
    WholeConvolutions() : m_before(at::globalContext().allowTF32CuDNN())
    {
        at::globalContext().setAllowTF32CuDNN(false);
    }
    ~WholeConvolutions() { at::globalContext().setAllowTF32CuDNN(m_before); }
    WholeConvolutions(const WholeConvolutions&) = delete;
    WholeConvolutions& operator=(const WholeConvolutions&) = delete;

private:
    bool m_before;
};

} // namespace jacobi
