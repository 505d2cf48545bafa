// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/device/devicedecoder.h"

#include "core/cuda/devicewindows.h"
#include "core/decode/coupling.h"
#include "core/decode/initialisation.h"
#include "core/decode/passclock.h"
#include "core/device/devicenoise.h"
#include "core/device/passgraph.h"
#include "core/device/windowpasses.h"

#include <ATen/ATen.h>
#include <c10/core/InferenceMode.h>

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

namespace jacobi {
namespace {

using Prompts = std::vector<std::vector<std::int64_t>>;

std::optional<CouplingKind> couplingOf(std::string_view name)
{
    constexpr std::array<std::pair<std::string_view, CouplingKind>, 4> kKinds{{
        {IndependentCoupling::kName, CouplingKind::Independent},
        {MaximalCoupling::kName, CouplingKind::Maximal},
        {GumbelExactCoupling::kName, CouplingKind::GumbelExact},
        {GumbelSpecCoupling::kName, CouplingKind::GumbelSpec},
    }};
    for (const auto& [known, kind] : kKinds) {
        if (known == name) {
            return kind;
        }
    }
    return std::nullopt;
}

/// Sequential sampling is a window of one row, whose token hangs on the position's own noise.
Result<WindowSetup> setupOf(const DecodeSettings& settings, at::ScalarType logits)
{
    const bool isSequential = settings.method == "sequential";
    const auto coupling = isSequential ? CouplingKind::GumbelExact : couplingOf(settings.coupling);
    const auto initialisation = isSequential ? Initialisation::Uniform : initialisationOf(settings.initialisation);
    if (!coupling || !initialisation) {
        return fail(ErrorCode::InvalidRequest, "There is no such coupling or initialisation.",
                    settings.coupling + " / " + settings.initialisation);
    }
    WindowSetup setup;
    setup.knobs = {settings.guidance, settings.temperature, settings.topP, settings.topK, settings.minP};
    setup.coupling = *coupling;
    setup.freshDrafts = static_cast<FreshDrafts>(*initialisation);
    setup.logitsType = numberTypeOf(logits);
    setup.branches = settings.guidance == 1.0 ? 1 : 2;
    setup.window = isSequential ? 1 : settings.window;
    setup.seed = settings.seed;
    setup.ringSlots = PassPipeline::kRingSlots;
    return setup;
}

bool readsNoise(const DecodeSettings& settings)
{
    return settings.method == "sjd2" && settings.noiseSteps > 0;
}

DeviceTransformer::Room roomOf(const WindowSetup& setup, const TokenLayout& layout, std::int64_t promptTokens)
{
    DeviceTransformer::Room room;
    room.lanes = std::int64_t{setup.items} * setup.branches;
    room.maxRows = std::max<std::int64_t>(setup.window, promptTokens - 1);
    constexpr std::int64_t kAlignment = 16; // what attention kernels like masks to have
    const std::int64_t needed = promptTokens + std::int64_t{layout.positions()} + setup.window;
    room.capacity = (needed + kAlignment - 1) / kAlignment * kAlignment;
    return room;
}

class DeviceDecoder final : public Decoder {
public:
    DeviceDecoder(const DecodeSettings& settings, WindowSetup setup, DeviceModel& model)
        : m_settings(settings), m_setup(std::move(setup)), m_model(&model)
    {
    }
    Result<void> start(const Prompts& prompts) override;
    Result<std::shared_ptr<Step>> step() override;
    bool done() const override { return m_pipeline->done(); }
    bool passComplete() const override { return m_pipeline->passComplete(); }
    const std::vector<std::int64_t>& tokens(std::size_t item) const override { return m_tokens[item]; }
    std::uint64_t nearTies() const override { return m_pipeline->nearTies(); }

private:
    Prompts lanesOf(const Prompts& prompts) const;
    Result<void> makeRoom(std::int64_t items, std::int64_t longest);
    Result<void> readPrompts(const Prompts& lanes, std::int64_t rows);
    Result<void> begin(const Prompts& lanes);
    Result<void> enqueuePass();
    EmbedJob embedJob() const;

    DecodeSettings m_settings;
    WindowSetup m_setup;
    DeviceModel* m_model;
    DeviceNoise m_noise;
    std::unique_ptr<DeviceWindows> m_windows;
    std::unique_ptr<DeviceTransformer> m_network;
    at::Tensor m_first;   ///< [lanes] int32 on the device
    at::Tensor m_lengths; ///< [lanes] int32: the windows' own memory
    at::Tensor m_logits;  ///< [lanes * window, codes]: the same
    std::vector<at::Tensor> m_kept;
    PassGraph m_pass;
    std::optional<WindowPasses> m_passes;
    std::optional<PassPipeline> m_pipeline; ///< goes first: it waits for what is in flight
    std::optional<PassClock> m_clock;
    std::vector<std::vector<std::int64_t>> m_tokens; ///< [items][positions]
};

/// Of every item its prompt and, with guidance, the empty one.
Prompts DeviceDecoder::lanesOf(const Prompts& prompts) const
{
    Prompts lanes;
    for (const std::vector<std::int64_t>& prompt : prompts) {
        lanes.push_back(prompt);
        if (m_setup.branches == 2) {
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
    const Prompts lanes = lanesOf(prompts);
    std::size_t longest = 1;
    for (const auto& lane : lanes) {
        longest = std::max(longest, lane.size());
    }
    const auto rows = static_cast<std::int64_t>(longest) - 1;
    if (auto made = makeRoom(static_cast<std::int64_t>(prompts.size()), rows + 1); !made) {
        return made;
    }
    if (auto read = rows > 0 ? readPrompts(lanes, rows) : Result<void>(); !read) {
        return read;
    }
    if (auto begun = begin(lanes); !begun) {
        return begun;
    }
    m_tokens.assign(prompts.size(), std::vector<std::int64_t>(m_model->layout().positions(), 0));
    m_passes.emplace(
        *m_windows, [this] { return m_pass.launch(); }, m_model->stream().handle());
    m_pipeline.emplace(*m_passes);
    m_pipeline->setAhead(m_model->runsAhead ? PassPipeline::kMostAhead : 0);
    m_clock.emplace();
    return {};
}

Result<void> DeviceDecoder::makeRoom(std::int64_t items, std::int64_t longest)
{
    // What a run before this one had goes first: both together may not fit.
    m_pass.clear();
    m_kept.clear();
    m_lengths = m_logits = at::Tensor();
    m_network.reset();
    m_windows.reset();
    m_noise = {};
    m_setup.items = static_cast<std::uint32_t>(items);
    m_setup.runs = m_model->recordedRuns;
    const TokenLayout& layout = m_model->layout();
    const at::Device device = m_model->stream().device();
    if (readsNoise(m_settings)) {
        const bool isDouble = m_setup.logitsType == NumberType::Float64;
        m_noise = DeviceNoise(*m_model->network().noise, m_settings, layout, items, isDouble ? at::kDouble : at::kFloat,
                              device);
    }
    m_setup.noise = m_noise.view();
    auto windows = DeviceWindows::make(m_model->ops(), layout, m_setup);
    if (!windows) {
        return tl::unexpected(windows.error());
    }
    m_windows = std::move(*windows);
    const DeviceTransformer::Room room = roomOf(m_setup, layout, longest);
    m_network = std::make_unique<DeviceTransformer>(m_model->ops(), m_model->weights(),
                                                    m_model->network().rotary(room.capacity), room);
    const auto view = [&](void* memory, at::IntArrayRef sizes, at::ScalarType type) {
        return at::for_blob(memory, sizes)
            .options(at::TensorOptions().dtype(type).device(device))
            .target_device(device)
            .make_tensor();
    };
    m_lengths = view(m_windows->job().cacheLengths, {room.lanes}, at::kInt);
    m_logits =
        view(m_windows->logits(), {room.lanes * m_setup.window, std::int64_t{layout.codes}}, m_model->weights().type());
    return {};
}

/// All tokens of the prompts but the last, in one pass. A shorter prompt's lane goes on with rows that mean nothing: they lie
/// behind its length, and are overwritten before anything looks at them.
Result<void> DeviceDecoder::readPrompts(const Prompts& lanes, std::int64_t rows)
{
    const NetworkDescription& network = m_model->network();
    const at::Device device = m_model->stream().device();
    std::vector<std::int64_t> tokens;
    for (const auto& lane : lanes) {
        for (std::int64_t row = 0; row < rows; ++row) {
            const bool isRead = row + 1 < static_cast<std::int64_t>(lane.size());
            tokens.push_back(network.promptTable + (isRead ? lane[static_cast<std::size_t>(row)] : 0));
        }
    }
    const at::Tensor& table = m_model->weights().table;
    const bool isRounded = table.scalar_type() == at::kBFloat16;
    const auto rowsOf = [&](const std::vector<std::int64_t>& numbers) {
        const at::Tensor found = table.index_select(0, at::tensor(numbers, at::kLong).to(device));
        return isRounded ? found.to(at::kFloat) : found;
    };
    at::Tensor inputs = rowsOf(tokens);
    for (const std::int64_t always : network.promptAlways) {
        inputs = inputs + rowsOf({always});
    }
    const std::int64_t laneCount = m_network->room().lanes;
    m_network->setPass(rows, AttentionPath::Masked); // one pass: finding out what is fastest would take longer
    m_network->input().copy_(inputs);
    m_kept.clear();
    const at::Tensor none = at::zeros({laneCount}, at::TensorOptions().dtype(at::kInt).device(device));
    return m_network->enqueue(none, {}, m_kept, m_model->stream().handle());
}

/// The windows with their first drafts, and the pass, recorded where that can be.
Result<void> DeviceDecoder::begin(const Prompts& lanes)
{
    std::vector<std::int32_t> lengths;
    std::vector<std::int32_t> first;
    for (const auto& lane : lanes) {
        lengths.push_back(static_cast<std::int32_t>(lane.size()) - 1);
        first.push_back(static_cast<std::int32_t>(m_model->network().promptTable + lane.back()));
    }
    m_first = at::tensor(first, at::kInt).to(m_model->stream().device());
    const auto path = m_model->attention(m_network->room().lanes, m_setup.window, m_network->room().capacity).path;
    m_network->setPass(m_setup.window, path);
    void* stream = m_model->stream().handle();
    if (auto drawn = m_noise.draw(m_model->ops(), m_windows->job(), stream); !drawn) {
        return drawn;
    }
    if (auto begun = m_windows->begin(lengths, stream); !begun) {
        return begun;
    }
    if (auto recorded = m_pass.record(
            m_model->ops(), stream, [this] { return enqueuePass(); }, m_model->wantsGraphs);
        !recorded) {
        return recorded;
    }
    m_model->lastPass = {m_pass.why(), path};
    return m_windows->begin(lengths, stream); // Recording made passes of its own.
}

EmbedJob DeviceDecoder::embedJob() const
{
    const NetworkDescription& network = m_model->network();
    EmbedJob job;
    job.type = numberTypeOf(m_model->weights().type());
    job.windows = m_windows->job();
    job.table = m_model->weights().table.const_data_ptr();
    job.first = m_first.const_data_ptr<std::int32_t>();
    job.y = m_network->input().mutable_data_ptr();
    job.width = static_cast<std::uint32_t>(network.shape.width);
    job.partCount = static_cast<std::uint32_t>(network.parts.size());
    std::copy(network.parts.begin(), network.parts.end(), job.parts);
    return job;
}

Result<void> DeviceDecoder::enqueuePass()
{
    const c10::InferenceMode inference;
    const DeviceStream::Use use(m_model->stream());
    void* stream = m_model->stream().handle();
    m_kept.clear();
    const EmbedJob job = embedJob();
    if (const int code = m_model->ops().embedRows(&job, stream); code != 0) {
        return tl::unexpected(deviceError(m_model->ops(), code, "read the codes"));
    }
    if (auto done = m_network->enqueue(m_lengths, m_logits, m_kept, stream); !done) {
        return done;
    }
    return m_windows->enqueueKernels(stream);
}

Result<std::shared_ptr<Step>> DeviceDecoder::step()
{
    Result<std::shared_ptr<Step>> step = m_pipeline->next();
    if (!step) {
        return step;
    }
    (*step)->forwardNs = m_clock->lap();
    std::vector<std::int64_t>& tokens = m_tokens[(*step)->item];
    std::copy((*step)->token.begin(), (*step)->token.end(), tokens.begin() + (*step)->begin);
    return step;
}

} // namespace

bool decodesOnDevice(std::string_view method)
{
    constexpr std::array<std::string_view, 4> kMethods{"sequential", "sjd", "sjd2", "jacobi"};
    return std::ranges::find(kMethods, method) != kMethods.end();
}

std::uint64_t deviceBytesOf(const DecodeSettings& settings, const NetworkDescription& network,
                            const TokenLayout& layout, DevicePrecision precision, std::int64_t items,
                            std::int64_t promptTokens)
{
    Result<WindowSetup> setup = setupOf(settings, realTypeOf(precision));
    if (!setup) {
        return 0;
    }
    setup->items = static_cast<std::uint32_t>(items);
    const std::uint64_t noise =
        readsNoise(settings) && network.noise
            ? DeviceNoise::bytesOf(*network.noise, settings, layout, items,
                                   precision == DevicePrecision::Float64 ? at::kDouble : at::kFloat)
            : 0;
    return noise + DeviceWindows::deviceBytes(layout, *setup) +
           DeviceTransformer::bytesOf(network.shape, roomOf(*setup, layout, promptTokens), precision);
}

Result<std::unique_ptr<Decoder>> makeDeviceDecoder(const DecodeSettings& settings, DeviceModel& model)
{
    const Result<WindowSetup> setup = setupOf(settings, model.weights().type());
    if (!setup) {
        return tl::unexpected(setup.error());
    }
    if (readsNoise(settings) && !model.network().noise) {
        return fail(ErrorCode::InvalidRequest, "This model was not trained to read noise, which the method sjd2 needs. "
                                               "Choose a model that was, or the method sjd.");
    }
    return std::make_unique<DeviceDecoder>(settings, *setup, model);
}

} // namespace jacobi
