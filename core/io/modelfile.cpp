// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/io/modelfile.h"

#include "core/base/limits.h"
#include "core/base/printable.h"
#include "core/base/sha256.h"
#include "core/io/atomicfile.h"
#include "core/io/jsonfields.h"
#include "core/io/jsontext.h"
#include "core/io/safepath.h"

#include <algorithm>

namespace jacobi {
namespace {

constexpr const char* kWhat = "The model's model.json";
constexpr std::size_t kMaxNameBytes = 200;
constexpr std::size_t kMaxWords = 2'000'000;
constexpr std::size_t kMaxWordBytes = 1024;
constexpr const char* kHides = "holds control or invisible characters";
constexpr std::size_t kMaxFiles = 10'000;
constexpr int kMaxNoiseSteps = 1000;

bool isHexHash(const std::string& text)
{
    return text.size() == 64 && text.find_first_not_of("0123456789abcdef") == std::string::npos;
}

// Texts that people see, on a terminal too.
void checkShown(JsonFields& fields, const char* key, const std::string& text)
{
    if (text.empty()) {
        fields.refuse(key, "is empty");
    } else if (!isPrintable(text)) {
        fields.refuse(key, kHides);
    }
}

void readGrid(JsonFields& fields, ModelManifest& manifest)
{
    fields.object("grid", [&](const nlohmann::json& json) {
        JsonFields grid(json, std::string(kWhat) + ": grid");
        grid.whole("rows", manifest.rows, 1U, kMaxTracePositions);
        grid.whole("columns", manifest.columns, 1U, kMaxTracePositions);
        grid.whole("codes", manifest.codes, 1U, kMaxTraceCodes);
        if (std::uint64_t{manifest.rows} * manifest.columns > kMaxTracePositions) {
            grid.refuse("rows", "and \"columns\" give more than " + std::to_string(kMaxTracePositions) + " positions");
        }
        fields.adopt(grid.error());
    });
    fields.object("picture", [&](const nlohmann::json& json) {
        JsonFields picture(json, std::string(kWhat) + ": picture");
        picture.whole("width", manifest.width, 1U, kMaxPictureSide);
        picture.whole("height", manifest.height, 1U, kMaxPictureSide);
        picture.whole("patchPixels", manifest.patchPixels, 1U, kMaxTracePatchPixels);
        if (manifest.width != std::uint64_t{manifest.columns} * manifest.patchPixels) {
            picture.refuse("width", "is not the grid's columns times \"patchPixels\"");
        }
        if (manifest.height != std::uint64_t{manifest.rows} * manifest.patchPixels) {
            picture.refuse("height", "is not the grid's rows times \"patchPixels\"");
        }
        if (std::uint64_t{manifest.width} * manifest.height > kMaxPicturePixels) {
            picture.refuse("width", "and \"height\" give more than " + std::to_string(kMaxPicturePixels) + " pixels");
        }
        fields.adopt(picture.error());
    });
}

void readDefaults(JsonFields& fields, const nlohmann::json& json, ModelDefaults& defaults)
{
    if (!json.contains("defaults")) {
        return;
    }
    fields.object("defaults", [&](const nlohmann::json& entry) {
        JsonFields read(entry, std::string(kWhat) + ": defaults", JsonFields::Missing::Kept);
        read.text("method", defaults.method, kMaxNameBytes);
        read.text("coupling", defaults.coupling, kMaxNameBytes);
        read.text("initialisation", defaults.initialisation, kMaxNameBytes);
        read.whole("window", defaults.window, 1, static_cast<int>(kMaxTracePositions));
        read.whole("noiseSteps", defaults.noiseSteps, 0, kMaxNoiseSteps);
        read.number("guidance", defaults.guidance, 0.0, 100.0);
        read.number("temperature", defaults.temperature, 0.0, 100.0);
        read.whole("topK", defaults.topK, 0, static_cast<int>(kMaxTraceCodes));
        read.number("topP", defaults.topP, 1e-9, 1.0);
        read.number("minP", defaults.minP, 0.0, 1.0);
        read.boolean("completesPrompt", defaults.completesPrompt);
        read.text("strategy", defaults.strategy, kMaxNameBytes);
        fields.adopt(read.error());
    });
}

void readNoise(JsonFields& fields, const nlohmann::json& json, ModelManifest& manifest)
{
    if (json.contains("noise")) {
        fields.object("noise", [&](const nlohmann::json& entry) {
            JsonFields read(entry, std::string(kWhat) + ": noise");
            read.whole("mostSteps", manifest.mostNoiseSteps, 1, kMaxNoiseSteps);
            fields.adopt(read.error());
        });
    }
    if (json.contains("base")) {
        fields.object("base", [&](const nlohmann::json& entry) {
            JsonFields read(entry, std::string(kWhat) + ": base");
            read.text("model", manifest.baseModel, kMaxNameBytes);
            read.text("hash", manifest.baseHash, 64);
            if (!read.error() && !isHexHash(manifest.baseHash)) {
                read.refuse("hash", "must be 64 lower case hexadecimal digits");
            }
            if (entry.contains("weights")) { // models from before it was written have only the hash
                read.text("weights", manifest.baseWeights, 64);
                if (!read.error() && !isHexHash(manifest.baseWeights)) {
                    read.refuse("weights", "must be 64 lower case hexadecimal digits");
                }
            }
            if (!read.error() && !checkFileName(manifest.baseModel)) {
                read.refuse("model", "must be the name of a folder");
            }
            checkShown(read, "model", manifest.baseModel);
            fields.adopt(read.error());
        });
    }
}

void readFiles(JsonFields& fields, std::vector<ModelFileEntry>& files)
{
    fields.list("files", kMaxFiles, [&](const nlohmann::json& json) {
        ModelFileEntry file;
        JsonFields entry(json, std::string(kWhat) + ": files");
        entry.text("name", file.name);
        entry.text("sha256", file.sha256, 64);
        entry.whole("bytes", file.bytes);
        if (!entry.error()) {
            if (const auto checked = checkFileName(file.name); !checked) {
                entry.adopt(checked.error());
            }
            if (!isHexHash(file.sha256)) {
                entry.refuse("sha256", "must be 64 lower case hexadecimal digits");
            }
        }
        fields.adopt(entry.error());
        files.push_back(std::move(file));
    });
    std::vector<std::string> names;
    for (const ModelFileEntry& file : files) {
        names.push_back(file.name);
    }
    std::sort(names.begin(), names.end());
    if (std::adjacent_find(names.begin(), names.end()) != names.end()) {
        fields.refuse("files", "names a file twice");
    }
    if (files.empty()) { // whatever lies there would be read unchecked
        fields.refuse("files", "names no file");
    }
}

nlohmann::json toJson(const ModelManifest& manifest)
{
    nlohmann::json files = nlohmann::json::array();
    for (const ModelFileEntry& file : manifest.files) {
        files.push_back({{"name", file.name}, {"sha256", file.sha256}, {"bytes", file.bytes}});
    }
    const ModelDefaults& defaults = manifest.defaults;
    nlohmann::json settings{
        {"method", defaults.method}, {"coupling", defaults.coupling}, {"initialisation", defaults.initialisation},
        {"window", defaults.window}, {"guidance", defaults.guidance}, {"temperature", defaults.temperature},
        {"topK", defaults.topK},     {"topP", defaults.topP}};
    if (defaults.minP != 0.0) {
        settings["minP"] = defaults.minP;
    }
    if (defaults.completesPrompt) {
        settings["completesPrompt"] = true;
    }
    if (!defaults.strategy.empty()) {
        settings["strategy"] = defaults.strategy;
    }
    nlohmann::json json = {
        {"schema", manifest.schema},
        {"family", manifest.family},
        {"name", manifest.name},
        {"grid", {{"rows", manifest.rows}, {"columns", manifest.columns}, {"codes", manifest.codes}}},
        {"picture", {{"width", manifest.width}, {"height", manifest.height}, {"patchPixels", manifest.patchPixels}}},
        {"vocabulary", manifest.vocabulary},
        {"maxPromptWords", manifest.maxPromptWords},
        {"defaults", std::move(settings)},
        {"config", manifest.config},
        {"files", files},
        {"licence", manifest.licence},
        {"parameters", manifest.parameters}};
    // What only some models have is left out elsewhere, so that the others' files, and their hashes, stay as they were.
    if (manifest.mostNoiseSteps > 0) {
        json["noise"] = {{"mostSteps", manifest.mostNoiseSteps}};
        json["defaults"]["noiseSteps"] = defaults.noiseSteps;
    }
    if (!manifest.baseHash.empty()) {
        json["base"] = {{"model", manifest.baseModel}, {"hash", manifest.baseHash}};
        if (!manifest.baseWeights.empty()) {
            json["base"]["weights"] = manifest.baseWeights;
        }
    }
    return json;
}

} // namespace

Result<ModelManifest> modelManifestFromText(std::string_view text)
{
    const Result<nlohmann::json> json = parseJson(text, kWhat, 4'000'000);
    if (!json) {
        return tl::unexpected(json.error());
    }
    ModelManifest manifest;
    JsonFields fields(*json, kWhat);
    fields.whole("schema", manifest.schema, 1);
    if (!fields.error() && manifest.schema != 1) {
        return fail(ErrorCode::Unsupported, "The model was made for a newer version of this program (schema " +
                                                std::to_string(manifest.schema) + "). Update the program.");
    }
    fields.text("family", manifest.family, kMaxNameBytes);
    fields.text("name", manifest.name, kMaxNameBytes);
    readGrid(fields, manifest);
    fields.texts("vocabulary", manifest.vocabulary, kMaxWords, kMaxWordBytes);
    fields.whole("maxPromptWords", manifest.maxPromptWords, 0U, kMaxTracePositions);
    readDefaults(fields, *json, manifest.defaults);
    fields.object("config", [&](const nlohmann::json& config) { manifest.config = config; });
    readNoise(fields, *json, manifest);
    readFiles(fields, manifest.files);
    fields.text("licence", manifest.licence);
    fields.whole("parameters", manifest.parameters);
    checkShown(fields, "family", manifest.family);
    checkShown(fields, "name", manifest.name);
    if (!std::all_of(manifest.vocabulary.begin(), manifest.vocabulary.end(), isPrintable)) {
        fields.refuse("vocabulary", kHides);
    }
    if (fields.error()) {
        return tl::unexpected(*fields.error());
    }
    return manifest;
}

Result<ModelManifest> readModelManifest(const std::filesystem::path& folder)
{
    const Result<InputFile> file = openInside(folder, kModelFileName);
    if (!file) {
        return tl::unexpected(file.error());
    }
    const Result<std::vector<std::byte>> bytes = readWholeFile(*file, kMaxModelFileBytes);
    if (!bytes) {
        return tl::unexpected(bytes.error());
    }
    Result<ModelManifest> manifest =
        modelManifestFromText({reinterpret_cast<const char*>(bytes->data()), bytes->size()});
    if (!manifest) {
        Error error = manifest.error();
        error.detail += (error.detail.empty() ? "" : "; ") + file->path().string();
        return tl::unexpected(std::move(error));
    }
    manifest->hash = sha256Hex(*bytes);
    return manifest;
}

bool isBaseOf(const ModelManifest& model, const ModelManifest& difference)
{
    if (difference.baseHash.empty() || !model.baseHash.empty()) { // a difference has no difference
        return false;
    }
    const auto isMeant = [&](const ModelFileEntry& file) { return file.sha256 == difference.baseWeights; };
    return model.hash == difference.baseHash ||
           (!difference.baseWeights.empty() && std::any_of(model.files.begin(), model.files.end(), isMeant));
}

Result<std::string> writeModelManifest(const std::filesystem::path& folder, const ModelManifest& manifest)
{
    const std::string text = jsonText(toJson(manifest), 1) + "\n";
    if (const auto readable = modelManifestFromText(text); !readable) {
        return fail(ErrorCode::Internal, "The model's description could not be written.", readable.error().message);
    }
    if (auto written = writeFileAtomically(folder / kModelFileName, text); !written) {
        return tl::unexpected(written.error());
    }
    return sha256Hex(std::as_bytes(std::span(text)));
}

Result<ModelFileEntry> describeModelFile(const std::filesystem::path& folder, const std::string& name)
{
    const Result<InputFile> file = openInside(folder, name);
    if (!file) {
        return tl::unexpected(file.error());
    }
    Result<std::string> hash = sha256OfFile(*file);
    if (!hash) {
        return tl::unexpected(hash.error());
    }
    return ModelFileEntry{name, std::move(*hash), file->size()};
}

Result<void> verifyFiles(const std::filesystem::path& folder, const ModelManifest& manifest, const std::string& weights)
{
    if (std::ranges::find(manifest.files, weights, &ModelFileEntry::name) == manifest.files.end()) {
        return fail(ErrorCode::Corrupt,
                    "The model's model.json does not list its weights, \"" + weights +
                        "\", among its files, so they cannot be verified. Install the model again.",
                    folder.string());
    }
    for (const ModelFileEntry& entry : manifest.files) {
        const Result<InputFile> file = openInside(folder, entry.name);
        if (!file) {
            return tl::unexpected(file.error());
        }
        if (file->size() != entry.bytes) {
            return fail(ErrorCode::Corrupt,
                        "The model's file \"" + entry.name + "\" has " + std::to_string(file->size()) +
                            " bytes instead of " + std::to_string(entry.bytes) + ". Install the model again.",
                        file->path().string());
        }
        const Result<std::string> hash = sha256OfFile(*file);
        if (!hash) {
            return tl::unexpected(hash.error());
        }
        if (*hash != entry.sha256) {
            return fail(ErrorCode::Corrupt,
                        "The model's file \"" + entry.name +
                            "\" is not the one its maker described (its SHA-256 differs). "
                            "Install the model again.",
                        file->path().string());
        }
    }
    return {};
}

} // namespace jacobi
