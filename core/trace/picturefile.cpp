// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/trace/picturefile.h"

#include "core/base/limits.h"
#include "core/base/utf8.h"
#include "core/io/inputfile.h"
#include "core/io/jsonfields.h"
#include "core/io/jsontext.h"
#include "core/io/png.h"
#include "core/trace/flowpresets.h"

#include <algorithm>
#include <charconv>

namespace jacobi {
namespace {

constexpr const char* kOwnKey = "jacobi_studio";
constexpr const char* kCommonKey = "parameters";
constexpr const char* kXmpKey = "XML:com.adobe.xmp";
constexpr std::size_t kMaxOwnBytes = 65'536;

// https://cv.iptc.org/newscodes/digitalsourcetype: made by a model trained on samples.
constexpr const char* kXmpPacket = R"(<?xpacket begin=")"
                                   "\xEF\xBB\xBF"
                                   R"(" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/">
<Iptc4xmpExt:DigitalSourceType>http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia</Iptc4xmpExt:DigitalSourceType>
</rdf:Description></rdf:RDF></x:xmpmeta>
<?xpacket end="w"?>)";

std::string numberText(double value)
{
    char buffer[40];
    const auto end = std::to_chars(buffer, buffer + sizeof buffer, value);
    return {buffer, end.ptr};
}

// "sjd" is known to others as a sampler's name, by its capitals.
std::string samplerName(const RunRequest& request)
{
    std::string name = request.method;
    if (name.starts_with("sjd")) {
        std::transform(name.begin(), name.begin() + 3, name.begin(),
                       [](char c) { return static_cast<char>(c - 'a' + 'A'); });
    }
    return name;
}

// The prompt, then one line of settings: the form that picture programs exchange. "Steps" are passes of the network, and
// a picture of a batch has the seed that gives it alone.
std::string commonText(const RunRequest& request, const Preview& picture)
{
    constexpr std::size_t kShortHash = 10;
    return request.prompt + "\nSteps: " + std::to_string(picture.pass + 1) + ", Sampler: " + samplerName(request) +
           ", CFG scale: " + numberText(request.guidance) + ", Seed: " + std::to_string(request.seed + picture.item) +
           ", Size: " + std::to_string(picture.width) + "x" + std::to_string(picture.height) +
           ", Model hash: " + request.modelHash.substr(0, kShortHash) + ", Model: " + request.modelId +
           ", Temperature: " + numberText(request.temperature) + ", Window: " + std::to_string(request.window);
}

// A picture is shown to others: of the file that a strategy was read from, whose contents are the plan, its name is enough.
RunRequest withoutFolders(RunRequest request)
{
    if (!isFlowPreset(request.strategy)) {
        request.strategy = std::filesystem::path(request.strategy).filename().string();
    }
    return request;
}

std::string ownText(const RunRequest* request, const RunHeader* header, const Preview& picture)
{
    nlohmann::json json{{"schema", 1},
                        {"picture",
                         {{"item", picture.item},
                          {"pass", picture.pass},
                          {"committedEnd", picture.committedEnd},
                          {"final", picture.isFinal}}}};
    if (request != nullptr) {
        json["request"] = toJson(withoutFolders(*request));
    }
    if (header != nullptr) {
        json["software"] = header->software;
        json["modelName"] = header->modelName;
        json["deviceName"] = header->deviceName;
        json["startedAt"] = header->startedAt;
        if (picture.item < header->prompts.size()) {
            json["readAs"] = header->prompts[picture.item];
        }
    }
    return asciiJsonText(json);
}

std::vector<PngText> metadataTexts(const RunRequest* request, const RunHeader* header, const Preview& picture)
{
    std::vector<PngText> texts;
    if (request != nullptr) {
        texts.push_back({kCommonKey, repairedUtf8(commonText(*request, picture))});
    }
    texts.push_back({kOwnKey, ownText(request, header, picture)});
    if (header != nullptr && !header->software.empty()) {
        texts.push_back({"Software", repairedUtf8(header->software)});
    }
    texts.push_back({kXmpKey, kXmpPacket});
    return texts;
}

// Takes what we know out of what anyone may have written.
Result<nlohmann::json> closedOwnText(const std::string& text)
{
    constexpr const char* kWhat = "The settings inside the picture";
    if (text.size() > kMaxOwnBytes) {
        return fail(ErrorCode::Corrupt, std::string(kWhat) + " are too long to be ours.");
    }
    const Result<nlohmann::json> json = parseJson(text, kWhat, kMaxOwnBytes);
    if (!json) {
        return json;
    }
    int schema = 0;
    JsonFields required(*json, kWhat);
    required.whole("schema", schema, 1, 1);
    JsonFields fields(*json, kWhat, JsonFields::Missing::Kept);
    fields.adopt(required.error());
    nlohmann::json result{{"schema", schema}};
    for (const char* key : {"software", "modelName", "deviceName", "startedAt"}) {
        std::string value;
        fields.text(key, value, 1024);
        result[key] = value;
    }
    if (json->contains("readAs")) { // of a prompt that was completed
        std::string prompt;
        fields.text("readAs", prompt, kMaxOwnBytes);
        result["readAs"] = prompt;
    }
    fields.object("request", [&](const nlohmann::json& entry) {
        const Result<RunRequest> request = runRequestFromJson(entry);
        if (request) {
            result["request"] = toJson(*request);
        } else {
            fields.adopt(request.error());
        }
    });
    fields.object("picture", [&](const nlohmann::json& entry) {
        std::uint32_t item = 0;
        std::uint32_t pass = 0;
        std::uint32_t committedEnd = 0;
        bool isFinal = false;
        JsonFields picture(entry, kWhat, JsonFields::Missing::Kept);
        picture.whole("item", item, 0U, kMaxTraceItems);
        picture.whole("pass", pass);
        picture.whole("committedEnd", committedEnd, 0U, kMaxTracePositions);
        picture.boolean("final", isFinal);
        fields.adopt(picture.error());
        result["picture"] = {{"item", item}, {"pass", pass}, {"committedEnd", committedEnd}, {"final", isFinal}};
    });
    if (fields.error()) {
        return tl::unexpected(*fields.error());
    }
    return result;
}

} // namespace

Result<void> savePicture(const std::filesystem::path& path, const Preview& picture, const RunRequest* request,
                         const RunHeader* header, bool embedMetadata)
{
    const RunRequest* made = header != nullptr ? &header->request : request;
    std::vector<PngText> texts;
    if (embedMetadata) {
        texts = metadataTexts(made, header, picture);
    }
    return writePng(path, picture.width, picture.height, picture.rgb, texts);
}

Result<nlohmann::json> readPictureMetadata(const std::filesystem::path& path)
{
    const Result<std::vector<std::byte>> bytes = readWholeFile(path, kMaxPictureFileBytes);
    if (!bytes) {
        return tl::unexpected(bytes.error());
    }
    const Result<std::vector<PngText>> texts = readPngTexts(*bytes);
    if (!texts) {
        return tl::unexpected(texts.error());
    }
    nlohmann::json result{{"texts", nlohmann::json::object()}};
    for (const PngText& text : *texts) {
        if (result["texts"].contains(text.key)) {
            continue;
        }
        result["texts"][text.key] = text.text;
        if (text.key == kOwnKey) {
            Result<nlohmann::json> own = closedOwnText(text.text);
            if (!own) {
                return own;
            }
            result[kOwnKey] = std::move(*own);
        }
    }
    return result;
}

} // namespace jacobi
