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
};

JACOBI_TEST(CaptionReaderTest)
#include "tst_captionreader.moc"
