// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/io/safepath.h"
#include "tests/core/io/files.h"
#include "tests/testmain.h"

#include <sys/stat.h>

using namespace jacobi;
using namespace jacobi::test;

namespace {

namespace fs = std::filesystem;

ErrorCode codeOf(const fs::path& folder, std::string_view name)
{
    const auto file = openInside(folder, name);
    return file ? ErrorCode::Cancelled : file.error().code;
}

} // namespace

class SafePathTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void refusedNames_data()
    {
        QTest::addColumn<QByteArray>("name");
        const auto row = [](const char* why, QByteArray name) { QTest::newRow(why) << name; };
        row("empty", "");
        row("the folder", ".");
        row("its parent", "..");
        row("up", "../model.safetensors");
        row("up and down", "a/../b");
        row("absolute", "/etc/passwd");
        row("subfolder", "a/b");
        row("trailing slash", "a/");
        row("backslash", "..\\a");
        row("drive", "C:a");
        row("stream", "a.txt:hidden");
        row("share", "\\\\server\\a");
        row("wildcard", "a*");
        row("question mark", "a?");
        row("quote", "a\"b");
        row("pipe", "a|b");
        row("NUL", QByteArray("a\0b", 3));
        row("newline", "a\nb");
        row("escape", "a\x1B[2J");
        row("delete", "a\x7F");
        row("C1 control", "a\xC2\x9B");
        row("line separator", "a\u2028b");
        row("right to left override", "a\u202Egnp.exe");
        row("isolate", "a\u2066b");
        row("not UTF-8", "a\xFF");
        row("overlong slash", "..\xC0\xAFx");
        row("ends with a dot", "a.");
        row("ends with a blank", "a ");
        row("begins with a blank", " a");
        row("device", "nul");
        row("device with an ending", "COM1.txt");
        row("device with blanks", "aux .json");
        row("device with a superscript", "LPT\u00B2");
        row("console", "CONIN$");
        row("too long", QByteArray(256, 'x'));
    }
    void refusedNames()
    {
        QFETCH(QByteArray, name);
        const auto checked = checkFileName(name.toStdString());
        QVERIFY(!checked);
        QCOMPARE(checked.error().code, ErrorCode::Corrupt);
        const TempFolder folder;
        QCOMPARE(codeOf(folder.path(), name.toStdString()), ErrorCode::Corrupt);
        const QString message = QString::fromStdString(checked.error().message);
        for (const QChar c : message) {
            QVERIFY2(c.unicode() >= 0x20 && (c.unicode() < 0x7F || c.unicode() >= 0xA0) && c.unicode() != 0x202E &&
                         c.unicode() != 0x2066 && c.unicode() != 0x2028,
                     qPrintable(message));
        }
    }

    void allowedNames_data()
    {
        QTest::addColumn<QByteArray>("name");
        for (const char* name : {"a", ".hidden", "..a", "a..b", "model-00001-of-00002.safetensors", "caf\u00E9 (1).png",
                                 "common", "COM10", "COMA", "nullify", "-rf", "~", "\U0001F600"}) {
            QTest::newRow(name) << QByteArray(name);
        }
        QTest::newRow("longest") << QByteArray(255, 'x');
    }
    void allowedNames()
    {
        QFETCH(QByteArray, name);
        QVERIFY(checkFileName(name.toStdString()));
        const TempFolder folder;
        writeText(folder / name.toStdString(), "data");
        const auto file = openInside(folder.path(), name.toStdString());
        QVERIFY2(file, file ? "" : file.error().message.c_str());
        QCOMPARE(file->size(), std::uint64_t{4});
    }

    void linksInsideTheFolderAreFollowed()
    {
        const TempFolder folder;
        writeText(folder / "file", "data");
        fs::create_symlink("file", folder / "link");
        fs::create_symlink("link", folder / "second");
        fs::create_symlink(folder.path(), folder / "again");
        QVERIFY(openInside(folder.path(), "second"));
        QVERIFY(openInside(folder / "again", "file"));
    }

    void linksOutOfTheFolderAreNot()
    {
        const TempFolder outside;
        writeText(outside / "secret", "data");
        const TempFolder folder;
        fs::create_directory(folder / "model");
        writeText(folder / "beside", "data");
        const auto link = [&](const char* name, const fs::path& to) {
            fs::create_symlink(to, folder / "model" / name);
        };
        link("absolute", outside / "secret");
        link("up", "../beside");
        link("chain", "absolute");
        link("device", "/dev/zero");
        link("dangling", "nowhere");
        link("loop", "loop");
        for (const char* name : {"absolute", "up", "chain", "device"}) {
            QCOMPARE(codeOf(folder / "model", name), ErrorCode::Corrupt);
        }
        QCOMPARE(codeOf(folder / "model", "dangling"), ErrorCode::NotFound);
        QCOMPARE(codeOf(folder / "model", "loop"), ErrorCode::NotFound);
    }

    // snapshots/<revision>/config.json -> ../../blobs/<hash>
    void onlyTheCachesOwnBlobsAreFollowed()
    {
        const TempFolder cache;
        for (const char* folder : {"blobs/deep", "snapshots/1", "other/1", "elsewhere/blobs"}) {
            fs::create_directories(cache / folder);
        }
        writeText(cache / "blobs/hash", "data");
        writeText(cache / "blobs/deep/hash", "data");
        writeText(cache / "elsewhere/blobs/hash", "data");
        fs::create_symlink("../../blobs/hash", cache / "snapshots/1/a");
        fs::create_symlink("../../blobs/deep/hash", cache / "snapshots/1/deep");
        fs::create_symlink("../../elsewhere/blobs/hash", cache / "snapshots/1/elsewhere");
        fs::create_symlink("../../blobs/hash", cache / "other/1/a");
        QVERIFY(openInside(cache / "snapshots/1", "a"));
        QCOMPARE(codeOf(cache / "snapshots/1", "deep"), ErrorCode::Corrupt);
        QCOMPARE(codeOf(cache / "snapshots/1", "elsewhere"), ErrorCode::Corrupt);
        QCOMPARE(codeOf(cache / "other/1", "a"), ErrorCode::Corrupt);
        fs::rename(cache / "blobs", cache / "moved");
        fs::create_symlink("moved", cache / "blobs");
        QCOMPARE(codeOf(cache / "snapshots/1", "a"), ErrorCode::Corrupt);
    }

    void whatIsNoFileIsRefused()
    {
        const TempFolder folder;
        fs::create_directory(folder / "folder");
        QCOMPARE(::mkfifo((folder / "fifo").c_str(), 0600), 0);
        QCOMPARE(codeOf(folder.path(), "folder"), ErrorCode::InvalidRequest);
        QCOMPARE(codeOf(folder.path(), "fifo"), ErrorCode::Unsupported);
        QCOMPARE(codeOf(folder.path(), "none"), ErrorCode::NotFound);
        QCOMPARE(codeOf(folder / "none", "file"), ErrorCode::NotFound);
    }
};

JACOBI_TEST(SafePathTest)
#include "tst_safepath.moc"
