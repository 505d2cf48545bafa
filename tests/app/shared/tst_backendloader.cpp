// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/shared/backendloader.h"
#include "tests/testmain.h"

using namespace jacobi;

class BackendLoaderTest : public QObject {
    Q_OBJECT

    static void set(const char* name, const char* value)
    {
        if (value == nullptr) {
            qunsetenv(name);
        } else {
            qputenv(name, value);
        }
    }

    QByteArray m_cache;
    QByteArray m_home;

private Q_SLOTS:
    void initTestCase()
    {
        m_cache = qgetenv("XDG_CACHE_HOME");
        m_home = qgetenv("HOME");
    }
    void cleanup()
    {
        qputenv("XDG_CACHE_HOME", m_cache);
        qputenv("HOME", m_home);
    }

    void cacheFolderIsTheUsers_data()
    {
        QTest::addColumn<QByteArray>("cache"); // null: not set
        QTest::addColumn<QByteArray>("home");
        QTest::addColumn<QString>("folder");
        QTest::newRow("as set") << QByteArray("/var/cache/me") << QByteArray("/users/me")
                                << "/var/cache/me/jacobi-studio";
        QTest::newRow("with a slash") << QByteArray("/var/me/") << QByteArray("/users/me") << "/var/me/jacobi-studio";
        QTest::newRow("not set") << QByteArray() << QByteArray("/users/me") << "/users/me/.cache/jacobi-studio";
        QTest::newRow("empty") << QByteArray("") << QByteArray("/users/me") << "/users/me/.cache/jacobi-studio";
        // The specification of these folders: a relative path is to be ignored.
        QTest::newRow("relative") << QByteArray("cache") << QByteArray("/users/me") << "/users/me/.cache/jacobi-studio";
        QTest::newRow("no home needed") << QByteArray("/var/me") << QByteArray() << "/var/me/jacobi-studio";
        QTest::newRow("no home") << QByteArray() << QByteArray() << "";
        QTest::newRow("an empty home") << QByteArray() << QByteArray("") << "";
    }
    void cacheFolderIsTheUsers()
    {
        QFETCH(const QByteArray, cache);
        QFETCH(const QByteArray, home);
        QFETCH(const QString, folder);
        set("XDG_CACHE_HOME", cache.isNull() ? nullptr : cache.constData());
        set("HOME", home.isNull() ? nullptr : home.constData());
        const std::string found = cacheFolder();
        cleanup(); // Qt Test itself wants them
        QCOMPARE(QString::fromStdString(found), folder);
    }
};

JACOBI_TEST(BackendLoaderTest)
#include "tst_backendloader.moc"
