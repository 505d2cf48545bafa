// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/io/inputfile.h"
#include "tests/core/io/files.h"
#include "tests/testmain.h"

#include <array>
#include <sys/stat.h>
#include <unistd.h>

using namespace jacobi;
using namespace jacobi::test;

namespace {

namespace fs = std::filesystem;

ErrorCode codeOf(const Result<InputFile>& file)
{
    return file ? ErrorCode::Cancelled : file.error().code;
}

} // namespace

class InputFileTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void readsWhatIsAsked()
    {
        const TempFolder folder;
        writeText(folder / "a", "0123456789");
        const auto file = InputFile::open(folder / "a");
        QVERIFY(file);
        QCOMPARE(file->size(), std::uint64_t{10});
        std::array<std::byte, 4> bytes{};
        QVERIFY(file->readAt(6, bytes));
        QCOMPARE(asText(bytes), std::string("6789"));
        QVERIFY(file->readAt(0, bytes));
        QCOMPARE(asText(bytes), std::string("0123"));
        QVERIFY(file->readAt(100, {}));
    }

    void readsBeyondTheEndFail()
    {
        const TempFolder folder;
        writeText(folder / "a", "0123456789");
        const auto file = InputFile::open(folder / "a");
        std::array<std::byte, 4> bytes{};
        for (const std::uint64_t offset : {std::uint64_t{7}, std::uint64_t{10}, std::uint64_t{1} << 62U}) {
            const auto read = file->readAt(offset, bytes);
            QVERIFY(!read);
            QCOMPARE(read.error().code, ErrorCode::Corrupt);
        }
        QVERIFY(!file->readAt(~std::uint64_t{0}, bytes));
    }

    void aFileCutWhileOpenIsAnError()
    {
        const TempFolder folder;
        writeText(folder / "a", "0123456789");
        const auto file = InputFile::open(folder / "a");
        fs::resize_file(folder / "a", 5);
        QCOMPARE(readWholeFile(*file, 100).error().code, ErrorCode::Corrupt);
        QCOMPARE(sha256OfFile(*file).error().code, ErrorCode::Corrupt);
    }

    void whatIsNoRegularFileIsRefusedAtOnce()
    {
        const TempFolder folder;
        QCOMPARE(::mkfifo((folder / "fifo").c_str(), 0600), 0);
        QCOMPARE(codeOf(InputFile::open(folder / "fifo")), ErrorCode::Unsupported);
        QCOMPARE(codeOf(InputFile::open("/dev/zero")), ErrorCode::Unsupported);
        QCOMPARE(codeOf(InputFile::open(folder.path())), ErrorCode::InvalidRequest);
        QCOMPARE(codeOf(InputFile::open(folder / "none")), ErrorCode::NotFound);
        QCOMPARE(codeOf(InputFile::open(folder / "fifo/a")), ErrorCode::NotFound);
        QCOMPARE(codeOf(InputFile::open("")), ErrorCode::NotFound);
        QCOMPARE(codeOf(InputFile::open(folder / std::string(300, 'x'))), ErrorCode::InvalidRequest);
    }

    void linksAreFollowedOnlyWhereTheUserNamedThem()
    {
        const TempFolder folder;
        writeText(folder / "a", "data");
        fs::create_symlink("a", folder / "link");
        QVERIFY(InputFile::open(folder / "link"));
        QVERIFY(InputFile::openNoLink(folder / "a"));
        QCOMPARE(codeOf(InputFile::openNoLink(folder / "link")), ErrorCode::Unsupported);
    }

    void wholeFilesUpToALimit()
    {
        const TempFolder folder;
        writeText(folder / "a", "0123456789");
        writeText(folder / "empty", "");
        QCOMPARE(asText(*readWholeFile(folder / "a", 10)), std::string("0123456789"));
        QVERIFY(readWholeFile(folder / "empty", 0)->empty());
        const auto refused = readWholeFile(folder / "a", 9);
        QVERIFY(!refused);
        QCOMPARE(refused.error().code, ErrorCode::Unsupported);
        QVERIFY(has(refused.error().message, "10 bytes; at most 9"));
        QVERIFY(!readWholeFile(folder / "none", 9));
    }

    void hugeFilesAreRefusedBeforeTheyAreRead()
    {
        const TempFolder folder;
        writeText(folder / "a", "");
        fs::resize_file(folder / "a", std::uintmax_t{1} << 40U);
        QCOMPARE(readWholeFile(folder / "a", 1U << 20U).error().code, ErrorCode::Unsupported);
    }

    void hashesAcrossPieces()
    {
        const TempFolder folder;
        writeText(folder / "empty", "");
        writeText(folder / "a", std::string((1U << 20U) + 1, 'a'));
        QCOMPARE(*sha256OfFile(*InputFile::open(folder / "empty")),
                 std::string("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"));
        QCOMPARE(*sha256OfFile(*InputFile::open(folder / "a")),
                 std::string("4a3f0c0c213adea174f9a3d4c13177315b588bdb2e9c1012d3d0bf0453ca0f6a"));
    }

    void aFileWithoutPermission()
    {
        if (::geteuid() == 0) {
            QSKIP("nothing is forbidden to root");
        }
        const TempFolder folder;
        writeText(folder / "a", "data");
        fs::permissions(folder / "a", fs::perms::none);
        const auto file = InputFile::open(folder / "a");
        QCOMPARE(codeOf(file), ErrorCode::Io);
        QVERIFY(has(file.error().message, "no permission"));
    }
};

JACOBI_TEST(InputFileTest)
#include "tst_inputfile.moc"
