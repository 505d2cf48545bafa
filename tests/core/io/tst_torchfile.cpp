// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
// ctest-labels: unit golden
#include "core/io/torchfile.h"
#include "tests/core/io/files.h"
#include "tests/core/io/torchzip.h"
#include "tests/testmain.h"

#include <array>
#include <cmath>
#include <cstring>

using namespace jacobi;
using namespace jacobi::test;
namespace p = jacobi::test::pickled;

namespace {

const std::array<float, 6> kNumbers{0.0F, 1.0F, 2.0F, 3.0F, 4.0F, 5.0F};

std::string dataOf(std::size_t count)
{
    return asText(std::as_bytes(std::span(kNumbers)).first(count * sizeof(float)));
}

/// A torch.save file with one storage "0" of six floats.
std::string fileOf(const std::string& value, const ZipFaults& faults = {})
{
    return zipOf({{"a/data.pkl", p::whole(value)}, {"a/byteorder", "little"}, {"a/data/0", dataOf(6)}}, faults);
}

Result<TorchFile> opened(const TempFolder& folder, const std::string& bytes)
{
    writeText(folder / "a.pt", bytes);
    return TorchFile::open(folder / "a.pt");
}

std::vector<std::byte> bytesOf(const TorchFile& file, const TorchTensor& tensor)
{
    std::vector<std::byte> bytes(static_cast<std::size_t>(tensor.bytes));
    return file.read(tensor, bytes) ? bytes : std::vector<std::byte>();
}

std::vector<float> floats(const TorchFile& file, const char* name)
{
    const TorchTensor* tensor = file.find(name);
    if (tensor == nullptr || tensor->dtype != DType::F32) {
        return {};
    }
    const auto bytes = bytesOf(file, *tensor);
    std::vector<float> numbers(bytes.size() / sizeof(float));
    std::memcpy(numbers.data(), bytes.data(), bytes.size());
    return numbers;
}

bool isReadable(const TorchFile& file)
{
    for (const TorchTensor& tensor : file.entries()) {
        std::vector<std::byte> bytes(static_cast<std::size_t>(tensor.bytes));
        if (!file.read(tensor, bytes) || file.find(tensor.name) != &tensor) {
            return false;
        }
    }
    return true;
}

/// float32 bits of a bfloat16 or float32 tensor's bytes.
std::vector<std::uint32_t> widened(DType dtype, const std::vector<std::byte>& bytes)
{
    std::vector<std::uint32_t> out;
    for (std::size_t at = 0; at < bytes.size(); at += byteSize(dtype)) {
        std::uint32_t bits = 0;
        std::memcpy(&bits, bytes.data() + at, byteSize(dtype));
        out.push_back(dtype == DType::BF16 ? bits << 16U : bits);
    }
    return out;
}

std::filesystem::path golden(const char* name)
{
    return std::filesystem::path(JACOBI_TEST_DATA) / "golden" / "llamagen" / name;
}

} // namespace

class TorchFileTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void goldenFiles_data()
    {
        QTest::addColumn<QString>("name");
        QTest::addColumn<QString>("top");
        QTest::newRow("float32, with an argparse.Namespace") << "c2i" << "model/";
        QTest::newRow("bfloat16") << "t2i" << "module/";
    }
    void goldenFiles()
    {
        QFETCH(QString, name);
        QFETCH(QString, top);
        const auto file = TorchFile::open(golden(qPrintable(name + ".pt")));
        QVERIFY2(file, file ? "" : file.error().message.c_str());
        const auto expected = SafetensorsFile::open(golden(qPrintable(name + ".safetensors")));
        QVERIFY(expected);
        QCOMPARE(file->entries().size(), expected->entries().size());
        for (const TensorEntry& entry : expected->entries()) {
            const TorchTensor* tensor = file->find(top.toStdString() + entry.name);
            QVERIFY2(tensor != nullptr, entry.name.c_str());
            QVERIFY(tensor->shape == entry.shape);
            std::vector<std::byte> bytes(static_cast<std::size_t>(entry.end - entry.begin));
            QVERIFY(expected->read(entry, bytes));
            QVERIFY2(widened(tensor->dtype, bytesOf(*file, *tensor)) == widened(entry.dtype, bytes),
                     entry.name.c_str());
        }
        QVERIFY(file->inert() == (name == "c2i" ? std::vector<std::string>{"argparse.Namespace"}
                                                : std::vector<std::string>{}));
    }

    void offsetsStridesAndSharedStorages()
    {
        const TempFolder folder;
        const std::string six = p::storage("0", 6);
        const auto file = opened(
            folder, fileOf(p::dict({{"rows", p::tensor(six, 0, {2, 3}, {3, 1})},
                                    {"turned", p::tensor(six, 0, {3, 2}, {1, 3})},
                                    {"tail", p::tensor(six, 4, {2}, {1})},
                                    {"every second", p::tensor(six, 1, {3}, {2})},
                                    {"scalar", p::tensor(six, 5, {}, {})},
                                    {"empty", p::tensor(six, 0, {0, 4}, {4, 1})},
                                    {"list", "](" + p::tensor(six, 2, {1}, {1}) + p::tensor(six, 3, {1}, {7}) + "e"}})));
        QVERIFY2(file, file ? "" : file.error().message.c_str());
        QCOMPARE(file->entries().size(), std::size_t{8});
        QVERIFY(floats(*file, "rows") == (std::vector<float>{0, 1, 2, 3, 4, 5}));
        QVERIFY(floats(*file, "turned") == (std::vector<float>{0, 3, 1, 4, 2, 5}));
        QVERIFY(floats(*file, "tail") == (std::vector<float>{4, 5}));
        QVERIFY(floats(*file, "every second") == (std::vector<float>{1, 3, 5}));
        QVERIFY(floats(*file, "scalar") == std::vector<float>{5});
        QVERIFY(file->find("empty") != nullptr && file->find("empty")->bytes == 0);
        QVERIFY(floats(*file, "list/1") == std::vector<float>{3});
        QVERIFY(file->find("list") == nullptr);
        std::array<std::byte, 4> small{};
        QVERIFY(!file->read(*file->find("rows"), small));
    }

    void parametersAreTensors()
    {
        const TempFolder folder;
        const std::string tensor = p::tensor(p::storage("0", 6), 0, {6}, {1});
        const std::string parameter = p::global("torch._utils", "_rebuild_parameter") +
                                      p::tuple(tensor + p::bytes({0x88}) + "}") + "R";
        const std::string typed =
            p::global("torch._tensor", "_rebuild_from_type_v2") +
            p::tuple(p::global("torch._utils", "_rebuild_tensor_v2") + p::global("my", "Tensor") +
                     p::tuple(p::storage("0", 6) + p::number(0) + p::numbers({6}) + p::numbers({1})) + "}") + "R";
        const auto file = opened(folder, fileOf(p::dict({{"p", parameter}, {"t", typed}})));
        QVERIFY2(file, file ? "" : file.error().message.c_str());
        QCOMPARE(floats(*file, "p").size(), std::size_t{6});
        QCOMPARE(floats(*file, "t").size(), std::size_t{6});
    }

    void nothingIsRun()
    {
        const TempFolder folder;
        const std::string target = (folder / "touched").string();
        const std::string attack = p::global("os", "system") + p::tuple(p::text("touch " + target)) + "R";
        const auto alone = opened(folder, fileOf(attack));
        QVERIFY(!alone);
        QCOMPARE(alone.error().code, ErrorCode::Unsupported);
        QVERIFY(has(alone.error().message, "os.system"));
        QVERIFY(has(alone.error().message, "nothing of it was run"));
        const auto beside = opened(
            folder, fileOf(p::dict({{"w", p::tensor(p::storage("0", 6), 0, {6}, {1})},
                                    {"x", attack},
                                    {"y", p::global("builtins", "eval")},
                                    {"z", p::tensor(attack, 0, {6}, {1})}})));
        QVERIFY(!beside); // a tensor whose storage would be the call's result
        QVERIFY(has(beside.error().message, "\"z\" has no storage"));
        const auto named = opened(folder, fileOf(p::dict({{"w", p::tensor(p::storage("0", 6), 0, {6}, {1})},
                                                          {"x", attack},
                                                          {"y", p::global("builtins", "eval")}})));
        QVERIFY2(named, named ? "" : named.error().message.c_str());
        QVERIFY(named->inert() == (std::vector<std::string>{"builtins.eval", "os.system"}));
        QCOMPARE(named->entries().size(), std::size_t{1});
        QVERIFY(!std::filesystem::exists(target));
    }

    void storagesThatAreNotRead()
    {
        const TempFolder folder;
        const auto file = opened(
            folder, fileOf(p::dict({{"w", p::tensor(p::storage("0", 6), 0, {6}, {1})},
                                    {"c", p::tensor(p::storage("0", 3, "ComplexFloatStorage"), 0, {3}, {1})}})));
        QVERIFY(file);
        QCOMPARE(file->entries().size(), std::size_t{1});
        QVERIFY(file->inert() == std::vector<std::string>{"torch.ComplexFloatStorage"});
    }

    void hostileFiles_data()
    {
        QTest::addColumn<QByteArray>("bytes");
        QTest::addColumn<QString>("sentence");
        const auto row = [](const char* name, const std::string& bytes, const char* sentence) {
            QTest::newRow(name) << QByteArray::fromStdString(bytes) << QString(sentence);
        };
        const auto tensor = [](std::uint32_t offset, std::initializer_list<std::uint32_t> shape,
                               std::initializer_list<std::uint32_t> strides) {
            return fileOf(p::dict({{"w", p::tensor(p::storage("0", 6), offset, shape, strides)}}));
        };
        row("shape beyond the data", tensor(0, {7}, {1}), "reaches beyond its data");
        row("offset beyond the data", tensor(6, {1}, {1}), "reaches beyond its data");
        row("stride beyond the data", tensor(0, {2, 3}, {4, 1}), "reaches beyond its data");
        row("sizes that overflow", tensor(0, {0x7FFFFFFF, 0x7FFFFFFF, 0x7FFFFFFF}, {1, 1, 1}), "beyond its data");
        row("repeated without end", tensor(0, {0x7FFFFFFF, 0x7FFFFFFF}, {0, 0}), "repeats its data");
        row("overlapping rows", tensor(0, {4, 3}, {1, 1}), "repeats its data");
        row("negative size", tensor(0, {0xFFFFFFFF}, {1}), "makes no sense");
        row("negative offset", tensor(0xFFFFFFFF, {1}, {1}), "makes no sense");
        row("strides of another rank", tensor(0, {2, 3}, {1}), "makes no sense");
        row("too many dimensions", tensor(0, {1, 1, 1, 1, 1, 1, 1, 1, 1}, {1, 1, 1, 1, 1, 1, 1, 1, 1}), "no sense");
        const auto stored = [](const std::string& storage) {
            return fileOf(p::dict({{"w", p::tensor(storage, 0, {1}, {1})}}));
        };
        row("count too large", stored(p::storage("0", 7)), "have 24 bytes instead of 7 x 4");
        row("count too small", stored(p::storage("0", 5)), "have 24 bytes instead of 5 x 4");
        row("negative count", stored(p::storage("0", 0xFFFFFFFF)), "has no storage");
        row("missing member", stored(p::storage("1", 6)), "are missing");
        row("another place", stored(p::storage("../../a/data/0", 6)), "are missing");
        row("storage that is a number", stored("K\x01"), "has no storage");
        const std::string w = p::tensor(p::storage("0", 6), 0, {6}, {1});
        row("a name twice", fileOf(p::dict({{"w", w}, {"w", w}})), "two tensors are called \"w\"");
        row("cut pickle", zipOf({{"a/data.pkl", "\x80\x02}("}}), "ends early");
        row("a list that holds itself", fileOf("]q" + p::bytes({0}) + "h" + p::bytes({0}) + "a"), "nested too deeply");
        row("not a zip", "hello there", "is not a file of torch.save");
        row("too short", "PK", "too short");
        row("from before torch 1.6", p::bytes({0x80, 2, 0x8a, 0x0a}) + "123456", "before torch 1.6");
        row("archive of something else", zipOf({{"a/readme", "x"}}), "without data.pkl");
        row("a program", zipOf({{"a/data.pkl", p::whole("N")}, {"a/code/x.py", ""}}), "TorchScript program");
        row("big-endian", zipOf({{"a/data.pkl", p::whole("N")}, {"a/byteorder", "big"}}), "big-endian");
        row("packed", fileOf("N", {8, 0, 0, false}), "packed or encrypted");
        row("encrypted", fileOf("N", {0, 1, 0, false}), "packed or encrypted");
        row("member beyond the end", fileOf("N", {0, 0, 1U << 20U, false}), "beyond the end");
        row("a member twice", zipOf({{"a/x", "1"}, {"a/x", "2"}}), "comes twice");
        row("one storage for a hundred tensors", // as large as the file, so that only the sum is wrong
            zipOf({{"a/data.pkl", p::whole("}(" + p::text("w") + p::tensor(p::storage("0", 25000), 0, {25000}, {1}) + "q" +
                                           p::bytes({0}) + [] {
                                               std::string again;
                                               for (int i = 0; i < 100; ++i) {
                                                   again += p::text(std::to_string(i)) + "h" + p::bytes({0});
                                               }
                                               return again;
                                           }() + "u")},
                   {"a/data/0", std::string(100000, '\0')}}),
            "claim far more data");
    }
    void hostileFiles()
    {
        QFETCH(QByteArray, bytes);
        QFETCH(QString, sentence);
        const TempFolder folder;
        const auto file = opened(folder, bytes.toStdString());
        QVERIFY(!file);
        const QString message = QString::fromStdString(file.error().message);
        QVERIFY2(message.contains(sentence), qPrintable(message));
    }

    void zip64()
    {
        const TempFolder folder;
        const auto file = opened(folder, fileOf(p::dict({{"w", p::tensor(p::storage("0", 6), 0, {6}, {1})}}),
                                                {0, 0, 0, true}));
        QVERIFY2(file, file ? "" : file.error().message.c_str());
        QCOMPARE(floats(*file, "w").size(), std::size_t{6});
    }

    void cutAndFlippedFiles()
    {
        const TempFolder folder;
        for (const bool zip64 : {false, true}) {
            const std::string whole =
                fileOf(p::dict({{"w", p::tensor(p::storage("0", 6), 1, {2, 2}, {3, 1})}, {"n", "N"}}), {0, 0, 0, zip64});
            QVERIFY(opened(folder, whole));
            for (std::size_t size = 0; size < whole.size(); ++size) {
                const auto file = opened(folder, whole.substr(0, size));
                QVERIFY2(!file, qPrintable(QString::number(size)));
            }
            int refused = 0;
            for (std::size_t at = 0; at < whole.size(); ++at) {
                for (const int mask : {0x01, 0x10, 0x80, 0xFF}) {
                    std::string bytes = whole;
                    bytes[at] = static_cast<char>(bytes[at] ^ mask);
                    const auto file = opened(folder, bytes);
                    QVERIFY2(!file || isReadable(*file), qPrintable(QStringLiteral("byte %1").arg(at)));
                    refused += file ? 0 : 1;
                }
            }
            QVERIFY(refused > 0);
        }
    }

    void aFileThatIsNotThere()
    {
        const TempFolder folder;
        QCOMPARE(TorchFile::open(folder / "none.pt").error().code, ErrorCode::NotFound);
        QCOMPARE(TorchFile::open(folder.path()).error().code, ErrorCode::InvalidRequest);
    }
};

JACOBI_TEST(TorchFileTest)
#include "tst_torchfile.moc"
