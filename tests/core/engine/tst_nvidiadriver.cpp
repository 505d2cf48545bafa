// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/engine/nvidiadriver.h"
#include "tests/testmain.h"

#include <QFile>
#include <QTemporaryDir>

using namespace jacobi;

class NvidiaDriverTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void theVersionIsReadFromTheModulesFile_data()
    {
        QTest::addColumn<QByteArray>("text");
        QTest::addColumn<QString>("version");
        const auto row = [](const char* name, const QByteArray& text, const char* version) {
            QTest::newRow(name) << text << version;
        };
        row("closed",
            "NVRM version: NVIDIA UNIX x86_64 Kernel Module  535.104.05  Sat Aug 19 01:15:15 UTC 2023\n"
            "GCC version:  gcc version 11.4.0 (Ubuntu 11.4.0-1ubuntu1~22.04)\n",
            "535.104.05");
        row("open",
            "NVRM version: NVIDIA UNIX Open Kernel Module for x86_64  580.159.04  Release Build  (dvs-builder@U22)\n",
            "580.159.04");
        row("two numbers", "NVRM version: NVIDIA UNIX x86_64 Kernel Module  470.42  Tue Jun 15 2021\n", "470.42");
        row("another line's number", "NVRM version: none\nGCC version:  gcc version 11.4.0\n", "");
        row("no such line", "GCC version:  gcc version 11.4.0\n", "");
        row("points alone", "NVRM version: ... 5. .5 5..5 5\n", "");
        row("empty", "", "");
        row("endless", QByteArray(1'000'000, 'x') + "NVRM version: 1.2.3", "");
    }
    void theVersionIsReadFromTheModulesFile()
    {
        QFETCH(const QByteArray, text);
        QFETCH(const QString, version);
        const QTemporaryDir folder;
        QFile file(folder.filePath("version"));
        QVERIFY(file.open(QIODevice::WriteOnly) && file.write(text) == text.size());
        file.close();
        QCOMPARE(QString::fromStdString(nvidiaDriverVersion(file.fileName().toStdString())), version);
    }

    void withoutTheFileThereIsNone()
    {
        const QTemporaryDir folder;
        QCOMPARE(nvidiaDriverVersion(folder.filePath("version").toStdString()), std::string());
        QCOMPARE(nvidiaDriverVersion(folder.path().toStdString()), std::string());
    }

    void aCardThatIsNotThereHasNothingFree() { QCOMPARE(freeMemoryOf("ffff:ff:1f.7", 1'000'000), std::uint64_t{0}); }
};

JACOBI_TEST(NvidiaDriverTest)
#include "tst_nvidiadriver.moc"
