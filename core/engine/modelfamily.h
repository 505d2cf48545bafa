// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/decode/tokenmodel.h"
#include "core/engine/backend.h"

#include <c10/core/ScalarType.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace jacobi {

/// A model ready to generate. Worker thread only.
struct LoadedModel {
    std::unique_ptr<TokenModel> tokens;
    std::unique_ptr<Detokenizer> pictures;
    /// Token ids of a prompt, ready for TokenModel::begin; words the model does not know are left out.
    std::function<std::vector<std::int64_t>(std::string_view)> encodePrompt;

    std::vector<CodeColours> codeColours; ///< filled by the engine (prepareModel)
    std::int64_t previewNs = 0;           ///< what decoding one picture last cost; filled by the engine
};

/// What a model cannot read of a prompt.
struct PromptReading {
    std::vector<std::string> unknownWords; ///< printable, in order, each once
    std::vector<std::string> nearestWords; ///< a known word spelled much like each of them, or ""; same size
};

/// A kind of model this program can load: the engine's only view of models/<family>. The families are named in one
/// list (models/backend.cpp), never by static initialisers. Worker thread only.
class ModelFamily {
public:
    virtual ~ModelFamily() = default;

    /// As in the "family" entry of model.json.
    virtual std::string name() const = 0;

    /// Needs no weights: the vocabulary is part of ModelInfo. prompt: UTF-8, not blank. An error (InvalidRequest) where
    /// the model cannot work from it: too long, or not one word known.
    virtual Result<PromptReading> readPrompt(const ModelInfo& model, std::string_view prompt) const = 0;

    /// Bytes that loading the model and running the request will take at most; an estimate from sizes alone.
    virtual std::uint64_t memoryBytes(const ModelInfo& model, const RunRequest& request) const = 0;

    /// type: at::kFloat or at::kDouble. Errors name the file and what is wrong with it. May throw what libtorch
    /// throws; the engine guards the call.
    virtual Result<LoadedModel> load(const ModelInfo& model, at::ScalarType type) const = 0;
};

} // namespace jacobi
