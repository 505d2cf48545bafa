// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/cuda/windowjob.h"
#include "core/decode/coupling.h"

namespace jacobi {

// From what a job says to the types its kernels are templates over. Host code, of the plug-in and of hostkernels.cpp.

template <class T>
struct TypeTag {
    using Type = T;
};

/// visit(TypeTag<Stored>) with the type numbers of this kind have in memory.
template <class Visit>
auto withNumberType(NumberType type, Visit visit)
{
    switch (type) {
    case NumberType::Float64: return visit(TypeTag<double>());
    case NumberType::BFloat16: return visit(TypeTag<BFloat16>());
    case NumberType::Float32: break;
    }
    return visit(TypeTag<float>());
}

/// visit(TypeTag<Coupling>).
template <class Visit>
auto withCoupling(CouplingKind kind, Visit visit)
{
    switch (kind) {
    case CouplingKind::Independent: return visit(TypeTag<IndependentCoupling>());
    case CouplingKind::GumbelExact: return visit(TypeTag<GumbelExactCoupling>());
    case CouplingKind::GumbelSpec: return visit(TypeTag<GumbelSpecCoupling>());
    case CouplingKind::Maximal: break;
    }
    return visit(TypeTag<MaximalCoupling>());
}

/// Lanes of a block: a row of a window, a picture's window, a row of a layer, a row that is normalised, a head.
inline constexpr unsigned kRowLanes = 512;
inline constexpr unsigned kWindowLanes = 256;
inline constexpr unsigned kLayerLanes = 256;
inline constexpr unsigned kNormLanes = 512;
inline constexpr unsigned kHeadLanes = 32;

/// Columns of a row that one block gates.
inline constexpr unsigned kGateColumns = 1024;

} // namespace jacobi
