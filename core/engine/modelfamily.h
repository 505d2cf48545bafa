// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/decode/flowmodel.h"
#include "core/decode/tokenmodel.h"
#include "core/device/devicemodel.h"
#include "core/engine/backend.h"
#include "core/trace/flowanalysis.h"
#include "core/trace/flowstrategy.h"

#include <c10/core/Device.h>
#include <c10/core/ScalarType.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

namespace jacobi {

/// What a flow's tokens look like, and the step after the last block. Worker thread only.
class FlowRenderer {
public:
    virtual ~FlowRenderer() = default;

    /// tokens [batch, tokens, channels] of any block, raster order, where the flow is -> [batch, colours, height, width],
    /// there too, -1..1 where it is a picture.
    virtual at::Tensor values(const at::Tensor& tokens) const = 0;

    /// One step along the score of the learned density: the flow models pictures with noise on them, and this takes it
    /// off (TarFlow, section 2.5). values as above, one label a picture or none. Needs autograd: call it without an
    /// InferenceMode guard. A picture's result does not depend on the others.
    virtual at::Tensor denoised(const at::Tensor& values, const std::vector<std::int64_t>& labels,
                                double multiplier) const = 0;
};

/// [batch, colours, height, width] on any device -> [batch, height, width, 3] uint8 on the CPU; what is no number is black.
at::Tensor bytesOfValues(const at::Tensor& values);

/// A model ready to generate: tokens, pictures and encodePrompt, or flow and flowRenderer. Worker thread only.
struct LoadedModel {
    std::unique_ptr<TokenModel> tokens;
    std::unique_ptr<Detokenizer> pictures;
    /// Token ids of a prompt, ready for TokenModel::begin; words the model does not know are left out.
    std::function<std::vector<std::int64_t>(std::string_view)> encodePrompt;
    /// A prompt with what it leaves open, chosen by the seed; empty where the family does not do that.
    std::function<std::string(std::string_view prompt, std::uint64_t seed)> completePrompt;

    /// The same network on a GPU; null where it was not asked for, or the family has none for one. The engine fills it in.
    std::unique_ptr<DeviceModel> device;
    /// The same pictures made there, and what one last cost; null where the CPU makes them. Likewise.
    std::unique_ptr<Detokenizer> devicePictures;
    std::int64_t devicePreviewNs = 0;

    std::unique_ptr<FlowModel> flow;
    std::unique_ptr<FlowRenderer> flowRenderer;
    std::string flowPlace = "cpu";  ///< the device that both are on; the engine fills it in
    std::uint64_t flowRunBytes = 0; ///< what the largest run so far took there; likewise

    std::vector<CodeColours> codeColours; ///< filled by the engine (prepareModel)
    std::int64_t previewNs = 0;           ///< what decoding one picture last cost, sinks apart; filled by the engine
};

/// What a model cannot read of a prompt.
struct PromptReading {
    std::vector<std::string> unknownWords; ///< printable, in order, each once
    std::vector<std::string> nearestWords; ///< a known word spelled much like each of them, or ""; same size
};

inline constexpr std::uint32_t kAnalysedAtOnce = 16; ///< pictures, when a flow is analysed

/// Bytes of a device's memory: of what stays there, and of what a run takes beside it, at its peak.
struct DeviceBytes {
    std::uint64_t weights = 0;
    std::uint64_t run = 0;
};

/// What the memory that a token model takes on a device follows from.
struct DeviceSizes {
    NetworkSizes network;
    TokenLayout layout;
    DeviceBytes pictures; ///< of what makes them there (picturesOn)
};

/// A kind of model this program can load: the engine's only view of models/<family>. The families are named in one
/// list (models/backend.cpp), never by static initialisers. Worker thread only.
class ModelFamily {
public:
    virtual ~ModelFamily() = default;

    /// As in the "family" entry of model.json.
    virtual std::string name() const = 0;

    /// Needs no weights: the vocabulary is part of ModelInfo. prompt: UTF-8, not blank. An error (InvalidRequest) where
    /// the model cannot work from it: too long, or not one word known. Not asked of a flow, which takes a class.
    virtual Result<PromptReading> readPrompt(const ModelInfo& model, std::string_view prompt) const = 0;

    /// Whether LoadedModel::completePrompt will be there.
    virtual bool completesPrompts(const ModelInfo&) const { return false; }

    /// Of a flow: the hand-tuned strategies that fit a model, by name; and one of them, or nothing.
    virtual std::vector<std::string> presetNames(const ModelInfo&) const { return {}; }
    virtual std::optional<FlowStrategy> preset(const ModelInfo&, const std::string&) const { return std::nullopt; }

    /// Of a flow: its convergence metrics from so many sample pictures (the measured passes are left at 0), and the
    /// strategy that the rule `crm` makes of them. analyse takes kAnalysedAtOnce pictures at a time, so that its memory does
    /// not grow with their number, and looks at `stop` in between; it may throw what libtorch throws.
    virtual Result<FlowAnalysis> analyse(const ModelInfo& model, const LoadedModel& loaded, std::uint32_t images,
                                         const std::stop_token& stop) const;
    virtual Result<FlowStrategy> crmStrategy(const ModelInfo& model, const FlowAnalysis& analysis) const;

    /// Of a flow: moves it to a device (to which ops belongs), its renderer too, instead of where it is; a copy that fails leaves it there.
    /// Unsupported where the family has none for a GPU. May throw what libtorch throws.
    virtual Result<void> placeFlow(const ModelInfo& model, const DeviceOps& ops, at::Device device,
                                   LoadedModel& loaded) const;
    /// What that and the request's run take there, at most. loaded: wherever it is.
    virtual DeviceBytes flowBytes(const LoadedModel&, const RunRequest&) const { return {}; }
    /// What they take there at least, in the request's precision, as far as model.json says it: for a refusal before anything
    /// is read.
    virtual DeviceBytes leastFlowBytes(const ModelInfo&, const RunRequest&) const { return {}; }

    /// What the network of describeNetwork(), and the pictures beside it, take on a device, from model.json alone. Errors likewise.
    virtual Result<DeviceSizes> deviceSizes(const ModelInfo& model) const;

    /// The network as a GPU runs it; Unsupported where the family has none for one. Errors as load().
    virtual Result<NetworkDescription> describeNetwork(const ModelInfo& model) const;

    /// What makes the pictures of a loaded model on a device; null where the family has nothing for one. May throw what libtorch
    /// throws.
    virtual std::unique_ptr<Detokenizer> picturesOn(const LoadedModel&, at::Device) const { return nullptr; }

    /// Bytes that loading the model and running the request will take at most; an estimate from sizes alone.
    virtual std::uint64_t memoryBytes(const ModelInfo& model, const RunRequest& request) const = 0;

    /// type: at::kFloat or at::kDouble. Errors name the file and what is wrong with it. May throw what libtorch
    /// throws; the engine guards the call.
    virtual Result<LoadedModel> load(const ModelInfo& model, at::ScalarType type) const = 0;
};

} // namespace jacobi
