// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/io/modelfolders.h"

#include "core/io/modelfile.h"

#include <algorithm>
#include <cstdlib>

namespace jacobi {
namespace {

namespace fs = std::filesystem;

constexpr const char* kUnderShare = "jacobi-studio/models";

fs::path userDataFolder()
{
    // The XDG rules: a relative path is to be ignored.
    if (const char* data = std::getenv("XDG_DATA_HOME"); data != nullptr && fs::path(data).is_absolute()) {
        return data;
    }
    const char* home = std::getenv("HOME");
    return home != nullptr && *home != '\0' ? fs::path(home) / ".local" / "share" : fs::path();
}

// The source tree is an ancestor of build/<preset>/bin, with a folder models/pretrained.
fs::path sourceTreeModels(const fs::path& folder)
{
    constexpr int kLevels = 4;
    fs::path at = folder;
    std::error_code error;
    for (int level = 0; level < kLevels && at.has_relative_path(); ++level) {
        at = at.parent_path();
        if (fs::is_directory(at / "models" / "pretrained", error)) {
            return at / "models" / "pretrained";
        }
    }
    return {};
}

// Whatever has that name: a folder or a pipe is refused as the model it stands for, rather than passed over for another one of
// the same name further on.
bool isModelFolder(const fs::path& folder)
{
    std::error_code error;
    return fs::exists(fs::symlink_status(folder / kModelFileName, error));
}

// A path may end in a slash, or be "."; its model is called after the folder it really is.
std::string folderName(const fs::path& folder)
{
    std::error_code error;
    const fs::path real = fs::weakly_canonical(folder, error);
    return (error ? folder : real).filename().string();
}

std::vector<ModelFolder> modelsDirectlyIn(const fs::path& root)
{
    if (isModelFolder(root)) {
        return {{folderName(root), root}};
    }
    std::vector<ModelFolder> found;
    std::error_code error;
    fs::directory_iterator entry(root, fs::directory_options::skip_permission_denied, error);
    for (; !error && entry != fs::directory_iterator(); entry.increment(error)) {
        if (isModelFolder(entry->path())) {
            found.push_back({entry->path().filename().string(), entry->path()});
        }
    }
    std::sort(found.begin(), found.end(), [](const ModelFolder& a, const ModelFolder& b) { return a.id < b.id; });
    return found;
}

} // namespace

std::vector<fs::path> modelSearchRoots(const std::vector<std::string>& given, const fs::path& executable)
{
    std::vector<fs::path> roots(given.begin(), given.end());
    if (const fs::path data = userDataFolder(); !data.empty()) {
        roots.push_back(data / kUnderShare);
    }
    if (executable.empty()) {
        return roots;
    }
    std::error_code error;
    const fs::path resolved = fs::weakly_canonical(executable, error);
    const fs::path folder = (error ? executable : resolved).parent_path();
    roots.push_back(folder.parent_path() / "share" / kUnderShare);
    if (const fs::path source = sourceTreeModels(folder); !source.empty()) {
        roots.push_back(source);
    }
    return roots;
}

fs::path executablePath()
{
    std::error_code error;
    return fs::read_symlink("/proc/self/exe", error);
}

std::vector<ModelFolder> findModelFolders(const std::vector<fs::path>& roots)
{
    std::vector<ModelFolder> all;
    for (const fs::path& root : roots) {
        for (ModelFolder& folder : modelsDirectlyIn(root)) {
            const auto sameId = [&](const ModelFolder& other) { return other.id == folder.id; };
            if (std::none_of(all.begin(), all.end(), sameId)) {
                all.push_back(std::move(folder));
            }
        }
    }
    return all;
}

} // namespace jacobi
