// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/device/randomnetwork.h"
#include "core/engine/device.h"
#include "core/engine/enginemeasures.h"
#include "core/engine/memory.h"
#include "core/engine/temporaryfolder.h"
#include "core/io/safetensors.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>

#include <algorithm>

// The measurement of loading: a file's weights to the device.

namespace jacobi {
namespace {

constexpr std::uint64_t kFileBytes = 1'500'000'000; // about
constexpr std::uint64_t kStoredBytes = 2;           // of a number: float16

/// So many layers of the shape that a file of them is about as large as wanted, with table and head.
TransformerShape someLayers(TransformerShape shape)
{
    const std::uint64_t ends = 2 * static_cast<std::uint64_t>(shape.codes * shape.width);
    const std::uint64_t head = static_cast<std::uint64_t>(shape.codes * shape.width);
    const std::uint64_t all = static_cast<std::uint64_t>(shape.layers);
    const std::uint64_t layer = (numbersOfPass(shape) - head) / all;
    const std::uint64_t wanted = kFileBytes / kStoredBytes;
    shape.layers =
        static_cast<std::int64_t>(std::clamp<std::uint64_t>((wanted - std::min(wanted, ends)) / layer, 1, all));
    return shape;
}

/// Every weight of a network with its name in the file.
std::vector<std::pair<std::string, at::Tensor*>> namedTensors(NetworkDescription& network)
{
    std::vector<std::pair<std::string, at::Tensor*>> named{
        {"table", &network.table}, {"norm", &network.norm}, {"head", &network.head}};
    for (std::size_t i = 0; i < network.blocks.size(); ++i) {
        BlockWeights& block = network.blocks[i];
        const std::string layer = "blocks." + std::to_string(i) + ".";
        for (const auto& [name, tensor] :
             {std::pair("attention_norm", &block.attentionNorm), std::pair("qkv", &block.qkv),
              std::pair("query_scale", &block.queryScale), std::pair("key_scale", &block.keyScale),
              std::pair("attention_out", &block.attentionOut), std::pair("feed_norm", &block.feedNorm),
              std::pair("gate_up", &block.gateUp), std::pair("down", &block.down)}) {
            named.emplace_back(layer + name, tensor);
        }
    }
    return named;
}

/// As many threads as a run has that nobody gave a number.
class UsualThreads {
public:
    UsualThreads() : m_before(at::get_num_threads()) { at::set_num_threads(chooseThreads(0)); }
    ~UsualThreads() { at::set_num_threads(m_before); }
    UsualThreads(const UsualThreads&) = delete;
    UsualThreads& operator=(const UsualThreads&) = delete;

private:
    int m_before;
};

} // namespace

/// What loading cannot be faster than: a copy from memory that the device reads by itself.
Result<void> EngineMeasures::pinnedCopy()
{
    if (m_pinnedRate > 0.0) {
        return {};
    }
    const std::uint64_t bytes = isCpu() ? 4'000'000 : 256'000'000;
    const auto from = DeviceMemory::make(m_ops, bytes, true);
    const auto to = DeviceMemory::make(m_ops, bytes);
    if (!from || !to) {
        return tl::unexpected(from ? to.error() : from.error());
    }
    const auto samples = time([&]() -> Result<void> {
        const int code = m_ops.toDevice(to->as<>(), from->as<>(), bytes, m_stream.handle());
        return code == 0 ? Result<void>() : tl::unexpected(deviceError(m_ops, code, "copy to the device"));
    });
    if (!samples) {
        return tl::unexpected(samples.error());
    }
    m_pinnedRate = static_cast<double>(bytes) / samples->median;
    note({{"case", "pinned copy"}}, *samples, "GB/s", -static_cast<double>(bytes) * 1e-9);
    return {};
}

/// A file of some of the shape's layers, read, checked, converted and placed; the whole of it and its two halves. The file
/// was just written, so that it is in memory: disks differ.
Result<void> EngineMeasures::loading(const BenchShape& shape, DevicePrecision precision)
{
    if (!parts.readWeights) {
        return {};
    }
    if (auto done = pinnedCopy(); !done) {
        return done;
    }
    const TransformerShape sizes = someLayers(shape.shape);
    const double fileBytes = static_cast<double>(
        kStoredBytes * (numbersOfPass(sizes) + static_cast<std::uint64_t>(sizes.codes * sizes.width)));
    json record{{"case", "load"},         {"shape", shape.name},  {"layers", sizes.layers},
                {"gb", fileBytes * 1e-9}, {"page_cache", "warm"}, {"threads", chooseThreads(0)}};
    // What is written, and the same as float32 and in the device's type.
    if (auto fits = checkMemory(static_cast<std::uint64_t>(5.0 * fileBytes), availableMemory()); !fits) {
        record["not_run"] = fits.error().message;
        m_records.push_back(std::move(record));
        return {};
    }
    const auto folder = TemporaryFolder::make(static_cast<std::uint64_t>(1.01 * fileBytes));
    if (!folder) {
        return tl::unexpected(folder.error());
    }
    const std::filesystem::path path = folder->path() / "weights.safetensors";
    NetworkDescription network = randomNetwork(sizes, options(isCpu() ? at::kFloat : at::kHalf), 1);
    std::vector<std::pair<std::string, std::vector<std::int64_t>>> wanted;
    std::vector<TensorToWrite> list;
    for (const auto& [name, tensor] : namedTensors(network)) {
        *tensor = tensor->to(at::kCPU, at::kHalf).contiguous();
        wanted.emplace_back(name, tensor->sizes().vec());
        list.push_back({name, DType::F16, tensor->sizes().vec(),
                        std::span(static_cast<const std::byte*>(tensor->const_data_ptr()), tensor->nbytes())});
    }
    if (auto written = writeSafetensors(path, list); !written) {
        return written;
    }
    for (const auto& [name, tensor] : namedTensors(network)) {
        *tensor = at::Tensor();
    }
    giveBackCachedMemory(m_device);

    const UsualThreads threads;
    constexpr int kLoads = 5;
    std::vector<double> whole, reading, placing;
    for (int i = -1; i < kLoads; ++i) { // the first sets libraries up
        const auto begin = std::chrono::steady_clock::now();
        auto tensors = parts.readWeights(path, wanted);
        if (!tensors) {
            return tl::unexpected(tensors.error());
        }
        const auto read = std::chrono::steady_clock::now();
        for (const auto& [name, tensor] : namedTensors(network)) {
            *tensor = tensors->at(name);
        }
        const auto model =
            DeviceModel::make(m_ops, m_device, precision, network, lineLayout(shape.rows, shape.columns, sizes.codes));
        if (!model) {
            return tl::unexpected(model.error());
        }
        const auto end = std::chrono::steady_clock::now();
        if (m_stop.stop_requested()) {
            return fail(ErrorCode::Cancelled, "The measurement was stopped.");
        }
        if (i >= 0) {
            whole.push_back(secondsOf(end - begin));
            reading.push_back(secondsOf(read - begin));
            placing.push_back(secondsOf(end - read));
        }
    }
    const auto noteAs = [&](const char* variant, std::vector<double> times, bool isWhole) {
        std::ranges::sort(times);
        const Samples samples{times[times.size() / 2], times[times.size() / 4], times[times.size() * 3 / 4]};
        record["variant"] = variant;
        record.erase("of_floor");
        if (isWhole) {
            const auto placed = static_cast<double>(DeviceWeights::bytesOf(sizes, sizes.codes, precision));
            record["of_floor"] = placed / m_pinnedRate / samples.median;
        }
        note(record, samples, "GB/s", -fileBytes * 1e-9);
    };
    noteAs("file to device", whole, true);
    noteAs("file to memory, as float32", reading, false);
    noteAs("memory to device", placing, false);
    return {};
}

} // namespace jacobi
