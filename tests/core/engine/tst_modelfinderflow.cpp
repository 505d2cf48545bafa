// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/engine/backend.h"
#include "core/io/modelfile.h"
#include "tests/testmain.h"

#include <QTemporaryDir>

#include <filesystem>
#include <fstream>

using namespace jacobi;

namespace {

/// What the model of a folder with this config is found to be.
ModelInfo found(const nlohmann::json& config, const char* strategy = "")
{
    const QTemporaryDir folder;
    const std::filesystem::path root = folder.path().toStdString();
    std::filesystem::create_directories(root / "whirl");
    ModelManifest manifest;
    manifest.family = "tarflow";
    manifest.name = "Whirl";
    manifest.rows = manifest.columns = 4;
    manifest.codes = 1;
    manifest.patchPixels = 2;
    manifest.width = manifest.height = 8;
    std::ofstream(root / "whirl" / "weights") << "numbers";
    manifest.files = {*describeModelFile(root / "whirl", "weights")};
    manifest.licence = "GPL-3.0-or-later";
    manifest.defaults.method = "front";
    manifest.defaults.strategy = strategy;
    manifest.config = config;
    if (!writeModelManifest(root / "whirl", manifest)) {
        return {};
    }
    for (const ModelInfo& model : findModels({root.string()})) {
        if (model.id == "whirl") {
            return model;
        }
    }
    return {};
}

} // namespace

class ModelFinderFlowTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void aFlowSaysItsBlocksAndClasses()
    {
        const ModelInfo model = found({{"blocks", 3}, {"noise", 0.05}, {"classes", {"calm", "storm"}}});
        QCOMPARE(model.problem, std::string());
        QVERIFY(model.layout.isFlow());
        QCOMPARE(model.layout.blocks, 3U);
        QCOMPARE(model.layout.reversed, (std::vector<bool>{false, true, false}));
        QCOMPARE(model.classes, (std::vector<std::string>{"calm", "storm"}));
        QCOMPARE(model.strategies.front(), std::string(kAutoTime));
        QVERIFY(model.defaults.coupling.empty());
        QCOMPARE(model.defaults.method, std::string("gs-jacobi")); // it names no strategy
        QCOMPARE(model.defaults.strategy, std::string(kAutoTime));
    }

    void aStrategyOfItsOwnIsKept()
    {
        const ModelInfo model = found({{"blocks", 2}, {"noise", 0.05}, {"reversed", {true, true}}}, kAutoPasses);
        QCOMPARE(model.defaults.method, std::string("front"));
        QCOMPARE(model.defaults.strategy, std::string(kAutoPasses));
        QCOMPARE(model.layout.reversed, (std::vector<bool>{true, true}));
        QVERIFY(model.classes.empty());
    }

    void othersAreNoFlows()
    {
        const ModelInfo model = found({{"layers", 6}});
        QCOMPARE(model.problem, std::string());
        QVERIFY(!model.layout.isFlow());
        QVERIFY(model.strategies.empty());
        QVERIFY(model.defaults.strategy.empty());
    }

    void whatIsWrongIsItsProblem()
    {
        QVERIFY(found({{"blocks", 0}, {"noise", 0.05}}).problem.find("\"blocks\"") != std::string::npos);
        QVERIFY(found({{"blocks", 2}, {"noise", 0.05}, {"classes", 7}}).problem.find("\"classes\"") !=
                std::string::npos);
        QVERIFY(found({{"blocks", 1}, {"noise", 0.05}, {"reversed", {true, true}}}).problem.find("\"reversed\"") !=
                std::string::npos);
        QVERIFY(found({{"blocks", 1}, {"noise", 0.05}, {"classes", {"a\nb"}}}).problem.find("\"classes\"") !=
                std::string::npos);
    }
};

JACOBI_TEST(ModelFinderFlowTest)
#include "tst_modelfinderflow.moc"
