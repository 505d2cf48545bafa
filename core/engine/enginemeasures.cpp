// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/engine/enginemeasures.h"

#include "core/cuda/devicewindows.h"
#include "core/device/randomnetwork.h"

#include <ATen/ATen.h>
#include <c10/core/InferenceMode.h>

#include <algorithm>

namespace jacobi {

/// At least 20 samples, each of as many calls as take leastSeconds; the work is put on the stream and waited for at the end of
/// a sample.
Result<EngineMeasures::Samples> EngineMeasures::time(const Work& work, double leastSeconds)
{
    constexpr int kSamples = 20;
    int calls = 1;
    std::vector<double> times;
    for (int sample = -2; sample < kSamples; ++sample) { // the first two find out how many calls
        if (m_stop.stop_requested()) {
            return fail(ErrorCode::Cancelled, "The measurement was stopped.");
        }
        const auto begin = std::chrono::steady_clock::now();
        for (int call = 0; call < calls; ++call) {
            if (auto done = work(); !done) {
                return tl::unexpected(done.error());
            }
        }
        if (auto done = wait(); !done) {
            return tl::unexpected(done.error());
        }
        const double each = secondsOf(std::chrono::steady_clock::now() - begin) / calls;
        if (sample < 0) {
            calls = std::clamp(static_cast<int>(leastSeconds / std::max(each, 1e-7)), 1, 10'000);
        } else {
            times.push_back(each);
        }
    }
    std::ranges::sort(times);
    return Samples{times[times.size() / 2], times[times.size() / 4], times[times.size() * 3 / 4]};
}

void EngineMeasures::note(json record, const Samples& samples, const char* unit, double scale)
{
    // A rate is so much an hour the faster it went: quartiles change places.
    const bool isRate = scale < 0.0;
    const auto value = [&](double seconds) { return isRate ? -scale / seconds : seconds * scale; };
    record["median"] = value(samples.median);
    record["low"] = value(isRate ? samples.high : samples.low);
    record["high"] = value(isRate ? samples.low : samples.high);
    record["unit"] = unit;
    // As they come: a measurement of minutes that is stopped has told what it found.
    JobProgress progress;
    progress.fraction = m_fraction;
    progress.line = record.dump();
    m_sink.progress(progress);
    m_records.push_back(std::move(record));
}

Result<void> EngineMeasures::tell(const std::string& line, double fraction)
{
    JobProgress progress;
    progress.fraction = m_fraction = fraction;
    progress.line = line;
    m_sink.progress(progress);
    return m_stop.stop_requested() ? fail(ErrorCode::Cancelled, "The measurement was stopped.") : Result<void>();
}

Result<void> EngineMeasures::ceilings()
{
    const std::int64_t numbers = isCpu() ? 4'000'000 : 250'000'000;
    const at::Tensor from = at::randn({numbers}, options(at::kFloat));
    const at::Tensor to = at::empty_like(from);
    const auto copied = time([&]() -> Result<void> {
        to.copy_(from);
        return {};
    });
    if (!copied) {
        return tl::unexpected(copied.error());
    }
    const double bytes = 2.0 * static_cast<double>(from.nbytes());
    m_bandwidth = bytes / copied->median;
    note({{"case", "copy"}}, *copied, "GB/s", -bytes * 1e-9);

    const std::int64_t side = isCpu() ? 384 : 8192;
    const at::ScalarType type = isCpu() ? at::kFloat : at::kBFloat16;
    const at::Tensor a = at::randn({side, side}, options(type));
    const at::Tensor b = at::randn({side, side}, options(type));
    at::Tensor c = at::empty_like(a);
    const auto multiplied = time([&]() -> Result<void> {
        at::mm_out(c, a, b);
        return {};
    });
    if (!multiplied) {
        return tl::unexpected(multiplied.error());
    }
    const double operations = 2.0 * static_cast<double>(side) * static_cast<double>(side) * static_cast<double>(side);
    m_rate = operations / multiplied->median;
    note({{"case", "matrix product"}, {"side", side}}, *multiplied, "TFLOP/s", -operations * 1e-12);
    return {};
}

/// Both window kernels on random logits.
Result<void> EngineMeasures::sampling(std::int64_t codes, std::int64_t window)
{
    WindowSetup setup;
    setup.branches = kLanes;
    setup.window = static_cast<std::uint32_t>(window);
    setup.knobs = {3.0, 1.0, 1.0, isCpu() ? 50 : 2000};
    setup.logitsType = isCpu() ? NumberType::Float32 : NumberType::BFloat16;
    setup.runs = {1};
    const TokenLayout layout = lineLayout(256, 256, codes); // so long that it does not end meanwhile
    const auto windows = DeviceWindows::make(m_ops, layout, setup);
    if (!windows) {
        return tl::unexpected(windows.error());
    }
    const at::Tensor random =
        at::randn({kLanes * window * codes}, options(isCpu() ? at::kFloat : at::kBFloat16)).mul_(4.0);
    at::for_blob((*windows)->logits(), random.sizes())
        .options(random.options())
        .target_device(m_device)
        .make_tensor()
        .copy_(random);
    if (auto begun = (*windows)->begin(std::vector<std::int32_t>(kLanes, 0), m_stream.handle()); !begun) {
        return begun;
    }
    const auto samples = time([&] { return (*windows)->enqueueKernels(m_stream.handle()); });
    if (!samples) {
        return tl::unexpected(samples.error());
    }
    const auto bytes = static_cast<double>(random.nbytes()); // every logit has to be read once
    note({{"case", "sampling"},
          {"codes", codes},
          {"window", window},
          {"bytes", bytes},
          {"of_floor", bytes / m_bandwidth / samples->median}},
         *samples, "us", 1e6);
    return {};
}

Result<std::unique_ptr<DeviceModel>> EngineMeasures::load(const BenchShape& shape, std::int64_t codes,
                                                          DevicePrecision precision)
{
    TransformerShape sizes = shape.shape;
    sizes.codes = codes;
    // Made where they are used: most of these do not fit into a computer's memory as float32.
    const at::ScalarType type = realTypeOf(precision);
    const NetworkDescription network = randomNetwork(sizes, options(type), 1);
    if (auto made = wait(); !made) { // the model has a stream of its own
        return tl::unexpected(made.error());
    }
    return DeviceModel::make(m_ops, m_device, precision, network, lineLayout(shape.rows, shape.columns, codes));
}

bool EngineMeasures::wants(std::string_view group) const
{
    return groups.empty() || std::ranges::find(groups, group) != groups.end();
}

Result<void> EngineMeasures::run(const std::vector<BenchShape>& shapes, DevicePrecision precision)
{
    const c10::InferenceMode inference;
    const DeviceStream::Use use(m_stream);
    if (auto told = tell("Ceilings", 0.0); !told) {
        return told;
    }
    if (auto done = ceilings(); !done) {
        return done;
    }
    const std::vector<std::int64_t> vocabularies =
        isCpu() ? std::vector<std::int64_t>{512} : std::vector<std::int64_t>{8192, 16384, 32768, 65536};
    for (std::size_t i = 0; wants("sampling") && i < vocabularies.size(); ++i) {
        if (auto done = sampling(vocabularies[i], isCpu() ? 8 : 32); !done) {
            return done;
        }
    }
    if (auto done = wants("decode") ? familyDecode() : Result<void>(); !done) {
        return done;
    }
    double done = 0.1;
    for (const BenchShape& shape : shapes) {
        if (auto told = tell("Networks: " + std::string(shape.name), done); !told) {
            return told;
        }
        done += 0.9 / static_cast<double>(shapes.size());
        if (auto measured = measure(shape, precision); !measured) {
            return measured;
        }
    }
    return {};
}

/// All groups of a shape that are wanted. Loading comes first: it fails early where there is no room for its file.
Result<void> EngineMeasures::measure(const BenchShape& shape, DevicePrecision precision)
{
    m_pictureSeconds = 0.0;
    if (auto done = wants("load") ? loading(shape, precision) : Result<void>(); !done) {
        return done;
    }
    if (auto done = wants("error") ? error(shape, precision) : Result<void>(); !done) {
        return done;
    }
    LoadedModel loaded;
    if (wants("passes") || wants("pictures") || wants("memory")) {
        giveBackCachedMemory(m_device);
        DeviceDescription card;
        m_ops.describe(isCpu() ? 0 : m_device.index(), &card);
        const std::uint64_t needed = 2 * DeviceWeights::bytesOf(shape.shape, shape.shape.codes, precision);
        if (card.totalBytes > 0 && needed > card.freeBytes) {
            m_records.push_back(
                {{"case", "pass"}, {"shape", shape.name}, {"not_run", "it does not fit into the GPU's memory"}});
            return wants("decode") ? decode(shape) : Result<void>();
        }
        auto model = load(shape, shape.shape.codes, precision);
        if (!model) {
            return tl::unexpected(model.error());
        }
        loaded.device = std::move(*model);
        loaded.device->forcedAttention = attention;
        if (auto done = wants("memory") ? memory(shape, precision, *loaded.device, card.freeBytes) : Result<void>();
            !done) {
            return done;
        }
    }
    if (auto done = wants("passes") ? passes(shape, *loaded.device) : Result<void>(); !done) {
        return done;
    }
    if (auto done = wants("pictures") ? pictures(shape, precision, *loaded.device) : Result<void>(); !done) {
        return done;
    }
    if (auto done = wants("decode") ? decode(shape) : Result<void>(); !done) {
        return done;
    }
    if (auto done = wants("pictures") ? tracedPictures(shape, loaded) : Result<void>(); !done) {
        return done;
    }
    return wants("pictures") ? start(shape, *loaded.device) : Result<void>();
}

} // namespace jacobi
