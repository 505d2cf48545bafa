// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/training/drawcanvas.h"
#include "models/training/sceneplan.h"
#include "tests/testmain.h"

#include <algorithm>
#include <cmath>
#include <set>
#include <tuple>

using namespace jacobi;

namespace {

bool isOnLattice(float length, float pixels)
{
    const float steps = length / px(pixels);
    return std::abs(steps - std::round(steps)) < 1e-3F;
}

/// Calls visit for every subject in every colour that a terrain has, and for none.
template <class Visit>
void forEachSubject(Terrain terrain, Visit visit)
{
    visit(Subject{});
    std::set<SubjectKind> seen;
    for (const SubjectKind kind : subjectsOf(terrain)) {
        if (!seen.insert(kind).second) {
            continue;
        }
        for (const SubjectColour colour : coloursOf(kind)) {
            visit(Subject{kind, colour, 1});
        }
    }
}

} // namespace

class ScenePlanTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void aSetHoldsNothingOfTheOther()
    {
        int heldOut = 0;
        for (std::uint64_t i = 0; i < 4000; ++i) {
            QVERIFY(!isHeldOut(planScene(3, i)));
            heldOut += isHeldOut(planScene(3, i, SceneSet::All)) ? 1 : 0;
        }
        for (std::uint64_t i = 0; i < 100; ++i) {
            QVERIFY(isHeldOut(planScene(3, i, SceneSet::HeldOut)));
        }
        QVERIFY2(heldOut > 80 && heldOut < 280, qPrintable(QString::number(heldOut)));
    }

    void theHeldOutAreAFewOfEveryTerrain()
    {
        for (int terrain = 0; terrain < 4; ++terrain) {
            int all = 0;
            int heldOut = 0;
            Scene scene;
            scene.terrain = static_cast<Terrain>(terrain);
            for (int time = 0; time < 4; ++time) {
                scene.time = static_cast<SceneTime>(time);
                forEachSubject(scene.terrain, [&](const Subject& left) {
                    scene.left = left;
                    forEachSubject(scene.terrain, [&](const Subject& right) {
                        scene.right = right;
                        ++all;
                        heldOut += isHeldOut(scene) ? 1 : 0;
                    });
                });
            }
            const double share = static_cast<double>(heldOut) / all;
            QVERIFY2(share > 0.02 && share < 0.06,
                     qPrintable(QString("%1: %2 of %3").arg(terrain).arg(heldOut).arg(all)));
        }
    }

    void onlyTheNamedAttributesHoldAScene()
    {
        for (std::uint64_t i = 0; i < 200; ++i) {
            Scene scene = planScene(5, i, SceneSet::HeldOut);
            scene.weather = Weather::Fog;
            scene.season = Season::Spring;
            scene.sunSide = SunSide::Middle;
            scene.left.count = 3;
            scene.index += 7;
            QVERIFY(isHeldOut(scene));
            scene.left = scene.right = Subject{};
            QVERIFY(!isHeldOut(scene)); // without a subject nothing is kept back
        }
    }

    // So that the rule cannot change unseen: figures on held-out scenes are worth nothing if a model was trained on them.
    void theRuleIsTheSameForEver()
    {
        std::uint64_t sum = 0;
        std::uint64_t number = 0;
        Scene scene;
        for (int terrain = 0; terrain < 4; ++terrain) {
            for (int kinds = 0; kinds < 15 * 15; ++kinds) {
                for (int colours = 0; colours < 11 * 11; ++colours) {
                    scene.terrain = static_cast<Terrain>(terrain);
                    scene.time = static_cast<SceneTime>((kinds + colours) % 4);
                    scene.left = {static_cast<SubjectKind>(kinds % 15), static_cast<SubjectColour>(colours % 11), 1};
                    scene.right = {static_cast<SubjectKind>(kinds / 15), static_cast<SubjectColour>(colours / 11), 2};
                    ++number;
                    sum += isHeldOut(scene) ? number * number : 0;
                }
            }
        }
        QCOMPARE(sum, kHeldOutSum);
    }

    void planningIsPure()
    {
        for (std::uint64_t i = 0; i < 100; ++i) {
            const Scene a = planScene(1, i);
            const Scene b = planScene(1, i);
            QVERIFY(a.left == b.left && a.right == b.right && a.time == b.time);
            QCOMPARE(a.layout.sunX, b.layout.sunX);
            QCOMPARE(a.layout.left.x, b.layout.left.x);
        }
    }

    void everythingFitsTogether()
    {
        for (std::uint64_t i = 0; i < 5000; ++i) {
            const Scene scene = planScene(2, i);
            QVERIFY(scene.weather != Weather::Snowfall || scene.hasSnow());
            QVERIFY(scene.weather != Weather::Rain || !scene.hasSnow());
            QVERIFY(scene.terrain != Terrain::Desert || scene.weather == Weather::Clear ||
                    scene.weather == Weather::Clouds);
            QVERIFY(scene.hasSeason() || scene.season == Season::Summer);
            for (const Subject& subject : {scene.left, scene.right}) {
                if (subject.kind == SubjectKind::None) {
                    continue;
                }
                QVERIFY(std::ranges::count(subjectsOf(scene.terrain), subject.kind) > 0);
                QVERIFY(std::ranges::count(coloursOf(subject.kind), subject.colour) == 1);
                QVERIFY(subject.count >= 1 && subject.count <= mostOf(subject.kind));
                QVERIFY(subject.kind != SubjectKind::Flowers || !scene.hasSnow());
            }
        }
    }

    void thingsStandOnTheirSideAndOnTheLattice()
    {
        for (std::uint64_t i = 0; i < 6000; ++i) {
            const Scene scene = planScene(4, i / 2, SceneSet::Training, i % 2 == 0 ? Placing::Free : Placing::Composed);
            const SceneLayout& layout = scene.layout;
            const float third = layout.sunX * 3;
            QCOMPARE(static_cast<int>(third), static_cast<int>(scene.sunSide));
            QVERIFY(isOnLattice(layout.sunX, 4) && isOnLattice(layout.sunY, 4));
            QVERIFY(scene.sunHeight == SunHeight::High ? layout.sunY < px(24) : layout.sunY > px(34));
            for (const bool left : {true, false}) {
                const Subject& subject = left ? scene.left : scene.right;
                const SubjectPlace& place = left ? layout.left : layout.right;
                QVERIFY(isOnLattice(place.x, 4) && isOnLattice(place.y, 4));
                const auto places = placesOf(subject, place);
                QCOMPARE(static_cast<int>(places.size()), subject.count);
                for (const SubjectPlace& one : places) {
                    QVERIFY(left ? one.x < 0.5F : one.x > 0.5F);
                    QVERIFY(one.x > px(7) && one.x < px(121));
                    for (const SubjectPlace& other : places) { // apart enough to be counted
                        QVERIFY(&one == &other || std::abs(one.x - other.x) > px(10) ||
                                std::abs(one.y - other.y) > px(10));
                    }
                }
            }
        }
    }

    /// One subject on its own, where no sun makes it step aside: three places, or two of a group, and twenty where placing is free.
    void placesAreComposedOrFree()
    {
        using Where = std::tuple<float, float, float, int>;
        std::set<Where> composed;
        std::set<Where> free;
        std::set<Where> groups;
        for (std::uint64_t i = 0; i < 20'000; ++i) {
            for (const Placing placing : {Placing::Composed, Placing::Free}) {
                const Scene scene = planScene(6, i, SceneSet::Training, placing);
                const SubjectPlace& at = scene.layout.left;
                if (scene.hasSun() || scene.terrain == Terrain::Sea) {
                    continue;
                }
                const Where where{at.x, at.y, at.scale, at.variant};
                if (scene.left.kind == SubjectKind::House && scene.left.count == 1) {
                    (placing == Placing::Free ? free : composed).insert(where);
                }
                if (scene.left.kind == SubjectKind::Pine && scene.left.count == 3 && placing == Placing::Composed) {
                    groups.insert(where);
                }
            }
        }
        QCOMPARE(composed.size(), std::size_t{3});
        QCOMPARE(groups.size(), std::size_t{2});
        QCOMPARE(free.size(), std::size_t{2 * (2 * 3 + 2 * 2)}); // a large one has two distances
        // The larger is the nearer.
        for (const auto& [x, y, scale, variant] : composed) {
            QCOMPARE(y > px(108), scale > 1.0F);
        }
        QVERIFY(std::ranges::all_of(composed, [&](const Where& where) { return free.contains(where); }));
    }

private:
    static constexpr std::uint64_t kHeldOutSum = 17235057744396;
};

JACOBI_TEST(ScenePlanTest)
#include "tst_sceneplan.moc"
