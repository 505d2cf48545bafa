// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace jacobi::test {

struct SourceFile {
    std::string path; ///< from the project's root, with forward slashes
    std::string text;
};

/// The text without comments; string literals are kept, line ends too.
std::string withoutComments(std::string_view text);

/// One sentence for each place where the sources break the project's rules, in the order of the files:
/// an include that the folder's row in the table of layers does not allow (directly, or libtorch and Qt through headers
/// of the project); core naming a model family; loading pickled models; libtorch in CUDA sources; a path of somebody's
/// machine; a missing licence line. `families` are the names of the model families' folders.
std::vector<std::string> violations(const std::vector<SourceFile>& sources, const std::vector<std::string>& families);

} // namespace jacobi::test
