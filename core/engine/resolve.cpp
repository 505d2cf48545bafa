// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/engine/resolve.h"

#include "core/base/printable.h"
#include "core/base/utf8.h"
#include "core/decode/coupling.h"
#include "core/decode/initialisation.h"
#include "core/trace/requestlimits.h"

#include <algorithm>
#include <array>
#include <span>

namespace jacobi {
namespace {

constexpr std::array<std::string_view, 4> kMethods{"sequential", "sjd", "sjd2", "jacobi"};
constexpr std::array<std::string_view, 4> kCouplings{IndependentCoupling::kName, MaximalCoupling::kName,
                                                     GumbelExactCoupling::kName, GumbelSpecCoupling::kName};
constexpr std::array<std::string_view, 3> kPrecisions{kAutoName, "float32", "float64"};
constexpr std::array<std::string_view, 5> kGpuPrecisions{kAutoName, "float32", "float64", "bfloat16", "int8"};

tl::unexpected<Error> refuse(std::string message)
{
    return fail(ErrorCode::InvalidRequest, std::move(message));
}

// "a", "a or b", "a, b or c".
std::string choicesText(std::span<const std::string_view> names)
{
    std::string text;
    for (std::size_t i = 0; i < names.size(); ++i) {
        text += i == 0 ? "" : i + 1 == names.size() ? " or " : ", ";
        text += names[i];
    }
    return text;
}

Result<void> checkName(const char* what, const std::string& name, std::span<const std::string_view> allowed)
{
    if (std::find(allowed.begin(), allowed.end(), name) != allowed.end()) {
        return {};
    }
    return refuse("There is no " + std::string(what) + " \"" + name + "\". Choose " + choicesText(allowed) + ".");
}

Result<void> checkPrecision(const std::string& name, bool onGpu)
{
    const bool isKnown = std::ranges::find(kGpuPrecisions, name) != kGpuPrecisions.end();
    if (!onGpu && isKnown && std::ranges::find(kPrecisions, name) == kPrecisions.end()) {
        return refuse("The precision \"" + name +
                      "\" is for GPUs, and this run is made on the CPU. Choose auto, float32 or "
                      "float64.");
    }
    return checkName("precision", name, kGpuPrecisions);
}

Result<void> checkNames(const RunRequest& request, bool onGpu)
{
    if (auto checked = checkName("method", request.method, kMethods); !checked) {
        return checked;
    }
    if (auto checked = checkName("coupling", request.coupling, kCouplings); !checked) {
        return checked;
    }
    std::array<std::string_view, kInitialisations.size() + 1> initialisations;
    std::ranges::transform(kInitialisations, initialisations.begin(), &InitialisationName::name);
    initialisations.back() = kAutoName;
    if (auto checked = checkName("initialisation", request.initialisation, initialisations); !checked) {
        return checked;
    }
    return checkPrecision(request.precision, onGpu);
}

Result<void> checkWhole(const char* what, int value, std::int64_t least, std::int64_t most, const char* hint)
{
    if (value >= least && value <= most) {
        return {};
    }
    return refuse("The " + std::string(what) + " is " + std::to_string(value) + ", but must be between " +
                  std::to_string(least) + " and " + std::to_string(most) + hint + ".");
}

Result<void> checkNumber(const RequestLimit& limit, double value)
{
    return limit.allows(value) ? Result<void>() : refuse(limit.refusal(value));
}

Result<void> checkNoise(const RunRequest& request, const ModelInfo& model)
{
    if (request.method != "sjd2") {
        return {};
    }
    if (model.mostNoiseSteps == 0) {
        return refuse("The model \"" + model.name +
                      "\" was not trained to read noise, which the method sjd2 needs. Choose a model that was (jacobi "
                      "models lists them), or the method sjd.");
    }
    return checkWhole("number of noise steps", request.noiseSteps, 0, model.mostNoiseSteps,
                      ", the most this model was trained for (0 is plain sjd)");
}

Result<void> checkNumbers(const RunRequest& request, const ModelInfo& model)
{
    const std::int64_t positions = model.layout.positions();
    const int window = request.window == kAutoWindow ? 1 : request.window;
    if (auto checked = checkWhole("window", window, 1, positions, ", the number of tokens of a picture"); !checked) {
        return checked;
    }
    if (auto checked = checkWhole("top-k", request.topK, 0, model.layout.codes, " (0 keeps every code)"); !checked) {
        return checked;
    }
    if (auto checked = checkWhole("number of pictures", request.pictures, 1, kMostPictures, ""); !checked) {
        return checked;
    }
    if (auto checked = checkNumber(kGuidanceLimit, request.guidance); !checked) {
        return checked;
    }
    if (auto checked = checkNumber(kTemperatureLimit, request.temperature); !checked) {
        return checked;
    }
    if (request.method == "jacobi" && request.temperature != 0.0) {
        return refuse("The method jacobi takes the most probable token always: set the temperature to 0, or use sjd.");
    }
    if (auto checked = checkNumber(kTopPLimit, request.topP); !checked) {
        return checked;
    }
    return checkNumber(kMinPLimit, request.minP);
}

bool isBlank(std::string_view text)
{
    return text.find_first_not_of(" \t\r\n\v\f") == std::string_view::npos;
}

Result<PromptReading> checkPrompt(const RunRequest& request, const ModelInfo& model, const ModelFamily& family)
{
    if (!isText(request.prompt)) {
        return refuse("The prompt is not valid UTF-8 text. Type it again.");
    }
    if (isBlank(request.prompt)) {
        return refuse("The prompt is empty. Describe the picture in a few words.");
    }
    return family.readPrompt(model, request.prompt);
}

// "a" (did you mean b?), "c" and 5 more
std::string unknownWordsText(const PromptReading& reading)
{
    constexpr std::size_t kMostShown = 12;
    constexpr std::size_t kMostWordBytes = 40;
    std::string text;
    for (std::size_t i = 0; i < std::min(reading.unknownWords.size(), kMostShown); ++i) {
        text += (i == 0 ? "\"" : ", \"") + printable(reading.unknownWords[i], kMostWordBytes) + "\"";
        if (!reading.nearestWords[i].empty()) {
            text += " (did you mean \"" + reading.nearestWords[i] + "\"?)";
        }
    }
    const std::size_t shown = std::min(reading.unknownWords.size(), kMostShown);
    return shown < reading.unknownWords.size()
               ? text + " and " + std::to_string(reading.unknownWords.size() - shown) + " more"
               : text;
}

void addPromptNotes(const PromptReading& reading, const ModelInfo& model, ResolvedRequest& resolved)
{
    resolved.unknownWords = reading.unknownWords;
    if (reading.unknownWords.empty()) {
        return;
    }
    const bool one = reading.unknownWords.size() == 1;
    resolved.wordsNote = "The model \"" + model.name + "\" never saw " + (one ? "the word " : "these words ") +
                         "and leaves " + (one ? "it" : "them") + " out: " + unknownWordsText(reading) + ".";
    resolved.notes.push_back(resolved.wordsNote);
}

} // namespace

bool isText(std::string_view bytes)
{
    return isValidUtf8(bytes) && bytes.find('\0') == std::string_view::npos;
}

Result<ResolvedRequest> resolveRequest(const RunRequest& request, const ModelInfo& model, const ModelFamily& family,
                                       const DeviceInfo& device)
{
    const bool onGpu = device.id != "cpu";
    if (auto checked = checkNames(request, onGpu); !checked) {
        return tl::unexpected(checked.error());
    }
    if (auto checked = checkNumbers(request, model); !checked) {
        return tl::unexpected(checked.error());
    }
    if (auto checked = checkNoise(request, model); !checked) {
        return tl::unexpected(checked.error());
    }
    const Result<PromptReading> reading = checkPrompt(request, model, family);
    if (!reading) {
        return tl::unexpected(reading.error());
    }
    ResolvedRequest resolved;
    resolved.request = request;
    resolved.request.modelHash = model.hash;
    resolved.request.device = device.id;
    resolved.request.completesPrompt = request.completesPrompt && family.completesPrompts(model);
    if (request.completesPrompt && !resolved.request.completesPrompt) {
        resolved.notes.push_back("What a prompt leaves open cannot be filled in for the model \"" + model.name +
                                 "\", so it reads the prompt as it is.");
    }
    if (request.precision == kAutoName) {
        resolved.request.precision = onGpu ? "bfloat16" : "float32";
    }
    if (request.method == "sequential") {
        resolved.request.window = 1;
        if (request.initialisation == kAutoName) {
            resolved.request.initialisation = kInitialisations.front().name;
        }
    }
    if (request.method == "sjd2") {
        resolved.methodNote = "SJD2 is lossless only with respect to the fine-tuned model \"" + model.name +
                              "\", not to the model it was tuned from.";
        resolved.notes.push_back(resolved.methodNote);
    }
    addPromptNotes(*reading, model, resolved);
    return resolved;
}

} // namespace jacobi
