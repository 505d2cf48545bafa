// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/device/networkdescription.h"
#include "models/scenes/scenestransformer.h"

namespace jacobi {

/// The transformer of the family `scenes` as a device wants it; its tensors are the map's. transformer: every tensor of
/// transformerTensors(config).
NetworkDescription scenesNetwork(const ScenesConfig& config, const TensorMap& transformer);

} // namespace jacobi
