// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/trace/picturefile.h"

#include "core/io/filefault.h"
#include "core/io/jsontext.h"
#include "core/io/png.h"
#include "tests/core/trace/pngchunks.h"
#include "tests/core/trace/tracesamples.h"
#include "tests/testmain.h"

#include <algorithm>
#include <cerrno>

using namespace jacobi;
using namespace jacobi::test;

namespace {

using namespace std::string_literals;

// What the common programs read, of a prompt that Latin-1 can say.
RunRequest plainRequest(const std::string& prompt = "a red square")
{
    RunRequest request;
    request.modelId = "scenes";
    request.modelHash = "0123456789abcdef";
    request.prompt = prompt;
    request.seed = 7;
    request.guidance = 2.5;
    return request;
}

const char kPlainSettings[] = "\nSteps: 4, Sampler: SJD, CFG scale: 2.5, Seed: 7, Size: 6x4, Model hash: 0123456789, "
                              "Model: scenes, Temperature: 1, Window: 32";

Preview picture()
{
    return samplePreview(3, 6, true);
}

std::vector<Chunk> savedChunks(const std::filesystem::path& path, const RunRequest* request, const RunHeader* header,
                               bool embedMetadata = true)
{
    return savePicture(path, picture(), request, header, embedMetadata) ? chunksOf(readFile(path))
                                                                        : std::vector<Chunk>{};
}

// The chunk that holds the text of this key, or an empty one.
Chunk chunkOfKey(const std::vector<Chunk>& chunks, const std::string& key)
{
    const auto found = std::find_if(chunks.begin(), chunks.end(),
                                    [&](const Chunk& chunk) { return chunk.data.starts_with(key + '\0'); });
    return found != chunks.end() ? *found : Chunk{};
}

bool isAscii(const std::string& text)
{
    return std::all_of(text.begin(), text.end(), [](char c) { return c >= 0x20 && c < 0x7F; });
}

// A stranger's picture with this text in our key, ' in it for ".
Result<nlohmann::json> readOwn(std::string text)
{
    std::replace(text.begin(), text.end(), '\'', '"');
    const TestFolder folder;
    const PngText own{"jacobi_studio", text};
    const std::vector<std::uint8_t> pixel(3);
    static_cast<void>(writePng(folder.file("a.png"), 1, 1, pixel, std::span(&own, 1)));
    return readPictureMetadata(folder.file("a.png"));
}

} // namespace

class PictureFileTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    /// Other programs know one picture and one seed: that which gives it alone. What is ours has the run's request.
    void aPictureOfABatchHasItsOwnSeed()
    {
        const TestFolder folder;
        RunRequest request = plainRequest();
        request.pictures = 3;
        Preview third = picture();
        third.item = 2;
        QVERIFY(savePicture(folder.file("a.png"), third, &request, nullptr, true).has_value());
        const nlohmann::json read = readPictureMetadata(folder.file("a.png")).value();
        const auto text = read["texts"]["parameters"].get<std::string>();
        QVERIFY2(text.find(", Seed: 9,") != std::string::npos, text.c_str());
        QVERIFY(read["jacobi_studio"]["request"]["seed"] == 7);
        QVERIFY(read["jacobi_studio"]["picture"]["item"] == 2);
    }

    void pixelsAreSavedExactly()
    {
        const TestFolder folder;
        const RunRequest request = plainRequest();
        for (const bool embed : {true, false}) {
            QVERIFY(savePicture(folder.file("a.png"), picture(), &request, nullptr, embed).has_value());
            const Result<PngPicture> back = decodePng(readFile(folder.file("a.png")));
            QVERIFY(back.has_value());
            QCOMPARE(back->width, 6U);
            QCOMPARE(back->height, 4U);
            QCOMPARE(back->rgb, picture().rgb);
        }
    }

    void chunksAreWellFormedAndBeforeThePixels()
    {
        const TestFolder folder;
        const RunHeader header = sampleHeader();
        const std::vector<Chunk> chunks = savedChunks(folder.file("a.png"), nullptr, &header);
        QVERIFY(!chunks.empty());
        QVERIFY(std::all_of(chunks.begin(), chunks.end(), [](const Chunk& chunk) { return chunk.isChecksumRight; }));
        QCOMPARE(chunks.front().type, "IHDR"s);
        QCOMPARE(chunks.back().type, "IEND"s);
        const auto pixels =
            std::find_if(chunks.begin(), chunks.end(), [](const Chunk& chunk) { return chunk.type == "IDAT"; });
        const auto isText = [](const Chunk& chunk) { return chunk.type == "tEXt" || chunk.type == "iTXt"; };
        QCOMPARE(std::count_if(chunks.begin(), pixels, isText), 4);
        QVERIFY(std::none_of(pixels, chunks.end(), isText));
        QVERIFY(std::none_of(chunks.begin(), chunks.end(), [](const Chunk& chunk) { return chunk.type == "zTXt"; }));
    }

    void parametersAreWhatOtherProgramsRead()
    {
        const TestFolder folder;
        const RunRequest request = plainRequest();
        const Chunk chunk = chunkOfKey(savedChunks(folder.file("a.png"), &request, nullptr), "parameters");
        QCOMPARE(chunk.type, "tEXt"s);
        QCOMPARE(chunk.data, "parameters\0a red square"s + kPlainSettings);
    }

    void latinPromptsAreLatin1()
    {
        const TestFolder folder;
        const RunRequest request = plainRequest("caf\xC3\xA9\ntwo lines");
        const Chunk chunk = chunkOfKey(savedChunks(folder.file("a.png"), &request, nullptr), "parameters");
        QCOMPARE(chunk.type, "tEXt"s);
        QCOMPARE(chunk.data, "parameters\0caf\xE9\ntwo lines"s + kPlainSettings);
    }

    void otherPromptsAreUncompressedUtf8()
    {
        const TestFolder folder;
        const RunRequest request = plainRequest("\xE7\x8C\xAB");
        const std::vector<Chunk> chunks = savedChunks(folder.file("a.png"), &request, nullptr);
        const Chunk chunk = chunkOfKey(chunks, "parameters");
        QCOMPARE(chunk.type, "iTXt"s);
        // No compression, its method, no language, no translated key.
        QCOMPARE(chunk.data, "parameters\0\0\0\0\0\xE7\x8C\xAB"s + kPlainSettings);
        QCOMPARE(chunkOfKey(chunks, "jacobi_studio").type, "tEXt"s); // escapes say it in ASCII
        const Result<nlohmann::json> read = readPictureMetadata(folder.file("a.png"));
        QVERIFY(read.has_value());
        QCOMPARE((*read)["jacobi_studio"]["request"]["prompt"], nlohmann::json("\xE7\x8C\xAB"));
        QCOMPARE((*read)["texts"]["parameters"], nlohmann::json("\xE7\x8C\xAB"s + kPlainSettings));
    }

    void brokenPromptsAreRepaired()
    {
        const TestFolder folder;
        const RunRequest request = plainRequest("\xFF!");
        QVERIFY(savePicture(folder.file("a.png"), picture(), &request, nullptr, true).has_value());
        const nlohmann::json read = readPictureMetadata(folder.file("a.png")).value();
        QCOMPARE(read["jacobi_studio"]["request"]["prompt"], nlohmann::json("\xEF\xBF\xBD!"));
    }

    void ownSettingsAreAsciiAndComplete()
    {
        const TestFolder folder;
        const RunHeader header = sampleHeader(); // with a prompt beyond Latin-1
        const Chunk chunk = chunkOfKey(savedChunks(folder.file("a.png"), nullptr, &header), "jacobi_studio");
        QCOMPARE(chunk.type, "tEXt"s);
        const std::string text = chunk.data.substr(sizeof "jacobi_studio");
        QVERIFY2(isAscii(text), text.c_str());
        const nlohmann::json expected{{"schema", 1},
                                      {"request", toJson(sampleRequest())},
                                      {"software", "Jacobi Studio 0.1.0"},
                                      {"modelName", "Letters"},
                                      {"deviceName", "CPU, 2 threads"},
                                      {"startedAt", "2026-01-02T03:04:05Z"},
                                      {"picture", {{"item", 0}, {"pass", 3}, {"committedEnd", 6}, {"final", true}}}};
        QCOMPARE(parseJson(text, "It").value(), expected);
        const nlohmann::json read = readPictureMetadata(folder.file("a.png")).value();
        QCOMPARE(read["jacobi_studio"], expected);
        QVERIFY(runRequestFromJson(read["jacobi_studio"]["request"]).value() == sampleRequest());
        QCOMPARE(read["texts"]["Software"], nlohmann::json("Jacobi Studio 0.1.0"));
    }

    void whatWasReadOfAPromptIsKept()
    {
        const TestFolder folder;
        RunHeader header = sampleHeader();
        for (const std::string& prompt : {std::string("a red house on the left"), std::string(5000, 'a')}) {
            header.prompts.assign(static_cast<std::size_t>(header.request.pictures), prompt);
            savedChunks(folder.file("a.png"), nullptr, &header);
            const nlohmann::json read = readPictureMetadata(folder.file("a.png")).value();
            QCOMPARE(read["jacobi_studio"]["readAs"], nlohmann::json(prompt));
        }
    }

    void aHeaderBringsItsOwnRequest()
    {
        const TestFolder folder;
        const RunHeader header = sampleHeader();
        const RunRequest another = plainRequest();
        QVERIFY(savePicture(folder.file("a.png"), picture(), &another, &header, true).has_value());
        const nlohmann::json read = readPictureMetadata(folder.file("a.png")).value();
        QCOMPARE(read["jacobi_studio"]["request"]["modelId"], nlohmann::json("letters"));
    }

    void trainedModelsAreTold()
    {
        const TestFolder folder;
        const std::string kind = "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia";
        const Chunk chunk = chunkOfKey(savedChunks(folder.file("a.png"), nullptr, nullptr), "XML:com.adobe.xmp");
        QCOMPARE(chunk.type, "iTXt"s);
        QVERIFY(chunk.data.starts_with("XML:com.adobe.xmp\0\0\0\0\0<?xpacket begin=\"\xEF\xBB\xBF\""s));
        QVERIFY(chunk.data.ends_with("<?xpacket end=\"w\"?>"));
        QVERIFY(chunk.data.find("<Iptc4xmpExt:DigitalSourceType>" + kind + "</") != std::string::npos);
    }

    void privacyLeavesNothing()
    {
        const TestFolder folder;
        const RunHeader header = sampleHeader();
        QVERIFY(savePicture(folder.file("a.png"), picture(), nullptr, &header, false).has_value());
        const nlohmann::json nothing{{"texts", nlohmann::json::object()}};
        QCOMPARE(readPictureMetadata(folder.file("a.png")).value(), nothing);
        Preview bare = picture();
        bare.pass = 99; // no trace of the run in the bytes at all
        QVERIFY(savePicture(folder.file("b.png"), bare, nullptr, nullptr, false).has_value());
        QCOMPARE(readFile(folder.file("a.png")), readFile(folder.file("b.png")));
    }

    void namesOfThisMachineStayHere()
    {
        const TestFolder folder;
        const RunHeader header = sampleHeader();
        const auto path = folder.file("secret-name.png");
        QVERIFY(savePicture(path, picture(), nullptr, &header, true).has_value());
        const Bytes bytes = readFile(path);
        const std::string text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
        QVERIFY(text.find("secret-name") == std::string::npos);
        QVERIFY(text.find(path.parent_path().filename().string()) == std::string::npos);
    }

    /// What the file said is in the plan. A preset's name may have a slash in it, and stays what it is.
    void theFolderOfAStrategyStaysHere()
    {
        const TestFolder folder;
        RunRequest request = plainRequest();
        request.method = "gs-jacobi";
        for (const auto& [strategy, kept] : {std::pair{"/srv/someone/notes/quick.json", "quick.json"},
                                             {"notes/quick", "quick"},
                                             {"auto-time", "auto-time"},
                                             {"first/last-8-32-20", "first/last-8-32-20"},
                                             {"0/7-256/8-1/13-6", "0/7-256/8-1/13-6"}}) {
            request.strategy = strategy;
            QVERIFY(savePicture(folder.file("a.png"), picture(), &request, nullptr, true).has_value());
            const nlohmann::json read = readPictureMetadata(folder.file("a.png")).value();
            QCOMPARE(read["jacobi_studio"]["request"]["strategy"], nlohmann::json(kept));
        }
    }

    void keysOfOtherProgramsAreNotTaken()
    {
        const TestFolder folder;
        const RunHeader header = sampleHeader();
        const std::vector<Chunk> chunks = savedChunks(folder.file("a.png"), nullptr, &header);
        for (const char* key : {"prompt", "workflow", "invokeai_metadata"}) {
            QVERIFY(chunkOfKey(chunks, key).type.empty());
        }
    }

    void onlyOurOwnKeysAreRead()
    {
        const nlohmann::json read = readOwn("{'schema':1,'command':'rm','request':{'seed':3,'modelPath':'/x'},"
                                            "'picture':{'pass':2,'path':'/x'}}")
                                        .value();
        const nlohmann::json& own = read["jacobi_studio"];
        QVERIFY(!own.contains("command"));
        QVERIFY(!own["request"].contains("modelPath"));
        QVERIFY(!own["picture"].contains("path"));
        QCOMPARE(own["request"]["seed"], nlohmann::json(3));
        QCOMPARE(own["picture"]["pass"], nlohmann::json(2));
    }

    void damagedSettingsAreRefused_data()
    {
        QTest::addColumn<QString>("text");
        QTest::newRow("no JSON") << "{";
        QTest::newRow("no object") << "[]";
        QTest::newRow("no schema") << "{}";
        QTest::newRow("newer schema") << "{'schema':2}";
        QTest::newRow("request as text") << "{'schema':1,'request':'sjd'}";
        QTest::newRow("window as text") << "{'schema':1,'request':{'window':'32'}}";
        QTest::newRow("pass below 0") << "{'schema':1,'picture':{'pass':-1}}";
        QTest::newRow("a key twice") << "{'schema':1,'schema':1}";
        QTest::newRow("too long") << "{'schema':1,'mood':'" + QString(65'536, 'x') + "'}";
        QTest::newRow("nested deeply") << "{'schema':1,'mood':" + QString(10'000, '[');
    }

    void damagedSettingsAreRefused()
    {
        QFETCH(QString, text);
        QVERIFY(readOwn("{'schema':1,'mood':'good'}").has_value());
        const Result<nlohmann::json> read = readOwn(text.toStdString());
        QVERIFY(!read);
        QVERIFY(!read.error().message.empty());
    }

    void otherPicturesHaveNoSettings()
    {
        const TestFolder folder;
        const std::vector<PngText> texts{{"parameters", "first"}, {"parameters", "second"}, {"workflow", "{}"}};
        QVERIFY(writePng(folder.file("a.png"), 6, 4, picture().rgb, texts).has_value());
        const nlohmann::json read = readPictureMetadata(folder.file("a.png")).value();
        QVERIFY(!read.contains("jacobi_studio"));
        QCOMPARE(read["texts"], (nlohmann::json{{"parameters", "first"}, {"workflow", "{}"}}));
        writeFile(folder.file("b.png"), bytesOf("no picture"));
        QVERIFY(!readPictureMetadata(folder.file("b.png")));
        QCOMPARE(readPictureMetadata(folder.file("none.png")).error().code, ErrorCode::NotFound);
    }

    void aFullDiskLeavesTheOldPicture()
    {
        const TestFolder folder;
        writeFile(folder.file("a.png"), bytesOf("old"));
        const ScopedFileFault fault([](FileCall call) { return call == FileCall::Write ? ENOSPC : 0; });
        const Result<void> saved = savePicture(folder.file("a.png"), picture(), nullptr, nullptr, true);
        QVERIFY(!saved);
        QVERIFY(saved.error().message.find("disk is full") != std::string::npos);
        QCOMPARE(readFile(folder.file("a.png")), bytesOf("old"));
    }
};

JACOBI_TEST(PictureFileTest)
#include "tst_picturefile.moc"
