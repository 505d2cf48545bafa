// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "tests/core/cuda/emulation/block.h"

#define JACOBI_BLOCK_MEMORY(Type, name) Type* const name = static_cast<Type*>(jacobi::emulation::blockMemory())
