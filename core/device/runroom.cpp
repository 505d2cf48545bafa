// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/device/runroom.h"

#include "core/decode/coupling.h"
#include "core/decode/initialisation.h"
#include "core/device/passpipeline.h"

#include <ATen/ATen.h>
#include <c10/core/InferenceMode.h>

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

namespace jacobi {
namespace {

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

} // namespace

Result<RunRoom::Needs> RunRoom::needsOf(const DecodeSettings& settings, const DeviceModel& model, std::int64_t items,
                                        std::int64_t longest)
{
    Result<WindowSetup> setup = setupOf(settings, model.weights().type());
    if (!setup) {
        return tl::unexpected(setup.error());
    }
    setup->items = static_cast<std::uint32_t>(items);
    Needs needs;
    needs.settings = settings;
    needs.settings.seed = 0;
    needs.room = roomOf(*setup, model.layout(), longest);
    needs.items = items;
    needs.wantsGraphs = model.wantsGraphs;
    needs.forcedAttention = model.forcedAttention;
    needs.recordedRuns = model.recordedRuns;
    return needs;
}

std::uint64_t RunRoom::bytesOf(const DecodeSettings& settings, const NetworkSizes& network, const TokenLayout& layout,
                               DevicePrecision precision, std::int64_t items)
{
    Result<WindowSetup> setup = setupOf(settings, realTypeOf(precision));
    if (!setup) {
        return 0;
    }
    setup->items = static_cast<std::uint32_t>(items);
    const std::uint64_t noise =
        readsNoise(settings) && network.noiseSize > 0
            ? DeviceNoise::bytesOf(network.noiseSize, settings, layout, items,
                                   precision == DevicePrecision::Float64 ? at::kDouble : at::kFloat)
            : 0;
    return noise + DeviceWindows::deviceBytes(layout, *setup) +
           DeviceTransformer::bytesOf(network.shape, roomOf(*setup, layout, network.promptTokens), precision);
}

bool RunRoom::serves(const Needs& needs) const
{
    // A graph writes to memory that libtorch may have given back to the device when it ran short.
    return m_needs == needs && m_shortages == timesMemoryRanShort(m_model->stream().device());
}

bool RunRoom::isFor(const DecodeSettings& settings, std::int64_t items) const
{
    DecodeSettings seedless = settings;
    seedless.seed = 0;
    return m_needs.settings == seedless && m_needs.items == items;
}

Result<std::unique_ptr<RunRoom>> RunRoom::make(DeviceModel& model, const Needs& needs)
{
    std::unique_ptr<RunRoom> room(new RunRoom(model, needs));
    if (auto placed = room->place(); !placed) {
        return tl::unexpected(placed.error());
    }
    return room;
}

Result<void> RunRoom::place()
{
    Result<WindowSetup> made = setupOf(m_needs.settings, m_model->weights().type());
    if (!made) {
        return tl::unexpected(made.error());
    }
    WindowSetup& setup = *made;
    setup.items = static_cast<std::uint32_t>(m_needs.items);
    setup.runs = m_needs.recordedRuns;
    const TokenLayout& layout = m_model->layout();
    const at::Device device = m_model->stream().device();
    if (readsNoise(m_needs.settings)) {
        const bool isDouble = setup.logitsType == NumberType::Float64;
        m_noise = DeviceNoise(*m_model->network().noise, m_needs.settings, layout, m_needs.items,
                              isDouble ? at::kDouble : at::kFloat, device);
    }
    setup.noise = m_noise.view();
    auto windows = DeviceWindows::make(m_model->ops(), layout, setup);
    if (!windows) {
        return tl::unexpected(windows.error());
    }
    m_windows = std::move(*windows);
    const DeviceTransformer::Room& room = m_needs.room;
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
        view(m_windows->logits(), {room.lanes * setup.window, std::int64_t{layout.codes}}, m_model->weights().type());
    m_first = at::zeros({room.lanes}, at::TensorOptions().dtype(at::kInt).device(device));
    m_path = m_model->attention(room.lanes, setup.window, room.capacity).path;
    m_ofWindow = m_network->makePass(setup.window, m_path);
    m_shortages = timesMemoryRanShort(device);
    return {};
}

Result<void> RunRoom::start(const Prompts& lanes, std::uint64_t seed)
{
    std::size_t longest = 1;
    std::vector<std::int32_t> lengths;
    std::vector<std::int32_t> first;
    for (const auto& lane : lanes) {
        longest = std::max(longest, lane.size());
        lengths.push_back(static_cast<std::int32_t>(lane.size()) - 1);
        first.push_back(static_cast<std::int32_t>(m_model->network().promptTable + lane.back()));
    }
    if (const auto rows = static_cast<std::int64_t>(longest) - 1; rows > 0) {
        if (auto read = readPrompts(lanes, rows); !read) {
            return read;
        }
    }
    m_first.copy_(at::tensor(first, at::kInt));
    m_network->setPass(m_ofWindow);
    void* stream = m_model->stream().handle();
    if (auto seeded = m_windows->reseed(seed, stream); !seeded) {
        return seeded;
    }
    if (auto drawn = m_noise.draw(m_model->ops(), m_windows->job(), stream); !drawn) {
        return drawn;
    }
    if (auto recorded = m_isRecorded ? Result<void>() : record(lengths); !recorded) {
        return recorded;
    }
    m_model->lastPass = {m_pass.why(), m_pass.wasRefused(), m_path};
    return m_windows->begin(lengths, stream); // Recording made passes of its own.
}

/// All tokens of the prompts but the last, in one pass. A shorter prompt's lane goes on with rows that mean nothing: they lie
/// behind its length, and are overwritten before anything looks at them.
Result<void> RunRoom::readPrompts(const Prompts& lanes, std::int64_t rows)
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
    // One pass: finding out what is fastest would take longer. But what float32 reads must not hang on the size of the cache.
    const bool isInvariant = m_model->weights().type() == at::kFloat && m_path == AttentionPath::Shared;
    m_network->setPass(rows, isInvariant ? m_path : AttentionPath::Masked);
    m_network->input().copy_(inputs);
    const at::Tensor none = at::zeros({laneCount}, at::TensorOptions().dtype(at::kInt).device(device));
    std::vector<at::Tensor> kept; // libtorch keeps what is let go here for its own stream, which this pass is on
    return m_network->enqueue(none, {}, kept, m_model->stream().handle());
}

/// The pass of a window, as a graph where that can be.
Result<void> RunRoom::record(const std::vector<std::int32_t>& lengths)
{
    void* stream = m_model->stream().handle();
    if (auto begun = m_windows->begin(lengths, stream); !begun) {
        return begun;
    }
    auto recorded = m_pass.record(
        m_model->ops(), stream, [this] { return enqueuePass(); }, m_needs.wantsGraphs);
    m_isRecorded = recorded.has_value();
    m_shortages = timesMemoryRanShort(m_model->stream().device());
    return recorded;
}

EmbedJob RunRoom::embedJob() const
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

Result<void> RunRoom::enqueuePass()
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

} // namespace jacobi
