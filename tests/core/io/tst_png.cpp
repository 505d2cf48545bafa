// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/limits.h"
#include "core/io/filefault.h"
#include "core/io/png.h"
#include "tests/core/io/pngchunks.h"
#include "tests/testmain.h"

#include <cctype>
#include <cerrno>

using namespace jacobi;
using namespace jacobi::test;

namespace {

constexpr std::uint32_t kWidth = 5;
constexpr std::uint32_t kHeight = 3;

std::vector<std::uint8_t> someRgb(std::uint32_t width = kWidth, std::uint32_t height = kHeight)
{
    std::vector<std::uint8_t> rgb(std::size_t{width} * height * 3);
    for (std::size_t i = 0; i < rgb.size(); ++i) {
        rgb[i] = static_cast<std::uint8_t>(i * 37 + i / 7);
    }
    return rgb;
}

std::string someFile()
{
    const std::vector<PngText> texts{{"Title", "plain"}, {"Comment", "\u20AC"}};
    return asText(*encodePng(kWidth, kHeight, someRgb(), texts));
}

/// A picture of any colour type from its filtered rows.
std::string fileOf(const std::string& header, const std::string& rows, const std::string& before = {})
{
    return kPngSignature + header + before + pngChunk("IDAT", deflated(rows)) + pngChunk("IEND", "");
}

Result<PngPicture> decoded(const std::string& file)
{
    return decodePng(asBytes(file));
}

} // namespace

class PngTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void picturesComeBack()
    {
        for (const auto& [width, height] : {std::pair{1U, 1U}, {kWidth, kHeight}, {1U, 300U}, {kMaxPictureSide, 1U}}) {
            for (const PngEffort effort : {PngEffort::Usual, PngEffort::Fast}) {
                const auto bytes = encodePng(width, height, someRgb(width, height), {}, effort);
                QVERIFY(bytes);
                const auto picture = decodePng(*bytes);
                QVERIFY(picture);
                QCOMPARE(picture->width, width);
                QCOMPARE(picture->height, height);
                QVERIFY(picture->rgb == someRgb(width, height));
            }
        }
        QCOMPARE(someFile(), someFile());
    }

    void sizesThatCannotBeSaved()
    {
        const std::vector<std::uint8_t> rgb(3);
        QCOMPARE(encodePng(0, 1, {}).error().code, ErrorCode::InvalidRequest);
        QCOMPARE(encodePng(1, 0, {}).error().code, ErrorCode::InvalidRequest);
        QCOMPARE(encodePng(kMaxPictureSide + 1, 1, rgb).error().code, ErrorCode::InvalidRequest);
        QCOMPARE(encodePng(kMaxPictureSide, kMaxPictureSide, rgb).error().code, ErrorCode::InvalidRequest);
        QCOMPARE(encodePng(0xFFFFFFFFU, 0xFFFFFFFFU, rgb).error().code, ErrorCode::InvalidRequest);
        QCOMPARE(encodePng(2, 1, rgb).error().code, ErrorCode::Internal);
        QCOMPARE(encodePng(1, 1, std::span(rgb).first(2)).error().code, ErrorCode::Internal);
    }

    void otherColourTypesBecomeRgb_data()
    {
        QTest::addColumn<QByteArray>("file");
        QTest::addColumn<QByteArray>("rgb");
        const auto row = [](const char* name, const std::string& file, const std::string& rgb) {
            QTest::newRow(name) << QByteArray::fromStdString(file) << QByteArray::fromStdString(rgb);
        };
        using namespace std::string_literals;
        row("grey", fileOf(pngHeader(2, 1, 8, 0), "\0\x10\x20"s), "\x10\x10\x10\x20\x20\x20"s);
        row("grey, 1 bit", fileOf(pngHeader(2, 1, 1, 0), "\0\x40"s), "\0\0\0\xFF\xFF\xFF"s);
        row("grey, 16 bits", fileOf(pngHeader(1, 1, 16, 0), "\0\xAB\xAB"s), "\xAB\xAB\xAB"s);
        row("grey and alpha", fileOf(pngHeader(1, 1, 8, 4), "\0\x33\0"s), "\x33\x33\x33"s);
        row("alpha", fileOf(pngHeader(1, 1, 8, 6), "\0\x01\x02\x03\x80"s), "\x01\x02\x03"s);
        row("16 bits", fileOf(pngHeader(1, 1, 16, 2), "\0\x01\x01\x02\x02\xFF\xFF"s), "\x01\x02\xFF"s);
        row("palette", fileOf(pngHeader(2, 1, 8, 3), "\0\x01\0"s, pngChunk("PLTE", "abcdef")), "defabc"s);
        row("palette with transparency",
            fileOf(pngHeader(1, 1, 8, 3), "\0\0"s, pngChunk("PLTE", "abc") + pngChunk("tRNS", "\x80")), "abc"s);
        row("interlaced", fileOf(pngHeader(2, 1, 8, 0, 1), "\0\x10\0\x20"s), "\x10\x10\x10\x20\x20\x20"s);
    }
    void otherColourTypesBecomeRgb()
    {
        QFETCH(QByteArray, file);
        QFETCH(QByteArray, rgb);
        const auto picture = decoded(file.toStdString());
        QVERIFY2(picture, picture ? "" : picture.error().detail.c_str());
        QCOMPARE(QByteArray(reinterpret_cast<const char*>(picture->rgb.data()), qsizetype(picture->rgb.size())), rgb);
    }

    void cutFiles()
    {
        const std::string whole = someFile();
        for (std::size_t size = 0; size < whole.size(); ++size) {
            const auto picture = decoded(whole.substr(0, size));
            QVERIFY2(!picture, qPrintable(QString::number(size)));
            QCOMPARE(picture.error().code, ErrorCode::Corrupt);
        }
    }

    void everyFlippedByteIsSurvived()
    {
        const std::string whole = someFile();
        const auto chunks = pngChunks(whole);
        for (std::size_t at = 0; at < whole.size(); ++at) {
            const auto inCritical = [&](const PngChunk& chunk) {
                return at >= chunk.begin && at < chunk.end && std::isupper(chunk.type[0]) != 0;
            };
            const bool critical = at < 8 || std::any_of(chunks.begin(), chunks.end(), inCritical);
            for (const int mask : {0x01, 0x20, 0x80, 0xFF}) {
                std::string file = whole;
                file[at] = static_cast<char>(file[at] ^ mask);
                const auto picture = decoded(file);
                QVERIFY2(!picture || !critical, qPrintable(QStringLiteral("byte %1 mask %2").arg(at).arg(mask)));
                QVERIFY(!picture || picture->rgb == someRgb());
                static_cast<void>(readPngTexts(asBytes(file)));
            }
        }
    }

    void hostileSizes_data()
    {
        QTest::addColumn<uint>("width");
        QTest::addColumn<uint>("height");
        QTest::newRow("nothing wide") << 0U << 1U;
        QTest::newRow("nothing high") << 1U << 0U;
        QTest::newRow("one too wide") << kMaxPictureSide + 1 << 1U;
        QTest::newRow("one too high") << 1U << kMaxPictureSide + 1;
        QTest::newRow("2^31 - 1 each") << 0x7FFFFFFFU << 0x7FFFFFFFU;
        QTest::newRow("2^32 - 1 each") << 0xFFFFFFFFU << 0xFFFFFFFFU;
        QTest::newRow("too many pixels") << kMaxPictureSide << kMaxPictureSide;
        QTest::newRow("more pixels than its bytes can hold") << 8000U << 8000U;
        QTest::newRow("fewer rows than it says") << 2U << 2U;
    }
    void hostileSizes()
    {
        QFETCH(uint, width);
        QFETCH(uint, height);
        const auto picture = decoded(fileOf(pngHeader(width, height, 8, 2), std::string(7, '\0')));
        QVERIFY(!picture);
        QVERIFY(picture.error().code == ErrorCode::Corrupt || picture.error().code == ErrorCode::Unsupported);
    }

    void ownLimitsHold()
    {
        const auto bytes = *encodePng(kWidth, kHeight, someRgb());
        QVERIFY(decodePng(bytes, {kWidth, kWidth * kHeight}));
        QVERIFY(!decodePng(bytes, {kWidth - 1, 1000}));
        const auto refused = decodePng(bytes, {kWidth, kWidth * kHeight - 1});
        QVERIFY(!refused);
        QVERIFY(has(refused.error().message, "too many pixels"));
    }

    void whatIsNoPng()
    {
        for (const std::string& file :
             {std::string(), std::string("\xFF\xD8\xFF\xE0 JFIF"), std::string(1000, '\0'), std::string(kPngSignature),
              kPngSignature + pngChunk("IEND", ""), kPngSignature + pngHeader(1, 1, 8, 2) + pngChunk("IEND", ""),
              kPngSignature + pngHeader(1, 1, 3, 2) + pngChunk("IEND", ""),
              kPngSignature + pngHeader(1, 1, 8, 3) + pngChunk("IDAT", "")}) {
            QVERIFY(!decoded(file));
        }
        QVERIFY(!readPngTexts({}));
        QVERIFY(!readPngTexts(asBytes(std::string(1000, 'x'))));
    }

    void filesAreWrittenWholeOrNotAtAll()
    {
        const TempFolder folder;
        writeText(folder / "a.png", "old");
        {
            const ScopedFileFault fault([](FileCall call) { return call == FileCall::Write ? ENOSPC : 0; });
            QVERIFY(!writePng(folder / "a.png", kWidth, kHeight, someRgb()));
        }
        QCOMPARE(readText(folder / "a.png"), std::string("old"));
        QVERIFY(folder.names() == std::vector<std::string>{"a.png"});
        QVERIFY(writePng(folder / "a.png", kWidth, kHeight, someRgb()));
        QVERIFY(decoded(readText(folder / "a.png")));
    }
};

JACOBI_TEST(PngTest)
#include "tst_png.moc"
