// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/engine/modelfamily.h"

namespace jacobi {

/// The family `scenes` as the engine sees it.
class ScenesFamily final : public ModelFamily {
public:
    std::string name() const override { return "scenes"; }
    Result<PromptReading> readPrompt(const ModelInfo& model, std::string_view prompt) const override;
    bool completesPrompts(const ModelInfo& model) const override;
    std::uint64_t memoryBytes(const ModelInfo& model, const RunRequest& request) const override;
    Result<DeviceSizes> deviceSizes(const ModelInfo& model) const override;
    Result<NetworkDescription> describeNetwork(const ModelInfo& model) const override;
    std::unique_ptr<Detokenizer> picturesOn(const LoadedModel& loaded, at::Device device) const override;
    Result<LoadedModel> load(const ModelInfo& model, at::ScalarType type) const override;
};

} // namespace jacobi
