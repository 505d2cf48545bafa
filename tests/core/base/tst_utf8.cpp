// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/utf8.h"
#include "tests/testmain.h"

using namespace jacobi;

class Utf8Test : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void everyCodePointComesBack()
    {
        for (char32_t c = 0; c <= 0x10FFFF; ++c) {
            if (c == 0xD800) {
                c = 0xE000;
            }
            const std::string text = toUtf8(c);
            const std::vector<char32_t> read = codePoints(text);
            if (read.size() != 1 || read[0] != c || !isValidUtf8(text)) {
                QFAIL(qPrintable(QStringLiteral("U+%1").arg(static_cast<uint>(c), 0, 16)));
            }
        }
    }

    void lengthsOfEncodings()
    {
        QCOMPARE(toUtf8(0x7F), std::string("\x7F"));
        QCOMPARE(toUtf8(0x80), std::string("\xC2\x80"));
        QCOMPARE(toUtf8(0x7FF), std::string("\xDF\xBF"));
        QCOMPARE(toUtf8(0x800), std::string("\xE0\xA0\x80"));
        QCOMPARE(toUtf8(0xFFFF), std::string("\xEF\xBF\xBF"));
        QCOMPARE(toUtf8(0x10000), std::string("\xF0\x90\x80\x80"));
        QCOMPARE(toUtf8(0x10FFFF), std::string("\xF4\x8F\xBF\xBF"));
    }

    void badBytesAreReplacedOneByOne_data()
    {
        QTest::addColumn<QByteArray>("text");
        QTest::addColumn<QString>("repaired");
        const auto row = [](const char* name, QByteArray text, const char16_t* repaired) {
            QTest::newRow(name) << text << QString::fromUtf16(repaired);
        };
        row("lone continuation", "a\x80z", u"a\uFFFDz");
        row("overlong slash", "\xC0\xAF", u"\uFFFD\uFFFD");
        row("overlong, three bytes", "\xE0\x80\xAF", u"\uFFFD\uFFFD\uFFFD");
        row("overlong, four bytes", "\xF0\x80\x80\xAF", u"\uFFFD\uFFFD\uFFFD\uFFFD");
        row("surrogate", "\xED\xA0\x80", u"\uFFFD\uFFFD\uFFFD");
        row("above the last", "\xF4\x90\x80\x80", u"\uFFFD\uFFFD\uFFFD\uFFFD");
        row("five bytes", "\xF8\x88\x80\x80\x80", u"\uFFFD\uFFFD\uFFFD\uFFFD\uFFFD");
        row("cut, two bytes", "a\xC3", u"a\uFFFD");
        row("cut, three bytes", "a\xE2\x82", u"a\uFFFD\uFFFD");
        row("cut, four bytes", "a\xF0\x9F\x98", u"a\uFFFD\uFFFD\uFFFD");
        row("cut by a letter", "\xE2\x82z", u"\uFFFD\uFFFDz");
        row("cut by another", "\xC3\xC3\xA4", u"\uFFFD\u00E4");
        row("never in UTF-8", "\xFE\xFF", u"\uFFFD\uFFFD");
    }
    void badBytesAreReplacedOneByOne()
    {
        QFETCH(QByteArray, text);
        QFETCH(QString, repaired);
        QVERIFY(!isValidUtf8(text.toStdString()));
        QCOMPARE(QString::fromStdString(repairedUtf8(text.toStdString())), repaired);
        const std::vector<char32_t> points = codePoints(text.toStdString());
        QCOMPARE(QString::fromUcs4(points.data(), static_cast<qsizetype>(points.size())), repaired);
    }

    void goodTextStaysAsItIs()
    {
        const std::string text = std::string("a\0b", 3) + " \xC3\xA4 \xE2\x82\xAC \xF0\x9F\x98\x80";
        QVERIFY(isValidUtf8(text));
        QCOMPARE(repairedUtf8(text), text);
        QVERIFY(isValidUtf8(""));
        QVERIFY(codePoints("").empty());
    }
};

JACOBI_TEST(Utf8Test)
#include "tst_utf8.moc"
