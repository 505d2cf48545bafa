// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/training/draweasel.h"
#include "models/training/scene.h"
#include "models/training/scenedata.h"
#include "tests/testmain.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <string>

using namespace jacobi;

namespace {

constexpr int kSize = 128;

Colour pixelOf(const std::vector<float>& picture, int x, int y)
{
    constexpr std::size_t plane = kSize * kSize;
    const std::size_t at = static_cast<std::size_t>(y) * kSize + static_cast<std::size_t>(x);
    return {picture[at], picture[plane + at], picture[2 * plane + at]};
}

float apart(Colour a, Colour b)
{
    return std::max({std::abs(a.r - b.r), std::abs(a.g - b.g), std::abs(a.b - b.b)});
}

/// Pixels of the left or right half that are nearly of a colour.
int pixelsLike(const std::vector<float>& picture, Colour colour, bool left)
{
    int count = 0;
    for (int y = 0; y < kSize; ++y) {
        for (int x = left ? 0 : kSize / 2; x < (left ? kSize / 2 : kSize); ++x) {
            count += apart(pixelOf(picture, x, y), colour) < 0.08F ? 1 : 0;
        }
    }
    return count;
}

/// A scene with these attributes, laid out afresh.
Scene sceneOf(SceneTime time, Terrain terrain, Weather weather, std::uint64_t index)
{
    Scene scene;
    scene.seed = 5;
    scene.index = index;
    scene.time = time;
    scene.sunHeight = SunHeight::Low;
    scene.terrain = terrain;
    scene.weather = weather;
    planLayout(scene);
    return scene;
}

} // namespace

class SceneTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void drawingIsPureAndInRange()
    {
        for (std::uint64_t i = 0; i < 30; ++i) {
            const SceneExample a = drawScene(1, i, kSize);
            const SceneExample b = drawScene(1, i, kSize);
            QVERIFY(a.rgb == b.rgb);
            QCOMPARE(a.caption, b.caption);
            QCOMPARE(a.caption, drawSceneCaption(1, i, 0).text);
            QVERIFY(a.claims.values == drawSceneCaption(1, i, 0).claims.values);
            QCOMPARE(a.rgb.size(), std::size_t{3} * kSize * kSize);
            QVERIFY(*std::ranges::min_element(a.rgb) >= 0.0F && *std::ranges::max_element(a.rgb) <= 1.0F);
        }
        QCOMPARE(drawScene(1, 0, 1).rgb.size(), std::size_t{3});
    }

    void aSceneLooksTheSameAtEverySize()
    {
        for (std::uint64_t i = 0; i < 20; ++i) {
            const auto large = drawScene(2, i, 2 * kSize).rgb;
            const auto small = drawScene(2, i, kSize).rgb;
            double difference = 0;
            for (std::size_t at = 0; at < small.size(); ++at) {
                const std::size_t row = at / kSize;
                const std::size_t column = at % kSize;
                const std::size_t first = 2 * row * (2 * kSize) + 2 * column;
                const float mean =
                    (large[first] + large[first + 1] + large[first + 2 * kSize] + large[first + 2 * kSize + 1]) / 4;
                difference += std::abs(mean - small[at]);
            }
            QVERIFY(difference / static_cast<double>(small.size()) < 0.02);
        }
    }

    // What makes the pictures learnable: most of a picture is patches that other pictures have too.
    void patchesRepeat()
    {
        constexpr int kPictures = 300;
        std::map<std::string, int> patches;
        for (std::uint64_t i = 0; i < kPictures; ++i) {
            const auto picture = drawScene(3, i, kSize).rgb;
            for (int patch = 0; patch < 256; ++patch) {
                std::string key;
                for (int pixel = 0; pixel < 64; ++pixel) {
                    const Colour c = pixelOf(picture, patch % 16 * 8 + pixel % 8, patch / 16 * 8 + pixel / 8);
                    for (const float value : {c.r, c.g, c.b}) {
                        key.push_back(static_cast<char>(std::lround(value * 255)));
                    }
                }
                ++patches[key];
            }
        }
        int repeated = 0;
        for (const auto& [key, count] : patches) {
            repeated += count > 1 ? count : 0;
        }
        QVERIFY2(repeated > 0.6 * kPictures * 256, qPrintable(QString::number(repeated / (kPictures * 256.0))));
    }

    void twoSeedsOfOnePromptDiffer()
    {
        for (const Terrain terrain : {Terrain::Sea, Terrain::Hills, Terrain::Mountains, Terrain::Desert}) {
            int alike = 0;
            for (std::uint64_t i = 0; i < 20; ++i) {
                Scene a = sceneOf(SceneTime::Day, terrain, Weather::Clouds, i);
                a.left = {SubjectKind::House, SubjectColour::Red, 1};
                planLayout(a);
                Scene b = a;
                b.index += 100;
                planLayout(b);
                const auto one = drawPicture(a, kSize);
                const auto other = drawPicture(b, kSize);
                int changed = 0;
                for (std::size_t at = 0; at < one.size(); ++at) {
                    changed += std::abs(one[at] - other[at]) > 0.08F ? 1 : 0;
                }
                alike += changed < 3 * 400 ? 1 : 0;
            }
            QVERIFY2(alike <= 1, qPrintable(QString::number(alike)));
        }
    }

    void aSubjectShowsItsColourAtAnyTime()
    {
        for (const Terrain terrain : {Terrain::Sea, Terrain::Hills, Terrain::Mountains, Terrain::Desert}) {
            for (const SubjectKind kind : subjectsOf(terrain)) {
                if (kind == SubjectKind::Birds || kind == SubjectKind::Deer || kind == SubjectKind::Pine ||
                    kind == SubjectKind::Horse || kind == SubjectKind::Cactus) {
                    continue; // have paints of their own
                }
                for (const SubjectColour colour : coloursOf(kind)) {
                    for (int time = 0; time < 4; ++time) {
                        Scene scene = sceneOf(static_cast<SceneTime>(time), terrain, Weather::Clear, 3);
                        const bool left = time % 2 == 0;
                        const Colour paint = hexColour(Easel::paintOf(colour)) * paletteOf(scene).subjectLight;
                        const int before = pixelsLike(drawPicture(scene, kSize), paint, left);
                        (left ? scene.left : scene.right) = {kind, colour, 1};
                        planLayout(scene);
                        const int pixels = pixelsLike(drawPicture(scene, kSize), paint, left) - before;
                        QVERIFY2(pixels > 60, qPrintable(QString("kind %1 colour %2 time %3: %4")
                                                             .arg(static_cast<int>(kind))
                                                             .arg(static_cast<int>(colour))
                                                             .arg(time)
                                                             .arg(pixels)));
                    }
                }
            }
        }
    }

    void starsAreLargeAndFew()
    {
        for (std::uint64_t i = 0; i < 8; ++i) {
            Scene scene = sceneOf(SceneTime::Night, Terrain::Hills, Weather::Clear, i);
            const auto starry = drawPicture(scene, kSize);
            scene.weather = Weather::Clouds;
            const Colour star = hexColour(0xFFFBE6);
            int bright = 0;
            for (int y = 0; y < 40; ++y) {
                for (int x = 0; x < kSize; ++x) {
                    bright += apart(pixelOf(starry, x, y), star) < 0.25F ? 1 : 0;
                }
            }
            QVERIFY2(bright > 8 * 4 && bright < 30 * 16, qPrintable(QString::number(bright)));
        }
    }

    void theSunIsWhereItIsSaid()
    {
        for (std::uint64_t i = 0; i < 60; ++i) {
            const Scene scene = planScene(6, i);
            if (!scene.hasSun() || scene.isNight() || scene.weather == Weather::Fog) {
                continue;
            }
            const auto picture = drawPicture(scene, kSize);
            int disc = 0;
            double middle = 0;
            for (int y = 0; y < 76; ++y) {
                for (int x = 0; x < kSize; ++x) {
                    if (apart(pixelOf(picture, x, y), paletteOf(scene).disc) < 0.03F) {
                        ++disc;
                        middle += x;
                    }
                }
            }
            QVERIFY2(disc > 120, qPrintable(QString("%1: %2").arg(i).arg(disc)));
            QCOMPARE(static_cast<int>(middle / disc * 3 / kSize), static_cast<int>(scene.sunSide));
        }
    }
};

JACOBI_TEST(SceneTest)
#include "tst_scene.moc"
