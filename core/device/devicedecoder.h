// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/decode/decoder.h"
#include "core/device/devicemodel.h"

#include <string_view>

namespace jacobi {

/// Whether a device makes a method's passes: sequential sampling's, SJD's and greedy Jacobi iteration's.
bool decodesOnDevice(std::string_view method);

/// The decoders of core/decode with everything on a device: network, laws, acceptance, windows and cache. The host puts
/// passes on a stream, at most two ahead of the steps it has taken, and reads their records (PassPipeline); a pass is
/// recorded as a graph where the device has such. Same draws, couplings and steps as on the CPU. forwardNs of a step is the time
/// that the host waited for it: network and sampling are not told apart, and what a device did while the host was at something
/// else is in no time.
/// Errors: InvalidRequest for a coupling or initialisation that does not exist. The model must outlive it.
Result<std::unique_ptr<Decoder>> makeDeviceDecoder(const DecodeSettings& settings, DeviceModel& model);

} // namespace jacobi
