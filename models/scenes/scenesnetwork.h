// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/device/networkdescription.h"
#include "models/scenes/scenesnoise.h"
#include "models/scenes/scenestransformer.h"

#include <optional>

namespace jacobi {

/// Its sizes, which follow from the configuration. readsNoise: of a model that was tuned to.
NetworkSizes scenesNetworkSizes(const ScenesConfig& config, bool readsNoise);

/// The transformer of the family `scenes` as a device wants it; its tensors are the map's. transformer: every tensor of
/// transformerTensors(config). noise: of a model that was tuned to read it.
NetworkDescription scenesNetwork(const ScenesConfig& config, const TensorMap& transformer,
                                 const std::optional<ScenesNoisePart>& noise = {});

} // namespace jacobi
