// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
// What the trainer of the transformer learns from; drawn on threads of its own.
#include "models/training/claimhead.h"
#include "models/training/scenedata.h"
#include "models/training/scenestransformertrainer.h"
#include "models/training/trainingjob.h"

#include <ATen/ATen.h>

namespace jacobi {
namespace {

constexpr double kPromptDrop = 0.1;

} // namespace

/// All examples of the parts.
ScenesTransformerTrainer::Batch ScenesTransformerTrainer::joined(std::vector<Batch>& parts)
{
    if (parts.size() == 1) {
        return std::move(parts.front());
    }
    const auto join = [&](auto member) {
        std::vector<at::Tensor> list;
        for (Batch& part : parts) {
            list.push_back(member(part));
        }
        return list.front().defined() ? at::cat(list) : at::Tensor();
    };
    Batch all;
    all.pictures = join([](Batch& part) { return part.pictures; });
    all.maps = join([](Batch& part) { return part.maps; });
    for (std::size_t view = 0; view < parts.front().prompts.size(); ++view) {
        all.prompts.push_back(join([view](Batch& part) { return part.prompts[view]; }));
        all.claims.push_back(join([view](Batch& part) { return part.claims[view]; }));
    }
    return all;
}

/// Examples first .. first + count - 1 of what it learns from.
ScenesTransformerTrainer::Batch ScenesTransformerTrainer::drawExamples(std::uint64_t first, std::int64_t count) const
{
    constexpr SceneStream kStream = SceneStream::Transformer;
    Batch batch;
    if (m_options.map > 0.0 || m_options.subjectWeight > 1.0) {
        MappedPictures drawn = drawMapped(m_config, m_options.seed, kStream, first, count);
        batch.pictures = std::move(drawn.pictures);
        batch.maps = drawn.maps.to(at::kByte); // kept until the last view
    } else {
        batch.pictures = drawPictures(m_options.seed, kStream, first, count, static_cast<int>(m_config.pictureRows()));
    }
    for (std::int64_t view = 0; view < m_options.views; ++view) {
        const auto variant = static_cast<std::uint64_t>(view);
        batch.prompts.push_back(drawPrompts(m_config, m_options.seed, kStream, first, count, kPromptDrop, variant));
        batch.claims.push_back(m_options.claims > 0.0
                                   ? drawClaims(m_options.seed, kStream, first, count, kPromptDrop, variant)
                                   : at::Tensor());
    }
    return batch;
}

ScenesTransformerTrainer::Batch ScenesTransformerTrainer::draw(std::int64_t number) const
{
    std::vector<Batch> parts;
    for (const ExampleRun& run :
         examplesOfBatch(m_options.seed, SceneStream::Transformer, static_cast<std::uint64_t>(number * m_options.batch),
                         m_options.batch, m_options.hard)) {
        parts.push_back(drawExamples(run.first, run.count));
    }
    Batch batch = joined(parts);
    if (m_digits.is_cuda()) { // pinned, without which a copy is waited for
        std::vector<at::Tensor*> drawn{&batch.pictures, &batch.maps};
        for (std::size_t view = 0; view < batch.prompts.size(); ++view) {
            drawn.insert(drawn.end(), {&batch.prompts[view], &batch.claims[view]});
        }
        for (at::Tensor* tensor : drawn) {
            if (tensor->defined()) {
                *tensor = pinned(*tensor);
            }
        }
    }
    return batch;
}

} // namespace jacobi
