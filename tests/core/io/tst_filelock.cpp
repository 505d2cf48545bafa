// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/io/filehandle.h"
#include "core/io/filelock.h"
#include "tests/core/io/files.h"
#include "tests/testmain.h"

#include <fcntl.h>
#include <string>
#include <thread>
#include <vector>

using namespace jacobi;
using namespace jacobi::test;

class FileLockTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void oneAtATime()
    {
        const TempFolder folder;
        writeText(folder / "a", "x");
        for (const std::filesystem::path& path : {folder / "a", folder.path()}) {
            FileHandle first(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
            const FileHandle second(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
            QVERIFY(first.isOpen() && second.isOpen());
            QVERIFY(tryLock(first.descriptor()));
            QVERIFY(!tryLock(second.descriptor()));
            QVERIFY(tryLock(first.descriptor())); // who has it may ask again
            first.close();
            QVERIFY(tryLock(second.descriptor()));
        }
    }

    /// Each reads a number and writes the next one; none is lost.
    void aFolderIsForOneAtATime()
    {
        const TempFolder folder;
        const std::filesystem::path path = folder / "number";
        writeText(path, "0");
        constexpr int kThreads = 4;
        constexpr int kTimes = 25;
        std::vector<std::thread> threads;
        for (int i = 0; i < kThreads; ++i) {
            threads.emplace_back([&] {
                for (int time = 0; time < kTimes; ++time) {
                    const FolderLock lock(folder.path());
                    const int number = std::stoi(readText(path));
                    std::this_thread::yield();
                    writeText(path, std::to_string(number + 1));
                }
            });
        }
        for (std::thread& thread : threads) {
            thread.join();
        }
        QCOMPARE(readText(path), std::to_string(kThreads * kTimes));
        QVERIFY(folder.names() == std::vector<std::string>{"number"}); // it leaves nothing behind
    }

    void aFolderThatIsNotThereIsNoTrouble()
    {
        const TempFolder folder;
        const FolderLock lock(folder / "none");
        QVERIFY(folder.names().empty());
    }
};

JACOBI_TEST(FileLockTest)
#include "tst_filelock.moc"
