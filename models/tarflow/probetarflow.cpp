// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/tarflow/probetarflow.h"

#include "core/decode/flowdecoder.h"
#include "core/io/inputfile.h"
#include "core/io/jsontext.h"
#include "core/io/safetensors.h"
#include "models/tarflow/loadtarflow.h"
#include "models/tarflow/tarflowanalysis.h"
#include "models/tarflow/tarflowmodel.h"

#include <ATen/ATen.h>
#include <c10/core/InferenceMode.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <string>
#include <vector>

namespace jacobi {
namespace {

using Json = nlohmann::json;

Result<TarFlowTensors> readInputs(const std::filesystem::path& path)
{
    const auto file = SafetensorsFile::open(path);
    if (!file) {
        return tl::unexpected(file.error());
    }
    TarFlowTensors tensors;
    for (const TensorEntry& entry : file->entries()) {
        const auto type = entry.dtype == DType::F32   ? at::kFloat
                          : entry.dtype == DType::F64 ? at::kDouble
                          : entry.dtype == DType::I64 ? at::kLong
                                                      : at::ScalarType::Undefined;
        if (type == at::ScalarType::Undefined) {
            continue;
        }
        at::Tensor tensor = at::empty(entry.shape, at::TensorOptions().dtype(type));
        if (auto read = file->read(entry, std::span(static_cast<std::byte*>(tensor.data_ptr()), tensor.nbytes()));
            !read) {
            return tl::unexpected(read.error());
        }
        tensors[entry.name] = std::move(tensor);
    }
    return tensors;
}

/// settings.json of the model's folder, or an empty object.
Result<Json> readSettings(const std::filesystem::path& checkpoint)
{
    const std::filesystem::path path = checkpoint.parent_path() / "settings.json";
    std::error_code error;
    if (!std::filesystem::exists(path, error)) {
        return Json::object();
    }
    const auto bytes = readWholeFile(path, 1U << 20U);
    if (!bytes) {
        return tl::unexpected(bytes.error());
    }
    return parseJson({reinterpret_cast<const char*>(bytes->data()), bytes->size()}, "\"" + path.string() + "\"");
}

class Probe {
public:
    Probe(TarFlowWeights weights, TarFlowTensors inputs, Json settings)
        : m_model(std::move(weights)), m_in(std::move(inputs)), m_settings(std::move(settings))
    {
    }

    Result<TarFlowTensors> run()
    {
        const bool affine = config().affine;
        if (m_in.contains("image")) {
            const at::Tensor image = m_in.at("image").to(at::kFloat);
            if (!affine) {
                forward("forward", image, {});
            } else {
                forward("labelled", image, labels("labels"));
                forward("dropped", image, labels("labels_dropped"));
                forward("unlabelled", image, {});
                const at::Tensor z = tarflowForward(m_model.weights(), image, {}).z;
                if (auto back = sequential("", {}, z, {}); !back) {
                    return tl::unexpected(back.error());
                }
                m_out["roundtrip.image"] = m_last;
            }
        }
        if (m_in.contains("images")) {
            analysis("norm_2", FlowNorm::Spectral);
            analysis("norm_1", FlowNorm::One);
            analysis("norm_fro", FlowNorm::Frobenius);
        }
        for (auto work : {&Probe::reverse, &Probe::published, &Probe::denoising}) {
            if (auto done = (this->*work)(); !done) {
                return tl::unexpected(done.error());
            }
        }
        return std::move(m_out);
    }

private:
    const TarFlowConfig& config() const { return m_model.weights().config; }

    std::vector<std::int64_t> labels(const std::string& name) const
    {
        if (config().classes == 0 || !m_in.contains(name)) {
            return {};
        }
        const at::Tensor tensor = m_in.at(name).to(at::kLong).contiguous();
        const auto* data = tensor.const_data_ptr<std::int64_t>();
        return {data, data + tensor.numel()};
    }

    void forward(const std::string& pass, const at::Tensor& image, const std::vector<std::int64_t>& labels)
    {
        const TarFlowForward result = tarflowForward(m_model.weights(), image, labels);
        m_out[pass + ".patches"] = result.tokens;
        for (std::size_t i = 0; i < result.blocks.size(); ++i) {
            const std::string block = pass + ".b" + std::to_string(i);
            m_out[block + ".proj_out_raw"] = result.blocks[i].parameters;
            m_out[block + ".z"] = result.blocks[i].z;
            m_out[block + ".logdet"] = result.blocks[i].logDeterminant;
        }
        m_out[pass + ".z"] = result.z;
        m_out[pass + ".logdets"] = result.logDeterminants;
        m_out[pass + ".loss"] = result.loss.reshape({1});
    }

    void analysis(const std::string& name, FlowNorm norm)
    {
        const auto blocks = analyseTarFlow(m_model.weights(), m_in.at("images").to(at::kFloat), norm);
        const auto count = static_cast<std::int64_t>(blocks.size());
        at::Tensor igm = at::empty({count, 2}, at::kDouble);
        at::Tensor parts = at::empty({count, 4}, at::kDouble);
        at::Tensor percent = at::empty({count}, at::kDouble);
        for (std::int64_t i = 0; i < count; ++i) {
            const BlockAnalysis& block = blocks[static_cast<std::size_t>(i)];
            igm[i] = at::tensor({block.igmInput, block.igmZeros}, at::kDouble);
            parts[i] = at::tensor({block.dataFactor, block.scaleFactor, block.shiftFactor, block.crm}, at::kDouble);
            percent[i] = block.crmPercent;
        }
        m_out[name + ".igm"] = igm;
        m_out[name + ".crm_parts"] = parts;
        m_out[name + ".crm"] = parts.select(1, 3);
        m_out[name + ".crm_percent"] = percent;
    }

    FlowSettings sequentialSettings() const
    {
        FlowSettings settings;
        settings.strategy.blocks.resize(static_cast<std::size_t>(config().blocks));
        for (std::size_t i = 0; i < settings.strategy.blocks.size(); ++i) {
            settings.strategy.blocks[i].block = static_cast<std::uint32_t>(i);
        }
        return settings;
    }

    /// The sequential inverse; the picture is left in m_last. With a name, the states on the way are results.
    Result<void> sequential(const std::string& name, FlowSettings settings, const at::Tensor& latent,
                            const std::vector<std::int64_t>& labels)
    {
        settings.strategy = sequentialSettings().strategy;
        const c10::InferenceMode guard;
        const auto decoder = makeFlowDecoder(settings, m_model);
        if (auto started = decoder->start(latent, labels); !started) {
            return started;
        }
        const auto ofBlock = static_cast<std::uint64_t>(config().tokens() - 1);
        if (!name.empty()) {
            m_out[name + ".latent_image"] = imagesOfTokens(m_model.weights(), latent).clone();
        }
        while (!decoder->done()) {
            const auto step = decoder->step();
            if (!step) {
                return tl::unexpected(step.error());
            }
            const std::uint64_t passes = decoder->report().passes;
            if (!name.empty() && passes % ofBlock == 0) {
                m_out[name + ".after_b" + std::to_string((*step)->lane)] =
                    imagesOfTokens(m_model.weights(), decoder->state()).clone();
            }
        }
        m_last = imagesOfTokens(m_model.weights(), decoder->state()).clone();
        return {};
    }

    Result<void> reverse()
    {
        if (!m_in.contains("latent")) {
            return {};
        }
        const at::Tensor latent = m_in.at("latent").to(at::kFloat);
        if (!config().affine) {
            return sequential("reverse", {}, latent, {});
        }
        struct Case {
            const char* name;
            double guidance;
            bool scale;
            double temperature;
            bool annealed;
        };
        constexpr Case kCases[] = {{"plain", 0.0, true, 1.0, false},
                                   {"guided_const", 1.5, true, 1.0, false},
                                   {"guided_annealed_temp", 1.5, true, 0.8, true},
                                   {"guided_shift_only", 1.0, false, 1.0, false}};
        for (const Case& one : kCases) {
            FlowSettings settings;
            settings.guidance = one.guidance;
            settings.guideScale = one.scale;
            settings.attentionTemperature = one.temperature;
            settings.annealed = one.annealed;
            if (auto done = sequential(one.name, settings, latent, labels("labels")); !done) {
                return done;
            }
        }
        return {};
    }

    /// Settings of a run of the published sampler; its lists begin with the last block.
    FlowSettings publishedSettings(const Json& run) const
    {
        FlowSettings settings = sequentialSettings();
        settings.guidance = run.at("guidance").get<double>();
        settings.attentionTemperature = run.at("attn_temp").get<double>();
        settings.annealed = run.at("annealed").get<bool>();
        settings.clip = 3.0;
        const std::size_t count = settings.strategy.blocks.size();
        for (FlowBlockPlan& plan : settings.strategy.blocks) {
            const std::size_t at = count - 1 - plan.block;
            const auto segments = run.at("num_GS_list").at(at).get<std::uint32_t>();
            plan.method = segments == 0   ? FlowMethod::Sequential
                          : segments == 1 ? FlowMethod::Jacobi
                                          : FlowMethod::Segments;
            plan.segments = std::max(1U, segments);
            plan.maxPasses = run.at("max_jacobi_list").at(at).get<std::uint32_t>();
            plan.start = run.at("guess_list").at(at).get<int>() == 1 ? FlowStart::Zeros : FlowStart::Input;
            plan.tolerance = run.at("ebound").get<double>();
            plan.stop = FlowStop::Published;
        }
        return settings;
    }

    Result<void> published()
    {
        if (!m_settings.contains("gsjacobi")) {
            return {};
        }
        for (const auto& [name, run] : m_settings.at("gsjacobi").items()) {
            const auto latent = m_in.find(name + ".latent");
            if (latent == m_in.end()) {
                continue;
            }
            FlowSettings settings;
            try {
                settings = publishedSettings(run);
            } catch (const Json::exception& error) {
                return fail(ErrorCode::Corrupt, "The run \"" + name + "\" of settings.json cannot be used; give it "
                                                "every list of the golden set's.",
                            error.what());
            }
            if (auto done = parallel(name, settings, latent->second.to(at::kFloat)); !done) {
                return done;
            }
            if (auto done = sequential("", settings, latent->second.to(at::kFloat), labels("labels")); !done) {
                return done;
            }
            m_out[name + ".sequential_image"] = m_last;
        }
        return {};
    }

    Result<void> parallel(const std::string& name, const FlowSettings& settings, const at::Tensor& latent)
    {
        const c10::InferenceMode guard;
        const auto decoder = makeFlowDecoder(settings, m_model);
        if (auto started = decoder->start(latent, labels("labels")); !started) {
            return started;
        }
        std::map<std::string, std::vector<at::Tensor>> iterates;
        std::map<std::string, std::vector<double>> residuals;
        at::Tensor before = decoder->state();
        std::uint64_t passes = 0;
        while (!decoder->done()) {
            const auto step = decoder->step();
            if (!step) {
                return tl::unexpected(step.error());
            }
            if (decoder->report().passes == passes) {
                continue; // the same pass as another picture saw it
            }
            passes = decoder->report().passes;
            const std::uint32_t block = (*step)->lane;
            const std::string of = name + ".b" + std::to_string(block);
            const FlowBlockPlan& plan = settings.strategy.blocks[block];
            m_out.try_emplace(of + ".input", before);
            const at::Tensor state = decoder->state();
            m_out[of + ".output"] = state;
            const FlowSegmentReport report = reportOf(decoder->report(), block, (*step)->segment);
            if (plan.method != FlowMethod::Sequential) {
                const bool plain = plan.method == FlowMethod::Jacobi;
                const std::string key = plain ? of : of + ".seg" + std::to_string(report.segment);
                const at::Tensor ordered = inBlockOrder(m_model.layout(), block, state);
                iterates[key].push_back(plain ? ordered : ordered.narrow(1, report.begin, report.end - report.begin));
                residuals[key].push_back(report.residual);
            }
            before = state;
        }
        for (const auto& [key, list] : iterates) {
            m_out[key + ".iterates"] = at::stack(list);
            m_out[key + ".residuals"] = at::tensor(residuals.at(key), at::kDouble);
        }
        m_out[name + ".image"] = imagesOfTokens(m_model.weights(), decoder->state()).clone();
        return {};
    }

    static FlowSegmentReport reportOf(const FlowReport& report, std::uint32_t block, std::uint32_t segment)
    {
        const auto found =
            std::find_if(report.segments.begin(), report.segments.end(), [&](const FlowSegmentReport& one) {
                return one.block == block && one.segment == segment;
            });
        return found == report.segments.end() ? FlowSegmentReport() : *found;
    }

    Result<void> denoising()
    {
        if (!m_settings.contains("denoise")) {
            return {};
        }
        for (const auto& [name, settings] : m_settings.at("denoise").items()) {
            const auto input = m_in.find(name + ".input");
            if (input == m_in.end()) {
                continue;
            }
            const double noise = settings.value("noise_std", 0.0);
            const double multiplier = settings.value("lr_multiplier", 1.0);
            const Denoised result =
                denoise(m_model.weights(), input->second.to(at::kFloat), labels("labels"), noise, multiplier);
            m_out[name + ".loss"] = result.loss.reshape({1});
            m_out[name + ".grad"] = result.gradient;
            m_out[name + ".step"] = at::full({1}, result.step, at::kFloat);
            m_out[name + ".output"] = result.images;
        }
        return {};
    }

    TarFlowModel m_model;
    TarFlowTensors m_in;
    Json m_settings;
    TarFlowTensors m_out;
    at::Tensor m_last;
};

Result<TarFlowWeights> weightsFor(const std::filesystem::path& checkpoint, const TarFlowTensors& inputs,
                                  const std::string& shown)
{
    constexpr std::string_view kPrefix = "weights.";
    TarFlowTensors given;
    for (const auto& [name, tensor] : inputs) {
        if (name.starts_with(kPrefix)) {
            given[name.substr(kPrefix.size())] = tensor;
        }
    }
    return given.empty() ? loadTarFlow(checkpoint, at::kFloat) : tarflowFromTensors(given, at::kFloat, shown);
}

/// What the network would only assert.
Result<void> checkInputs(const TarFlowConfig& config, const TarFlowTensors& inputs, const std::string& shown)
{
    for (const auto& [name, tensor] : inputs) {
        const bool isImage = name == "image" || name == "images" || name.ends_with(".input");
        const std::vector<std::int64_t> shape = tensor.sizes().vec();
        if (isImage && tensor.dim() == 4 &&
            (shape[0] < 1 || shape[1] != config.colours || shape[2] != config.side() || shape[3] != config.side())) {
            return fail(ErrorCode::InvalidRequest, "\"" + name + "\" of \"" + shown +
                                                       "\" does not have the model's picture size of " +
                                                       std::to_string(config.side()) + " pixels.");
        }
        const bool isLabels = name == "labels" || name == "labels_dropped";
        if (isLabels && config.classes > 0 &&
            (tensor.numel() == 0 || tensor.max().item<double>() >= static_cast<double>(config.classes))) {
            return fail(ErrorCode::InvalidRequest, "\"" + name + "\" of \"" + shown + "\" holds a label above " +
                                                       std::to_string(config.classes - 1) + ".");
        }
    }
    return {};
}

} // namespace

Result<std::size_t> probeTarFlow(const std::filesystem::path& model, const std::filesystem::path& inputs,
                                 const std::filesystem::path& out)
{
    const auto checkpoint = findTarFlowFile(model);
    if (!checkpoint) {
        return tl::unexpected(checkpoint.error());
    }
    auto given = readInputs(inputs);
    if (!given) {
        return tl::unexpected(given.error());
    }
    auto weights = weightsFor(*checkpoint, *given, inputs.string());
    if (!weights) {
        return tl::unexpected(weights.error());
    }
    if (auto checked = checkInputs(weights->config, *given, inputs.string()); !checked) {
        return tl::unexpected(checked.error());
    }
    auto settings = readSettings(*checkpoint);
    if (!settings) {
        return tl::unexpected(settings.error());
    }
    auto results = Probe(std::move(*weights), std::move(*given), std::move(*settings)).run();
    if (!results) {
        return tl::unexpected(results.error());
    }
    if (results->empty()) {
        return fail(ErrorCode::InvalidRequest, "\"" + inputs.string() + "\" holds no inputs: name tensors image, latent, "
                                               "images, RUN.latent or CASE.input.");
    }
    std::vector<at::Tensor> kept;
    std::vector<TensorToWrite> list;
    kept.reserve(results->size());
    for (const auto& [name, tensor] : *results) {
        kept.push_back(tensor.contiguous());
        const at::Tensor& whole = kept.back();
        list.push_back({name, whole.scalar_type() == at::kDouble ? DType::F64 : DType::F32, whole.sizes().vec(),
                        std::span(static_cast<const std::byte*>(whole.const_data_ptr()), whole.nbytes())});
    }
    if (auto written = writeSafetensors(out, list); !written) {
        return tl::unexpected(written.error());
    }
    return list.size();
}

} // namespace jacobi
