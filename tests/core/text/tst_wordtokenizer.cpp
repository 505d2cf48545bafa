// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/text/wordtokenizer.h"
#include "tests/testmain.h"

using namespace jacobi;

namespace {

using Ids = std::vector<std::int64_t>;
using Words = std::vector<std::string>;

WordTokenizer tokenizer(std::size_t maxWords = WordTokenizer::kNoLimit)
{
    return WordTokenizer({"a", "red", "house", "houses", "mouse", "snowy", "mountains", "caf\u00E9"}, maxWords);
}

std::string messageOf(std::string_view prompt, std::size_t maxWords = WordTokenizer::kNoLimit)
{
    const auto encoded = tokenizer(maxWords).encodePrompt(prompt);
    return encoded || encoded.error().code != ErrorCode::InvalidRequest ? "" : encoded.error().message;
}

bool has(const std::string& text, std::string_view part)
{
    return text.find(part) != std::string::npos;
}

} // namespace

class WordTokenizerTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void wordsAreSplitAndLowered_data()
    {
        QTest::addColumn<QString>("prompt");
        QTest::newRow("plain") << "a red house";
        QTest::newRow("capitals") << "A RED House";
        QTest::newRow("punctuation") << "(a) red, 'house'!~";
        QTest::newRow("white space") << "\ta\r\nred\v\fhouse ";
        QTest::newRow("hyphen") << "a red-house.";
        QTest::newRow("no-break space") << QStringLiteral("a\u00A0red\u3000house");
        QTest::newRow("dashes and quotes") << QStringLiteral("\u201Ca\u201D red\u2014house\u2026");
    }
    void wordsAreSplitAndLowered()
    {
        QFETCH(QString, prompt);
        const auto encoded = tokenizer().encode(prompt.toStdString());
        QVERIFY(encoded.ids == (Ids{0, 1, 2}));
        QVERIFY(encoded.unknownWords.empty());
    }

    void repeatedWordsStay()
    {
        QVERIFY(tokenizer().encode("red red a red").ids == (Ids{1, 1, 0, 1}));
        QVERIFY(tokenizer().encode("Caf\u00E9").ids == Ids{7});
    }

    void unknownWordsAreNamedOnceAndLeftOut()
    {
        const auto encoded = tokenizer().encode("a Zebra, zebra and red ZEBRA2");
        QVERIFY(encoded.ids == (Ids{0, 1}));
        QVERIFY(encoded.unknownWords == (Words{"Zebra", "and", "ZEBRA2"}));
    }

    void hiddenCharactersAreEscaped_data()
    {
        QTest::addColumn<QByteArray>("word");
        QTest::addColumn<QByteArray>("shown");
        const auto row = [](const char* name, QByteArray word, const char* shown) {
            QTest::newRow(name) << word << QByteArray(shown);
        };
        row("escape sequence", "x\x1By", "x\\u{001B}y");
        row("NUL", QByteArray("x\0y", 3), "x\\u{0000}y");
        row("delete", "x\x7Fy", "x\\u{007F}y");
        row("C1 control", "x\xC2\x9By", "x\\u{009B}y");
        row("right to left override", "x\u202Ey", "x\\u{202E}y");
        row("zero width space", "x\u200By", "x\\u{200B}y");
        row("byte order mark", "\uFEFFx", "\\u{FEFF}x");
        row("tag letter", "x\U000E0041", "x\\u{0E0041}");
        row("not UTF-8", "x\xFFy", "x\\xFFy");
        row("cut UTF-8", "x\xE2\x82", "x\\xE2\\x82");
        row("plain letters beyond ASCII", "\u00FCber", "\u00FCber");
    }
    void hiddenCharactersAreEscaped()
    {
        QFETCH(QByteArray, word);
        QFETCH(QByteArray, shown);
        const auto encoded = tokenizer().encode(word.toStdString());
        QVERIFY(encoded.ids.empty());
        QCOMPARE(encoded.unknownWords.size(), std::size_t{1});
        QCOMPARE(encoded.unknownWords[0], shown.toStdString());
    }

    void endlessWordsAreCutWhenTheyAreNamed()
    {
        const auto encoded = tokenizer().encode(std::string(1000, 'x') + " " + std::string(1000, '\x01'));
        QCOMPARE(encoded.unknownWords[0], std::string(64, 'x') + "...");
        QVERIFY(encoded.unknownWords[1].size() <= 64 * 8 + 3);
    }

    void anyBytesAreTaken()
    {
        for (int first = 0; first < 256; ++first) {
            for (int second = 0; second < 256; ++second) {
                const auto encoded =
                    tokenizer().encode(std::string{static_cast<char>(first), static_cast<char>(second)});
                QVERIFY(encoded.ids.size() + encoded.unknownWords.size() <= 2);
            }
        }
    }

    void badPromptsSayWhatToDo()
    {
        QVERIFY(has(messageOf(""), "Type what the picture should show"));
        QVERIFY(has(messageOf(" ,.\n"), "Type what the picture should show"));
        QVERIFY(has(messageOf("zebra Lion"), "\"zebra\", \"Lion\""));
        QVERIFY(has(messageOf("b c d e f g h i j k"), "\"i\" and 2 more"));
        QVERIFY(has(messageOf("red red red", 2), "3 words"));
        QVERIFY(has(messageOf("red red red", 2), "2 at most"));
        QVERIFY(tokenizer(3).encodePrompt("red red red zebra"));
    }

    void longPromptsAreRefusedUnread()
    {
        std::string prompt(WordTokenizer::kMaxPromptBytes, ' ');
        prompt.replace(0, 3, "red");
        QVERIFY(tokenizer().encodePrompt(prompt));
        QVERIFY(has(messageOf(prompt + " "), "The prompt is too long: 4097 bytes, where 4096"));
    }

    void nearestWordsComeByDistanceThenAlphabet()
    {
        QVERIFY(tokenizer().nearestWords("HOUSE", 3) == (Words{"house", "houses", "mouse"}));
        QVERIFY(tokenizer().nearestWords("hous", 1) == Words{"house"});
        QVERIFY(tokenizer().nearestWords("mountian", 5) == Words{"mountains"});
        QVERIFY(tokenizer().nearestWords("snow", 5) == Words{"snowy"});
    }

    void lettersThatAreExchangedAreOneSlip()
    {
        QVERIFY(tokenizer().nearestWords("hosue", 5) == Words{"house"});
        QVERIFY(tokenizer().nearestWords("rde", 5) == Words{"red"});
        QVERIFY(tokenizer().nearestWords("moutnaisn", 5) == Words{"mountains"});
        QVERIFY(tokenizer().nearestWords("mtnaisn", 5).empty());
    }

    void shortWordsMayDifferByOneLetter()
    {
        const WordTokenizer words({"fall", "left", "stars", "flowers", "sunset"});
        for (const char* word : {"storm", "small", "lift-off", "start-up", "life"})
            QVERIFY2(words.nearestWords(word, 5).empty(), word);
        QVERIFY(words.nearestWords("star", 5) == Words{"stars"});
        QVERIFY(words.nearestWords("flwoer", 5) == Words{"flowers"});
        QVERIFY(words.nearestWords("sunnset", 5) == Words{"sunset"});
        QVERIFY(words.nearestWords("sunt", 5).empty());
    }

    void farWordsAreNotOffered()
    {
        QVERIFY(tokenizer().nearestWords("zebra", 5).empty());
        QVERIFY(tokenizer().nearestWords("", 5).empty());
        QVERIFY(tokenizer().nearestWords("b", 5).empty());
        QVERIFY(tokenizer().nearestWords(std::string(4096, 'a'), 5).empty());
        QVERIFY(tokenizer().nearestWords("house", 0).empty());
    }

    void aListMayBeEmpty()
    {
        const WordTokenizer none({});
        QVERIFY(none.encode("a b").unknownWords == (Words{"a", "b"}));
        QVERIFY(!none.encodePrompt("a"));
        QVERIFY(none.nearestWords("a", 3).empty());
    }
};

JACOBI_TEST(WordTokenizerTest)
#include "tst_wordtokenizer.moc"
