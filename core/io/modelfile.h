// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/error.h"

#include <cstdint>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace jacobi {

/// The name of the file that makes a folder a model folder.
inline constexpr const char* kModelFileName = "model.json";

/// Settings a model's maker recommends.
struct ModelDefaults {
    std::string method = "sjd";
    std::string coupling = "independent";
    std::string initialisation = "uniform";
    int window = 32;
    int noiseSteps = 1; ///< of sjd2
    double guidance = 2.0;
    double temperature = 1.0;
    int topK = 0;
    double topP = 1.0;
    double minP = 0.0;
    bool completesPrompt = false; ///< what prompts leave open is filled in
    std::string strategy;         ///< of a flow; empty: not said
    bool operator==(const ModelDefaults&) const = default;
};

/// One file beside model.json.
struct ModelFileEntry {
    std::string name;   ///< a bare file name
    std::string sha256; ///< 64 lower case hexadecimal digits
    std::uint64_t bytes = 0;
    bool operator==(const ModelFileEntry&) const = default;
};

/// What model.json says of a model.
///
///     {"schema": 1, "family": "scenes", "name": "Scenes",
///      "grid": {"rows": 16, "columns": 16, "codes": 512},
///      "picture": {"width": 128, "height": 128, "patchPixels": 8},
///      "vocabulary": ["a", ...], "maxPromptWords": 27,
///      "defaults": {"method", "coupling", "initialisation", "window", "guidance", "temperature", "topK", "topP",
///      "minP", "completesPrompt"},
///      "noise": {"mostSteps": 3}, "base": {"model": "scenes", "hash": "...", "weights": "..."},
///      "config": {...}, "files": [{"name", "sha256", "bytes"}], "licence": "...", "parameters": 3456789}
///
/// Every key but "defaults", those in it, "noise" and "base" must be there; unknown ones are ignored. "noise": the model
/// reads noisy embeddings (SJD2). "base": its weights are a difference to those of another model; "weights" may be absent.
/// "defaults" of a flow may also have "strategy".
struct ModelManifest {
    int schema = 1;
    std::string family;
    std::string name;       ///< for people
    std::uint32_t rows = 0; ///< grid of tokens
    std::uint32_t columns = 0;
    std::uint32_t codes = 0; ///< size of the vocabulary of tokens
    std::uint32_t width = 0; ///< pixels; columns * patchPixels
    std::uint32_t height = 0;
    std::uint32_t patchPixels = 0;
    std::vector<std::string> vocabulary; ///< words of a prompt; empty where the model takes any text
    std::uint32_t maxPromptWords = 0;
    ModelDefaults defaults;
    int mostNoiseSteps = 0;                           ///< "noise"; 0: it reads tokens only
    std::string baseModel;                            ///< "base": folder name, for people; empty: the weights are whole
    std::string baseHash;                             ///< "base": SHA-256 of its model.json as it was
    std::string baseWeights;                          ///< "base": SHA-256 of its file of weights; empty: not said
    nlohmann::json config = nlohmann::json::object(); ///< the family's own; checked by its loader
    std::vector<ModelFileEntry> files;
    std::string licence;
    std::uint64_t parameters = 0;
    std::string hash; ///< SHA-256 of the file's bytes; filled by reading and ignored by writing
    bool operator==(const ModelManifest&) const = default;
};

/// Reads and checks folder/model.json (at most 16 MB). An error's sentence names the key that is wrong.
Result<ModelManifest> readModelManifest(const std::filesystem::path& folder);

/// The same from text that is already there; `hash` is left empty.
Result<ModelManifest> modelManifestFromText(std::string_view text);

/// Whether a model is the one that a difference was made from: by its weights where the difference says them, for what its
/// model.json recommends may change; else by the whole model.json.
bool isBaseOf(const ModelManifest& model, const ModelManifest& difference);

/// Writes folder/model.json, whole or not at all, and returns its hash. The same manifest gives the same bytes.
Result<std::string> writeModelManifest(const std::filesystem::path& folder, const ModelManifest& manifest);

/// The entry of a file that lies in the folder, for a manifest that is being made.
Result<ModelFileEntry> describeModelFile(const std::filesystem::path& folder, const std::string& name);

/// Holds every file of the manifest against its size and SHA-256. Takes as long as reading them. weights: the name of the
/// file that is going to be read; Corrupt where the manifest does not list it, for then nothing says what it should hold.
Result<void> verifyFiles(const std::filesystem::path& folder, const ModelManifest& manifest,
                         const std::string& weights);

} // namespace jacobi
