// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/error.h"
#include "core/engine/backend.h"

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace jacobi {

/// Every folder models are looked for in, those the user named first: what BackendOptions::modelFolders wants.
std::vector<std::string> modelFolders(const std::vector<std::string>& named);

/// Where what can be measured or made again is kept: $XDG_CACHE_HOME/jacobi-studio, ~/.cache/jacobi-studio where that is
/// unset; empty where there is no home either.
std::string cacheFolder();

/// Where libjacobi_backend.so may lie for a program in that folder, best first: ../lib of a build, then the installed
/// library folder.
std::vector<std::filesystem::path> backendCandidates(const std::filesystem::path& programFolder);

/// Opens libjacobi_backend.so, which brings libtorch (0.5-1.5 s), and makes a backend. Call it on the thread that will
/// use the backend. The library is never closed: libtorch does not survive that. Errors say what to install or build.
Result<std::unique_ptr<Backend>> loadBackend(const BackendOptions& options);

/// The same from the first of these files that is there.
Result<std::unique_ptr<Backend>> loadBackendFrom(const std::vector<std::filesystem::path>& candidates,
                                                 const BackendOptions& options);

} // namespace jacobi
