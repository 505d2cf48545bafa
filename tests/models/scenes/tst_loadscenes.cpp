// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/io/modelfile.h"
#include "models/scenes/loadscenes.h"
#include "models/scenes/tensorfile.h"
#include "models/training/exportscenes.h"
#include "tests/models/scenes/tinyscenes.h"
#include "tests/testmain.h"

#include <QFile>
#include <QTemporaryDir>

#include <fstream>
#include <functional>
#include <limits>

using namespace jacobi;
using namespace jacobi::test;

namespace {

/// A model folder made by the real exporter; edit() changes what lies in it as somebody with a tool could.
class ModelFolder {
public:
    ModelFolder()
    {
        const ScenesConfig config = tinyConfig();
        tokenizer = randomTensors(tokenizerTensors(config));
        transformer = randomTensors(transformerTensors(config));
        const auto written = exportScenes(path(), config, tokenizer, transformer);
        if (!written) {
            qFatal("%s", written.error().message.c_str());
        }
    }

    std::filesystem::path path() const { return m_folder.path().toStdString(); }
    std::filesystem::path weights() const { return path() / kScenesWeightsFile; }

    /// Changes the tensors and corrects the file's entry in model.json, so that only the loader can object.
    void editTensors(const std::function<void(TensorMap&)>& edit) const
    {
        auto file = readTensorFile(weights());
        edit(file->tensors);
        QVERIFY(writeTensorFile(weights(), file->tensors));
        editManifest(
            [&](ModelManifest& manifest) { manifest.files = {*describeModelFile(path(), kScenesWeightsFile)}; });
    }

    void editManifest(const std::function<void(ModelManifest&)>& edit) const
    {
        auto manifest = readModelManifest(path());
        edit(*manifest);
        QVERIFY(writeModelManifest(path(), *manifest));
    }

    TensorMap tokenizer;
    TensorMap transformer;

private:
    QTemporaryDir m_folder;
};

void verifyRefused(const ModelFolder& folder, ErrorCode code, const char* words)
{
    const auto loaded = loadScenes(folder.path(), "float32");
    QVERIFY(!loaded);
    QVERIFY2(loaded.error().code == code, loaded.error().message.c_str());
    QVERIFY2(loaded.error().message.find(words) != std::string::npos, loaded.error().message.c_str());
}

} // namespace

class LoadScenesTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void init() { at::manual_seed(3); }

    void whatWasExportedIsLoaded()
    {
        const ModelFolder folder;
        const auto files = loadScenesFiles(folder.path(), at::kDouble);
        QVERIFY2(files, files ? "" : files.error().message.c_str());
        QVERIFY(files->config == tinyConfig());
        QCOMPARE(files->transformer.size(), folder.transformer.size());
        QCOMPARE(files->tokenizer.size(), folder.tokenizer.size());
        for (const auto& [name, tensor] : folder.transformer) {
            const at::Tensor& loaded = files->transformer.at(name);
            QCOMPARE(loaded.scalar_type(), at::kDouble);
            QVERIFY(at::equal(loaded, tensor.to(at::kHalf).to(at::kDouble)));
        }
        for (const char* precision : {"float32", "float64"}) {
            const auto scenes = loadScenes(folder.path(), precision);
            QVERIFY(scenes);
            scenes->model->begin({scenes->model->promptOf({1})}, 2, 4);
            const at::Tensor logits = scenes->model->forward(at::zeros({1, 4}, at::kLong));
            QVERIFY((logits.scalar_type() == at::kDouble) == (std::string(precision) == "float64"));
            QCOMPARE(scenes->detokenizer->decode(at::zeros({1, 16}, at::kLong)).size(1), 32);
        }
    }

    void anUnknownPrecisionIsRefused()
    {
        const auto loaded = loadScenes(ModelFolder().path(), "float8");
        QVERIFY(!loaded);
        QCOMPARE(loaded.error().code, ErrorCode::InvalidRequest);
    }

    void missingFiles()
    {
        QTemporaryDir empty;
        const auto loaded = loadScenes(empty.path().toStdString(), "float32");
        QVERIFY(!loaded);
        QCOMPARE(loaded.error().code, ErrorCode::NotFound);
        const ModelFolder folder;
        std::filesystem::remove(folder.weights());
        verifyRefused(folder, ErrorCode::NotFound, "scenes.safetensors");
    }

    void everyFileThatIsReadMustBeListed()
    {
        const ModelFolder folder;
        const auto write = [&](const char* bytes) { std::ofstream(folder.path() / "notes") << bytes; };
        write("one");
        folder.editManifest(
            [&](ModelManifest& manifest) { manifest.files.push_back(*describeModelFile(folder.path(), "notes")); });
        QVERIFY(loadScenes(folder.path(), "float32"));
        write("two");
        verifyRefused(folder, ErrorCode::Corrupt, "\"notes\" is not the one its maker described");
        write("one");
        folder.editManifest([&](ModelManifest& manifest) { manifest.files.erase(manifest.files.begin()); });
        verifyRefused(folder, ErrorCode::Corrupt, "does not list its weights, \"scenes.safetensors\"");
    }

    void aCutOrAlteredFileIsRefused()
    {
        const ModelFolder folder;
        const auto size = std::filesystem::file_size(folder.weights());
        for (const auto keep : {size - 1, size / 2, std::uintmax_t{9}, std::uintmax_t{0}}) {
            const ModelFolder cut;
            std::filesystem::resize_file(cut.weights(), keep);
            verifyRefused(cut, ErrorCode::Corrupt, "scenes.safetensors");
            // The same with a model.json that agrees: now the file's own header has to tell.
            cut.editManifest([&](ModelManifest& manifest) {
                manifest.files = {*describeModelFile(cut.path(), kScenesWeightsFile)};
            });
            const auto loaded = loadScenes(cut.path(), "float32");
            QVERIFY(!loaded);
            QCOMPARE(loaded.error().code, ErrorCode::Corrupt);
        }
        QFile file(QString::fromStdString(folder.weights().string()));
        QVERIFY(file.open(QIODevice::ReadWrite));
        QVERIFY(file.seek(static_cast<qint64>(size) - 100));
        char byte = 0;
        QVERIFY(file.getChar(&byte));
        QVERIFY(file.seek(static_cast<qint64>(size) - 100));
        QVERIFY(file.putChar(static_cast<char>(byte ^ 1)));
        file.close();
        verifyRefused(folder, ErrorCode::Corrupt, "scenes.safetensors");
    }

    void tensorsMustBeThoseOfTheArchitecture()
    {
        const auto refused = [](const char* words, const std::function<void(TensorMap&)>& edit) {
            const ModelFolder folder;
            folder.editTensors(edit);
            verifyRefused(folder, ErrorCode::Corrupt, words);
        };
        refused("head is missing", [](TensorMap& t) { t.erase("head"); });
        refused("decoder.up.bias is missing", [](TensorMap& t) { t.erase("decoder.up.bias"); });
        refused("head has the shape [32, 12] instead of [12, 32]",
                [](TensorMap& t) { t["head"] = t["head"].t().contiguous(); });
        refused("norm has the shape []", [](TensorMap& t) { t["norm"] = t["norm"][0].clone(); });
        refused("norm has the type F64", [](TensorMap& t) { t["norm"] = t["norm"].to(at::kDouble); });
        refused("norm has the type I64", [](TensorMap& t) { t["norm"] = t["norm"].to(at::kLong); });
        refused("extra does not belong", [](TensorMap& t) { t["extra"] = at::zeros({1}); });
        for (const double bad : {std::numeric_limits<double>::quiet_NaN(), std::numeric_limits<double>::infinity(),
                                 -std::numeric_limits<double>::infinity()}) {
            refused("blocks.1.feed.down holds a number that is not finite",
                    [bad](TensorMap& t) { t["blocks.1.feed.down"][3][5] = bad; });
        }
    }

    void float32WeightsAreFineToo()
    {
        const ModelFolder folder;
        folder.editTensors([](TensorMap& tensors) {
            for (auto& [name, tensor] : tensors) {
                tensor = tensor.to(at::kFloat);
            }
        });
        QVERIFY(loadScenes(folder.path(), "float32"));
    }

    void theManifestMustAgreeWithItself()
    {
        const auto refused = [](ErrorCode code, const char* words, const std::function<void(ModelManifest&)>& edit) {
            const ModelFolder folder;
            folder.editManifest(edit);
            verifyRefused(folder, code, words);
        };
        refused(ErrorCode::Unsupported, "family \"other\"", [](ModelManifest& m) { m.family = "other"; });
        refused(ErrorCode::Corrupt, "does not agree", [](ModelManifest& m) { m.codes = 13; });
        refused(ErrorCode::Corrupt, "does not agree", [](ModelManifest& m) { m.maxPromptWords = 3; });
        refused(ErrorCode::Corrupt, "does not agree", [](ModelManifest& m) {
            m.rows = 5;
            m.height = 40;
        });
        refused(ErrorCode::Corrupt, "config.width", [](ModelManifest& m) { m.config["width"] = -1; });
        refused(ErrorCode::Corrupt, "embed.text has the shape", [](ModelManifest& m) { m.vocabulary.pop_back(); });
        refused(ErrorCode::Corrupt, "has the shape", [](ModelManifest& m) { m.config["width"] = 4096; });
        refused(ErrorCode::Corrupt, "is missing", [](ModelManifest& m) { m.config["layers"] = 64; });
    }
};

JACOBI_TEST(LoadScenesTest)
#include "tst_loadscenes.moc"
