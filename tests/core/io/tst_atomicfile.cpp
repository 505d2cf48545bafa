// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
// ctest-labels: unit fault
#include "core/io/atomicfile.h"
#include "core/io/filefault.h"
#include "tests/core/io/files.h"
#include "tests/testmain.h"

#include <QDir>

#include <cerrno>
#include <csignal>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

using namespace jacobi;
using namespace jacobi::test;

namespace {

namespace fs = std::filesystem;

/// The old content, then new content in several writes.
struct Replacing {
    Replacing() { writeText(folder / "file", "old"); }

    Result<void> replace() const
    {
        auto file = AtomicFile::create(folder / "file");
        if (!file) {
            return tl::unexpected(file.error());
        }
        for (const std::string_view piece : {"new ", "bytes, ", "many of them"}) {
            if (auto written = file->write(asBytes(piece)); !written) {
                return written;
            }
        }
        return file->commit();
    }

    bool isOld() const { return readText(folder / "file") == "old"; }
    bool isNew() const { return readText(folder / "file") == "new bytes, many of them"; }
    bool isAlone() const { return folder.names() == std::vector<std::string>{"file"}; }

    TempFolder folder;
};

/// Files may have at most this many bytes while it lives: a write beyond is cut, then fails.
class FileSizeLimit {
public:
    explicit FileSizeLimit(rlim_t bytes)
    {
        ::getrlimit(RLIMIT_FSIZE, &m_before);
        m_handler = std::signal(SIGXFSZ, SIG_IGN);
        const rlimit limit{bytes, m_before.rlim_max};
        ::setrlimit(RLIMIT_FSIZE, &limit);
    }
    ~FileSizeLimit()
    {
        ::setrlimit(RLIMIT_FSIZE, &m_before);
        std::signal(SIGXFSZ, m_handler);
    }
    FileSizeLimit(const FileSizeLimit&) = delete;
    FileSizeLimit& operator=(const FileSizeLimit&) = delete;

private:
    rlimit m_before{};
    void (*m_handler)(int) = nullptr;
};

} // namespace

class AtomicFileTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void newAndOldNames()
    {
        const Replacing test;
        QVERIFY(test.replace());
        QVERIFY(test.isNew() && test.isAlone());
        QVERIFY(writeFileAtomically(test.folder / "other", ""));
        QVERIFY(fs::is_empty(test.folder / "other"));
    }

    void withoutCommitTheOldFileStays()
    {
        const Replacing test;
        {
            auto file = AtomicFile::create(test.folder / "file");
            QVERIFY(file && file->write(asBytes("new")));
            QVERIFY(test.isOld() && !test.isAlone());
            const AtomicFile moved(std::move(*file));
        }
        QVERIFY(test.isOld() && test.isAlone());
    }

    void everyCallFailsOnce_data()
    {
        QTest::addColumn<int>("error");
        QTest::addColumn<bool>("forEver");
        for (const bool forEver : {false, true}) {
            QTest::addRow("full disk, for ever %d", forEver) << ENOSPC << forEver;
            QTest::addRow("broken disk, for ever %d", forEver) << EIO << forEver;
        }
    }
    void everyCallFailsOnce()
    {
        QFETCH(int, error);
        QFETCH(bool, forEver);
        std::vector<FileCall> failed;
        for (int failing = 0;; ++failing) {
            QVERIFY(failing < 50);
            const Replacing test;
            int calls = 0;
            bool hasFailed = false;
            FileCall at{};
            Result<void> replaced;
            {
                const ScopedFileFault fault([&](FileCall call) {
                    const int number = calls++;
                    const bool fails = number == failing || (forEver && number > failing);
                    at = number == failing ? call : at;
                    hasFailed = hasFailed || fails;
                    return fails ? error : 0;
                });
                replaced = test.replace();
            }
            QVERIFY(test.isAlone());
            if (!hasFailed) {
                QVERIFY(replaced && test.isNew());
                break;
            }
            QVERIFY(!replaced);
            QCOMPARE(replaced.error().code, ErrorCode::Io);
            QVERIFY(at == FileCall::SyncFolder ? test.isNew() : test.isOld());
            failed.push_back(at);
        }
        using enum FileCall;
        QVERIFY(failed == (std::vector<FileCall>{Create, Write, Write, Write, SyncFile, Rename, SyncFolder}));
    }

    void aFailedWriteCannotBeCommitted()
    {
        const Replacing test;
        auto file = AtomicFile::create(test.folder / "file");
        {
            const ScopedFileFault fault([](FileCall) { return ENOSPC; });
            QVERIFY(!file->write(asBytes("new")));
        }
        QVERIFY(file->write(asBytes("more")));
        QVERIFY(!file->commit());
        QVERIFY(test.isOld());
    }

    void aCommitCannotBeRepeated()
    {
        const Replacing test;
        auto file = AtomicFile::create(test.folder / "file");
        QVERIFY(file->write(asBytes("new")) && file->commit());
        QVERIFY(!file->commit());
        QVERIFY(test.isAlone());
    }

    void aFileSystemThatTakesOnlySoManyBytes()
    {
        for (const rlim_t bytes : {0, 1, 3, 4, 11, 22}) {
            const Replacing test;
            Result<void> replaced;
            {
                const FileSizeLimit limit(bytes);
                replaced = test.replace();
            }
            QVERIFY(!replaced);
            QVERIFY2(has(replaced.error().message, "larger than this disk"), replaced.error().message.c_str());
            QVERIFY(test.isOld() && test.isAlone());
        }
    }

    void placesThatAreNoFile()
    {
        const Replacing test;
        fs::create_directory(test.folder / "folder");
        const auto refused = [](const fs::path& path, ErrorCode code) {
            const auto written = writeFileAtomically(path, "new");
            return !written && written.error().code == code;
        };
        QVERIFY(refused(test.folder / "folder", ErrorCode::InvalidRequest));
        QVERIFY(refused(test.folder / "folder/", ErrorCode::InvalidRequest));
        QVERIFY(refused(test.folder / "none/file", ErrorCode::NotFound));
        QVERIFY(refused(test.folder / "file/file", ErrorCode::NotFound));
        QVERIFY(refused("", ErrorCode::InvalidRequest));
        QVERIFY(refused("/dev/null", ErrorCode::Unsupported));
        QCOMPARE(::mkfifo((test.folder / "fifo").c_str(), 0600), 0);
        QVERIFY(refused(test.folder / "fifo", ErrorCode::Unsupported));
        QVERIFY(test.isOld());
        QVERIFY(test.folder.names() == (std::vector<std::string>{"fifo", "file", "folder"}));
    }

    void aLinkIsReplacedNotFollowed()
    {
        const Replacing test;
        fs::create_symlink("file", test.folder / "link");
        QVERIFY(writeFileAtomically(test.folder / "link", "new"));
        QVERIFY(test.isOld());
        QVERIFY(!fs::is_symlink(test.folder / "link"));
        QCOMPARE(readText(test.folder / "link"), std::string("new"));
    }

    void whoMayReadStaysAsItWas()
    {
        const Replacing test;
        fs::permissions(test.folder / "file", fs::perms::owner_read | fs::perms::owner_write);
        QVERIFY(test.replace());
        QCOMPARE(fs::status(test.folder / "file").permissions(), fs::perms::owner_read | fs::perms::owner_write);
    }

    void longestNames()
    {
        const TempFolder folder;
        QVERIFY(writeFileAtomically(folder / std::string(255, 'x'), "new"));
        const auto written = writeFileAtomically(folder / std::string(256, 'x'), "new");
        QVERIFY(!written);
        QCOMPARE(written.error().code, ErrorCode::InvalidRequest);
        QCOMPARE(folder.names().size(), std::size_t{1});
    }

    void namesWithoutAFolder()
    {
        const Replacing test;
        const QString before = QDir::currentPath();
        QDir::setCurrent(QString::fromStdString(test.folder.path().string()));
        const auto written = writeFileAtomically("file", "new bytes, many of them");
        QDir::setCurrent(before);
        QVERIFY(written);
        QVERIFY(test.isNew() && test.isAlone());
    }

    void leftoversOfAKilledProgramAreNotTouched()
    {
        const Replacing test;
        const std::string mine = ".jacobi-" + std::to_string(::getpid()) + "-";
        int number = 0;
        {
            auto file = AtomicFile::create(test.folder / "file");
            const std::string name = test.folder.names().front();
            QVERIFY2(name.starts_with(mine), name.c_str());
            number = std::stoi(name.substr(mine.size()));
        }
        for (int i = 1; i <= 3; ++i) {
            writeText(test.folder / (mine + std::to_string(number + i) + ".part"), "left");
        }
        QVERIFY(test.replace());
        QVERIFY(test.isNew());
        QCOMPARE(test.folder.names().size(), std::size_t{4});
        QCOMPARE(readText(test.folder / (mine + std::to_string(number + 1) + ".part")), std::string("left"));
    }

    void aFolderWithoutPermission()
    {
        if (::geteuid() == 0) {
            QSKIP("nothing is forbidden to root");
        }
        const Replacing test;
        fs::permissions(test.folder.path(), fs::perms::owner_read | fs::perms::owner_exec);
        const auto replaced = test.replace();
        fs::permissions(test.folder.path(), fs::perms::owner_all);
        QVERIFY(!replaced);
        QVERIFY(has(replaced.error().message, "no permission"));
        QVERIFY(test.isOld() && test.isAlone());
    }
};

JACOBI_TEST(AtomicFileTest)
#include "tst_atomicfile.moc"
