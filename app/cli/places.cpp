// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/places.h"

#include "core/io/outputfile.h"

#include <unistd.h>

#include <cerrno>

namespace jacobi::cli {
namespace fs = std::filesystem;
namespace {

/// With every link in it followed; the file itself need not be there.
fs::path realPath(const fs::path& path)
{
    std::error_code error;
    const fs::path whole = fs::absolute(path, error);
    const fs::path real = fs::weakly_canonical(error ? path : whole, error);
    return error ? path.lexically_normal() : real;
}

/// A link such as /dev/stdout, behind which there may be a file: what is renamed over it would replace the link.
bool isOfTheSystem(const fs::path& path)
{
    std::error_code error;
    const fs::path folder = realPath(path.has_parent_path() ? path.parent_path() : fs::path("."));
    const fs::path target = fs::is_symlink(path, error) ? fs::read_symlink(path, error) : fs::path();
    for (const fs::path& one : {folder, target}) {
        const std::string text = one.string();
        if (text.starts_with("/dev/") || text == "/dev" || text.starts_with("/proc/")) {
            return true;
        }
    }
    return false;
}

} // namespace

Result<void> checkModelFolders(const std::vector<std::string>& named)
{
    for (const std::string& folder : named) {
        std::error_code error;
        if (!fs::is_directory(folder, error)) {
            return fail(ErrorCode::NotFound, "The model folder \"" + folder + "\" does not exist. Check --models.");
        }
    }
    return {};
}

Result<void> checkTarget(const fs::path& path, bool mustBeFile)
{
    std::error_code error;
    if (fs::is_directory(path, error)) {
        return tl::unexpected(writeError(path, EISDIR));
    }
    if ((fs::exists(path, error) && !fs::is_regular_file(path, error)) || (mustBeFile && isOfTheSystem(path))) {
        if (!mustBeFile) {
            return {};
        }
        return fail(ErrorCode::Unsupported,
                    "\"" + path.string() + "\" is not a regular file and is not replaced. Choose another name.");
    }
    const fs::path folder = path.has_parent_path() ? path.parent_path() : fs::path(".");
    if (!fs::is_directory(folder, error)) {
        return tl::unexpected(writeError(path, ENOENT));
    }
    if (::access(folder.c_str(), W_OK) != 0) {
        return tl::unexpected(writeError(path, errno));
    }
    return {};
}

bool isSameFile(const fs::path& a, const fs::path& b)
{
    std::error_code error;
    return realPath(a) == realPath(b) || (fs::exists(a, error) && fs::exists(b, error) && fs::equivalent(a, b, error));
}

Result<void> checkTargets(const std::vector<std::pair<std::string, std::string>>& files)
{
    for (std::size_t i = 0; i < files.size(); ++i) {
        const auto& [option, path] = files[i];
        if (path.empty()) {
            continue;
        }
        if (auto checked = checkTarget(path, true); !checked) {
            return checked;
        }
        for (std::size_t other = 0; other < i; ++other) {
            if (!files[other].second.empty() && isSameFile(files[other].second, path)) {
                return fail(ErrorCode::InvalidRequest,
                            files[other].first + " and " + option + " name the same file. Choose two names.");
            }
        }
    }
    return {};
}

} // namespace jacobi::cli
