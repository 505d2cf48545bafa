// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/training/captionreader.h"

#include "models/training/scene.h"
#include "models/training/sceneplan.h"
#include "tests/testmain.h"

#include <algorithm>

using namespace jacobi;

namespace {

SceneClaims mirrored(SceneClaims claims)
{
    const auto left = claims.values.begin() + static_cast<std::ptrdiff_t>(Judged::LeftKind);
    const auto right = claims.values.begin() + static_cast<std::ptrdiff_t>(Judged::RightKind);
    std::swap_ranges(left, right, right);
    return claims;
}

int said(const SceneClaims& claims, Judged attribute)
{
    return valueOf(claims.values, attribute);
}
template <class Enum>
constexpr int as(Enum value)
{
    return static_cast<int>(value);
}

} // namespace

class CaptionReaderTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    /// What the grammar says, read back: every claim of every caption, and no other.
    void everyCaptionIsReadBack()
    {
        for (std::uint64_t index = 0; index < 3000; ++index) {
            const SceneCaption caption = drawSceneCaption(11, index, index % 3);
            const SceneClaims read = readCaption(caption.text);
            QString text = QString::fromStdString(caption.text);
            for (std::size_t i = 0; i < kJudgedCount; ++i) {
                const bool same = read.values[i] == caption.claims.values[i] ||
                                  (!caption.claims.sides && mirrored(read).values[i] == caption.claims.values[i]);
                QVERIFY2(same,
                         qPrintable(text + ": " + QString::fromStdString(std::string(nameOf(static_cast<Judged>(i)))) +
                                    QString(" %1, not %2").arg(read.values[i]).arg(caption.claims.values[i])));
            }
            const bool subjects = said(read, Judged::LeftKind) != as(SubjectKind::None) ||
                                  said(read, Judged::RightKind) != as(SubjectKind::None);
            QVERIFY2(!subjects || read.sides == caption.claims.sides, qPrintable(text));
            QVERIFY2(read.otherTerrain == kNotJudged, qPrintable(text));
        }
    }

    void freePromptsAreReadAsFarAsTheyGo()
    {
        const SceneClaims claims =
            readCaption("A RED house to the right, some nice blue boat left; the moon is high in the middle at night.");
        QVERIFY(claims.sides);
        QCOMPARE(said(claims, Judged::LeftKind), as(SubjectKind::Boat));
        QCOMPARE(said(claims, Judged::LeftColour), as(SubjectColour::Blue));
        QCOMPARE(said(claims, Judged::RightKind), as(SubjectKind::House));
        QCOMPARE(said(claims, Judged::RightColour), as(SubjectColour::Red));
        QCOMPARE(said(claims, Judged::RightCount), 0);
        QCOMPARE(said(claims, Judged::SunSide), as(SunSide::Middle));
        QCOMPARE(said(claims, Judged::SunHeight), as(SunHeight::High));
        QCOMPARE(said(claims, Judged::Time), as(SceneTime::Night));
        QCOMPARE(said(claims, Judged::Terrain), kNotJudged);

        // No subject: the picture is to be empty. Nothing at all: the same.
        for (const char* prompt : {"snowy mountains at dusk", "", "colourless green ideas"}) {
            QCOMPARE(said(readCaption(prompt), Judged::LeftKind), as(SubjectKind::None));
            QCOMPARE(said(readCaption(prompt), Judged::RightKind), as(SubjectKind::None));
        }
        QCOMPARE(said(readCaption("snowy mountains at dusk"), Judged::Season), as(Season::Winter));
        QCOMPARE(said(readCaption("snowy mountains at dusk"), Judged::Weather), kNotJudged);
        QCOMPARE(said(readCaption("a snowy night over the hills"), Judged::Weather), as(Weather::Snowfall));
        QVERIFY(!readCaption("a house and a tree").sides);
    }

    void numbersAndColoursBeforeAdjectivesAreRead_data()
    {
        QTest::addColumn<QString>("prompt");
        QTest::addColumn<int>("kind");
        QTest::addColumn<int>("colour");
        QTest::addColumn<int>("count"); ///< a class of the judge's
        const auto row = [](const char* prompt, SubjectKind kind, int colour, int count) {
            QTest::newRow(prompt) << QString(prompt) << as(kind) << colour << count;
        };
        using enum SubjectKind;
        constexpr int kNone = kNotJudged;
        row("three dark trees by a lake", Tree, kNone, 2);
        row("two dark green trees", Tree, as(SubjectColour::Green), 1);
        row("three tall, dark trees", Tree, kNone, 2);
        row("three autumn trees", Tree, kNone, 2);
        row("a red small boat", Boat, as(SubjectColour::Red), 0);
        row("2 boats", Boat, kNone, 1);
        row("a pair of white horses", Horse, as(SubjectColour::White), 1);
        row("two of the birds", Birds, kNone, 1);
        row("red and white boats", Boat, kNone, kNone);
        row("a reddish boat", Boat, kNone, 0);
        row("a red-roofed house", House, kNone, 0);
        row("a three-storey house", House, kNone, 0);
        row("three dogs watch trees", Tree, kNone, kNone);
        row("a red barn behind dark trees", Tree, kNone, kNone);
        row("seven boats", Boat, kNone, kNone);
        row("in front of trees", Tree, kNone, kNone);
        row("the sea is blue, dark boats", Boat, kNone, kNone);
        row("three tree houses", House, kNone, 2);
        row("on the left three snowy boats", Boat, kNone, 2);
    }
    void numbersAndColoursBeforeAdjectivesAreRead()
    {
        QFETCH(QString, prompt);
        const SceneClaims claims = readCaption(prompt.toStdString());
        QTEST(said(claims, Judged::LeftKind), "kind");
        QTEST(said(claims, Judged::LeftColour), "colour");
        QTEST(said(claims, Judged::LeftCount), "count");
        QCOMPARE(said(claims, Judged::RightKind), as(SubjectKind::None));
    }

    /// Of two places a picture shows one: the other is missed, not passed over.
    void aSecondPlaceCounts()
    {
        const SceneClaims claims = readCaption("three dark trees by a lake, violet mountains, night, full moon");
        QCOMPARE(said(claims, Judged::Terrain), as(Terrain::Mountains));
        QCOMPARE(claims.otherTerrain, as(Terrain::Sea));
        JudgedValues seen = claims.values;
        QCOMPARE(scoreClaims(claims, seen).stated, 6); // time, two places, trees, three of them, nothing else
        QCOMPARE(scoreClaims(claims, seen).met, 5);
        valueOf(seen, Judged::Terrain) = as(Terrain::Sea);
        QCOMPARE(scoreClaims(claims, seen).met, 5);
        valueOf(seen, Judged::Terrain) = as(Terrain::Desert);
        QCOMPARE(scoreClaims(claims, seen).met, 4);
        QCOMPARE(readCaption("mountains").otherTerrain, kNotJudged);
    }

    void sidesBehindWhatNobodyKnowsAreRead()
    {
        QVERIFY(readCaption("a pine forest on the right").sides);
        QCOMPARE(said(readCaption("a pine forest on the right"), Judged::RightKind), as(SubjectKind::Pine));
        QVERIFY(!readCaption("a boat sailing to the right").sides);
    }
};

JACOBI_TEST(CaptionReaderTest)
#include "tst_captionreader.moc"
