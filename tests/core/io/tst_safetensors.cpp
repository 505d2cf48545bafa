// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/limits.h"
#include "core/io/bytewriter.h"
#include "core/io/filefault.h"
#include "core/io/safetensors.h"
#include "tests/core/io/files.h"
#include "tests/testmain.h"

#include <array>
#include <cerrno>

using namespace jacobi;
using namespace jacobi::test;

namespace {

const std::array<float, 6> kWeights{0.0F, -1.5F, 2.25F, 3.0F, 1e-30F, 1e30F};
const std::array<std::uint8_t, 3> kCodes{1, 2, 255};

std::vector<TensorToWrite> smallTensors()
{
    return {{"codes", DType::U8, {3}, std::as_bytes(std::span(kCodes))},
            {"weights", DType::F32, {2, 3}, std::as_bytes(std::span(kWeights))},
            {"empty", DType::F32, {0, 4}, {}}};
}

/// A file's bytes: the header's length, the header, the data.
std::string fileOf(const std::string& header, const std::string& data)
{
    ByteWriter bytes;
    bytes.write(static_cast<std::uint64_t>(header.size()));
    bytes.append(header);
    bytes.append(data);
    return asText(bytes.bytes());
}

std::string entry(const char* name, int begin, int end)
{
    return QStringLiteral(R"("%1": {"dtype": "U8", "shape": [%2], "data_offsets": [%3, %4]})")
        .arg(QLatin1String(name))
        .arg(end - begin)
        .arg(begin)
        .arg(end)
        .toStdString();
}

/// Reads every tensor; what opens must be readable.
bool isReadable(const SafetensorsFile& file)
{
    for (const TensorEntry& tensor : file.entries()) {
        std::vector<std::byte> bytes(static_cast<std::size_t>(tensor.end - tensor.begin));
        if (!file.read(tensor, bytes) || file.find(tensor.name) != &tensor) {
            return false;
        }
    }
    return true;
}

} // namespace

class SafetensorsTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void whatIsWrittenIsReadBack()
    {
        const TempFolder folder;
        QVERIFY(writeSafetensors(folder / "a", smallTensors(), {{"k", "v\u00E4"}}));
        const auto file = SafetensorsFile::open(folder / "a");
        QVERIFY2(file, file ? "" : file.error().message.c_str());
        QCOMPARE(file->entries().size(), std::size_t{3});
        QCOMPARE(file->dataBytes(), std::uint64_t{27});
        QCOMPARE(file->metadata().at("k"), std::string("v\u00E4"));
        const TensorEntry* weights = file->find("weights");
        QVERIFY(weights != nullptr && file->find("weight") == nullptr);
        QCOMPARE(weights->dtype, DType::F32);
        QVERIFY(weights->shape == (std::vector<std::int64_t>{2, 3}));
        std::array<float, 6> read{};
        QVERIFY(file->read(*weights, std::as_writable_bytes(std::span(read))));
        QVERIFY(read == kWeights);
        QVERIFY(isReadable(*file));
    }

    void buffersOfAnotherSizeAreRefused()
    {
        const TempFolder folder;
        QVERIFY(writeSafetensors(folder / "a", smallTensors()));
        const auto file = SafetensorsFile::open(folder / "a");
        std::array<std::byte, 4> bytes{};
        QVERIFY(!file->read(*file->find("codes"), bytes));
        QVERIFY(!file->read(*file->find("codes"), std::span(bytes).first(2)));
        QVERIFY(file->read(*file->find("codes"), std::span(bytes).first(3)));
        QVERIFY(!file->read({"x", DType::U8, {4}, 24, 28}, bytes));
        QVERIFY(!file->read({"x", DType::U8, {4}, ~std::uint64_t{0}, 3}, bytes));
    }

    void sameTensorsGiveTheSameAlignedBytes()
    {
        const TempFolder folder;
        auto tensors = smallTensors();
        QVERIFY(writeSafetensors(folder / "a", tensors, {{"b", "2"}, {"a", "1"}}));
        std::reverse(tensors.begin(), tensors.end());
        QVERIFY(writeSafetensors(folder / "b", tensors, {{"a", "1"}, {"b", "2"}}));
        QCOMPARE(readText(folder / "a"), readText(folder / "b"));
        const auto file = SafetensorsFile::open(folder / "a");
        const std::uint64_t dataStart = readText(folder / "a").size() - file->dataBytes();
        for (const TensorEntry& tensor : file->entries()) {
            QCOMPARE((dataStart + tensor.begin) % byteSize(tensor.dtype), std::uint64_t{0});
        }
    }

    void cutFiles()
    {
        const TempFolder folder;
        QVERIFY(writeSafetensors(folder / "a", smallTensors(), {{"k", "v"}}));
        const std::string whole = readText(folder / "a");
        for (std::size_t size = 0; size < whole.size(); ++size) {
            writeText(folder / "cut", std::string_view(whole).substr(0, size));
            const auto file = SafetensorsFile::open(folder / "cut");
            QVERIFY2(!file, qPrintable(QString::number(size)));
            QCOMPARE(file.error().code, ErrorCode::Corrupt);
        }
        writeText(folder / "long", whole + "x");
        QVERIFY(!SafetensorsFile::open(folder / "long"));
    }

    void everyFlippedByteIsSurvived()
    {
        const TempFolder folder;
        QVERIFY(writeSafetensors(folder / "a", smallTensors(), {{"k", "v"}}));
        const std::string whole = readText(folder / "a");
        int refused = 0;
        for (std::size_t at = 0; at < whole.size(); ++at) {
            for (const int mask : {0x01, 0x10, 0x80, 0xFF}) {
                std::string bytes = whole;
                bytes[at] = static_cast<char>(bytes[at] ^ mask);
                writeText(folder / "flipped", bytes);
                const auto file = SafetensorsFile::open(folder / "flipped");
                QVERIFY2(!file || isReadable(*file), qPrintable(QStringLiteral("byte %1 mask %2").arg(at).arg(mask)));
                refused += file ? 0 : 1;
            }
        }
        QVERIFY(refused > 0);
    }

    void hostileFiles_data()
    {
        QTest::addColumn<QByteArray>("bytes");
        QTest::addColumn<QString>("sentence");
        const auto row = [](const char* name, const std::string& bytes, const char* sentence) {
            QTest::newRow(name) << QByteArray::fromStdString(bytes) << QString(sentence);
        };
        const auto length = [](std::uint64_t value) {
            ByteWriter bytes;
            bytes.write(value);
            return asText(bytes.bytes()) + "{}";
        };
        row("no header", length(0), "does not begin with");
        row("header beyond the file", length(3), "the file ends before");
        row("header at the limit", length(kMaxSafetensorsHeaderBytes), "the file ends before");
        row("header above the limit", length(kMaxSafetensorsHeaderBytes + 1), "the format allows 100000000");
        row("header of 2^64 - 1", length(~std::uint64_t{0}), "the format allows");
        row("header of 2^63", length(std::uint64_t{1} << 63U), "the format allows");
        row("overlap", fileOf("{" + entry("a", 0, 4) + "," + entry("b", 3, 6) + "}", "123456"), "\"b\" overlaps");
        row("same range twice", fileOf("{" + entry("a", 0, 4) + "," + entry("b", 0, 4) + "}", "1234"), "overlaps");
        row("range inside another", fileOf("{" + entry("a", 0, 6) + "," + entry("b", 2, 3) + "}", "123456"),
            "overlaps");
        row("hole", fileOf("{" + entry("a", 0, 2) + "," + entry("b", 3, 6) + "}", "123456"), "a hole before");
        row("hole in front", fileOf("{" + entry("a", 1, 4) + "}", "1234"), "a hole before");
        row("bytes behind", fileOf("{" + entry("a", 0, 4) + "}", "12345"), "1 bytes at its end");
        row("beyond the end", fileOf("{" + entry("a", 0, 4) + "}", "123"), "beyond the end");
        row("far beyond the end",
            fileOf(
                R"({"a": {"dtype": "U8", "shape": [9223372036854775807], "data_offsets": [0, 9223372036854775807]}})",
                "1"),
            "beyond the end");
        row("offsets that wrap",
            fileOf(
                R"({"a": {"dtype": "U8", "shape": [1], "data_offsets": [18446744073709551614, 18446744073709551615]}})",
                "1"),
            "beyond the end");
        row("a name twice", fileOf("{" + entry("a", 0, 1) + "," + entry("a", 1, 2) + "}", "12"), "twice");
        row("data without tensors", fileOf("{}", "1"), "1 bytes at its end");
    }
    void hostileFiles()
    {
        QFETCH(QByteArray, bytes);
        QFETCH(QString, sentence);
        const TempFolder folder;
        writeText(folder / "a", bytes.toStdString());
        const auto file = SafetensorsFile::open(folder / "a");
        QVERIFY(!file);
        QCOMPARE(file.error().code, ErrorCode::Corrupt);
        const QString message = QString::fromStdString(file.error().message);
        QVERIFY2(message.contains(sentence), qPrintable(message));
    }

    void emptyTensorsMayShareAPlace()
    {
        const TempFolder folder;
        writeText(folder / "a", fileOf("{" + entry("e", 2, 2) + "," + entry("b", 2, 4) + "," + entry("f", 4, 4) + "," +
                                           entry("a", 0, 2) + "}",
                                       "1234"));
        const auto file = SafetensorsFile::open(folder / "a");
        QVERIFY2(file, file ? "" : file.error().message.c_str());
        QCOMPARE(file->entries()[0].name, std::string("a"));
        QVERIFY(isReadable(*file));
        writeText(folder / "none", fileOf("{}", ""));
        QVERIFY(SafetensorsFile::open(folder / "none")->entries().empty());
    }

    void aFileCutWhileOpenIsAnError()
    {
        const TempFolder folder;
        QVERIFY(writeSafetensors(folder / "a", smallTensors()));
        const auto file = SafetensorsFile::open(folder / "a");
        std::filesystem::resize_file(folder / "a", 100);
        std::vector<std::byte> bytes(3);
        const auto read = file->read(*file->find("codes"), bytes);
        QVERIFY(!read);
        QCOMPARE(read.error().code, ErrorCode::Corrupt);
    }

    void whatCannotBeWrittenLeavesTheOldFile_data()
    {
        QTest::addColumn<QByteArray>("name");
        QTest::addColumn<int>("rows");
        QTest::addColumn<int>("rank");
        QTest::newRow("reserved name") << QByteArray("__metadata__") << 3 << 1;
        QTest::newRow("name twice") << QByteArray("codes") << 3 << 1;
        QTest::newRow("name that is not UTF-8") << QByteArray("\xFF") << 3 << 1;
        QTest::newRow("too many bytes") << QByteArray("x") << 2 << 1;
        QTest::newRow("too few bytes") << QByteArray("x") << 4 << 1;
        QTest::newRow("negative size") << QByteArray("x") << -3 << 1;
        QTest::newRow("too many dimensions") << QByteArray("x") << 3 << 9;
    }
    void whatCannotBeWrittenLeavesTheOldFile()
    {
        QFETCH(QByteArray, name);
        QFETCH(int, rows);
        QFETCH(int, rank);
        const TempFolder folder;
        writeText(folder / "a", "old");
        auto tensors = smallTensors();
        std::vector<std::int64_t> shape(static_cast<std::size_t>(rank), 1);
        shape[0] = rows;
        tensors.push_back({name.toStdString(), DType::U8, shape, std::as_bytes(std::span(kCodes))});
        QVERIFY(!writeSafetensors(folder / "a", tensors));
        QCOMPARE(readText(folder / "a"), std::string("old"));
        QVERIFY(folder.names() == std::vector<std::string>{"a"});
    }

    void aFullDiskAtAnyMomentLeavesTheOldFile()
    {
        const TempFolder folder;
        writeText(folder / "a", "old");
        for (int failing = 0;; ++failing) {
            QVERIFY(failing < 50);
            int calls = 0;
            Result<void> written;
            {
                const ScopedFileFault fault(
                    [&](FileCall call) { return call != FileCall::SyncFolder && calls++ == failing ? ENOSPC : 0; });
                written = writeSafetensors(folder / "a", smallTensors());
            }
            if (written) {
                QVERIFY(failing > 4);
                break;
            }
            QVERIFY(has(written.error().message, "The disk is full"));
            QCOMPARE(readText(folder / "a"), std::string("old"));
            QVERIFY(folder.names() == std::vector<std::string>{"a"});
        }
        QVERIFY(SafetensorsFile::open(folder / "a"));
    }
};

JACOBI_TEST(SafetensorsTest)
#include "tst_safetensors.moc"
