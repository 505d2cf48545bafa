// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/training/completecaption.h"

#include "core/text/wordtokenizer.h"
#include "models/training/captionreader.h"
#include "models/training/scene.h"
#include "models/training/sceneplan.h"
#include "tests/testmain.h"

#include <algorithm>
#include <set>

using namespace jacobi;

namespace {

int said(const SceneClaims& claims, Judged attribute)
{
    return valueOf(claims.values, attribute);
}
template <class Enum>
constexpr int as(Enum value)
{
    return static_cast<int>(value);
}

/// The words of a that stand in b too, in the same order: all of them.
bool isWithin(const std::vector<std::int64_t>& a, const std::vector<std::int64_t>& b)
{
    auto next = a.begin();
    for (const std::int64_t word : b)
        next += next != a.end() && *next == word ? 1 : 0;
    return next == a.end();
}

} // namespace

class CompleteCaptionTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    /// Of every caption of the grammar: what it says stays, its words stay, and what it left open is said.
    void captionsAreCompleted()
    {
        const WordTokenizer words(sceneWords());
        int whole = 0;
        constexpr int kCaptions = 2000;
        for (std::uint64_t index = 0; index < kCaptions; ++index) {
            const SceneCaption caption = drawSceneCaption(19, index, 0);
            const std::string completed = completeCaption(caption.text, index);
            const QString text = QString::fromStdString(caption.text + " -> " + completed);
            const auto before = words.encode(caption.text);
            const auto after = words.encode(completed);
            QVERIFY2(after.unknownWords.empty(), qPrintable(text));
            QVERIFY2(after.ids.size() <= static_cast<std::size_t>(longestSceneCaption()), qPrintable(text));
            QVERIFY2(isWithin(before.ids, after.ids), qPrintable(text));
            const SceneClaims first = readCaption(caption.text);
            const SceneClaims then = readCaption(completed);
            const JudgedValues claimed = claimedOf(first, then.values);
            for (std::size_t i = 0; i < kJudgedCount; ++i)
                QVERIFY2(claimed[i] == kNotJudged || claimed[i] == then.values[i],
                         qPrintable(text + ": " + QString::fromStdString(std::string(nameOf(static_cast<Judged>(i))))));
            const bool rains = said(then, Judged::Weather) == as(Weather::Rain);
            const bool saysAll =
                then.sides && said(then, Judged::Time) != kNotJudged && said(then, Judged::Terrain) != kNotJudged &&
                said(then, Judged::Weather) != kNotJudged && (rains || said(then, Judged::SunSide) != kNotJudged);
            whole += saysAll ? 1 : 0;
        }
        QVERIFY2(whole > kCaptions * 95 / 100, qPrintable(QString::number(whole))); // the rest has no room
    }

    /// What is added goes together as in the pictures that are learned from.
    void whatIsAddedGoesTogether()
    {
        for (std::uint64_t seed = 0; seed < 500; ++seed) {
            const SceneClaims tree = readCaption(completeCaption("a pink tree", seed));
            const int terrain = said(tree, Judged::Terrain);
            QVERIFY(terrain == as(Terrain::Sea) || terrain == as(Terrain::Hills) || terrain == as(Terrain::Mountains));
            const int season = said(tree, Judged::Season);
            QVERIFY(season == kNotJudged || season == as(Season::Spring) || season == as(Season::Summer));
            const SceneClaims windmill = readCaption(completeCaption("a windmill", seed));
            QCOMPARE(said(windmill, Judged::Terrain), as(Terrain::Hills));
            const SceneClaims dunes = readCaption(completeCaption("sand dunes", seed));
            const int weather = said(dunes, Judged::Weather);
            QVERIFY(weather == as(Weather::Clear) || weather == as(Weather::Clouds));
            QCOMPARE(said(dunes, Judged::LeftKind), as(SubjectKind::None));
            const SceneClaims snow = readCaption(completeCaption("a house, snow falling", seed));
            QVERIFY(said(snow, Judged::Season) == as(Season::Winter));
            const SceneClaims noon = readCaption(completeCaption("the low sun over the sea", seed));
            QVERIFY(said(noon, Judged::Weather) != as(Weather::Rain));
            QVERIFY(said(noon, Judged::SunSide) != kNotJudged);
        }
    }

    void aPromptIsSaidWordForWord_data()
    {
        QTest::addColumn<QString>("prompt");
        QTest::addColumn<QString>("contained"); ///< of one seed or another
        QTest::newRow("side") << "a red house by the sea"
                              << "a red house on the left by the sea, ";
        QTest::newRow("other side") << "a red house by the sea"
                                    << "a red house on the right by the sea, ";
        QTest::newRow("colour") << "A house on the left"
                                << "A blue house on the left, ";
        QTest::newRow("number") << "birds over the hills"
                                << "three black birds on the left over the hills, ";
        QTest::newRow("two") << "a cactus and a house, the desert"
                             << "a green cactus on the right and a red house on the left, the desert, ";
        QTest::newRow("one side said") << "a pine on the left and a tower"
                                       << "a tower on the right";
        QTest::newRow("hot air") << "two hot air balloons in the sky"
                                 << "hot air balloons in the sky on the left, ";
        QTest::newRow("height") << "hills at noon, the sun on the left"
                                << "the sun low on the left";
        QTest::newRow("side of the sun") << "hills at noon, the sun is high"
                                         << "the sun is high on the right";
        QTest::newRow("moon") << "the sea at night"
                              << "the moon high in the middle";
        QTest::newRow("full stop") << "A boat on a lake."
                                   << "on a lake, ";
        QTest::newRow("unknown words stay") << "a shiny boat on a lake"
                                            << "shiny";
        QTest::newRow("clashing in itself") << "a boat in the desert"
                                            << "a white boat on the left in the desert, ";
    }
    void aPromptIsSaidWordForWord()
    {
        QFETCH(QString, prompt);
        QFETCH(QString, contained);
        QStringList found;
        for (std::uint64_t seed = 0; seed < 400; ++seed)
            found << QString::fromStdString(completeCaption(prompt.toStdString(), seed));
        QVERIFY2(std::any_of(found.begin(), found.end(), [&](const QString& text) { return text.contains(contained); }),
                 qPrintable(found.mid(0, 8).join('\n')));
    }

    void nothingIsAddedWithoutRoom()
    {
        const std::string full =
            "a red house on the left and a green tree on the right on the hills at sunset in summer, the "
            "sun low on the left, with clouds, the sky";
        QCOMPARE(readCaptionClosely(full).words, std::size_t{30});
        for (std::uint64_t seed = 0; seed < 20; ++seed)
            QCOMPARE(completeCaption(full, seed), full);
        const std::string long32 = "hills " + full + " a";
        QCOMPARE(completeCaption(long32, 1), long32);
    }

    void seedsDiffer()
    {
        std::set<std::string> found;
        for (std::uint64_t seed = 0; seed < 50; ++seed)
            found.insert(completeCaption("a house by the sea", seed));
        QVERIFY(found.size() > 40);
        QCOMPARE(completeCaption("a house by the sea", 7), completeCaption("a house by the sea", 7));
    }
};

JACOBI_TEST(CompleteCaptionTest)
#include "tst_completecaption.moc"
