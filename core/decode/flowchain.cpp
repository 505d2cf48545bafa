// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/decode/flowchain.h"

#include <utility>

namespace jacobi {
namespace {

class TwinChain final : public FlowChain {
public:
    explicit TwinChain(std::vector<std::unique_ptr<FlowModel>> models) : m_models(std::move(models)) {}

    const FlowLayout& layout() const override { return m_models.front()->layout(); }
    bool joins() const override { return false; }

    void begin(std::int64_t batch, const FlowCondition& condition, std::int64_t maxRows) override
    {
        for (const auto& model : m_models) {
            model->begin(batch, condition, maxRows);
        }
    }

    at::Tensor fittedStart(std::int64_t block, const at::Tensor& z) const override
    {
        return of(block).fittedStart(block, z);
    }

    std::unique_ptr<FlowIterate> iterate(std::int64_t block, const FlowUpdate& update, const at::Tensor& z,
                                         const at::Tensor& start) override
    {
        of(block).enterBlock(block);
        return of(block).iterate(update, z, start);
    }

private:
    FlowModel& of(std::int64_t block) const { return *m_models[static_cast<std::size_t>(block)]; }

    std::vector<std::unique_ptr<FlowModel>> m_models; ///< [blocks]
};

} // namespace

std::shared_ptr<FlowChain> makeTwinChain(const FlowModel& model)
{
    std::vector<std::unique_ptr<FlowModel>> models;
    for (std::uint32_t block = 0; block < model.layout().blocks; ++block) {
        models.push_back(model.twin());
        if (models.back() == nullptr) {
            return nullptr;
        }
    }
    return models.empty() ? nullptr : std::make_shared<TwinChain>(std::move(models));
}

} // namespace jacobi
