// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace jacobi {

/// The folders in which models are looked for, in order: those the user gave, then
/// $XDG_DATA_HOME/jacobi-studio/models (~/.local/share where it is unset), then ../share/jacobi-studio/models beside the
/// executable's folder, then models/pretrained of the source tree the executable was built in. Folders that do not exist
/// are listed too (an error names them), the source tree's apart. `executable` may be empty.
std::vector<std::filesystem::path> modelSearchRoots(const std::vector<std::string>& given,
                                                    const std::filesystem::path& executable);

/// Where this program itself lies, or an empty path.
std::filesystem::path executablePath();

/// A folder that holds a model.json, readable or not.
struct ModelFolder {
    std::string id; ///< the folder's name
    std::filesystem::path path;
};

/// Every model folder of the roots: a root itself or a folder directly inside one. Sorted by name within a root; of
/// two with the same id the first root's counts. Folders that cannot be read are passed over.
std::vector<ModelFolder> findModelFolders(const std::vector<std::filesystem::path>& roots);

} // namespace jacobi
