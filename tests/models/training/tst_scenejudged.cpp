// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/training/scenejudged.h"
#include "models/training/sceneplan.h"
#include "tests/testmain.h"

#include <set>
#include <string>

using namespace jacobi;

namespace {

JudgedValues valuesOf(std::initializer_list<std::pair<Judged, int>> list)
{
    JudgedValues values = kNothingJudged;
    for (const auto& [attribute, value] : list) {
        valueOf(values, attribute) = value;
    }
    return values;
}

} // namespace

class SceneJudgedTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void everyClassHasItsName()
    {
        std::set<std::string> attributes;
        for (std::size_t i = 0; i < kJudgedCount; ++i) {
            const auto attribute = static_cast<Judged>(i);
            QVERIFY(attributes.emplace(nameOf(attribute)).second);
            std::set<std::string> classes;
            for (int value = 0; value < classesOf(attribute); ++value) {
                QVERIFY(!classNameOf(attribute, value).empty());
                QVERIFY(classes.emplace(classNameOf(attribute, value)).second);
            }
        }
    }

    void everyClassIsSeen()
    {
        std::array<std::set<int>, kJudgedCount> seen;
        for (std::uint64_t i = 0; i < 6000; ++i) {
            const JudgedValues values = judgedValuesOf(planScene(1, i));
            for (std::size_t a = 0; a < kJudgedCount; ++a) {
                if (values[a] != kNotJudged) {
                    seen[a].insert(values[a]);
                }
            }
        }
        for (std::size_t a = 0; a < kJudgedCount; ++a) {
            QCOMPARE(static_cast<int>(seen[a].size()), classesOf(static_cast<Judged>(a)));
            QCOMPARE(*seen[a].begin(), 0);
            QCOMPARE(*seen[a].rbegin(), classesOf(static_cast<Judged>(a)) - 1);
        }
    }

    void whatDoesNotApplyIsNotJudged()
    {
        Scene scene;
        scene.terrain = Terrain::Sea;
        scene.weather = Weather::Rain;
        scene.left = {SubjectKind::Lighthouse, SubjectColour::Blue, 1};
        const JudgedValues values = judgedValuesOf(scene);
        QCOMPARE(valueOf(values, Judged::Season), kNotJudged);
        QCOMPARE(valueOf(values, Judged::SunSide), kNotJudged);
        QCOMPARE(valueOf(values, Judged::SunHeight), kNotJudged);
        QCOMPARE(valueOf(values, Judged::LeftColour), static_cast<int>(SubjectColour::Blue));
        QCOMPARE(valueOf(values, Judged::LeftCount), kNotJudged);
        QCOMPARE(valueOf(values, Judged::RightKind), static_cast<int>(SubjectKind::None));
        QCOMPARE(valueOf(values, Judged::RightColour), kNotJudged);
        scene.terrain = Terrain::Hills;
        scene.weather = Weather::Clear;
        scene.left = {SubjectKind::Tree, SubjectColour::Pink, 3};
        QCOMPARE(valueOf(judgedValuesOf(scene), Judged::Season), static_cast<int>(Season::Summer));
        QCOMPARE(valueOf(judgedValuesOf(scene), Judged::LeftCount), 2);
    }

    void onlyWhatIsStatedCounts()
    {
        SceneClaims claims;
        QCOMPARE(scoreClaims(claims, kNothingJudged).stated, 0);
        claims.values = valuesOf({{Judged::Time, 1}, {Judged::LeftKind, 2}, {Judged::LeftColour, 4}});
        const ClaimScore all = scoreClaims(
            claims,
            valuesOf({{Judged::Time, 1}, {Judged::LeftKind, 2}, {Judged::LeftColour, 4}, {Judged::Weather, 3}}));
        QCOMPARE(all.stated, 3);
        QVERIFY(all.isWhole());
        const ClaimScore wrong =
            scoreClaims(claims, valuesOf({{Judged::Time, 0}, {Judged::LeftKind, 2}, {Judged::LeftColour, 4}}));
        QCOMPARE(wrong.met, 2);
        QVERIFY(!wrong.isWhole());
    }

    void withoutSidesEitherWayRoundWillDo()
    {
        SceneClaims claims;
        claims.values = valuesOf({{Judged::LeftKind, 1}, {Judged::LeftColour, 3}, {Judged::RightKind, 0}});
        const JudgedValues mirrored =
            valuesOf({{Judged::LeftKind, 0}, {Judged::RightKind, 1}, {Judged::RightColour, 3}});
        QCOMPARE(scoreClaims(claims, mirrored).met, 0);
        claims.sides = false;
        QVERIFY(scoreClaims(claims, mirrored).isWhole());
        QVERIFY(scoreClaims(claims, claims.values).isWhole());
        // Not one from each way: a red house and a blue tree are no blue house and red tree.
        claims.values = valuesOf(
            {{Judged::LeftKind, 1}, {Judged::LeftColour, 0}, {Judged::RightKind, 2}, {Judged::RightColour, 2}});
        const JudgedValues mixed = valuesOf(
            {{Judged::LeftKind, 1}, {Judged::LeftColour, 2}, {Judged::RightKind, 2}, {Judged::RightColour, 0}});
        QCOMPARE(scoreClaims(claims, mixed).met, 2);
    }
};

JACOBI_TEST(SceneJudgedTest)
#include "tst_scenejudged.moc"
