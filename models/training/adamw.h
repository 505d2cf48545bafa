// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/error.h"
#include "models/scenes/scenesweights.h"

#include <vector>

namespace jacobi {

/// A tensor that is trained; value is a leaf that requires gradients.
struct Parameter {
    std::string name;
    at::Tensor value;
};

/// AdamW (Loshchilov & Hutter 2019, "Decoupled weight decay regularization"), with bias correction.
class AdamW {
public:
    struct Settings {
        double beta1 = 0.9;
        double beta2 = 0.95;
        double epsilon = 1e-8;
        double weightDecay = 0.0;
    };
    AdamW(std::vector<Parameter> parameters, const Settings& settings);

    /// One update from the gradients at hand; parameters without one stay as they are.
    void step(double learningRate);

    /// Moments and step count by name, for a checkpoint; restore wants exactly these.
    TensorMap state() const;
    Result<void> restore(const TensorMap& state);

private:
    void stepAtOnce(double learningRate);

    struct Slot {
        Parameter parameter;
        at::Tensor mean;
        at::Tensor square;
    };
    std::vector<Slot> m_slots;
    Settings m_settings;
    std::int64_t m_steps = 0;
};

} // namespace jacobi
