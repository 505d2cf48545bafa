// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/cuda/devicememory.h"
#include "core/decode/decoder.h"
#include "core/device/devicemodel.h"
#include "core/engine/backend.h"
#include "core/engine/benchparts.h"
#include "core/engine/benchshapes.h"
#include "core/engine/modelfamily.h"

#include <nlohmann/json.hpp>

#include <array>
#include <chrono>
#include <functional>
#include <stop_token>

namespace jacobi {

/// The names of paths of attention in options and records.
inline constexpr std::array<std::pair<AttentionPath, const char*>, 3> kAttentionNames{
    {{AttentionPath::Masked, "masked"}, {AttentionPath::Flash, "flash"}, {AttentionPath::Shared, "shared"}}};

inline double secondsOf(std::chrono::steady_clock::duration time)
{
    return std::chrono::duration<double>(time).count();
}

/// Rows of the cache that were there before a step's pass: all of the prompt but its last token, and the codes.
inline std::int64_t cachedBefore(std::size_t promptTokens, const Step& step)
{
    return static_cast<std::int64_t>(promptTokens) - 1 + step.begin;
}

/// What `jacobi bench engine` measures on, and what was found. Thread rule: one thread.
class EngineMeasures {
public:
    EngineMeasures(const DeviceOps& ops, at::Device device, ProgressSink& sink, const std::stop_token& stop)
        : m_ops(ops), m_device(device), m_stream(device), m_sink(sink), m_stop(stop)
    {
    }

    Result<void> run(const std::vector<BenchShape>& shapes, DevicePrecision precision);
    std::vector<std::string> groups;        ///< of kBenchGroups; empty: all
    std::optional<AttentionPath> attention; ///< that all passes use but those that measure another
    BenchParts parts;
    nlohmann::json records() { return std::move(m_records); }

    static constexpr double kLongestPicture = 30.0; ///< seconds; one that takes longer is cut

private:
    using json = nlohmann::json;
    using Work = std::function<Result<void>()>;
    static constexpr std::int64_t kLanes = 2; ///< one picture with guidance
    static inline const std::vector<std::int64_t> kPrompt{1, 2, 3, 0};

    struct Samples {
        double median = 0.0, low = 0.0, high = 0.0; ///< seconds
    };

    static constexpr const char* kEverything = "everything"; ///< what the others are one thing less of
    static constexpr std::uint32_t kPictureWindow = 32;
    static constexpr int kPictures = 3; ///< or fewer of those that take long
    static constexpr double kEnoughSeconds = 4.0;

    struct TracedPicture {
        double seconds = 0.0;          ///< up to the last token
        double firstStepSeconds = 0.0; ///< up to the first pass's end
        double floor = 0.0;            ///< of its passes, in seconds
        double previewSeconds = 0.0, finalSeconds = 0.0;
        int previews = 0;
        std::uint64_t passes = 0;
        std::uint64_t traceBytes = 0;
        bool isWhole = true;
    };

    bool isCpu() const { return m_device.is_cpu(); }
    bool wants(std::string_view group) const;
    /// What pictures are made in beside a network.
    at::ScalarType pictureType() const { return isCpu() ? at::kFloat : at::kBFloat16; }
    at::TensorOptions options(at::ScalarType type) const { return at::TensorOptions().dtype(type).device(m_device); }
    Result<void> wait() const
    {
        const int code = m_ops.synchronize(m_stream.handle());
        return code == 0 ? Result<void>() : tl::unexpected(deviceError(m_ops, code, "wait"));
    }

    Result<Samples> time(const Work& work, double leastSeconds = 0.005);
    void note(json record, const Samples& samples, const char* unit, double scale);
    Result<void> tell(const std::string& line, double fraction);
    double floorOf(const DeviceWeights& weights, std::int64_t window, std::int64_t cached) const;
    double floorOf(const DeviceWeights& weights, std::int64_t window, const std::vector<std::int64_t>& cached) const;
    Result<void> ceilings();
    Result<void> sampling(std::int64_t codes, std::int64_t window);
    Result<void> pinnedCopy();
    Result<void> loading(const BenchShape& shape, DevicePrecision precision);
    Result<at::Tensor> logitsOf(const NetworkDescription& network, DevicePrecision precision);
    Result<void> error(const BenchShape& shape, DevicePrecision precision);
    Result<void> decode(const BenchShape& shape);
    Result<void> familyDecode();
    Result<void> passes(const BenchShape& shape, DeviceModel& model);
    Result<void> pass(const BenchShape& shape, DeviceModel& model, std::int64_t window, std::int64_t cached,
                      bool split);
    Result<void> passesAt(const BenchShape& shape, DeviceModel& model, std::int64_t window);
    Result<void> pass(DeviceTransformer& network, std::int64_t cached, json record, double floor);
    Result<void> picture(const BenchShape& shape, DeviceModel& model, const std::string& variant, std::uint32_t window);
    Result<void> pictures(const BenchShape& shape, DevicePrecision precision, DeviceModel& model);
    RunRequest pictureRequest(std::uint32_t window) const;
    Result<TracedPicture> tracedPicture(const BenchShape& shape, LoadedModel& loaded, bool hasTrace, bool hasPreviews);
    Result<void> tracedPictures(const BenchShape& shape, LoadedModel& loaded);
    Result<double> startOnce(DeviceModel& model);
    Result<void> start(const BenchShape& shape, DeviceModel& model);
    Result<std::uint64_t> leastFree(DeviceModel& model, const DecodeSettings& settings);
    std::uint64_t freeMemory() const;
    Result<void> memory(const BenchShape& shape, DevicePrecision precision, DeviceModel& model,
                        std::uint64_t freeBefore);
    Result<void> measure(const BenchShape& shape, DevicePrecision precision);
    Result<std::unique_ptr<DeviceModel>> load(const BenchShape& shape, std::int64_t codes, DevicePrecision precision);

    const DeviceOps& m_ops;
    at::Device m_device;
    DeviceStream m_stream;
    ProgressSink& m_sink;
    const std::stop_token& m_stop;
    json m_records = json::array();
    double m_fraction = 0.0;       ///< of the work that is done
    double m_bandwidth = 0.0;      ///< bytes a second, read and written
    double m_rate = 0.0;           ///< multiplications and additions a second
    double m_pinnedRate = 0.0;     ///< bytes a second from pinned memory to the device
    double m_pictureSeconds = 0.0; ///< of the shape's picture with everything that makes it fast; 0: not measured
    at::MemoryFormat m_pictureFormat = at::MemoryFormat::ChannelsLast; ///< the faster one for pictures
};

} // namespace jacobi
