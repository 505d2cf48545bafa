// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/judge/adherencetally.h"
#include "models/judge/judgestatistics.h"
#include "models/training/scene.h"
#include "tests/testmain.h"

#include <nlohmann/json.hpp>

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

class AdherenceTallyTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void countsWhatIsStatedAndMet()
    {
        AdherenceTally tally;
        SceneClaims claims;
        claims.values = valuesOf({{Judged::Time, 1}, {Judged::LeftKind, 2}});
        tally.add(claims, valuesOf({{Judged::Time, 1}, {Judged::LeftKind, 2}, {Judged::Weather, 3}}));
        tally.add(claims, valuesOf({{Judged::Time, 1}, {Judged::LeftKind, 0}}));
        tally.add(claims, kNothingJudged);
        QCOMPARE(tally.of(Judged::Time).stated, 3);
        QCOMPARE(tally.of(Judged::Time).met, 2);
        QCOMPARE(tally.of(Judged::LeftKind).met, 1);
        QCOMPARE(tally.of(Judged::Weather).stated, 0);
        QCOMPARE(tally.together().stated, 6);
        QCOMPARE(tally.together().met, 3);
        QCOMPARE(tally.pictures(), 3);
        QCOMPARE(tally.whole(), 1);
    }

    void whatIsMissedIsNamed()
    {
        SceneClaims claims;
        claims.values = valuesOf({{Judged::Time, 1}, {Judged::LeftKind, 2}});
        const JudgedValues seen = valuesOf({{Judged::Time, 1}, {Judged::LeftKind, 0}, {Judged::Weather, 3}});
        QCOMPARE(AdherenceTally::missed(claims, seen), std::vector<std::string>{std::string(nameOf(Judged::LeftKind))});
        QVERIFY(AdherenceTally::missed(claims, claims.values).empty());
    }

    void withoutSidesTheBetterWayRoundCounts()
    {
        AdherenceTally tally;
        SceneClaims claims;
        claims.values = valuesOf({{Judged::LeftKind, 1}, {Judged::LeftColour, 3}, {Judged::RightKind, 0}});
        const JudgedValues mirrored =
            valuesOf({{Judged::LeftKind, 0}, {Judged::RightKind, 1}, {Judged::RightColour, 3}});
        tally.add(claims, mirrored);
        QCOMPARE(tally.whole(), 0);
        claims.sides = false;
        tally.add(claims, mirrored);
        QCOMPARE(tally.whole(), 1);
        QCOMPARE(tally.of(Judged::RightColour).met, 1); // where it is in the picture
        QCOMPARE(tally.of(Judged::LeftColour).stated, 1);
    }

    void agreesWithTheScoreOfEachPicture()
    {
        AdherenceTally tally;
        ClaimScore sum;
        int whole = 0;
        for (std::uint64_t i = 0; i < 200; ++i) {
            const SceneCaption caption = drawSceneCaption(1, i, 0);
            const JudgedValues seen = drawScene(2, i % 7, 1).values; // of other pictures
            const ClaimScore score = scoreClaims(caption.claims, seen);
            sum.stated += score.stated;
            sum.met += score.met;
            whole += score.isWhole() ? 1 : 0;
            tally.add(caption.claims, seen);
        }
        QCOMPARE(tally.together().stated, sum.stated);
        QCOMPARE(tally.together().met, sum.met);
        QCOMPARE(tally.whole(), whole);
    }

    void theRecordHasSharesAndIntervals()
    {
        AdherenceTally tally;
        SceneClaims claims;
        claims.values = valuesOf({{Judged::Time, 1}});
        tally.add(claims, valuesOf({{Judged::Time, 1}}));
        tally.add(claims, valuesOf({{Judged::Time, 2}}));
        const nlohmann::json json = tally.toJson();
        QCOMPARE(json["attributes"].size(), kJudgedCount);
        QCOMPARE(json["attributes"]["time"]["share"].get<double>(), 0.5);
        QCOMPARE(json["attributes"]["time"]["low"].get<double>(), wilsonInterval(1, 2).low);
        QVERIFY(json["attributes"]["weather"]["share"].is_null());
        QCOMPARE(json["together"]["share"].get<double>(), 0.5);
        QCOMPARE(json["all_right"]["right"].get<int>(), 1);
        QCOMPARE(json["all_right"]["high"].get<double>(), wilsonInterval(1, 2).high);
    }
};

JACOBI_TEST(AdherenceTallyTest)
#include "tst_adherencetally.moc"
