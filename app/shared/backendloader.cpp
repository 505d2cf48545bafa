// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/shared/backendloader.h"

#include "core/io/modelfolders.h"

#include <dlfcn.h>

#include <algorithm>
#include <cstdlib>
#include <system_error>

namespace jacobi {
namespace fs = std::filesystem;
namespace {

std::string lastLoaderError()
{
    const char* text = dlerror();
    return text != nullptr ? text : "no reason given";
}

} // namespace

std::vector<std::string> modelFolders(const std::vector<std::string>& named)
{
    std::vector<std::string> folders;
    for (const fs::path& root : modelSearchRoots(named, executablePath())) {
        folders.push_back(root.string());
    }
    return folders;
}

std::string cacheFolder()
{
    if (const char* cache = std::getenv("XDG_CACHE_HOME"); cache != nullptr && fs::path(cache).is_absolute()) {
        return (fs::path(cache) / "jacobi-studio").string();
    }
    const char* home = std::getenv("HOME");
    return home != nullptr && *home != '\0' ? (fs::path(home) / ".cache" / "jacobi-studio").string() : std::string();
}

std::vector<fs::path> backendCandidates(const fs::path& programFolder)
{
    constexpr const char* kName = "libjacobi_backend.so";
    const fs::path root = programFolder.parent_path();
    return {root / "lib" / kName, root / JACOBI_LIBDIR / "jacobi-studio" / kName};
}

Result<std::unique_ptr<Backend>> loadBackendFrom(const std::vector<fs::path>& candidates, const BackendOptions& options)
{
    const auto there = std::find_if(candidates.begin(), candidates.end(), [](const fs::path& path) {
        std::error_code ignored;
        return fs::exists(path, ignored);
    });
    if (there == candidates.end()) {
        std::string places;
        for (const fs::path& path : candidates) {
            places += (places.empty() ? "" : ", ") + path.string();
        }
        return fail(ErrorCode::NotFound,
                    "The generating part of Jacobi Studio (libjacobi_backend.so) is not installed beside this program. "
                    "Build or install it again.",
                    "looked for " + places);
    }
    void* library = dlopen(there->c_str(), RTLD_NOW | RTLD_LOCAL);
    if (library == nullptr) {
        const std::string reason = lastLoaderError();
        return fail(ErrorCode::NotFound,
                    "The generating part of Jacobi Studio cannot be opened: " + reason +
                        ". If a library of libtorch is missing, run the set-up again.",
                    reason);
    }
    const auto create = reinterpret_cast<CreateBackendFunction>(dlsym(library, kCreateBackendSymbol));
    if (create == nullptr) {
        return fail(ErrorCode::Corrupt,
                    "The file " + there->string() + " is not the generating part of this version. Install it again.",
                    lastLoaderError());
    }
    Error error;
    std::unique_ptr<Backend> backend(create(options, &error));
    if (backend == nullptr) {
        return tl::unexpected(std::move(error));
    }
    return backend;
}

Result<std::unique_ptr<Backend>> loadBackend(const BackendOptions& options)
{
    return loadBackendFrom(backendCandidates(executablePath().parent_path()), options);
}

} // namespace jacobi
