// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/testmain.h"

#include <QDir>
#include <QDirIterator>
#include <QFileInfo>
#include <QProcess>
#include <QStandardPaths>
#include <QTemporaryDir>

#include <optional>

namespace {

constexpr qint64 kMostBytes = 60'000'000;

/// The files that git has of that folder, from it; nothing where there is no git or the folder is no checkout's root.
std::optional<QStringList> trackedFiles(const QString& root)
{
    const QString git = QStandardPaths::findExecutable("git");
    if (git.isEmpty() || !QFileInfo::exists(root + "/.git")) {
        return std::nullopt;
    }
    QProcess process;
    process.setWorkingDirectory(root);
    process.start(git, {"ls-files", "-z"});
    if (!process.waitForFinished() || process.exitStatus() != QProcess::NormalExit || process.exitCode() != 0) {
        return std::nullopt; // somebody else's checkout, for one, which git does not look into
    }
    return QString::fromUtf8(process.readAllStandardOutput()).split(QChar(u'\0'), Qt::SkipEmptyParts);
}

/// Every file of an unpacked source tree, without what building and tools leave in it.
QStringList presentFiles(const QString& root)
{
    const QDir folder(root);
    QStringList files;
    QDirIterator all(root, QDir::Files | QDir::Hidden | QDir::NoSymLinks, QDirIterator::Subdirectories);
    while (all.hasNext()) {
        const QString path = folder.relativeFilePath(all.next());
        const QString top = path.section('/', 0, 0);
        const bool isHiddenFolder = top.startsWith('.') && path.contains('/');
        const bool isBuilt = top.startsWith("build") || top.startsWith("cmake-build") ||
                             QFileInfo::exists(root + '/' + top + "/CMakeCache.txt");
        const bool isLeft = path.contains("/__pycache__/") || path.endsWith(".part");
        if (!isHiddenFolder && !isBuilt && !isLeft) {
            files << path;
        }
    }
    return files;
}

qint64 bytesOf(const QString& root, const QStringList& files)
{
    qint64 bytes = 0;
    for (const QString& file : files) {
        bytes += QFileInfo(root + '/' + file).size(); // of one that is deleted, 0
    }
    return bytes;
}

void writeBytes(const QString& path, int count)
{
    QVERIFY(QDir().mkpath(QFileInfo(path).path()));
    QFile file(path);
    QVERIFY(file.open(QIODevice::WriteOnly) && file.write(QByteArray(count, 'x')) == count);
}

} // namespace

/// Whoever gets the project's sources gets its models and reference data too: together they stay small.
class CheckoutSizeTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void theProjectIsSmall()
    {
        const QString root = QStringLiteral(JACOBI_SOURCE_DIR);
        const std::optional<QStringList> tracked = trackedFiles(root);
        const QStringList files = tracked ? *tracked : presentFiles(root);
        QVERIFY2(files.size() > 100, "the sources were not found");
        const qint64 bytes = bytesOf(root, files);
        QVERIFY2(bytes < kMostBytes, qPrintable(QString("%1 bytes; at most %2").arg(bytes).arg(kMostBytes)));
    }

    /// As in an archive that was unpacked and built: only what came with it counts.
    void whatIsBuiltDoesNotCount()
    {
        const QTemporaryDir folder;
        const QString root = folder.path();
        QVERIFY(!trackedFiles(root));
        for (const char* file : {"core/a.cpp", "README.md", ".clang-format", "build/dev/b.o", "out/CMakeCache.txt",
                                 "out/c.o", ".cache/d", "dev/__pycache__/e.pyc", "models/f.part"}) {
            writeBytes(folder.filePath(file), 10);
        }
        QStringList files = presentFiles(root);
        files.sort();
        QCOMPARE(files, (QStringList{".clang-format", "README.md", "core/a.cpp"}));
        QCOMPARE(bytesOf(root, files), qint64{30});
        QCOMPARE(bytesOf(root, files + QStringList{"deleted.cpp"}), qint64{30});
    }
};

JACOBI_TEST(CheckoutSizeTest)
#include "tst_checkoutsize.moc"
