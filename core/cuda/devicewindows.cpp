// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/cuda/devicewindows.h"

#include "core/cuda/layoutrules.h"
#include "core/cuda/windowmemory.h"

#include <algorithm>
#include <atomic>
#include <string>

namespace jacobi {
namespace {

std::uint64_t logitBytes(const WindowJob& job)
{
    const std::uint64_t each = job.logitsType == NumberType::Float64   ? 8
                               : job.logitsType == NumberType::Float32 ? 4
                                                                       : 2;
    return std::uint64_t{job.items} * job.branches * job.window * job.layout.codes * each;
}

void setSizes(WindowJob& job, const TokenLayout& layout)
{
    job.layout.positions = layout.positions();
    job.layout.columns = layout.columns;
    job.layout.codes = layout.codes;
}

WindowJob jobOf(const WindowSetup& setup)
{
    WindowJob job;
    job.knobs = setup.knobs;
    job.coupling = setup.coupling;
    job.freshDrafts = setup.freshDrafts;
    job.logitsType = setup.logitsType;
    job.items = setup.items;
    job.branches = setup.branches;
    job.window = setup.window;
    job.ringSlots = setup.ringSlots;
    job.noise = setup.noise;
    return job;
}

} // namespace

DeviceWindows::DeviceWindows(const DeviceOps& ops, const WindowSetup& setup)
    : m_ops(&ops), m_job(jobOf(setup)), m_runs(setup.runs), m_firstSeed(setup.seed)
{
}

DeviceWindows::~DeviceWindows()
{
    for (void* event : m_events) {
        m_ops->destroyEvent(event);
    }
}

Result<void> DeviceWindows::makeEvents()
{
    for (std::uint32_t slot = 0; slot < m_job.ringSlots; ++slot) {
        void* event = nullptr;
        if (const int code = m_ops->createEvent(&event); code != 0) {
            return tl::unexpected(deviceError(*m_ops, code, "make an event"));
        }
        m_events.push_back(event);
    }
    return {};
}

std::uint64_t DeviceWindows::deviceBytes(const TokenLayout& layout, const WindowSetup& setup)
{
    WindowJob job = jobOf(setup);
    setSizes(job, layout);
    const LayoutRules rules = rulesOf(layout);
    const std::size_t numbers = rules.forced.size() * 3 + rules.legalCodes.size() + rules.legalCount.size();
    return logitBytes(job) + windowBytes(job) * job.items + numbers * 4 + rules.legal.size();
}

Result<std::unique_ptr<DeviceWindows>> DeviceWindows::make(const DeviceOps& ops, const TokenLayout& layout,
                                                           const WindowSetup& setup)
{
    std::unique_ptr<DeviceWindows> windows(new DeviceWindows(ops, setup));
    setSizes(windows->m_job, layout);
    if (const Result<void> placed = windows->placeLayout(layout); !placed) {
        return tl::unexpected(placed.error());
    }
    if (const Result<void> placed = windows->placeBuffers(); !placed) {
        return tl::unexpected(placed.error());
    }
    if (const Result<void> made = windows->makeEvents(); !made) {
        return tl::unexpected(made.error());
    }
    return windows;
}

template <class T>
Result<const T*> DeviceWindows::keep(const std::vector<T>& data)
{
    Result<DeviceMemory> memory = DeviceMemory::copyOf(*m_ops, std::span<const T>(data));
    if (!memory) {
        return tl::unexpected(memory.error());
    }
    m_rules.push_back(std::move(*memory));
    return m_rules.back().as<const T>();
}

Result<void> DeviceWindows::placeLayout(const TokenLayout& layout)
{
    Result<const std::int32_t*> terminals = keep(layout.terminals);
    if (!terminals) {
        return tl::unexpected(terminals.error());
    }
    m_job.layout.terminals = *terminals;
    const Result<const std::uint32_t*> runs = keep(m_runs);
    if (!runs) {
        return tl::unexpected(runs.error());
    }
    m_job.runs = *runs;
    m_job.runCount = static_cast<std::uint32_t>(m_runs.size());
    m_job.layout.terminalCount = static_cast<std::uint32_t>(layout.terminals.size());
    return layout.rules.empty() ? Result<void>() : placeRules(layout);
}

Result<void> DeviceWindows::placeRules(const TokenLayout& layout)
{
    const LayoutRules rules = rulesOf(layout);
    LayoutView& view = m_job.layout;
    const std::pair<const std::vector<std::int32_t>*, const std::int32_t**> numbers[] = {
        {&rules.forced, &view.forced},         {&rules.topK, &view.topK},
        {&rules.set, &view.legalSet},          {&rules.legalCodes, &view.legalCodes},
        {&rules.legalCount, &view.legalCount},
    };
    for (const auto& [from, to] : numbers) {
        const Result<const std::int32_t*> placed = keep(*from);
        if (!placed) {
            return tl::unexpected(placed.error());
        }
        *to = *placed;
    }
    const Result<const std::uint8_t*> legal = keep(rules.legal);
    if (!legal) {
        return tl::unexpected(legal.error());
    }
    view.legal = *legal;
    return {};
}

Result<void> DeviceWindows::placeBuffers()
{
    struct Buffer {
        DeviceMemory* memory;
        std::uint64_t bytes;
        bool pinned;
    };
    const std::uint64_t lanes = std::uint64_t{m_job.items} * m_job.branches;
    const Buffer buffers[] = {
        {&m_logits, logitBytes(m_job), false},
        {&m_windows, windowBytes(m_job) * m_job.items, false},
        {&m_lengths, lanes * sizeof(std::int32_t), false},
        {&m_held, sizeof(std::uint32_t), false},
        {&m_flags, sizeof(RunFlags), true},
        {&m_ring, std::uint64_t{m_job.ringSlots} * m_job.items * recordBytes(m_job.window), true},
    };
    for (const Buffer& buffer : buffers) {
        Result<DeviceMemory> memory = DeviceMemory::make(*m_ops, buffer.bytes, buffer.pinned);
        if (!memory) {
            return tl::unexpected(memory.error());
        }
        *buffer.memory = std::move(*memory);
    }
    Result<DeviceMemory> seed = DeviceMemory::copyOf(*m_ops, std::span<const std::uint64_t>(&m_firstSeed, 1));
    if (!seed) {
        return tl::unexpected(seed.error());
    }
    m_seed = std::move(*seed);
    m_job.seed = m_seed.as<const std::uint64_t>();
    m_job.logits = m_logits.as<>();
    m_job.windows = m_windows.as<>();
    m_job.cacheLengths = m_lengths.as<std::int32_t>();
    m_job.flags = m_flags.as<RunFlags>();
    m_job.held = m_held.as<std::uint32_t>();
    m_job.ring = m_ring.as<>();
    return {};
}

Result<void> DeviceWindows::reseed(std::uint64_t seed, void* stream)
{
    const int code = m_ops->toDevice(m_seed.as<>(), &seed, sizeof seed, stream);
    return code == 0 ? Result<void>() : tl::unexpected(deviceError(*m_ops, code, "begin a run"));
}

Result<void> DeviceWindows::begin(const std::vector<std::int32_t>& cacheLengths, void* stream)
{
    hold(false);
    m_replays = 0;
    for (std::uint32_t slot = 0; slot < m_job.ringSlots; ++slot) {
        for (std::uint32_t item = 0; item < m_job.items; ++item) {
            *record(slot, item).head = PassRecordHead{};
        }
    }
    const std::uint64_t bytes = cacheLengths.size() * sizeof(std::int32_t);
    int code = m_ops->toDevice(m_job.cacheLengths, cacheLengths.data(), bytes, stream);
    code = code != 0 ? code : m_ops->beginWindows(&m_job, stream);
    if (code != 0) {
        return tl::unexpected(deviceError(*m_ops, code, "begin a run"));
    }
    return denoise(stream, "begin a run");
}

/// What the noisy drafts of the next pass are.
Result<void> DeviceWindows::denoise(void* stream, const char* what)
{
    const int code = m_job.noise.steps > 0 ? m_ops->denoiseRows(&m_job, stream) : 0;
    return code == 0 ? Result<void>() : tl::unexpected(deviceError(*m_ops, code, what));
}

Result<void> DeviceWindows::enqueueKernels(void* stream)
{
    int code = m_ops->decideRows(&m_job, stream);
    code = code != 0 ? code : m_ops->advanceWindows(&m_job, stream);
    return code == 0 ? denoise(stream, "enqueue a pass") : tl::unexpected(deviceError(*m_ops, code, "enqueue a pass"));
}

Result<void> DeviceWindows::endReplay(void* stream)
{
    if (const int code = m_ops->recordEvent(m_events[m_replays % m_job.ringSlots], stream); code != 0) {
        return tl::unexpected(deviceError(*m_ops, code, "enqueue a pass"));
    }
    ++m_replays;
    return {};
}

Result<void> DeviceWindows::enqueue(void* stream)
{
    const Result<void> kernels = enqueueKernels(stream);
    return kernels ? endReplay(stream) : kernels;
}

Result<void> DeviceWindows::await(std::uint64_t replay)
{
    if (const int code = m_ops->awaitEvent(m_events[replay % m_job.ringSlots]); code != 0) {
        return tl::unexpected(deviceError(*m_ops, code, "wait for a pass"));
    }
    if (!arrived(replay)) {
        return failOnGpu(ErrorCode::Internal, "The GPU reported an error, so the work was stopped. Try again.",
                         "pass " + std::to_string(replay) + " left no record");
    }
    return {};
}

void DeviceWindows::hold(bool wanted)
{
    std::atomic_ref<std::uint32_t>(m_flags.as<RunFlags>()->hold).store(wanted ? 1 : 0, std::memory_order_release);
}

PassRecord DeviceWindows::record(std::uint64_t replay, std::uint32_t item) const
{
    const std::uint64_t slot = replay % m_job.ringSlots * m_job.items + item;
    return recordAt(m_ring.as<unsigned char>() + slot * recordBytes(m_job.window), m_job.window);
}

bool DeviceWindows::arrived(std::uint64_t replay) const
{
    for (std::uint32_t item = 0; item < m_job.items; ++item) {
        std::atomic_ref<std::uint64_t> sequence(record(replay, item).head->sequence);
        if (sequence.load(std::memory_order_acquire) < replay + 1) {
            return false;
        }
    }
    return true;
}

PassRecordHead DeviceWindows::head(std::uint64_t replay, std::uint32_t item) const
{
    return *record(replay, item).head;
}

Step DeviceWindows::step(std::uint64_t replay, std::uint32_t item) const
{
    const PassRecord from = record(replay, item);
    Step step;
    step.item = item;
    step.pass = from.head->pass;
    step.begin = from.head->begin;
    step.end = from.head->end;
    step.committedEnd = from.head->committedEnd;
    const std::uint32_t columns = std::min(step.end - step.begin, 2 * m_job.window);
    step.token.assign(from.token, from.token + columns);
    step.draft.assign(from.draft, from.draft + columns);
    step.p.assign(from.p, from.p + columns);
    step.q.assign(from.q, from.q + columns);
    step.u.assign(from.u, from.u + columns);
    step.entropy.assign(from.entropy, from.entropy + columns);
    if (m_job.noise.steps > 0) {
        step.noiseLevel.assign(from.noise, from.noise + columns);
    }
    step.state.resize(columns);
    step.topK.resize(columns);
    for (std::uint32_t column = 0; column < columns; ++column) {
        step.state[column] = static_cast<TokenState>(from.state[column]);
        for (std::size_t slot = 0; slot < step.topK[column].size(); ++slot) {
            const RecordedCandidate& candidate = from.top[column * kRecordedCandidates + slot];
            step.topK[column][slot] = {candidate.code, candidate.p, candidate.q};
        }
    }
    return step;
}

Result<std::vector<std::int32_t>> DeviceWindows::tokens(std::uint32_t item, void* stream) const
{
    const bool isDouble = m_job.logitsType == NumberType::Float64;
    const std::int32_t* from = isDouble ? windowOf<double>(m_job, item).tokens : windowOf<float>(m_job, item).tokens;
    std::vector<std::int32_t> tokens(m_job.layout.positions);
    const std::uint64_t bytes = tokens.size() * sizeof(std::int32_t);
    if (const int code = m_ops->fromDevice(tokens.data(), from, bytes, stream); code != 0) {
        return tl::unexpected(deviceError(*m_ops, code, "read the tokens"));
    }
    return tokens;
}

} // namespace jacobi
