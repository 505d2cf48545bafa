// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/core/trace/tracesamples.h"

#include "core/base/crc32c.h"
#include "core/io/bytewriter.h"
#include "core/trace/memorytrace.h"
#include "core/trace/tracerecords.h"

#include <cmath>
#include <fstream>
#include <iterator>
#include <limits>

namespace jacobi::test {
namespace {

constexpr float kNaN = std::numeric_limits<float>::quiet_NaN();

/// Keeps each value's payload in the order in which it came.
class Payloads final : public TraceSink {
public:
    void header(const std::shared_ptr<const RunHeader>& header) override
    {
        m_layout = header->layout;
        values.push_back(encodeHeader(*header).value());
    }
    void step(const std::shared_ptr<const Step>& step) override
    {
        values.push_back(encodeStep(*step, m_layout).value());
    }
    void preview(const std::shared_ptr<const Preview>& preview) override
    {
        values.push_back(encodePreview(*preview, m_layout).value());
    }
    void summary(const RunSummary& summary) override { values.push_back(encodeSummary(summary).value()); }

    std::vector<Bytes> values;

private:
    TraceLayout m_layout;
};

} // namespace

Bytes readFile(const std::filesystem::path& path)
{
    std::ifstream file(path, std::ios::binary);
    const std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
    return bytesOf(text);
}

void writeFile(const std::filesystem::path& path, const Bytes& bytes)
{
    std::ofstream file(path, std::ios::binary);
    file.write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
}

Bytes bytesOf(std::string_view text)
{
    const auto bytes = std::as_bytes(std::span(text));
    return {bytes.begin(), bytes.end()};
}

Bytes joined(std::initializer_list<Bytes> parts)
{
    Bytes all;
    for (const Bytes& part : parts) {
        all.insert(all.end(), part.begin(), part.end());
    }
    return all;
}

TraceLayout sampleLayout()
{
    return {2, 3, 5, 2};
}

RunRequest sampleRequest()
{
    RunRequest request;
    request.modelId = "letters";
    request.modelHash = "0123456789abcdef";
    request.method = "sequential";
    request.coupling = "gumbel-exact";
    request.initialisation = "left";
    request.window = 5;
    request.guidance = 1.25;
    request.temperature = 0.1;
    request.topK = 3;
    request.topP = 0.9;
    request.prompt = "a \"red\" square,\nand \xC3\xA9\xE7\x8C\xAB"; // quotes, a line break, é, a cat
    request.seed = std::numeric_limits<std::uint64_t>::max();
    request.pictures = 3;
    request.device = "cuda:1";
    request.precision = "float64";
    request.className = "a \xC3\xA9 class";
    request.strategy = "crm";
    request.plan = "{}";
    request.segments = 4;
    request.tolerance = 0.25;
    request.clip = 3.0;
    request.denoise = 0.97;
    request.attentionTemperature = 0.3;
    request.guidanceSchedule = kConstant;
    return request;
}

RunHeader sampleHeader()
{
    RunHeader header;
    header.request = sampleRequest();
    header.layout = sampleLayout();
    header.modelName = "Letters";
    header.deviceName = "CPU, 2 threads";
    header.software = "Jacobi Studio 0.1.0";
    header.startedAt = "2026-01-02T03:04:05Z";
    for (std::uint32_t code = 0; code < header.layout.codes; ++code) {
        CodeColours colours{};
        for (std::size_t i = 0; i < colours.size(); ++i) {
            colours[i] = static_cast<std::uint8_t>(code * 50 + i);
        }
        header.codeColours.push_back(colours);
    }
    return header;
}

Step sampleStep(std::uint32_t pass, std::uint32_t begin, std::uint32_t committedEnd, std::uint32_t end)
{
    Step step;
    step.pass = pass;
    step.begin = begin;
    step.committedEnd = committedEnd;
    step.end = end;
    step.forwardNs = 1'000'000 + pass;
    step.samplingNs = 20'000;
    step.otherNs = 300;
    for (std::uint32_t at = begin; at < end; ++at) {
        const float value = static_cast<float>(at + 1) / 8.0F;
        step.token.push_back(static_cast<std::int32_t>((at + pass) % 5));
        step.state.push_back(static_cast<TokenState>((at + pass) % 10));
        step.draft.push_back(at % 2 == 0 ? -1 : 4);
        step.p.push_back(value);
        step.q.push_back(at % 2 == 0 ? kNaN : value / 2);
        step.u.push_back(-0.0F);
        step.entropy.push_back(std::numeric_limits<float>::denorm_min());
        step.residual.push_back(std::numeric_limits<float>::infinity());
        step.noiseLevel.push_back(kNaN);
        Candidates candidates{};
        candidates[0] = {2, 0.5F, 0.25F};
        candidates[1] = {0, 0.125F, kNaN};
        step.topK.push_back(candidates);
    }
    return step;
}

Preview samplePreview(std::uint32_t pass, std::uint32_t committedEnd, bool isFinal)
{
    Preview preview;
    preview.pass = pass;
    preview.committedEnd = committedEnd;
    preview.isFinal = isFinal;
    preview.width = 6;
    preview.height = 4;
    for (std::uint32_t i = 0; i < preview.width * preview.height * 3; ++i) {
        preview.rgb.push_back(static_cast<std::uint8_t>(i * 7 + pass));
    }
    return preview;
}

RunSummary sampleSummary()
{
    RunSummary summary;
    summary.outcome = Outcome::Cancelled;
    summary.message = "stopped";
    summary.tokens = 6;
    summary.passes = 4;
    summary.seconds = 0.1;
    summary.forwardSeconds = 0.05;
    summary.samplingSeconds = 0.03;
    summary.previewSeconds = 0.01;
    summary.nonFinite = std::numeric_limits<std::uint64_t>::max();
    summary.nearTies = 2;
    summary.fallbacks = 3;
    return summary;
}

Trace sampleTrace()
{
    Trace trace;
    trace.header = std::make_shared<const RunHeader>(sampleHeader());
    trace.steps = {
        std::make_shared<const Step>(sampleStep(0, 0, 1, 2)), std::make_shared<const Step>(sampleStep(1, 1, 1, 3)),
        std::make_shared<const Step>(sampleStep(2, 1, 4, 6)), std::make_shared<const Step>(sampleStep(3, 4, 6, 6))};
    trace.previews = {std::make_shared<const Preview>(samplePreview(1, 1, false)),
                      std::make_shared<const Preview>(samplePreview(3, 6, true))};
    trace.summary = sampleSummary();
    return trace;
}

Bytes traceBytes(const Trace& trace)
{
    const TestFolder folder;
    const auto path = folder.file("sample.jtrace");
    return writeTrace(path, trace) ? readFile(path) : Bytes{};
}

Bytes record(std::uint32_t kind, const Bytes& payload)
{
    ByteWriter out;
    out.write(kind);
    out.write(static_cast<std::uint32_t>(payload.size()));
    out.append(payload);
    out.write(crc32c(out.bytes()));
    return out.take();
}

std::vector<std::size_t> recordEnds(const Bytes& file)
{
    std::vector<std::size_t> ends{8};
    ByteReader reader(file);
    std::uint32_t kind = 0;
    std::uint32_t length = 0;
    bool isWhole = reader.take(8).has_value();
    while (isWhole && reader.read(kind) && reader.read(length)) {
        isWhole = reader.take(std::uint64_t{length} + 4).has_value();
        ends.push_back(reader.position());
    }
    return ends;
}

std::vector<Bytes> valuesOf(const Trace& trace)
{
    Payloads payloads;
    replay(trace, payloads);
    return std::move(payloads.values);
}

} // namespace jacobi::test
