// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/families/tarflowfamily.h"

#include "core/device/deviceflow.h"
#include "core/io/jsonfields.h"
#include "core/io/modelfile.h"
#include "core/trace/flowpresets.h"
#include "models/flowtraining/flowpictures.h"
#include "models/tarflow/devicetarflow.h"
#include "models/tarflow/loadtarflow.h"
#include "models/tarflow/tarflowanalysis.h"
#include "models/tarflow/tarflowmodel.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <algorithm>
#include <map>

namespace jacobi {
namespace {

constexpr std::uint64_t kAnalysisSeed = 0x414E414C;
constexpr std::int64_t kMostLayers = 1024; ///< that model.json may name
constexpr std::int64_t kMostWidth = 65536;

class TarFlowRenderer final : public FlowRenderer {
public:
    TarFlowRenderer(TarFlowWeights weights, double noise) : m_weights(std::move(weights)), m_noise(noise) {}

    const TarFlowWeights& weights() const { return m_weights; }
    double noise() const { return m_noise; }

    at::Tensor values(const at::Tensor& tokens) const override { return imagesOfTokens(m_weights, tokens); }

    at::Tensor denoised(const at::Tensor& values, const std::vector<std::int64_t>& labels,
                        double multiplier) const override
    {
        if (m_noise == 0.0) {
            return values;
        }
        std::vector<at::Tensor> pictures; // one at a time, so that none depends on how many there are
        for (std::int64_t i = 0; i < values.size(0); ++i) {
            std::vector<std::int64_t> label;
            if (!labels.empty()) {
                label.push_back(labels[static_cast<std::size_t>(i)]);
            }
            pictures.push_back(denoise(m_weights, values.narrow(0, i, 1), label, m_noise, multiplier).images);
        }
        return at::cat(pictures);
    }

private:
    TarFlowWeights m_weights; ///< tensors are shared with the model's
    double m_noise;
};

/// Of a flow of this family, wherever it is.
const TarFlowRenderer* rendererOf(const LoadedModel& loaded)
{
    return dynamic_cast<const TarFlowRenderer*>(loaded.flowRenderer.get());
}

tl::unexpected<Error> notATarFlow(const ModelInfo& model)
{
    return fail(ErrorCode::Internal, "The model \"" + model.name + "\" could not be used.", "not a TarFlow");
}

/// Whether the run's blocks may overlap: as its strategy says, or as measuring finds.
bool mayOverlap(const RunRequest& request)
{
    if (request.plan.empty()) {
        return request.strategy == kAutoPasses || request.strategy == kAutoTime;
    }
    const auto strategy = flowStrategyFromJson(request.plan, "The strategy");
    return strategy && strategy->overlaps();
}

/// What weights of so many bytes and a run take on a device.
DeviceBytes bytesOf(const TarFlowConfig& config, std::uint64_t weights, std::uint64_t real, const RunRequest& request)
{
    // Twice as many places as tokens, at most; beside the cache, what one layer and the attention of a head work in.
    constexpr std::uint64_t kWorkingBytes = 128'000'000; // of libraries
    constexpr std::uint64_t kRowsAtOnce = 2 * 24;        // of the width, once more for recorded passes; and ...
    constexpr std::uint64_t kGradientRows = 40;          // of each layer, that the step along the score keeps
    constexpr std::uint64_t kPicturesAtOnce = 8;         // of each, while they become bytes
    const auto tokens = static_cast<std::uint64_t>(config.tokens());
    const auto width = static_cast<std::uint64_t>(config.width);
    const auto layers = static_cast<std::uint64_t>(config.layers);
    const auto blocks = static_cast<std::uint64_t>(config.blocks);
    const auto items = static_cast<std::uint64_t>(std::max(1, request.pictures));
    const std::uint64_t lanes = items * (request.guidance != 0.0 ? 2 : 1);
    const std::uint64_t cache = 2 * 2 * layers * width;
    const std::uint64_t passes = lanes * tokens * (cache + kRowsAtOnce * width) * real;
    const std::uint64_t gradient = blocks * layers * tokens * width * kGradientRows * real;
    const std::uint64_t pictures = items * tokens * static_cast<std::uint64_t>(config.channels()) * real;
    DeviceBytes bytes{weights,
                      passes + (request.denoise > 0.0 ? gradient : 0) + kPicturesAtOnce * pictures + kWorkingBytes};
    if (mayOverlap(request)) { // all blocks at once, their weights in a second order
        bytes.run += weights + blocks * passes;
    }
    return bytes;
}

/// What the family's own part of model.json says.
struct FlowFolder {
    double noise = 0.0;
    std::filesystem::path weights;
};

Result<FlowFolder> openFolder(const ModelInfo& model)
{
    const auto manifest = readModelManifest(model.folder);
    if (!manifest) {
        return tl::unexpected(manifest.error());
    }
    FlowFolder folder;
    JsonFields fields(manifest->config, "The model's model.json: config", JsonFields::Missing::Kept);
    fields.number("noise", folder.noise, 0.0, 10.0);
    if (fields.error()) {
        return tl::unexpected(*fields.error());
    }
    if (manifest->files.size() != 1) {
        return fail(ErrorCode::Corrupt, "The model's model.json must name one file of weights, but names " +
                                            std::to_string(manifest->files.size()) + ". Install the model again.");
    }
    const std::string& weights = manifest->files.front().name;
    if (auto verified = verifyFiles(model.folder, *manifest, weights); !verified) {
        return tl::unexpected(verified.error());
    }
    folder.weights = std::filesystem::path(model.folder) / weights;
    return folder;
}

/// model.json and the weights must tell one story.
Result<void> checkAgreement(const ModelInfo& model, const TarFlowConfig& config)
{
    const bool agrees = config.blocks == static_cast<std::int64_t>(model.layout.blocks) &&
                        config.grid == static_cast<std::int64_t>(model.layout.rows) &&
                        config.grid == static_cast<std::int64_t>(model.layout.columns) &&
                        config.patch == static_cast<std::int64_t>(model.layout.patchPixels) &&
                        config.classes == static_cast<std::int64_t>(model.classes.size());
    if (!agrees) {
        return fail(ErrorCode::Corrupt,
                    "The model's model.json cannot be used: its grid, picture, blocks or classes do "
                    "not agree with the weights. Install the model again.");
    }
    for (std::size_t block = 0; block < model.layout.reversed.size(); ++block) {
        if (model.layout.reversed[block] != isReversed(static_cast<std::int64_t>(block))) {
            return fail(ErrorCode::Corrupt, "The model's model.json cannot be used: every other block reads the tokens "
                                            "backwards, from block 1 on. Install the model again.");
        }
    }
    return {};
}

/// [count, colours, side, side] in [-1, 1], without noise.
at::Tensor sampleImages(const TarFlowConfig& config, at::ScalarType type, std::uint32_t first, std::uint32_t count)
{
    const std::int64_t side = config.side();
    const bool divides = side <= kDrawnSide && kDrawnSide % side == 0;
    at::Tensor pictures =
        drawFlowPictures(kAnalysisSeed, SceneStream::FlowValidation, first, count, divides ? side : kDrawnSide)
            .pictures;
    if (!divides) {
        pictures = at::upsample_bilinear2d(pictures, {side, side}, false);
    }
    if (config.colours == 1) {
        pictures = pictures.mean(1, true);
    }
    return (pictures * 2.0 - 1.0).to(type);
}

} // namespace

LoadedModel loadedTarFlow(TarFlowWeights weights, double noise)
{
    LoadedModel loaded;
    loaded.flowRenderer = std::make_unique<TarFlowRenderer>(weights, noise);
    loaded.flow = std::make_unique<TarFlowModel>(std::move(weights));
    return loaded;
}

LoadedModel deviceTarFlow(const DeviceOps& ops, TarFlowWeights weights, double noise)
{
    LoadedModel loaded;
    loaded.flowRenderer = std::make_unique<TarFlowRenderer>(weights, noise);
    loaded.flow = std::make_unique<DeviceFlow>(ops, std::make_unique<DeviceTarFlow>(std::move(weights)));
    return loaded;
}

Result<PromptReading> TarFlowFamily::readPrompt(const ModelInfo& model, std::string_view) const
{
    return fail(ErrorCode::InvalidRequest, "The model \"" + model.name + "\" takes a class instead of a prompt.");
}

std::uint64_t TarFlowFamily::memoryBytes(const ModelInfo& model, const RunRequest& request) const
{
    // A block has about 12 x layers x width x width weights, and no head is narrower than 64.
    constexpr std::uint64_t kLeastWidth = 64;
    constexpr std::uint64_t kWorkingBytes = 64'000'000;
    constexpr std::uint64_t kGradientRows = 40; // of a layer's width, that the step along the score keeps
    const std::uint64_t real = request.precision == "float64" ? 8 : 4;
    const std::uint64_t blocks = std::max(1U, model.layout.blocks);
    const std::uint64_t layersTimesWidth = model.parameters / (12 * kLeastWidth * blocks);
    const std::uint64_t tokens = model.layout.positions();
    const std::uint64_t lanes = 2 * static_cast<std::uint64_t>(std::max(1, request.pictures));
    const std::uint64_t cacheAndRows = lanes * tokens * (2 * layersTimesWidth + 1024 * 12) * real;
    const std::uint64_t gradient = blocks * tokens * layersTimesWidth * kGradientRows * real;
    return model.parameters * (2 * real + 4) + cacheAndRows + gradient + kWorkingBytes;
}

Result<LoadedModel> TarFlowFamily::load(const ModelInfo& model, at::ScalarType type) const
{
    const auto folder = openFolder(model);
    if (!folder) {
        return tl::unexpected(folder.error());
    }
    auto weights = loadTarFlow(folder->weights, type);
    if (!weights) {
        return tl::unexpected(weights.error());
    }
    if (auto checked = checkAgreement(model, weights->config); !checked) {
        return tl::unexpected(checked.error());
    }
    return loadedTarFlow(std::move(*weights), folder->noise);
}

Result<void> TarFlowFamily::placeFlow(const ModelInfo& model, const DeviceOps& ops, at::Device device,
                                      LoadedModel& loaded) const
{
    const TarFlowRenderer* renderer = rendererOf(loaded);
    if (renderer == nullptr) {
        return notATarFlow(model);
    }
    LoadedModel placed = deviceTarFlow(ops, placedOn(renderer->weights(), device), renderer->noise());
    loaded.flow = std::move(placed.flow);
    loaded.flowRenderer = std::move(placed.flowRenderer);
    return {};
}

DeviceBytes TarFlowFamily::flowBytes(const LoadedModel& loaded, const RunRequest& request) const
{
    const TarFlowRenderer* renderer = rendererOf(loaded);
    if (renderer == nullptr) {
        return {};
    }
    const TarFlowConfig& config = renderer->weights().config;
    const std::uint64_t real = renderer->weights().variance.element_size();
    std::uint64_t weights = 0;
    for (const auto& [name, shape] : tarflowTensors(config)) {
        weights += real * static_cast<std::uint64_t>(c10::multiply_integers(shape));
    }
    return bytesOf(config, weights, real, request);
}

DeviceBytes TarFlowFamily::leastFlowBytes(const ModelInfo& model, const RunRequest& request) const
{
    const auto manifest = readModelManifest(model.folder);
    if (!manifest) {
        return {}; // which loading will say
    }
    TarFlowConfig config;
    config.blocks = model.layout.blocks;
    config.grid = model.layout.rows;
    config.patch = model.layout.patchPixels;
    config.colours = 1;
    JsonFields fields(manifest->config, "The model's model.json: config", JsonFields::Missing::Kept);
    fields.whole("layers", config.layers, std::int64_t{0}, kMostLayers);
    fields.whole("width", config.width, std::int64_t{0}, kMostWidth);
    fields.whole("colours", config.colours, std::int64_t{1}, std::int64_t{3});
    if (fields.error()) {
        return {};
    }
    const std::uint64_t real = request.precision == "float64" ? 8 : 4;
    return bytesOf(config, model.parameters * real, real, request);
}

std::vector<std::string> TarFlowFamily::presetNames(const ModelInfo& model) const
{
    std::vector<std::string> names;
    for (const auto& [name, strategy] : flowPresets(model.layout.blocks, model.layout.positions())) {
        names.push_back(name);
    }
    return names;
}

std::optional<FlowStrategy> TarFlowFamily::preset(const ModelInfo& model, const std::string& name) const
{
    for (auto& [known, strategy] : flowPresets(model.layout.blocks, model.layout.positions())) {
        if (known == name) {
            return std::move(strategy);
        }
    }
    return std::nullopt;
}

Result<FlowAnalysis> TarFlowFamily::analyse(const ModelInfo& model, const LoadedModel& loaded, std::uint32_t images,
                                            const std::stop_token& stop) const
{
    const TarFlowRenderer* renderer = rendererOf(loaded);
    if (renderer == nullptr) {
        return notATarFlow(model);
    }
    const at::NoGradGuard noGradients;
    const TarFlowWeights weights = placedOn(renderer->weights(), at::kCPU);
    TarFlowAnalyser analyser(weights);
    for (std::uint32_t first = 0; first < images; first += kAnalysedAtOnce) {
        if (stop.stop_requested()) {
            return fail(ErrorCode::Cancelled, "The analysis was stopped.");
        }
        analyser.add(sampleImages(weights.config, weights.variance.scalar_type(), first,
                                  std::min(kAnalysedAtOnce, images - first)));
    }
    FlowAnalysis analysis;
    for (const BlockAnalysis& block : analyser.blocks(FlowNorm::Spectral)) {
        FlowBlockMetrics& metrics = analysis.blocks.emplace_back();
        metrics.block = static_cast<std::uint32_t>(analysis.blocks.size() - 1);
        metrics.crm = block.crm;
        metrics.crmPercent = block.crmPercent;
        metrics.igmInput = std::min(block.igmInput, kMostMetric);
        metrics.igmZeros = std::min(block.igmZeros, kMostMetric);
    }
    return analysis;
}

Result<FlowStrategy> TarFlowFamily::crmStrategy(const ModelInfo& model, const FlowAnalysis& analysis) const
{
    if (analysis.blocks.size() != model.layout.blocks) {
        return fail(ErrorCode::Corrupt,
                    "The saved analysis is of another model. Run: jacobi flow analyse --model " + model.id);
    }
    std::vector<BlockAnalysis> blocks;
    for (const FlowBlockMetrics& metrics : analysis.blocks) {
        BlockAnalysis& block = blocks.emplace_back();
        block.crmPercent = metrics.crmPercent;
        block.igmInput = metrics.igmInput;
        block.igmZeros = metrics.igmZeros;
    }
    return jacobi::crmStrategy(blocks, model.layout.positions());
}

} // namespace jacobi
