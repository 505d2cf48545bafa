// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/error.h"

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

namespace jacobi::cli {

// What a command reads from and writes to, looked at before it begins: nobody waits minutes for a table that then cannot be
// written.

/// Those that were named with --models. Error: one that is not there.
Result<void> checkModelFolders(const std::vector<std::string>& named);

/// Whether a file can be made there. A trace may also go into a pipe or a device; what is put in its place whole must be a
/// file, and nothing of the system's.
Result<void> checkTarget(const std::filesystem::path& path, bool mustBeFile);

/// Whether two paths are one file, or will be, by whatever names.
bool isSameFile(const std::filesystem::path& a, const std::filesystem::path& b);

/// Options with the files that they name, each put in its place whole; an empty path was not given. Error: of checkTarget, or
/// two that are one file.
Result<void> checkTargets(const std::vector<std::pair<std::string, std::string>>& files);

} // namespace jacobi::cli
