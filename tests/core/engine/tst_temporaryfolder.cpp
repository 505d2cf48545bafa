// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/engine/temporaryfolder.h"

#include "core/io/atomicfile.h"
#include "tests/testmain.h"

#include <QTemporaryDir>

#include <optional>

using namespace jacobi;

class TemporaryFolderTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void itGoesWithAllThatIsInIt()
    {
        std::filesystem::path path;
        {
            std::optional<TemporaryFolder> kept;
            {
                auto folder = TemporaryFolder::make(10);
                QVERIFY(folder);
                path = folder->path();
                kept.emplace(std::move(*folder)); // what it was moved from leaves it alone
            }
            QVERIFY(writeFileAtomically(kept->path() / "file", "text"));
            QVERIFY(std::filesystem::exists(path / "file"));
            QVERIFY((std::filesystem::status(path).permissions() & std::filesystem::perms::others_all) ==
                    std::filesystem::perms::none);
        }
        QVERIFY(!std::filesystem::exists(path));
    }

    void withoutRoomNothingIsMade()
    {
        QTemporaryDir parent;
        const QByteArray before = qgetenv("TMPDIR");
        qputenv("TMPDIR", parent.path().toUtf8());
        const auto folder = TemporaryFolder::make(std::uint64_t{1} << 60U);
        qputenv("TMPDIR", parent.filePath("none").toUtf8());
        const auto nowhere = TemporaryFolder::make(1);
        before.isEmpty() ? qunsetenv("TMPDIR") : qputenv("TMPDIR", before);
        QVERIFY(!folder);
        QCOMPARE(folder.error().code, ErrorCode::Io);
        QVERIFY(folder.error().message.find("TMPDIR") != std::string::npos);
        QVERIFY(folder.error().message.find(parent.path().toStdString()) != std::string::npos);
        QVERIFY(std::filesystem::is_empty(parent.path().toStdString()));
        QVERIFY(!nowhere);
        QCOMPARE(nowhere.error().code, ErrorCode::Io);
    }
};

JACOBI_TEST(TemporaryFolderTest)
#include "tst_temporaryfolder.moc"
