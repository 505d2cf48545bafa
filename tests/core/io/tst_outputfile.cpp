// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
// ctest-labels: unit fault
#include "core/io/filefault.h"
#include "core/io/outputfile.h"
#include "tests/core/io/files.h"
#include "tests/testmain.h"

#include <array>
#include <cerrno>
#include <fcntl.h>
#include <sys/stat.h>
#include <thread>
#include <unistd.h>

using namespace jacobi;
using namespace jacobi::test;

namespace {

namespace fs = std::filesystem;

} // namespace

class OutputFileTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void newFilesAreReallyNew()
    {
        const TempFolder folder;
        auto file = OutputFile::createNew(folder / "a", folder / "a");
        QVERIFY(file && file->wasCreated());
        QVERIFY(file->write(asBytes("one ")) && file->write({}) && file->write(asBytes("two")) && file->sync());
        QCOMPARE(readText(folder / "a"), std::string("one two"));
        QVERIFY(!OutputFile::createNew(folder / "a", folder / "a"));
        fs::create_symlink("b", folder / "dangling");
        QVERIFY(!OutputFile::createNew(folder / "dangling", folder / "dangling"));
        QVERIFY(!fs::exists(folder / "b"));
        QCOMPARE(readText(folder / "a"), std::string("one two"));
    }

    void openedFilesKeepTheirBytesUntilTheyAreCut()
    {
        const TempFolder folder;
        writeText(folder / "a", "0123456789");
        auto file = OutputFile::createOrOpen(folder / "a");
        QVERIFY(file && !file->wasCreated());
        QCOMPARE(readText(folder / "a"), std::string("0123456789"));
        QVERIFY(file->truncate(4) && file->write(asBytes("x")));
        QCOMPARE(readText(folder / "a"), std::string("0123x"));
        QVERIFY(OutputFile::createOrOpen(folder / "new")->wasCreated());
    }

    void linksTheUserNamedAreFollowed()
    {
        const TempFolder folder;
        writeText(folder / "a", "old");
        fs::create_symlink("a", folder / "link");
        auto file = OutputFile::createOrOpen(folder / "link");
        QVERIFY(file && file->truncate(0) && file->write(asBytes("new")));
        QCOMPARE(readText(folder / "a"), std::string("new"));
        QVERIFY(fs::is_symlink(folder / "link"));
    }

    void aFileWrittenAloneIsRefusedToOthers()
    {
        const TempFolder folder;
        writeText(folder / "a", "old");
        fs::create_symlink("a", folder / "link");
        auto file = OutputFile::createOrOpenAlone(folder / "a");
        QVERIFY(file && !file->wasCreated());
        for (const char* name : {"a", "link"}) {
            const auto second = OutputFile::createOrOpenAlone(folder / name);
            QVERIFY(!second);
            QCOMPARE(second.error().code, ErrorCode::Io);
            QVERIFY(has(second.error().message, "Another run") && has(second.error().message, name));
            QVERIFY(has(second.error().message, "another name"));
        }
        QCOMPARE(readText(folder / "a"), std::string("old"));
        QVERIFY(file->truncate(0) && file->write(asBytes("new")));
        QVERIFY(OutputFile::createOrOpenAlone(folder / "b")->wasCreated());
        file->close();
        QVERIFY(OutputFile::createOrOpenAlone(folder / "a"));
        QCOMPARE(readText(folder / "a"), std::string("new"));
    }

    void devicesAreForMany()
    {
        const auto first = OutputFile::createOrOpenAlone("/dev/null");
        QVERIFY(first && OutputFile::createOrOpenAlone("/dev/null"));
    }

    void errorsSpeakOfTheFileThatWasMeant()
    {
        const TempFolder folder;
        auto file = OutputFile::createNew(folder / "temporary", "meant.png");
        const ScopedFileFault fault([](FileCall) { return ENOSPC; });
        const auto written = file->write(asBytes("01234567"));
        QVERIFY(!written);
        QVERIFY(has(written.error().message, "The disk is full, so \"meant.png\""));
        QCOMPARE(readText(folder / "temporary"), std::string("0123"));
    }

    void everyCallCanFail()
    {
        const TempFolder folder;
        auto file = OutputFile::createNew(folder / "a", folder / "a");
        const ScopedFileFault fault([](FileCall) { return EIO; });
        QVERIFY(!file->write({}));
        QVERIFY(!file->sync());
        QVERIFY(!syncFolder(folder.path()));
        QVERIFY(!OutputFile::createNew(folder / "b", folder / "b"));
        QVERIFY(!OutputFile::createOrOpen(folder / "b"));
        QVERIFY(folder.names() == std::vector<std::string>{"a"});
    }

    void aRealFullDevice()
    {
        if (!fs::exists("/dev/full")) {
            QSKIP("this system has no /dev/full");
        }
        auto file = OutputFile::createOrOpen("/dev/full");
        QVERIFY(file);
        QVERIFY(file->truncate(0));
        const auto written = file->write(asBytes("x"));
        QVERIFY(!written);
        QVERIFY(has(written.error().message, "The disk is full"));
    }

    void pipesTakeMoreThanTheyCanHold()
    {
        const TempFolder folder;
        const fs::path fifo = folder / "fifo";
        QCOMPARE(::mkfifo(fifo.c_str(), 0600), 0);
        QVERIFY(!OutputFile::createOrOpen(fifo));

        const int reader = ::open(fifo.c_str(), O_RDONLY | O_NONBLOCK);
        QVERIFY(reader >= 0);
        auto file = OutputFile::createOrOpen(fifo);
        QVERIFY(file);
        ::fcntl(reader, F_SETFL, 0);
        std::size_t received = 0;
        std::thread slow([&] {
            std::array<char, 1000> piece{};
            ssize_t got = 0;
            while ((got = ::read(reader, piece.data(), piece.size())) > 0) {
                received += static_cast<std::size_t>(got);
            }
        });
        const auto written = file->write(asBytes(std::string(1'000'000, 'x')));
        const auto synced = file->sync();
        file->close();
        slow.join();
        ::close(reader);
        QVERIFY2(written, written ? "" : written.error().message.c_str());
        QVERIFY(synced);
        QCOMPARE(received, std::size_t{1'000'000});
    }

    void placesThatAreNoFile()
    {
        const TempFolder folder;
        const auto codeOf = [](const fs::path& path) {
            const auto file = OutputFile::createOrOpen(path);
            return file ? ErrorCode::Cancelled : file.error().code;
        };
        QCOMPARE(codeOf(folder.path()), ErrorCode::InvalidRequest);
        QCOMPARE(codeOf(folder / "none/a"), ErrorCode::NotFound);
        QCOMPARE(codeOf(folder / std::string(256, 'x')), ErrorCode::InvalidRequest);
        QVERIFY(!syncFolder(folder / "none"));
        QVERIFY(syncFolder(folder.path()) && syncFolder(""));
    }

    void sentencesSayWhatToDo_data()
    {
        QTest::addColumn<int>("error");
        QTest::addColumn<QString>("sentence");
        QTest::newRow("full") << ENOSPC << "Free some space";
        QTest::newRow("quota") << EDQUOT << "Free some space";
        QTest::newRow("too large") << EFBIG << "Choose another folder";
        QTest::newRow("read-only") << EROFS << "no permission";
        QTest::newRow("other") << EIO << "Input/output error";
    }
    void sentencesSayWhatToDo()
    {
        QFETCH(int, error);
        QFETCH(QString, sentence);
        const Error told = writeError("a.png", error);
        QCOMPARE(told.code, ErrorCode::Io);
        QVERIFY2(QString::fromStdString(told.message).contains(sentence), told.message.c_str());
        QVERIFY(has(told.message, "\"a.png\""));
    }
};

JACOBI_TEST(OutputFileTest)
#include "tst_outputfile.moc"
