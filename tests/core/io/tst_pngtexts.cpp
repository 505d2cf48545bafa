// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/limits.h"
#include "core/io/png.h"
#include "tests/core/io/pngchunks.h"
#include "tests/testmain.h"

#include <cstring>

using namespace jacobi;
using namespace jacobi::test;
using namespace std::string_literals;

namespace {

constexpr std::uint8_t kPixel[3] = {1, 2, 3};

std::string fileWith(const std::vector<PngText>& texts)
{
    const auto bytes = encodePng(1, 1, kPixel, texts);
    return bytes ? asText(*bytes) : "";
}

/// A sound picture with these chunks before and after its pixels.
std::string fileAround(const std::string& before, const std::string& after = {})
{
    return kPngSignature + pngHeader(1, 1, 8, 2) + before + pngChunk("IDAT", deflated("\0\1\2\3"s)) + after +
           pngChunk("IEND", "");
}

std::vector<PngText> textsOf(const std::string& file)
{
    auto texts = readPngTexts(asBytes(file));
    return texts ? *texts : std::vector<PngText>{{"damaged", texts.error().message}};
}

} // namespace

class PngTextsTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void latinTextsArePlainChunksBeforeThePixels()
    {
        const auto chunks = pngChunks(fileWith({{"parameters", "a caf\u00E9\nline 2"}, {"x", ""}}));
        std::vector<std::string> types;
        for (const PngChunk& chunk : chunks) {
            types.push_back(chunk.type);
        }
        QVERIFY(types == (std::vector<std::string>{"IHDR", "sRGB", "tEXt", "tEXt", "IDAT", "IEND"}));
        QCOMPARE(chunks[2].data, "parameters\0a caf\xE9\nline 2"s);
        QCOMPARE(chunks[3].data, "x\0"s);
    }

    void otherTextsAreUncompressedInternationalChunks()
    {
        for (const std::string& text : {"5 \u20AC"s, "\u6F22\u5B57"s, "\U0001F600"s, "a\rb"s, "\x1B[2J"s, "a\u0085"s}) {
            const auto chunks = pngChunks(fileWith({{"Title", text}}));
            QCOMPARE(chunks[2].type, "iTXt"s);
            QCOMPARE(chunks[2].data, "Title\0\0\0\0\0"s + text);
        }
    }

    void longTextsAreNotCompressed()
    {
        const std::string text(100'000, 'a');
        QCOMPARE(pngChunks(fileWith({{"workflow", text}}))[2].data, "workflow\0"s + text);
        QCOMPARE(pngChunks(fileWith({{"workflow", text + "\u20AC"}}))[2].type, "iTXt"s);
    }

    void whatIsWrittenIsReadBack()
    {
        const std::vector<PngText> texts{{"parameters", "a red house\nSteps: 3"},
                                         {"Title", "caf\u00E9"},
                                         {"Title", "again"},
                                         {"caf\u00E9", "key"},
                                         {"Comment", "\u6F22\U0001F600"},
                                         {"XML:com.adobe.xmp", "<x/>\r"},
                                         {"empty", ""},
                                         {std::string(79, 'k'), std::string(100'000, 'v')}};
        QVERIFY(textsOf(fileWith(texts)) == texts);
        QVERIFY(decodePng(asBytes(fileWith(texts))));
        QVERIFY(textsOf(fileWith({})).empty());
    }

    void whatNoTextCanHoldIsReplaced()
    {
        QVERIFY(textsOf(fileWith({{"a", "x\0y"s}, {"b", "x\xFFy"}})) ==
                (std::vector<PngText>{{"a", "x y"}, {"b", "x\uFFFDy"}}));
    }

    void keysThatPngCannotHave_data()
    {
        QTest::addColumn<QByteArray>("key");
        QTest::newRow("empty") << QByteArray("");
        QTest::newRow("too long") << QByteArray(80, 'k');
        QTest::newRow("leading blank") << QByteArray(" a");
        QTest::newRow("trailing blank") << QByteArray("a ");
        QTest::newRow("two blanks") << QByteArray("a  b");
        QTest::newRow("newline") << QByteArray("a\nb");
        QTest::newRow("tab") << QByteArray("a\tb");
        QTest::newRow("NUL") << QByteArray("a\0b", 3);
        QTest::newRow("no-break space") << QByteArray("a\u00A0b");
        QTest::newRow("not Latin-1") << QByteArray("\u6F22");
        QTest::newRow("not UTF-8") << QByteArray("\xE9");
    }
    void keysThatPngCannotHave()
    {
        QFETCH(QByteArray, key);
        const PngText text{key.toStdString(), "text"};
        const auto bytes = encodePng(1, 1, kPixel, {&text, 1});
        QVERIFY(!bytes);
        QCOMPARE(bytes.error().code, ErrorCode::InvalidRequest);
    }

    void theLongestTextIsWrittenAndRead()
    {
        for (const char* end : {"x", "\xC2\x80"}) {
            std::vector<PngText> texts{
                {std::string(79, 'k'), std::string(kMaxPngTextBytes - std::strlen(end), 'x') + end}};
            QVERIFY(textsOf(fileWith(texts)) == texts);
            texts[0].text.insert(0, "x");
            QVERIFY(!encodePng(1, 1, kPixel, texts));
        }
        const PngText growing{"k", std::string(kMaxPngTextBytes, '\xFF')};
        QVERIFY(!encodePng(1, 1, kPixel, {&growing, 1}));
    }

    void asManyTextsAsAreRead()
    {
        std::vector<PngText> texts(kMaxPngTexts, {"k", "v"});
        QVERIFY(textsOf(fileWith(texts)) == texts);
        texts.push_back({"k", "v"});
        QVERIFY(!encodePng(1, 1, kPixel, texts));
    }

    void everyKindOfTextIsRead()
    {
        const std::string file =
            fileAround(pngChunk("tEXt", "a\0caf\xE9"s) + pngChunk("zTXt", "b\0\0"s + deflated(std::string(5000, 'z'))) +
                           pngChunk("iTXt", "c\0\0\0de\0Titel\0\xE2\x82\xAC"s),
                       pngChunk("iTXt", "d\0\1\0\0\0"s + deflated("\u6F22")) + pngChunk("tEXt", "e\0last"s));
        QVERIFY(
            textsOf(file) ==
            (std::vector<PngText>{
                {"a", "caf\u00E9"}, {"b", std::string(5000, 'z')}, {"c", "\u20AC"}, {"d", "\u6F22"}, {"e", "last"}}));
        QVERIFY(decodePng(asBytes(file)));
    }

    void textsOfPalettePicturesAreRead()
    {
        const std::string file = kPngSignature + pngHeader(1, 1, 8, 3) + pngChunk("PLTE", "abc") +
                                 pngChunk("tEXt", "a\0b"s) + pngChunk("IDAT", deflated("\0\0"s)) + pngChunk("IEND", "");
        QVERIFY(textsOf(file) == (std::vector<PngText>{{"a", "b"}}));
    }

    void damagedTextsAreLeftOut_data()
    {
        QTest::addColumn<QByteArray>("chunk");
        const auto row = [](const char* name, const std::string& chunk) {
            QTest::newRow(name) << QByteArray::fromStdString(chunk);
        };
        std::string wrongCrc = pngChunk("tEXt", "k\0v"s);
        wrongCrc.back() = static_cast<char>(wrongCrc.back() ^ 1);
        row("wrong CRC", wrongCrc);
        row("no key", pngChunk("tEXt", "\0v"s));
        row("key too long", pngChunk("tEXt", std::string(80, 'k') + "\0v"s));
        row("empty", pngChunk("tEXt", ""));
        row("zTXt without data", pngChunk("zTXt", "k\0"s));
        row("zTXt of unknown compression", pngChunk("zTXt", "k\0\7"s + deflated("v")));
        row("zTXt that is no stream", pngChunk("zTXt", "k\0\0garbage"s));
        row("zTXt cut", pngChunk("zTXt", "k\0\0"s + deflated(std::string(5000, 'z')).substr(0, 12)));
        row("zTXt bomb", pngChunk("zTXt", "k\0\0"s + deflated(std::string(9'000'000, '\0'))));
        row("iTXt bomb", pngChunk("iTXt", "k\0\1\0\0\0"s + deflated(std::string(9'000'000, 'x'))));
        row("iTXt cut", pngChunk("iTXt", "k\0\0"s));
        row("iTXt of unknown compression", pngChunk("iTXt", "k\0\1\7\0\0"s + deflated("v")));
        row("larger than allowed", pngChunk("tEXt", "k\0"s + std::string(kMaxPngTextBytes + 2000, 'x')));
    }
    void damagedTextsAreLeftOut()
    {
        QFETCH(QByteArray, chunk);
        const std::string good = pngChunk("tEXt", "a\0b"s);
        const std::vector<PngText> expected{{"a", "b"}, {"a", "b"}};
        const std::vector<PngText> read = textsOf(fileAround(good + chunk.toStdString() + good));
        QVERIFY2(read == expected, qPrintable(QString::number(read.size())));
    }

    void tooManyTextsAreNotAllKept()
    {
        std::string many;
        for (std::size_t i = 0; i < kMaxPngTexts + 50; ++i) {
            many += pngChunk("tEXt", "k\0"s + std::to_string(i));
        }
        const std::vector<PngText> read = textsOf(fileAround(many));
        QCOMPARE(read.size(), kMaxPngTexts);
        QCOMPARE(read.back().text, std::to_string(kMaxPngTexts - 1));
    }

    void whatComesBeforeACutIsRead()
    {
        const std::string file = fileWith({{"a", "first"}, {"b", "second"}});
        const auto chunks = pngChunks(file);
        for (std::size_t size = chunks[0].end; size < file.size(); ++size) {
            const std::size_t expected = (size >= chunks[2].end ? 1U : 0U) + (size >= chunks[3].end ? 1U : 0U);
            const auto texts = readPngTexts(asBytes(file.substr(0, size)));
            QVERIFY(texts);
            QCOMPARE(texts->size(), expected);
        }
    }
};

JACOBI_TEST(PngTextsTest)
#include "tst_pngtexts.moc"
