// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/training/scenemap.h"

#include "models/training/drawscene.h"
#include "models/training/maphead.h"
#include "models/training/scenedata.h"
#include "tests/testmain.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>

using namespace jacobi;

namespace {

constexpr int kSize = 128;
constexpr std::size_t kColumns = 16;
constexpr std::int64_t kHouse = 1 + static_cast<std::int64_t>(SubjectKind::House);

/// A field of houses in the rain, where no sun is.
Scene fieldOf(int houses, Weather weather)
{
    Scene scene;
    scene.seed = 3;
    scene.index = 1;
    scene.terrain = Terrain::Hills;
    scene.weather = weather;
    if (houses > 0) {
        scene.left = {SubjectKind::House, SubjectColour::Red, houses};
    }
    planLayout(scene);
    return scene;
}

SceneMap mapOf(const Scene& scene)
{
    SceneMap map;
    drawPicture(scene, kSize, 8, map);
    return map;
}

} // namespace

class SceneMapTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void thePictureIsTheSame()
    {
        SceneMap map;
        const Scene scene = fieldOf(2, Weather::Clear);
        QCOMPARE(drawPicture(scene, kSize, 8, map), drawPicture(scene, kSize));
        QCOMPARE(map.classes.size(), kMappedCount * 256);
    }

    void anEmptyFieldIsLandscape()
    {
        const SceneMap map = mapOf(fieldOf(0, Weather::Rain));
        QCOMPARE(std::ranges::count(map.classes, 0), static_cast<std::ptrdiff_t>(map.classes.size()));
    }

    void housesStandWhereTheyAreDrawn()
    {
        for (const int houses : {1, 2, 3}) {
            const SceneMap map = mapOf(fieldOf(houses, Weather::Rain));
            const auto things = map.of(Mapped::Thing);
            const auto colours = map.of(Mapped::Colour);
            const auto below = map.of(Mapped::Below);
            const auto ahead = map.of(Mapped::LeftAhead);
            const auto shown = std::ranges::count(things, kHouse);
            QVERIFY2(shown >= 4 && shown < 60, qPrintable(QString::number(shown)));
            for (std::size_t i = 0; i < things.size(); ++i) {
                QVERIFY(things[i] == 0 || (things[i] == kHouse && i % kColumns < 10)); // on the left
                QCOMPARE(colours[i], things[i] == 0 ? 0 : 1 + static_cast<std::int64_t>(SubjectColour::Red));
                QCOMPARE(below[i], i + kColumns < things.size() ? things[i + kColumns] : 0);
                QVERIFY(i == 0 || ahead[i] <= ahead[i - 1]);
            }
            // All are to come at first; one has begun behind the first patch that shows one; none is to come at last.
            const auto first = static_cast<std::size_t>(std::ranges::find(things, kHouse) - things.begin());
            QCOMPARE(ahead[0], std::int64_t{houses});
            QCOMPARE(ahead[first], std::int64_t{houses});
            QVERIFY(ahead[first + 1] < houses);
            QCOMPARE(ahead.back(), std::int64_t{0});
            QCOMPARE(std::ranges::count(map.of(Mapped::RightAhead), 0), 256);
            QCOMPARE(std::ranges::count(map.of(Mapped::SunAhead), 0), 256);
        }
    }

    void theSunBeginsOnce()
    {
        const Scene scene = fieldOf(0, Weather::Clear);
        const SceneMap map = mapOf(scene);
        const auto things = map.of(Mapped::Thing);
        const auto suns = std::ranges::count(things, 1);
        QVERIFY2(suns >= 2 && suns <= 12, qPrintable(QString::number(suns)));
        const auto first = std::ranges::find(things, 1) - things.begin();
        QCOMPARE(std::ranges::count(map.of(Mapped::SunAhead), 1), first + 1);
        const auto middle = static_cast<std::size_t>(scene.layout.sunY * 16) * kColumns +
                            static_cast<std::size_t>(scene.layout.sunX * 16);
        QCOMPARE(things[middle], std::int64_t{1});
    }

    void classesAreWithinTheirQuestions()
    {
        ScenesConfig config;
        const MappedPictures drawn = drawMapped(config, 1, SceneStream::Transformer, 5, 12);
        QVERIFY(at::equal(drawn.pictures, drawPictures(1, SceneStream::Transformer, 5, 12, kSize)));
        QCOMPARE(drawn.maps.sizes(), at::IntArrayRef({12, static_cast<std::int64_t>(kMappedCount), 256}));
        for (std::size_t i = 0; i < kMappedCount; ++i) {
            const at::Tensor classes = drawn.maps.select(1, static_cast<std::int64_t>(i));
            QVERIFY(classes.min().item<std::int64_t>() >= 0);
            QVERIFY(classes.max().item<std::int64_t>() < classesOf(static_cast<Mapped>(i)));
            QVERIFY(classes.max().item<std::int64_t>() > 0);
        }
    }

    /// A head that knows nothing asks each question at the price of its classes; one that is right pays nothing.
    void theHeadReadsRows()
    {
        const at::Tensor maps = drawMapped(ScenesConfig(), 1, SceneStream::Transformer, 0, 2).maps;
        at::Tensor rows = at::ones({2, 256, 4});
        double asked = 0.0;
        for (std::size_t i = 0; i < kMappedCount; ++i) {
            asked += std::log(static_cast<double>(classesOf(static_cast<Mapped>(i))));
        }
        const double unknowing = mapLoss(at::zeros({mapScores(), 4}), rows, maps).item<double>();
        QVERIFY(std::abs(unknowing - asked) < 1e-4);

        // An empty map, and a head that says so.
        at::Tensor head = at::zeros({mapScores(), 4});
        const auto questions = static_cast<std::int64_t>(kMappedCount);
        for (std::int64_t i = 0; i < questions; ++i) {
            head[i * mapScores() / questions] = 20.0;
        }
        QVERIFY(mapLoss(head, rows, at::zeros_like(maps)).item<double>() < 1e-6);
    }
};

JACOBI_TEST(SceneMapTest)
#include "tst_scenemap.moc"
