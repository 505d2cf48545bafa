// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/device/devicedecoder.h"

#include "core/decode/passclock.h"
#include "core/device/runroom.h"
#include "core/device/windowpasses.h"

#include <c10/core/InferenceMode.h>

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

namespace jacobi {
namespace {

using Prompts = std::vector<std::vector<std::int64_t>>;

class DeviceDecoder final : public Decoder {
public:
    DeviceDecoder(const DecodeSettings& settings, DeviceModel& model) : m_settings(settings), m_model(&model) {}
    ~DeviceDecoder() override;
    Result<void> start(const Prompts& prompts) override;
    Result<std::shared_ptr<Step>> step() override;
    bool done() const override { return m_pipeline->done(); }
    void rest() override;
    bool passComplete() const override { return m_pipeline->passComplete(); }
    const std::vector<std::int64_t>& tokens(std::size_t item) const override { return m_tokens[item]; }
    std::uint64_t nearTies() const override { return m_pipeline->nearTies(); }

private:
    Prompts lanesOf(const Prompts& prompts) const;
    Result<void> takeRoom(const RunRoom::Needs& needs);

    DecodeSettings m_settings;
    DeviceModel* m_model;
    std::unique_ptr<RunRoom> m_room;
    bool m_isWell = false; ///< nothing has failed since the run began
    std::optional<WindowPasses> m_passes;
    std::optional<PassPipeline> m_pipeline;          ///< goes first: it waits for what is in flight
    std::vector<std::vector<std::int64_t>> m_tokens; ///< [items][positions]
};

/// What the run had serves the next one.
DeviceDecoder::~DeviceDecoder()
{
    m_pipeline.reset();
    m_passes.reset();
    if (m_isWell) {
        m_model->keptRoom = std::move(m_room);
    }
}

/// Of every item its prompt and, with guidance, the empty one.
Prompts DeviceDecoder::lanesOf(const Prompts& prompts) const
{
    Prompts lanes;
    for (const std::vector<std::int64_t>& prompt : prompts) {
        lanes.push_back(prompt);
        if (m_settings.guidance != 1.0) {
            lanes.push_back(m_model->network().unconditionalPrompt);
        }
    }
    return lanes;
}

Result<void> DeviceDecoder::start(const Prompts& prompts)
{
    const c10::InferenceMode inference;
    if (auto selected = m_model->select(); !selected) {
        return selected;
    }
    const DeviceStream::Use use(m_model->stream());
    m_pipeline.reset();
    m_passes.reset();
    m_isWell = false;
    const Prompts lanes = lanesOf(prompts);
    std::size_t longest = 1;
    for (const auto& lane : lanes) {
        longest = std::max(longest, lane.size());
    }
    const auto needs = RunRoom::needsOf(m_settings, *m_model, static_cast<std::int64_t>(prompts.size()),
                                        static_cast<std::int64_t>(longest));
    if (!needs) {
        return tl::unexpected(needs.error());
    }
    if (auto taken = takeRoom(*needs); !taken) {
        return taken;
    }
    if (auto started = m_room->start(lanes, m_settings.seed); !started) {
        return started;
    }
    m_tokens.assign(prompts.size(), std::vector<std::int64_t>(m_model->layout().positions(), 0));
    m_passes.emplace(
        m_room->windows(), [this] { return m_room->launch(); }, m_model->stream().handle());
    m_pipeline.emplace(*m_passes);
    m_pipeline->setAhead(m_model->runsAhead ? PassPipeline::kMostAhead : 0);
    m_isWell = true;
    return {};
}

/// That of the run before, or another after that is gone: both together may not fit.
Result<void> DeviceDecoder::takeRoom(const RunRoom::Needs& needs)
{
    if (m_room == nullptr) {
        m_room = std::move(m_model->keptRoom);
    }
    if (m_room != nullptr && m_room->serves(needs)) {
        return {};
    }
    m_room.reset();
    auto made = RunRoom::make(*m_model, needs);
    if (!made) {
        return tl::unexpected(made.error());
    }
    m_room = std::move(*made);
    return {};
}

Result<std::shared_ptr<Step>> DeviceDecoder::step()
{
    PassClock clock;
    Result<std::shared_ptr<Step>> step = m_pipeline->next();
    if (!step) {
        m_isWell = false;
        return step;
    }
    (*step)->forwardNs = clock.lap();
    std::vector<std::int64_t>& tokens = m_tokens[(*step)->item];
    std::copy((*step)->token.begin(), (*step)->token.end(), tokens.begin() + (*step)->begin);
    return step;
}

void DeviceDecoder::rest()
{
    static_cast<void>(m_pipeline->withdraw()); // an error is told by the next step
}

} // namespace

bool decodesOnDevice(std::string_view method)
{
    constexpr std::array<std::string_view, 4> kMethods{"sequential", "sjd", "sjd2", "jacobi"};
    return std::ranges::find(kMethods, method) != kMethods.end();
}

Result<std::unique_ptr<Decoder>> makeDeviceDecoder(const DecodeSettings& settings, DeviceModel& model)
{
    if (auto checked = RunRoom::needsOf(settings, model, 1, 1); !checked) {
        return tl::unexpected(checked.error());
    }
    if (RunRoom::readsNoise(settings) && !model.network().noise) {
        return fail(ErrorCode::InvalidRequest, "This model was not trained to read noise, which the method sjd2 needs. "
                                               "Choose a model that was, or the method sjd.");
    }
    return std::make_unique<DeviceDecoder>(settings, model);
}

} // namespace jacobi
