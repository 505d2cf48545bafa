// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/printable.h"
#include "core/base/utf8.h"
#include "tests/testmain.h"

using namespace jacobi;

class PrintableTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void visibleTextStaysAsItIs()
    {
        for (const char* text : {"", "plain ~ text", "caf\u00E9", "\u6F22\u5B57", "\U0001F600", "\uFFFD"}) {
            QCOMPARE(printable(text, 100), std::string(text));
            QVERIFY(isPrintable(text));
        }
    }

    void hiddenTextIsEscaped_data()
    {
        QTest::addColumn<QByteArray>("text");
        QTest::addColumn<QByteArray>("shown");
        const auto row = [](const char* name, QByteArray text, const char* shown) {
            QTest::newRow(name) << text << QByteArray(shown);
        };
        row("escape sequence", "x\x1B[2J", "x\\u{001B}[2J");
        row("NUL", QByteArray("x\0", 2), "x\\u{0000}");
        row("newline", "x\ny", "x\\u{000A}y");
        row("delete", "x\x7F", "x\\u{007F}");
        row("C1 control", "x\xC2\x9By", "x\\u{009B}y");
        row("right to left override", "x\u202Ey", "x\\u{202E}y");
        row("zero width joiner", "x\u200Dy", "x\\u{200D}y");
        row("tag letter", "x\U000E0041", "x\\u{0E0041}");
        row("not UTF-8", "x\xFFy", "x\\xFFy");
        row("cut", "x\xE2\x82", "x\\xE2\\x82");
        row("surrogate", "\xED\xA0\x80", "\\xED\\xA0\\x80");
    }
    void hiddenTextIsEscaped()
    {
        QFETCH(QByteArray, text);
        QFETCH(QByteArray, shown);
        QCOMPARE(printable(text.toStdString(), 100), shown.toStdString());
        QVERIFY(!isPrintable(text.toStdString()));
        QVERIFY(isPrintable(printable(text.toStdString(), 100)));
    }

    void longTextIsCutBetweenCharacters()
    {
        QCOMPARE(printable("abcd", 4), std::string("abcd"));
        QCOMPARE(printable("abcde", 4), std::string("abcd..."));
        QCOMPARE(printable("abc\u00E9e", 4), std::string("abc\u00E9..."));
        QCOMPARE(printable("abc", 0), std::string("..."));
        QCOMPARE(printable("", 0), std::string());
    }

    void everyCharacterIsShownSafely()
    {
        for (char32_t c = 0; c < 0x30000; ++c) {
            if (c < 0xD800 || c > 0xDFFF) {
                const std::string text = toUtf8(c);
                QCOMPARE(isPrintable(text), !isHidden(c));
                QCOMPARE(printable(text, 9) == text, !isHidden(c));
            }
        }
    }
};

JACOBI_TEST(PrintableTest)
#include "tst_printable.moc"
