// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/error.h"
#include "core/io/inputfile.h"

#include <filesystem>
#include <string_view>

namespace jacobi {

/// Whether a name that came out of a file or a request may be used as a file's name on every system we run on: one
/// bare name, no folder, drive, stream, device, control or direction character, at most 255 bytes of UTF-8.
Result<void> checkFileName(std::string_view name);

/// The one way from a name that a file gave to the file it means: opens folder/name, which must be (or lead by a link
/// to) a regular file inside the folder. Links from a downloads cache's `snapshots/<revision>` into that cache's own
/// `blobs` are followed too.
Result<InputFile> openInside(const std::filesystem::path& folder, std::string_view name);

} // namespace jacobi
