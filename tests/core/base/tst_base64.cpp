// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/base64.h"
#include "tests/testmain.h"

using namespace jacobi;

namespace {

std::vector<std::uint8_t> bytesOf(std::string_view text)
{
    return {text.begin(), text.end()};
}

} // namespace

class Base64Test : public QObject {
    Q_OBJECT

private Q_SLOTS:
    // RFC 4648, section 10.
    void knownTexts_data()
    {
        QTest::addColumn<QByteArray>("plain");
        QTest::addColumn<QByteArray>("encoded");
        const auto row = [](const char* plain, const char* encoded) {
            QTest::addRow("'%s'", plain) << QByteArray(plain) << QByteArray(encoded);
        };
        row("", "");
        row("f", "Zg==");
        row("fo", "Zm8=");
        row("foo", "Zm9v");
        row("foob", "Zm9vYg==");
        row("fooba", "Zm9vYmE=");
        row("foobar", "Zm9vYmFy");
    }
    void knownTexts()
    {
        QFETCH(QByteArray, plain);
        QFETCH(QByteArray, encoded);
        const auto bytes = bytesOf(plain.toStdString());
        QCOMPARE(base64(bytes), encoded.toStdString());
        const auto decoded = fromBase64(encoded.toStdString());
        QVERIFY(decoded);
        QVERIFY(*decoded == bytes);
    }

    void everyByteComesBack()
    {
        std::vector<std::uint8_t> bytes;
        for (int i = 0; i < 256; ++i) {
            bytes.push_back(static_cast<std::uint8_t>(i));
            const auto decoded = fromBase64(base64(bytes));
            QVERIFY(decoded);
            QVERIFY(*decoded == bytes);
        }
    }

    void onlyWhatItWritesIsRead_data()
    {
        QTest::addColumn<QByteArray>("text");
        const auto row = [](const char* name, QByteArray text) { QTest::newRow(name) << text; };
        row("cut", "Zm9");
        row("one digit", "Z===");
        row("padding alone", "====");
        row("too much padding", "Zm9v====");
        row("padding inside", "Zg==Zm9v");
        row("padding, then a digit", "Zg=v");
        row("line break", "Zm9v\nZg");
        row("blank", "Zm 9");
        row("URL alphabet", "-_-_");
        row("bits behind one byte", "Zh==");
        row("bits behind two bytes", "Zm9=");
        row("NUL", QByteArray("Zm9\0", 4));
        row("not ASCII", "Zm\xC3\xA4");
    }
    void onlyWhatItWritesIsRead()
    {
        QFETCH(QByteArray, text);
        QVERIFY(!fromBase64(text.toStdString()));
    }
};

JACOBI_TEST(Base64Test)
#include "tst_base64.moc"
