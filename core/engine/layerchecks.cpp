// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/largererror.h"
#include "core/decode/layerkernels.h"
#include "core/engine/checkinputs.h"

#include <string>

namespace jacobi {
namespace {

/// What rounding to the stored type explains, of numbers around 1; sums of squares run in float64.
template <class Stored>
constexpr double kAllowed = std::is_same_v<Stored, double>  ? 1e-13
                            : std::is_same_v<Stored, float> ? 4e-6
                                                            : 0.02;

/// Numbers [rows, width] of bfloat16 in parts on the device. Where they are not wanted, or of another type: nothing.
template <class Stored>
class Parts {
public:
    Parts(const DeviceOps& ops, const std::vector<Stored>& numbers, std::uint32_t width, bool wanted)
        : m_memory(tl::unexpected(Error{}))
    {
        if (!wanted) {
            return;
        }
        constexpr float kOthers[] = {4.0F, -3.0F, -1.0F}; // which add up to nothing
        m_sums.width = paddedOut(width);
        m_sums.splits = 3;
        m_sums.apart = numbers.size() / width * m_sums.width;
        std::vector<float> parts(m_sums.splits * m_sums.apart);
        for (std::size_t i = 0; i < numbers.size(); ++i) {
            for (std::uint32_t split = 0; split < m_sums.splits; ++split) {
                parts[split * m_sums.apart + i / width * m_sums.width + i % width] =
                    kOthers[split] + (split == 0 ? static_cast<float>(load(numbers[i])) : 0.0F);
            }
        }
        m_memory = DeviceMemory::copyOf(ops, std::span<const float>(parts));
        m_sums.parts = m_memory ? m_memory->template as<float>() : nullptr;
    }
    const SplitSums& sums() const { return m_sums; }

private:
    Result<DeviceMemory> m_memory;
    SplitSums m_sums;
};

template <class Stored>
Result<double> normErrorOf(const DeviceOps& ops, std::uint32_t width, bool inParts)
{
    constexpr std::uint32_t kRows = 5;
    const auto x = normalNumbers<Stored>(kRows * width, 1);
    const auto delta = normalNumbers<Stored>(kRows * width, 2);
    const auto scale = normalNumbers<Stored>(width, 3);
    const Result<DeviceMemory> dx = DeviceMemory::copyOf(ops, std::span<const Stored>(x));
    const Result<DeviceMemory> dDelta = DeviceMemory::copyOf(ops, std::span<const Stored>(delta));
    const Result<DeviceMemory> dScale = DeviceMemory::copyOf(ops, std::span<const Stored>(scale));
    for (const auto* memory : {&dx, &dDelta, &dScale}) {
        if (!*memory) {
            return tl::unexpected(memory->error());
        }
    }
    const Parts parts(ops, delta, width, inParts);
    NormJob job;
    job.type = kNumberType<Stored>;
    job.x = dx->template as<>();
    job.delta = inParts ? nullptr : dDelta->template as<>();
    job.deltaSums = parts.sums();
    job.scale = dScale->template as<>();
    job.y = dDelta->template as<>();
    job.rows = kRows;
    job.width = width;
    if (const int code = ops.addNorm(&job, nullptr); code != 0) {
        return tl::unexpected(deviceError(ops, code, "normalise"));
    }
    const auto sum = fetched<Stored>(ops, job.x, x.size());
    const auto y = fetched<Stored>(ops, job.y, x.size());
    if (!sum || !y) {
        return tl::unexpected(sum ? y.error() : sum.error());
    }
    std::vector<double> expected(x.size());
    for (std::size_t i = 0; i < x.size(); ++i) {
        expected[i] = static_cast<double>(load(x[i])) + static_cast<double>(load(delta[i]));
    }
    const double sumError = largestError(widened(*sum), expected);
    const std::vector<double> stored = widened(*sum); // what is normalised is what was stored
    const std::vector<double> wideScale = widened(scale);
    std::vector<double> inverse(kRows);
    kernels::rmsNormForward(stored.data(), wideScale.data(), expected.data(), inverse.data(), kRows, width);
    const double error = largestError(widened(*y), expected);
    return error >= sumError ? error : sumError;
}

/// Widths that kernels take in different ways: by whole chunks, by several a lane, and one that has none.
template <class Stored>
Result<double> normError(const DeviceOps& ops, bool inParts)
{
    double largest = 0.0;
    for (const std::uint32_t width : {1536U, 10240U, 1003U}) {
        const Result<double> error = normErrorOf<Stored>(ops, width, inParts);
        if (!error) {
            return error;
        }
        largest = largerError(largest, *error);
    }
    return largest;
}

template <class Stored>
Result<double> gateError(const DeviceOps& ops, bool inParts)
{
    constexpr std::uint32_t kRows = 3, kWidth = 1000;
    const auto gateUp = normalNumbers<Stored>(2 * kRows * kWidth, 4, 3.0);
    const Result<DeviceMemory> in = DeviceMemory::copyOf(ops, std::span<const Stored>(gateUp));
    const Result<DeviceMemory> out = DeviceMemory::make(ops, kRows * kWidth * sizeof(Stored));
    if (!in || !out) {
        return tl::unexpected(in ? out.error() : in.error());
    }
    const Parts parts(ops, gateUp, 2 * kWidth, inParts);
    GateJob job;
    job.type = kNumberType<Stored>;
    job.gateUp = inParts ? nullptr : in->template as<>();
    job.gateUpSums = parts.sums();
    job.y = out->template as<>();
    job.rows = kRows;
    job.width = kWidth;
    if (const int code = ops.gate(&job, nullptr); code != 0) {
        return tl::unexpected(deviceError(ops, code, "gate"));
    }
    const auto y = fetched<Stored>(ops, job.y, kRows * kWidth);
    if (!y) {
        return tl::unexpected(y.error());
    }
    std::vector<double> expected(y->size());
    const std::vector<double> wide = widened(gateUp);
    kernels::swigluForward(wide.data(), expected.data(), kRows, kWidth);
    return largestError(widened(*y), expected);
}

/// A window of heads, with everything that placing them reads.
template <class Stored, std::uint32_t kHeadSize>
struct HeadsCase {
    static constexpr std::uint32_t kLanes = 2, kRows = 5, kHeads = 6, kKeyHeads = 2, kCapacity = 12;
    static constexpr std::uint32_t kSize = kHeadSize;
    static constexpr std::uint32_t kAll = kHeads + 2 * kKeyHeads;
    std::vector<Stored> qkv = normalNumbers<Stored>(kLanes * kRows * kAll * kSize, 5);
    std::vector<Stored> queryScale = normalNumbers<Stored>(kSize, 6);
    std::vector<Stored> keyScale = normalNumbers<Stored>(kSize, 7);
    std::vector<float> cosine, sine;
    std::vector<std::int32_t> lengths{3, 7}; // the second lane's window just fits

    HeadsCase()
    {
        for (std::uint32_t i = 0; i < kCapacity * kSize / 2; ++i) {
            cosine.push_back(static_cast<float>(std::cos(0.1 * i)));
            sine.push_back(static_cast<float>(std::sin(0.1 * i)));
        }
    }

    /// Head `head` of a row, turned, in float64.
    std::vector<double> turned(std::uint32_t lane, std::uint32_t row, std::uint32_t head, RotaryPairs pairs,
                               bool normed) const
    {
        std::vector<double> x(kSize);
        double squares = 0.0;
        for (std::uint32_t i = 0; i < kSize; ++i) {
            x[i] = static_cast<double>(load(qkv[((lane * kRows + row) * kAll + head) * kSize + i]));
            squares += x[i] * x[i];
        }
        const auto& scale = head < kHeads ? queryScale : keyScale;
        for (std::uint32_t i = 0; i < kSize && normed; ++i) {
            x[i] *= static_cast<double>(load(scale[i])) / std::sqrt(squares / kSize + 1e-6);
        }
        std::vector<double> y(kSize);
        const std::size_t table = (static_cast<std::size_t>(lengths[lane]) + row) * kSize / 2;
        for (std::uint32_t i = 0; i < kSize / 2; ++i) {
            const std::uint32_t a = pairs == RotaryPairs::Halves ? i : 2 * i;
            const std::uint32_t b = pairs == RotaryPairs::Halves ? i + kSize / 2 : 2 * i + 1;
            y[a] = x[a] * cosine[table + i] - x[b] * sine[table + i];
            y[b] = x[a] * sine[table + i] + x[b] * cosine[table + i];
        }
        return y;
    }
};

/// Both caches and the queries after a window was placed, in float64: [queries, keys, values].
template <class Stored, std::uint32_t kHeadSize>
std::vector<double> expectedHeads(const HeadsCase<Stored, kHeadSize>& c, RotaryPairs pairs, bool normed)
{
    using Case = HeadsCase<Stored, kHeadSize>;
    const std::size_t queries = Case::kLanes * Case::kRows * Case::kHeads * Case::kSize;
    const std::size_t cache = Case::kLanes * Case::kCapacity * Case::kKeyHeads * Case::kSize;
    std::vector<double> all(queries + 2 * cache, 0.0);
    for (std::uint32_t lane = 0; lane < Case::kLanes; ++lane) {
        for (std::uint32_t row = 0; row < Case::kRows; ++row) {
            for (std::uint32_t head = 0; head < Case::kHeads + Case::kKeyHeads; ++head) {
                const std::vector<double> y = c.turned(lane, row, head, pairs, normed);
                const std::size_t place = lane * Case::kCapacity + static_cast<std::size_t>(c.lengths[lane]) + row;
                const std::size_t to = head < Case::kHeads
                                           ? ((lane * Case::kRows + row) * Case::kHeads + head) * Case::kSize
                                           : queries + (place * Case::kKeyHeads + head - Case::kHeads) * Case::kSize;
                std::copy(y.begin(), y.end(), all.begin() + static_cast<std::ptrdiff_t>(to));
                for (std::uint32_t i = 0; i < Case::kSize && head >= Case::kHeads; ++i) {
                    const std::size_t value = (lane * Case::kRows + row) * Case::kAll + head + Case::kKeyHeads;
                    all[to + cache + i] = static_cast<double>(load(c.qkv[value * Case::kSize + i]));
                }
            }
        }
    }
    return all;
}

template <class Stored, std::uint32_t kHeadSize>
Result<double> headsErrorOf(const DeviceOps& ops, RotaryPairs pairs, bool normed, bool inParts)
{
    using Case = HeadsCase<Stored, kHeadSize>;
    const Case c;
    const std::size_t queries = Case::kLanes * Case::kRows * Case::kHeads * Case::kSize;
    const std::size_t cache = Case::kLanes * Case::kCapacity * Case::kKeyHeads * Case::kSize;
    const Result<DeviceMemory> memory[] = {
        DeviceMemory::copyOf(ops, std::span<const Stored>(c.qkv)),
        DeviceMemory::copyOf(ops, std::span<const Stored>(c.queryScale)),
        DeviceMemory::copyOf(ops, std::span<const Stored>(c.keyScale)),
        DeviceMemory::copyOf(ops, std::span<const float>(c.cosine)),
        DeviceMemory::copyOf(ops, std::span<const float>(c.sine)),
        DeviceMemory::copyOf(ops, std::span<const std::int32_t>(c.lengths)),
        DeviceMemory::make(ops, (queries + 2 * cache) * sizeof(Stored)),
    };
    for (const Result<DeviceMemory>& part : memory) {
        if (!part) {
            return tl::unexpected(part.error());
        }
    }
    HeadsJob job;
    job.type = kNumberType<Stored>;
    job.pairs = pairs;
    const Parts parts(ops, c.qkv, Case::kAll * Case::kSize, inParts);
    job.qkv = inParts ? nullptr : memory[0]->template as<>();
    job.qkvSums = parts.sums();
    job.queryScale = normed ? memory[1]->template as<>() : nullptr;
    job.keyScale = normed ? memory[2]->template as<>() : nullptr;
    job.cosine = memory[3]->template as<float>();
    job.sine = memory[4]->template as<float>();
    job.lengths = memory[5]->template as<std::int32_t>();
    auto* out = memory[6]->template as<Stored>();
    job.q = out;
    job.keys = out + queries;
    job.values = out + queries + cache;
    job.lanes = Case::kLanes;
    job.rows = Case::kRows;
    job.heads = Case::kHeads;
    job.keyHeads = Case::kKeyHeads;
    job.headSize = Case::kSize;
    job.capacity = job.tableRows = Case::kCapacity;
    if (const int code = ops.placeHeads(&job, nullptr); code != 0) {
        return tl::unexpected(deviceError(ops, code, "place heads"));
    }
    const auto found = fetched<Stored>(ops, out, queries + 2 * cache);
    if (!found) {
        return tl::unexpected(found.error());
    }
    return largestError(widened(*found), expectedHeads(c, pairs, normed));
}

/// Of heads that kernels take in different ways.
template <class Stored>
Result<double> headsError(const DeviceOps& ops, RotaryPairs pairs, bool normed, bool inParts)
{
    double largest = 0.0;
    for (const auto& errorOf : {headsErrorOf<Stored, 32>, headsErrorOf<Stored, 64>, headsErrorOf<Stored, 128>}) {
        const Result<double> error = errorOf(ops, pairs, normed, inParts);
        if (!error) {
            return error;
        }
        largest = largerError(largest, *error);
    }
    return largest;
}

template <class Stored>
void addChecks(const DeviceOps& ops, std::vector<KernelCheck>& checks)
{
    // What products leave in parts is bfloat16.
    for (const bool inParts : {false, true}) {
        if (inParts && !std::is_same_v<Stored, BFloat16>) {
            continue;
        }
        const auto add = [&](std::string name, const Result<double>& error) {
            name += std::string(", ") + kNumberName<Stored> + (inParts ? " in parts" : "");
            checks.push_back(error ? errorCheck(std::move(name), *error, kAllowed<Stored>)
                                   : failedCheck(std::move(name), error.error()));
        };
        add("residual and norm", normError<Stored>(ops, inParts));
        add("head norm, rotary (halves) and cache", headsError<Stored>(ops, RotaryPairs::Halves, true, inParts));
        add("rotary (neighbours) and cache", headsError<Stored>(ops, RotaryPairs::Neighbours, false, inParts));
        add("gated activation", gateError<Stored>(ops, inParts));
    }
}

} // namespace

std::vector<KernelCheck> checkLayerSteps(const DeviceOps& ops)
{
    std::vector<KernelCheck> checks;
    addChecks<double>(ops, checks);
    addChecks<float>(ops, checks);
    addChecks<BFloat16>(ops, checks);
    return checks;
}

} // namespace jacobi
