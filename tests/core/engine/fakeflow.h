// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/decode/flowmodel.h"
#include "core/engine/engine.h"
#include "core/engine/resolveflow.h"
#include "tests/core/engine/fakes.h"

#include <ATen/ATen.h>

#include <cmath>
#include <functional>
#include <limits>
#include <memory>
#include <string>
#include <vector>

namespace jacobi::test {

/// What a test may watch or break in a fake flow.
struct FlowFakes {
    std::function<void(int pass)> onPass;                               ///< called before each; may throw
    std::function<void(std::int64_t block, std::int64_t count)> onRows; ///< likewise: what the pass is
    double strength = 0.5;                                              ///< how much a token depends on those before it
    bool overflows = false; ///< a token that is as large as a latent sends the next one out of the numbers
    int passes = 0;
    int denoised = 0;
    std::int64_t nowNs = 0;              ///< a clock that only moves when told
    std::int64_t passNs = 1'000'000'000; ///< what a pass takes by it
    std::int64_t pictureNs = 0;          ///< what making a picture of the tokens takes, of each
};

/// A causal map without weights, float64, 2 x 3 tokens of 3 numbers, three blocks, two classes: token t + 1 depends on the
/// sum of the tokens up to t and on the label. The sums are its cache.
class FakeFlow : public FlowModel {
public:
    explicit FakeFlow(FlowFakes& fakes) : m_fakes(fakes)
    {
        m_layout.blocks = 3;
        m_layout.rows = 2;
        m_layout.columns = 3;
        m_layout.channels = 3;
        m_layout.classes = 2;
        m_layout.reversed = {false, true, false};
    }

    const FlowLayout& layout() const override { return m_layout; }
    at::ScalarType realType() const override { return at::kDouble; }
    at::Tensor scaledLatent(const at::Tensor& latent) const override
    {
        return latent * (m_fakes.overflows ? 1000.0 : 1.0);
    }
    void begin(std::int64_t batch, const FlowCondition& condition, std::int64_t) override
    {
        m_condition = condition;
        m_sums = at::zeros({batch, m_layout.tokens() + 1, m_layout.channels}, at::kDouble);
    }
    void enterBlock(std::int64_t block) override { m_block = block; }

    at::Tensor pass(const at::Tensor& x, std::int64_t first, std::int64_t count) override
    {
        if (m_fakes.onPass) {
            m_fakes.onPass(m_fakes.passes);
        }
        if (m_fakes.onRows) {
            m_fakes.onRows(m_block, count);
        }
        ++m_fakes.passes;
        m_fakes.nowNs += m_fakes.passNs;
        const std::int64_t batch = x.size(0);
        const std::int64_t channels = m_layout.channels;
        std::vector<at::Tensor> branches;
        for (std::int64_t t = first; t < first + count; ++t) {
            m_sums.select(1, t + 1).copy_(m_sums.select(1, t) + x.select(1, t));
        }
        const at::Tensor sums = m_sums.narrow(1, first + 1, count);
        for (int branch = 0; branch < (m_condition.guided ? 2 : 1); ++branch) {
            at::Tensor label = at::zeros({batch, 1, 1}, at::kDouble);
            for (std::int64_t i = 0; branch == 0 && i < batch && !m_condition.labels.empty(); ++i) {
                label.select(0, i).fill_(1 + m_condition.labels[static_cast<std::size_t>(i)]);
            }
            const at::Tensor shift = m_fakes.strength * at::sin(sums * 1.3 + static_cast<double>(m_block) + label);
            at::Tensor scale = 0.2 * m_fakes.strength * at::tanh(sums);
            if (m_fakes.overflows) { // solutions are small, latents are not; token 0 is one and is spared
                scale = at::where(x.narrow(1, first, count).abs() > 100.0, 1e4, -10.0);
                if (first == 0) {
                    scale.select(1, 0).fill_(-10.0);
                }
            }
            branches.push_back(at::cat({scale, shift}, 2));
        }
        return at::stack(branches).view({static_cast<std::int64_t>(branches.size()), batch, count, 2 * channels});
    }

private:
    FlowFakes& m_fakes;
    FlowLayout m_layout;
    FlowCondition m_condition;
    std::int64_t m_block = 0;
    at::Tensor m_sums; ///< [batch, tokens + 1, channels]
};

/// A token is a pixel.
class FakeFlowRenderer : public FlowRenderer {
public:
    explicit FakeFlowRenderer(FlowFakes& fakes) : m_fakes(fakes) {}

    at::Tensor values(const at::Tensor& tokens) const override
    {
        m_fakes.nowNs += m_fakes.pictureNs * tokens.size(0);
        return tokens.view({tokens.size(0), 2, 3, 3}).permute({0, 3, 1, 2}).contiguous() * 0.3;
    }
    at::Tensor denoised(const at::Tensor& values, const std::vector<std::int64_t>&, double multiplier) const override
    {
        ++m_fakes.denoised;
        at::Tensor input = values.clone().requires_grad_(true); // fails under an InferenceMode guard
        return input.detach() + 0.5 * multiplier;
    }

private:
    FlowFakes& m_fakes;
};

inline ModelInfo fakeFlowModel()
{
    ModelInfo model;
    model.id = "eddy";
    model.name = "Eddy";
    model.family = "fakeflow";
    model.hash = "00aa";
    model.folder = "/nowhere/eddy";
    model.layout = {2, 3, 1, 1, 3, {false, true, false}};
    model.width = 3;
    model.height = 2;
    model.classes = {"calm", "storm"};
    model.strategies.assign(kMeasuredStrategies.begin(), kMeasuredStrategies.end());
    return model;
}

inline RunRequest fakeFlowRequest(const std::string& method = "sequential")
{
    RunRequest request;
    request.modelId = "eddy";
    request.method = method;
    request.guidance = 0.0;
    request.tolerance = 0.0;
    request.window = 2;
    request.segments = 2;
    request.seed = 11;
    return request;
}

inline LoadedModel fakeFlowLoaded(FlowFakes& fakes)
{
    LoadedModel loaded;
    loaded.flow = std::make_unique<FakeFlow>(fakes);
    loaded.flowRenderer = std::make_unique<FakeFlowRenderer>(fakes);
    return loaded;
}

class FakeFlowFamily : public ModelFamily {
public:
    explicit FakeFlowFamily(FlowFakes& fakes) : m_fakes(fakes) {}

    std::string name() const override { return "fakeflow"; }
    Result<PromptReading> readPrompt(const ModelInfo&, std::string_view) const override
    {
        return fail(ErrorCode::Internal, "A flow is not asked for this.");
    }
    std::uint64_t memoryBytes(const ModelInfo&, const RunRequest&) const override { return 1000; }
    Result<LoadedModel> load(const ModelInfo&, at::ScalarType) const override { return fakeFlowLoaded(m_fakes); }
    std::vector<std::string> presetNames(const ModelInfo&) const override { return {"by-hand"}; }
    std::optional<FlowStrategy> preset(const ModelInfo& model, const std::string& name) const override
    {
        FlowBlockPlan plan;
        plan.method = FlowMethod::Front;
        plan.window = 4;
        return name == "by-hand" ? std::optional(everyBlock(model.layout.blocks, plan)) : std::nullopt;
    }
    Result<FlowAnalysis> analyse(const ModelInfo& model, const LoadedModel&, std::uint32_t,
                                 const std::stop_token&) const override
    {
        FlowAnalysis analysis;
        for (std::uint32_t block = 0; block < model.layout.blocks; ++block) {
            analysis.blocks.push_back({block, 1.0 + block, 10.0, 2.0, 1.0, 0.0});
        }
        return analysis;
    }
    Result<FlowStrategy> crmStrategy(const ModelInfo& model, const FlowAnalysis&) const override
    {
        return *preset(model, "by-hand");
    }

private:
    FlowFakes& m_fakes;
};

} // namespace jacobi::test
