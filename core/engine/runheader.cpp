// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/engine/runheader.h"

#include <torch/headeronly/version.h>

#include <array>
#include <ctime>

namespace jacobi {
namespace {

std::string utcNow()
{
    const std::time_t now = std::time(nullptr);
    std::tm parts{};
    gmtime_r(&now, &parts);
    std::array<char, 32> text{};
    std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%SZ", &parts);
    return text.data();
}

} // namespace

std::shared_ptr<const RunHeader> makeRunHeader(const RunContext& context, const std::vector<CodeColours>& colours)
{
    auto header = std::make_shared<RunHeader>();
    header->request = context.request;
    header->layout = context.layout;
    header->modelName = context.modelName;
    header->deviceName = context.deviceName;
    header->software = softwareName();
    header->startedAt = utcNow();
    header->codeColours = colours;
    header->prompts = context.prompts;
    return header;
}

std::string softwareName()
{
    return "Jacobi Studio " JACOBI_VERSION ", libtorch " + std::to_string(TORCH_VERSION_MAJOR) + "." +
           std::to_string(TORCH_VERSION_MINOR) + "." + std::to_string(TORCH_VERSION_PATCH);
}

} // namespace jacobi
