// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/io/pickle.h"
#include "core/io/storedzip.h"
#include "core/io/torchfile.h"

#include <map>
#include <string>
#include <vector>

namespace jacobi {

/// What a pickle of torch.save says about tensors.
struct TorchListing {
    std::vector<TorchTensor> tensors; ///< by name
    std::vector<std::string> inert;   ///< printable, each once, sorted
};

/// Walks the containers from the root down and checks each tensor against the member that holds its storage
/// (`members`, named `root` + "/data/" + key). fileBytes bounds what all tensors together may take. `shown` names the
/// file.
Result<TorchListing> listTorchTensors(const Pickle& pickle, const std::map<std::string, ZipMember>& members,
                                      const std::string& root, std::uint64_t fileBytes, const std::string& shown);

} // namespace jacobi
