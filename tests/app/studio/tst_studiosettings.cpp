// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/studio/studiosettings.h"
#include "tests/testmain.h"

#include <QFile>
#include <QSettings>
#include <QTemporaryDir>

using namespace jacobi;

class StudioSettingsTest : public QObject {
    Q_OBJECT

    QTemporaryDir m_folder;

private Q_SLOTS:
    void everythingComesBack()
    {
        const QString path = m_folder.filePath("new/settings.ini");
        StudioSettings settings;
        settings.theme = Theme::Mode::Light;
        settings.request.emplace();
        settings.request->prompt = "ein rotes Haus, \"zitiert\"; \xC3\xA9";
        settings.request->seed = 18446744073709551615ULL;
        settings.request->guidance = 3.5;
        settings.seedLocked = true;
        settings.overlay = 4;
        settings.overlayOpacity = 70;
        settings.pictureFolder = "/tmp/pictures";
        settings.geometry = QByteArray("\0\1geometry", 10);
        settings.layout = QByteArray("\xFFlayout", 7);
        writeSettings(path, settings);
        const StudioSettings back = readSettings(path);
        QCOMPARE(back.theme, settings.theme);
        QVERIFY(back.request == settings.request);
        QCOMPARE(back.seedLocked, true);
        QCOMPARE(back.overlay, 4);
        QCOMPARE(back.overlayOpacity, 70);
        QCOMPARE(back.pictureFolder, settings.pictureFolder);
        QCOMPARE(back.geometry, settings.geometry);
        QCOMPARE(back.layout, settings.layout);
    }

    /// A choice that was not there before is made as the built-in model recommends; one that was made stays.
    void promptsAreCompletedUnlessSomeoneChoseNot()
    {
        const QString path = m_folder.filePath("before.ini");
        QSettings(path, QSettings::IniFormat).setValue("request", QByteArray("{\"prompt\": \"hills\"}"));
        QVERIFY(readSettings(path).request->completesPrompt);
        StudioSettings settings;
        settings.request.emplace();
        settings.request->completesPrompt = false;
        writeSettings(path, settings);
        QVERIFY(!readSettings(path).request->completesPrompt);
    }

    void damagedValuesKeepTheirDefaults()
    {
        const QString path = m_folder.filePath("damaged.ini");
        QFile file(path);
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.write("[General]\nversion=1\ntheme=99\noverlay=-3\noverlayOpacity=5000\nrequest={broken\n\x80\x00garbage");
        file.close();
        const StudioSettings settings = readSettings(path);
        QCOMPARE(settings.theme, Theme::Mode::Dark); // clamped to a mode that exists
        QVERIFY(!settings.request.has_value());
        QCOMPARE(settings.overlay, 1);
        QCOMPARE(settings.overlayOpacity, 100);
    }

    void anotherVersionIsNotRead()
    {
        const QString path = m_folder.filePath("later.ini");
        QFile file(path);
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.write("[General]\nversion=2\nseedLocked=true\n");
        file.close();
        QCOMPARE(readSettings(path).seedLocked, false);
    }

    void withoutAFileNothingIsRememberedOrWritten()
    {
        writeSettings({}, {});
        QCOMPARE(readSettings({}).overlayOpacity, 30);
        QVERIFY(!readSettings(m_folder.filePath("missing.ini")).request.has_value());
    }
};

JACOBI_TEST(StudioSettingsTest)
#include "tst_studiosettings.moc"
