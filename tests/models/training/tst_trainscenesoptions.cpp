// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/training/trainscenesoptions.h"

#include "models/scenes/scenesconfig.h"
#include "models/training/scene.h"
#include "models/training/trainingjob.h"
#include "models/training/trainscenes.h"
#include "tests/testmain.h"

#include <nlohmann/json.hpp>

using namespace jacobi;

namespace {

nlohmann::json folders()
{
    return {{"out", "there"}, {"work", "here"}};
}

} // namespace

class TrainScenesOptionsTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void aRecipeIsWhereTheRestStandsOn()
    {
        nlohmann::json json = folders();
        QCOMPARE(trainScenesOptionsFromJson(json)->gridRows, std::int64_t{16});
        json["preset"] = "gpu";
        json["width"] = 256;
        const auto large = trainScenesOptionsFromJson(json);
        QVERIFY(large);
        QCOMPARE(large->gridRows, std::int64_t{32});
        QCOMPARE(large->device, std::string("cuda:0"));
        QCOMPARE(large->views, std::int64_t{1}); // more is for machines whose cores cannot keep up with their card
        for (const int views : {0, 17}) {
            json["views"] = views;
            QVERIFY(trainScenesOptionsFromJson(json).error().message.find("\"views\"") != std::string::npos);
        }
        json.erase("views");
        for (const char* share : {"hard", "ownCodes"}) {
            json[share] = 1.5;
            const auto quoted = std::string("\"") + share + "\"";
            QVERIFY(trainScenesOptionsFromJson(json).error().message.find(quoted) != std::string::npos);
            json.erase(share);
        }
        for (const double weight : {0.5, 17.0}) {
            json["subjectWeight"] = weight;
            QVERIFY(trainScenesOptionsFromJson(json).error().message.find("\"subjectWeight\"") != std::string::npos);
            json.erase("subjectWeight");
        }
        QCOMPARE(large->width, std::int64_t{256}); // what is said goes before the recipe
        QCOMPARE(toJson(*trainScenesOptionsFromJson(toJson(*large))), toJson(*large));
        for (const nlohmann::json& wrong : {nlohmann::json("tpu"), nlohmann::json(7)}) {
            json["preset"] = wrong;
            const auto refused = trainScenesOptionsFromJson(json);
            QVERIFY(!refused);
            QVERIFY(refused.error().message.find("preset") != std::string::npos);
        }
    }

    /// Sizes that a model from disk could have, too.
    void everyRecipeIsAModel()
    {
        for (const char* name : {"cpu", "gpu"}) {
            const TrainScenesOptions options = *trainScenesPreset(name);
            nlohmann::json json = toJson(options);
            json["prefix"] = longestSceneCaption() + 1;
            json["levels"] = {8, 8, 8};
            json["rotaryBase"] = 100.0;
            const auto config = scenesConfigFromJson(json, sceneWords());
            QVERIFY2(config, config ? "" : config.error().message.c_str());
            QCOMPARE(config->pictureRows(), options.gridRows * 8);
            QCOMPARE(options.batch % options.microBatch, std::int64_t{0});
        }
        QVERIFY(!trainScenesPreset("tpu"));
    }

    void aDeviceThatIsNotThereIsSaid()
    {
        QVERIFY(trainingDevice("cpu"));
        QCOMPARE(trainingDevice("gpu").error().code, ErrorCode::InvalidRequest);
        const auto card = trainingDevice("cuda:0");
        QVERIFY(card || card.error().message.find("--preset cpu") != std::string::npos);
    }
};

JACOBI_TEST(TrainScenesOptionsTest)
#include "tst_trainscenesoptions.moc"
