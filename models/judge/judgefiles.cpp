// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/sha256.h"
#include "core/io/atomicfile.h"
#include "core/io/jsonfields.h"
#include "core/io/jsontext.h"
#include "core/io/modelfile.h"
#include "core/io/safepath.h"
#include "models/judge/judge.h"
#include "models/scenes/tensorfile.h"

#include <ATen/ATen.h>
#include <nlohmann/json.hpp>

#include <span>

namespace jacobi {
namespace {

constexpr const char* kWhat = "The judge's judge.json";
constexpr std::uint64_t kMostBytes = 1'000'000;
constexpr int kSchema = 1;

/// What is judged, and the classes in the order of the logits.
nlohmann::json attributesJson()
{
    nlohmann::json list = nlohmann::json::array();
    for (std::size_t i = 0; i < kJudgedCount; ++i) {
        const auto attribute = static_cast<Judged>(i);
        nlohmann::json classes = nlohmann::json::array();
        for (int value = 0; value < classesOf(attribute); ++value) {
            classes.push_back(std::string(classNameOf(attribute, value)));
        }
        list.push_back({{"name", std::string(nameOf(attribute))}, {"classes", std::move(classes)}});
    }
    return list;
}

/// The file judge.json: its files in the form of a model's manifest, so that the same code verifies them.
Result<ModelManifest> filesOf(const nlohmann::json& json)
{
    JsonFields fields(json, kWhat);
    int schema = 0;
    std::string kind;
    std::uint32_t side = 0;
    ModelManifest manifest;
    fields.whole("schema", schema, 1);
    if (!fields.error() && schema != kSchema) {
        return fail(ErrorCode::Unsupported, "The judge was made for a newer version of this program (schema " +
                                                std::to_string(schema) + "). Update the program.");
    }
    fields.text("kind", kind);
    if (!fields.error() && kind != "judge") {
        fields.refuse("kind", "must be \"judge\"");
    }
    fields.whole("side", side);
    if (!fields.error() && (side != kJudgeSide || json.value("attributes", nlohmann::json()) != attributesJson())) {
        return fail(ErrorCode::Unsupported,
                    "The judge answers other questions than this version of the program asks. Train it again with "
                    "\"jacobi train judge\".");
    }
    fields.list("files", 16, [&](const nlohmann::json& entry) {
        ModelFileEntry file;
        JsonFields read(entry, "The judge's judge.json: files");
        read.text("name", file.name);
        read.text("sha256", file.sha256, 64);
        read.whole("bytes", file.bytes);
        fields.adopt(read.error());
        manifest.files.push_back(std::move(file));
    });
    if (!fields.error() && (manifest.files.size() != 1 || manifest.files.front().name != kJudgeWeightsFile)) {
        fields.refuse("files", "must name judge.safetensors and nothing else");
    }
    if (fields.error()) {
        return tl::unexpected(*fields.error());
    }
    return manifest;
}

} // namespace

Result<Judge> Judge::load(const std::filesystem::path& folder)
{
    const Result<InputFile> file = openInside(folder, kJudgeFile);
    if (!file) {
        return tl::unexpected(file.error());
    }
    const Result<std::vector<std::byte>> bytes = readWholeFile(*file, kMostBytes);
    if (!bytes) {
        return tl::unexpected(bytes.error());
    }
    const Result<nlohmann::json> json =
        parseJson({reinterpret_cast<const char*>(bytes->data()), bytes->size()}, kWhat, 10'000);
    if (!json) {
        return tl::unexpected(json.error());
    }
    const Result<ModelManifest> manifest = filesOf(*json);
    if (!manifest) {
        return tl::unexpected(manifest.error());
    }
    if (auto verified = verifyFiles(folder, *manifest, kJudgeWeightsFile); !verified) {
        return tl::unexpected(verified.error());
    }
    Result<TensorMap> weights = readTensors(folder / kJudgeWeightsFile, judgeTensors(), at::kFloat);
    if (!weights) {
        return tl::unexpected(weights.error());
    }
    return Judge(std::move(*weights), sha256Hex(*bytes));
}

Result<void> exportJudge(const std::filesystem::path& folder, const TensorMap& weights)
{
    TensorMap halves;
    for (const auto& [name, tensor] : weights) {
        halves[name] = tensor.detach().to(at::kHalf).contiguous();
    }
    if (auto written = writeTensorFile(folder / kJudgeWeightsFile, halves, {{"kind", "judge"}}); !written) {
        return written;
    }
    const Result<ModelFileEntry> entry = describeModelFile(folder, kJudgeWeightsFile);
    if (!entry) {
        return tl::unexpected(entry.error());
    }
    const nlohmann::json json{{"schema", kSchema},
                              {"kind", "judge"},
                              {"name", "Judge of scenes"},
                              {"side", kJudgeSide},
                              {"attributes", attributesJson()},
                              {"features", kJudgeFeatures},
                              {"files", {{{"name", entry->name}, {"sha256", entry->sha256}, {"bytes", entry->bytes}}}},
                              {"licence", "GPL-3.0-or-later"},
                              {"parameters", parameterCount(judgeTensors())}};
    return writeFileAtomically(folder / kJudgeFile, jsonText(json, 1) + "\n");
}

} // namespace jacobi
