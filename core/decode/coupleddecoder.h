// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/decode/coupling.h"
#include "core/decode/decoder.h"
#include "core/decode/initialisation.h"
#include "core/decode/tokenmodel.h"

#include <memory>
#include <optional>

namespace jacobi {

/// The decoder, a template over its coupling and what it computes with, that the settings and the model ask for; null where they
/// name a coupling or an initialisation that is not known.
template <template <class Coupling, class Real> class DecoderOf>
std::unique_ptr<Decoder> makeCoupledDecoder(const DecodeSettings& settings, TokenModel& model)
{
    const std::optional<Initialisation> initialisation = initialisationOf(settings.initialisation);
    std::unique_ptr<Decoder> decoder;
    const auto isMadeWith = [&]<class Coupling>() {
        if (!initialisation || settings.coupling != Coupling::kName) {
            return false;
        }
        if (model.realType() == at::kDouble) {
            decoder = std::make_unique<DecoderOf<Coupling, double>>(settings, *initialisation, model);
        } else {
            decoder = std::make_unique<DecoderOf<Coupling, float>>(settings, *initialisation, model);
        }
        return true;
    };
    static_cast<void>(
        isMadeWith.template operator()<IndependentCoupling>() || isMadeWith.template operator()<MaximalCoupling>() ||
        isMadeWith.template operator()<GumbelExactCoupling>() || isMadeWith.template operator()<GumbelSpecCoupling>());
    return decoder;
}

} // namespace jacobi
