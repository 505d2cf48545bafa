// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/judge/judgepictures.h"

#include "core/base/base64.h"
#include "models/training/drawscene.h"
#include "tests/testmain.h"

#include <nlohmann/json.hpp>

#include <cmath>

using namespace jacobi;

namespace {

/// A drawing as a picture to be judged.
nlohmann::json drawing(SubjectColour colour)
{
    Scene scene;
    scene.terrain = Terrain::Hills;
    scene.time = SceneTime::Day;
    scene.weather = Weather::Clear;
    scene.left = {SubjectKind::House, colour, 1};
    planLayout(scene);
    const std::vector<float> planes = drawPicture(scene, 128);
    constexpr std::size_t kPlane = 128 * 128;
    std::vector<std::uint8_t> bytes(3 * kPlane);
    for (std::size_t i = 0; i < kPlane; ++i) {
        for (std::size_t channel = 0; channel < 3; ++channel) {
            bytes[3 * i + channel] = static_cast<std::uint8_t>(std::lround(planes[channel * kPlane + i] * 255.0F));
        }
    }
    return {{"width", 128}, {"height", 128}, {"rgb", base64(bytes)}};
}

nlohmann::json options(std::vector<nlohmann::json> pictures)
{
    return {{"family", "scenes"},
            {"folders", {"/nowhere", JACOBI_SOURCE_DIR "/models/pretrained"}},
            {"prompt", "a red house on the left, the hills by day"},
            {"pictures", std::move(pictures)}};
}

} // namespace

class JudgePicturesTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void whatIsThereAndWhatIsNot()
    {
        const auto judged = judgePictures(options({drawing(SubjectColour::Red), drawing(SubjectColour::Blue)}));
        QVERIFY(judged);
        const nlohmann::json& first = judged->at("pictures").at(0);
        const nlohmann::json& second = judged->at("pictures").at(1);
        // Time, terrain, the house, its colour and number, and nothing on the right.
        QCOMPARE(first.at("stated").get<int>(), 6);
        QCOMPARE(first.at("met").get<int>(), 6);
        QCOMPARE(second.at("met").get<int>(), 5);
        QCOMPARE(second.at("missed").get<std::vector<std::string>>(), (std::vector<std::string>{"left colour"}));
    }

    void whatItWasNotMadeForIsRefused()
    {
        nlohmann::json other = options({drawing(SubjectColour::Red)});
        other["family"] = "another";
        QCOMPARE(judgePictures(other).error().code, ErrorCode::Unsupported);
        nlohmann::json large = options({drawing(SubjectColour::Red)});
        large["pictures"][0]["width"] = 256;
        QCOMPARE(judgePictures(large).error().code, ErrorCode::Unsupported);
        nlohmann::json cut = options({drawing(SubjectColour::Red)});
        cut["pictures"][0]["rgb"] = "AAAA";
        QCOMPARE(judgePictures(cut).error().code, ErrorCode::InvalidRequest);
        nlohmann::json none = options({});
        none["folders"] = {"/nowhere"};
        QCOMPARE(judgePictures(none).error().code, ErrorCode::NotFound);
        QVERIFY(judgePictures(options({}))->at("pictures").empty());
    }
};

JACOBI_TEST(JudgePicturesTest)
#include "tst_judgepictures.moc"
