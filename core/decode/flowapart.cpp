// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/decode/flowapart.h"

#include "core/decode/flowcommon.h"
#include "core/decode/passclock.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <c10/core/InferenceMode.h>

#include <algorithm>
#include <utility>
#include <vector>

namespace jacobi {
namespace {

class FlowRunApart final : public PassByPass {
public:
    FlowRunApart(FlowSettings settings, FlowModel& model) : m_settings(std::move(settings)), m_model(model)
    {
        m_settings.together = true; // as a batch of one is
    }

    Result<void> start(const at::Tensor& latent, const std::vector<std::int64_t>& labels) override
    {
        m_pictures.clear();
        m_queue.clear();
        m_report = {};
        const std::int64_t batch = latent.dim() == 3 ? latent.size(0) : 0;
        if (batch < 1 || (!labels.empty() && static_cast<std::int64_t>(labels.size()) != batch)) {
            return makeFlowDecoder(m_settings, m_model)->start(latent, labels); // which says what is wrong
        }
        for (std::int64_t item = 0; item < batch; ++item) {
            if (item > static_cast<std::int64_t>(m_twins.size())) {
                m_twins.push_back(m_model.twin());
            }
            FlowModel& model = item == 0 ? m_model : *m_twins[static_cast<std::size_t>(item - 1)];
            const std::unique_ptr<FlowDecoder>& picture = m_pictures.emplace_back(makeFlowDecoder(m_settings, model));
            const auto own = labels.empty() ? labels : std::vector{labels[static_cast<std::size_t>(item)]};
            if (auto started = picture->start(latent.narrow(0, item, 1), own); !started) {
                return started;
            }
        }
        return {};
    }

    bool done() const override { return m_queue.empty() && std::ranges::all_of(m_pictures, isDone); }
    const FlowReport& report() const override { return m_report; }

    at::Tensor state() const override
    {
        std::vector<at::Tensor> states;
        for (const auto& picture : m_pictures) {
            states.push_back(picture->state());
        }
        return at::cat(states);
    }

    at::Tensor stateOf(std::int64_t item, std::uint32_t block) const override
    {
        return m_pictures[static_cast<std::size_t>(item)]->stateOf(0, block);
    }

private:
    static bool isDone(const std::unique_ptr<FlowDecoder>& picture) { return picture->done(); }

    /// One of every picture that is not done.
    Result<void> pass() override
    {
        PassClock clock;
        std::vector<std::int64_t> items; // from the last to the first: handed out from the back
        for (auto item = static_cast<std::int64_t>(m_pictures.size()); item-- > 0;) {
            if (!m_pictures[static_cast<std::size_t>(item)]->done()) {
                items.push_back(item);
            }
        }
        const auto count = static_cast<std::int64_t>(items.size());
        std::vector<Result<Steps>> steps(items.size());
        const auto some = [&](std::int64_t begin, std::int64_t end) {
            const c10::InferenceMode inference; // of this thread
            for (std::int64_t i = begin; i < end; ++i) {
                const auto at = static_cast<std::size_t>(i);
                steps[at] = passOf(*m_pictures[static_cast<std::size_t>(items[at])]);
            }
        };
        if (count >= at::get_num_threads()) {
            at::parallel_for(0, count, 1, some);
        } else {
            some(0, count); // every pass by all threads
        }
        collectReports();
        return handOut(items, steps, clock.lap());
    }

    using Steps = std::vector<std::shared_ptr<Step>>; ///< of one picture's pass: one of each block at work

    static Result<Steps> passOf(FlowDecoder& picture)
    {
        Steps steps;
        do {
            auto step = picture.step();
            if (!step) {
                return tl::unexpected(step.error());
            }
            steps.push_back(std::move(*step));
        } while (picture.waiting() > 0);
        return steps;
    }

    Result<void> handOut(const std::vector<std::int64_t>& items, std::vector<Result<Steps>>& steps, std::int64_t wallNs)
    {
        std::int64_t sumNs = 0;
        for (const Result<Steps>& own : steps) {
            if (!own) {
                return tl::unexpected(own.error());
            }
            for (const auto& step : *own) {
                sumNs += step->forwardNs + step->samplingNs;
            }
        }
        // Side by side they take less than the sum of what each took.
        const double share =
            std::min(1.0, static_cast<double>(wallNs) / static_cast<double>(std::max<std::int64_t>(1, sumNs)));
        for (std::size_t i = 0; i < items.size(); ++i) {
            for (auto own = steps[i]->rbegin(); own != steps[i]->rend(); ++own) { // handed out from the back
                std::shared_ptr<Step> step = std::move(*own);
                step->item = static_cast<std::uint32_t>(items[i]);
                step->forwardNs = static_cast<std::int64_t>(share * static_cast<double>(step->forwardNs));
                step->samplingNs = static_cast<std::int64_t>(share * static_cast<double>(step->samplingNs));
                m_queue.push_back(std::move(step));
            }
        }
        return {};
    }

    void collectReports()
    {
        m_report = {};
        for (std::size_t item = 0; item < m_pictures.size(); ++item) {
            const FlowReport& own = m_pictures[item]->report();
            m_report.passes = std::max(m_report.passes, own.passes);
            m_report.rows += own.rows;
            for (FlowSegmentReport segment : own.segments) {
                segment.item = static_cast<std::uint32_t>(item);
                m_report.segments.push_back(segment);
            }
        }
        m_report.rows /= m_pictures.size();
    }

    FlowSettings m_settings;
    FlowModel& m_model;                              ///< the first picture's
    std::vector<std::unique_ptr<FlowModel>> m_twins; ///< the others'
    std::vector<std::unique_ptr<FlowDecoder>> m_pictures;
    FlowReport m_report;
};

} // namespace

std::unique_ptr<FlowDecoder> makeFlowDecoderApart(const FlowSettings& settings, FlowModel& model)
{
    return std::make_unique<FlowRunApart>(settings, model);
}

} // namespace jacobi
