// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/engine/backend.h"
#include "core/io/modelfile.h"
#include "tests/testmain.h"

#include <QTemporaryDir>

#include <algorithm>
#include <filesystem>
#include <fstream>

using namespace jacobi;

namespace {

/// Writes a model folder with one file and returns its hash.
std::string writeModel(const QTemporaryDir& root, const char* id, const std::string& name,
                       const std::string& baseHash = {}, const std::string& baseWeights = {})
{
    const std::filesystem::path folder = root.filePath(id).toStdString();
    std::filesystem::create_directories(folder);
    ModelManifest manifest;
    manifest.family = "tiny";
    manifest.name = name;
    manifest.rows = manifest.columns = 2;
    manifest.codes = 4;
    manifest.patchPixels = 8;
    manifest.width = manifest.height = 16;
    std::ofstream(folder / "weights") << (baseHash.empty() ? "numbers" : "differences");
    manifest.files = {*describeModelFile(folder, "weights")};
    manifest.licence = "CC0-1.0";
    if (!baseHash.empty()) {
        manifest.baseModel = "base";
        manifest.baseHash = baseHash;
        manifest.baseWeights = baseWeights;
        manifest.mostNoiseSteps = 2;
    }
    return writeModelManifest(folder, manifest).value();
}

ModelInfo found(const QTemporaryDir& root, const char* id)
{
    const std::vector<ModelInfo> models = findModels({root.path().toStdString()});
    const auto at = std::ranges::find(models, id, &ModelInfo::id);
    return at == models.end() ? ModelInfo() : *at;
}

} // namespace

class ModelFinderTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void aDifferenceFindsItsBaseByHash()
    {
        const QTemporaryDir root;
        writeModel(root, "tuned", "Tuned", writeModel(root, "another-name", "Base"));
        const ModelInfo tuned = found(root, "tuned");
        QCOMPARE(tuned.problem, std::string());
        QCOMPARE(tuned.baseFolder, root.filePath("another-name").toStdString());
        QCOMPARE(tuned.mostNoiseSteps, 2);
        QCOMPARE(found(root, "another-name").baseFolder, std::string());
    }

    void aModelJsonThatIsNoFileIsSaid()
    {
        const QTemporaryDir root;
        const QTemporaryDir further;
        writeModel(further, "odd", "Odd");
        std::filesystem::create_directories(root.filePath("odd/model.json").toStdString());
        const std::vector<ModelInfo> models = findModels({root.path().toStdString(), further.path().toStdString()});
        const auto odd = std::ranges::find(models, "odd", &ModelInfo::id);
        QVERIFY(odd != models.end());
        QVERIFY2(odd->problem.find("model.json\" is a folder, not a file") != std::string::npos, odd->problem.c_str());
    }

    void aBaseThatIsNotThereIsSaid()
    {
        const QTemporaryDir root;
        writeModel(root, "tuned", "Tuned", std::string(64, 'a'));
        const std::string problem = found(root, "tuned").problem;
        QVERIFY2(problem.find("\"base\", which was not found") != std::string::npos, problem.c_str());
    }

    /// What a model.json recommends may change; the weights are what was tuned.
    void aBaseThatRecommendsSomethingElseIsFoundByItsWeights()
    {
        const QTemporaryDir root;
        const std::string hash = writeModel(root, "base", "Base");
        const std::string weights = readModelManifest(root.filePath("base").toStdString())->files.front().sha256;
        writeModel(root, "tuned", "Tuned", hash, weights);
        writeModel(root, "base", "Base, with another name");
        QCOMPARE(found(root, "tuned").problem, std::string());
        QCOMPARE(found(root, "tuned").baseFolder, root.filePath("base").toStdString());
        QCOMPARE(writeModel(root, "the-very-one", "Base"), hash); // which is taken rather
        QCOMPARE(found(root, "tuned").baseFolder, root.filePath("the-very-one").toStdString());
    }

    void anotherBaseIsSaid()
    {
        const QTemporaryDir root;
        const std::string hash = writeModel(root, "base", "Base");
        writeModel(root, "tuned", "Tuned", hash);
        QCOMPARE(found(root, "tuned").problem, std::string());
        writeModel(root, "base", "Base, trained again");
        const std::string problem = found(root, "tuned").problem;
        QVERIFY2(problem.find("the one there now is another") != std::string::npos, problem.c_str());
    }
};

JACOBI_TEST(ModelFinderTest)
#include "tst_modelfinder.moc"
