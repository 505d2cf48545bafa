// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/io/filehandle.h"
#include "core/io/filelock.h"
#include "tests/core/io/files.h"
#include "tests/testmain.h"

#include <fcntl.h>

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
};

JACOBI_TEST(FileLockTest)
#include "tst_filelock.moc"
