// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/error.h"
#include "core/trace/trace.h"

#include <filesystem>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

namespace jacobi {

/// Saves a picture as PNG, whole or not at all. With embedMetadata it says how it was made, in chunks before the
/// pixels: `parameters` (the words that the picture programs around understand), `jacobi_studio` (everything that is
/// needed to make it again, as ASCII JSON) and an XMP packet that calls it made by a trained model (IPTC digital source
/// type). No folder or file name of this machine is put in, but for the bare name of a strategy's file. request and header
/// may be null; a header brings its own request. Text that is not UTF-8 is repaired.
Result<void> savePicture(const std::filesystem::path& path, const Preview& picture, const RunRequest* request,
                         const RunHeader* header, bool embedMetadata);

/// What a PNG says about its making: {"jacobi_studio": {"schema", "request", "software", "modelName", "deviceName",
/// "startedAt", "picture"} where it is ours, "texts": {key: text} of every text chunk, the first of a key}. Anyone can
/// write such chunks: the request is read against its own list of keys (everything else is dropped), never started by
/// itself, and its model is to be looked up by id and hash only. Errors: no PNG, damaged settings of ours.
Result<nlohmann::json> readPictureMetadata(const std::filesystem::path& path);

} // namespace jacobi
