// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/tarflow/loadtarflow.h"
#include "tests/core/io/torchzip.h"
#include "tests/models/tarflow/goldendata.h"
#include "tests/testmain.h"

#include <limits>

using namespace jacobi;
using namespace jacobi::test;
namespace p = jacobi::test::pickled;

namespace {

TarFlowConfig smallConfig()
{
    TarFlowConfig config;
    config.blocks = 2;
    config.layers = 1;
    config.width = 64;
    config.grid = 2;
    config.patch = 1;
    config.classes = 2;
    return config;
}

TarFlowTensors smallTensors(const TarFlowConfig& config = smallConfig())
{
    TarFlowTensors tensors;
    for (const auto& [name, shape] : tarflowTensors(config)) {
        tensors[name] = at::rand(shape);
    }
    return tensors;
}

std::string asStorage(const at::Tensor& tensor)
{
    return {static_cast<const char*>(tensor.const_data_ptr()), tensor.nbytes()};
}

/// A state dict as torch.save writes it, wrapped in {"model": ...} where asked for.
std::string savedByTorch(const TarFlowTensors& tensors, bool wrapped)
{
    std::string dict = "}(";
    std::vector<std::pair<std::string, std::string>> members;
    for (const auto& [name, tensor] : tensors) {
        const std::string key = std::to_string(members.size());
        std::string shape = "(";
        std::string strides = "(";
        for (std::int64_t d = 0; d < tensor.dim(); ++d) {
            shape += p::number(static_cast<std::uint32_t>(tensor.size(d)));
            strides += p::number(static_cast<std::uint32_t>(tensor.stride(d)));
        }
        dict += p::text(name) + p::global("torch._utils", "_rebuild_tensor_v2") +
                p::tuple(p::storage(key, static_cast<std::uint32_t>(tensor.numel())) + p::number(0) + shape + "t" +
                         strides + "t" + p::bytes({0x89}) + "}") +
                "R";
        members.emplace_back("a/data/" + key, asStorage(tensor));
    }
    dict += "u";
    members.insert(members.begin(),
                   {"a/data.pkl", p::whole(wrapped ? p::dict({{"model", dict}, {"epoch", "K\x07"}}) : dict)});
    return zipOf(members);
}

void save(const std::filesystem::path& path, const TarFlowTensors& tensors)
{
    std::vector<TensorToWrite> list;
    for (const auto& [name, tensor] : tensors) {
        list.push_back({name, tensor.scalar_type() == at::kLong ? DType::I64 : DType::F32, tensor.sizes().vec(),
                        std::as_bytes(std::span(static_cast<const char*>(tensor.const_data_ptr()), tensor.nbytes()))});
    }
    QVERIFY(writeSafetensors(path, list));
}

} // namespace

class LoadTarFlowTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void theGoldenModel()
    {
        const TarFlowConfig config = goldenWeights().config;
        QCOMPARE(config.blocks, 3);
        QCOMPARE(config.layers, 2);
        QCOMPARE(config.width, 128);
        QCOMPARE(config.tokens(), 64);
        QCOMPARE(config.patch, 2);
        QCOMPARE(config.side(), 16);
        QCOMPARE(config.channels(), 12);
        QCOMPARE(config.classes, 10);
        QVERIFY(config.affine);
        QCOMPARE(goldenWeights(at::kDouble).blocks[0].in.weight.scalar_type(), at::kDouble);
    }

    void publishedSizes_data()
    {
        QTest::addColumn<int>("side");
        QTest::addColumn<int>("patch");
        QTest::addColumn<int>("width");
        QTest::addColumn<int>("classes");
        QTest::addColumn<int>("colours");
        QTest::newRow("ImageNet 128") << 128 << 4 << 1024 << 1000 << 3;
        QTest::newRow("AFHQ") << 256 << 8 << 768 << 3 << 3;
        QTest::newRow("ImageNet 64, no classes") << 64 << 2 << 768 << 0 << 3;
        QTest::newRow("ImageNet 64, patch 4") << 64 << 4 << 1024 << 1000 << 3;
        QTest::newRow("digits") << 28 << 4 << 128 << 10 << 1;
    }
    void publishedSizes()
    {
        QFETCH(int, side);
        QFETCH(int, patch);
        QFETCH(int, width);
        QFETCH(int, classes);
        QFETCH(int, colours);
        TarFlowConfig config;
        config.blocks = 8;
        config.layers = 8;
        config.width = width;
        config.grid = side / patch;
        config.patch = patch;
        config.colours = colours;
        config.classes = classes;
        TensorShapes shapes = tarflowTensors(config);
        for (int i = 0; i < 8; ++i) {
            shapes["blocks." + std::to_string(i) + ".attn_mask"] = {config.tokens(), config.tokens()};
        }
        const auto inferred = inferTarFlowConfig(shapes, "a.pth");
        QVERIFY2(inferred, inferred ? "" : inferred.error().message.c_str());
        QVERIFY(*inferred == config);
        config.affine = false;
        config.fittedStart = true;
        QVERIFY(*inferTarFlowConfig(tarflowTensors(config), "a.pth") == config);
    }

    void bothFormatsGiveTheSameWeights()
    {
        const TempFolder folder;
        const TarFlowTensors tensors = smallTensors();
        save(folder / "a.safetensors", tensors);
        writeText(folder / "a.pth", savedByTorch(tensors, false));
        writeText(folder / "b.pt", savedByTorch(tensors, true));
        for (const char* name : {"a.safetensors", "a.pth", "b.pt"}) {
            const auto weights = loadTarFlow(folder / name, at::kFloat);
            QVERIFY2(weights, weights ? "" : weights.error().message.c_str());
            QVERIFY(weights->config == smallConfig());
            QVERIFY(weights->blocks[1].layers[0].down.weight.equal(
                tensors.at("blocks.1.attn_blocks.0.mlp.main.2.weight")));
            QVERIFY(weights->blocks[0].classes.equal(tensors.at("blocks.0.class_embed").squeeze(1)));
        }
    }

    void whatDoesNotFitIsNamed_data()
    {
        QTest::addColumn<QString>("tensor");
        QTest::addColumn<QString>("what");
        QTest::addColumn<QString>("sentence");
        QTest::newRow("missing") << "blocks.1.pos_embed" << "drop" << "blocks.1.pos_embed is missing";
        QTest::newRow("no input") << "blocks.0.proj_in.weight" << "drop" << "it has no blocks.0.proj_in.weight";
        QTest::newRow("a row too many") << "blocks.1.proj_out.bias" << "grow"
                                        << "blocks.1.proj_out.bias has the shape [7] instead of [6]";
        QTest::newRow("no square") << "blocks.0.pos_embed" << "grow" << "5 tokens form no square";
        QTest::newRow("no heads") << "blocks.0.proj_in.weight" << "grow" << "width of 65 is not made of heads of 64";
        QTest::newRow("NaN") << "blocks.0.proj_out.weight" << "nan" << "holds a number that is not finite";
        QTest::newRow("infinite") << "var" << "inf" << "var holds a number that is not finite";
        QTest::newRow("whole numbers") << "var" << "long" << "has the type I64 instead of real numbers";
        QTest::newRow("of something else") << "decoder.weight" << "add" << "decoder.weight does not belong";
    }
    void whatDoesNotFitIsNamed()
    {
        QFETCH(QString, tensor);
        QFETCH(QString, what);
        QFETCH(QString, sentence);
        const std::string name = tensor.toStdString();
        TarFlowTensors tensors = smallTensors();
        if (what == "drop") {
            tensors.erase(name);
        } else if (what == "grow") {
            std::vector<std::int64_t> shape = tensors.at(name).sizes().vec();
            ++shape[0];
            tensors[name] = at::rand(shape);
        } else if (what == "add") {
            tensors[name] = at::rand({2});
        } else if (what == "long") {
            tensors[name] = tensors.at(name).to(at::kLong);
        } else {
            tensors.at(name).view(-1)[0] = what == "nan" ? std::numeric_limits<float>::quiet_NaN()
                                                         : std::numeric_limits<float>::infinity();
        }
        const TempFolder folder;
        save(folder / "a.safetensors", tensors);
        const auto weights = loadTarFlow(folder / "a.safetensors", at::kFloat);
        QVERIFY(!weights);
        const QString message = QString::fromStdString(weights.error().message);
        QVERIFY2(message.contains(sentence), qPrintable(message));
    }

    void whatTrainingAdds()
    {
        TarFlowConfig config = smallConfig();
        config.droppedRow = config.basis = true;
        TarFlowTensors tensors = smallTensors(config);
        tensors["basis"] = at::eye(3).flip(0);
        const TempFolder folder;
        save(folder / "a.safetensors", tensors);
        const auto weights = loadTarFlow(folder / "a.safetensors", at::kFloat);
        QVERIFY2(weights, weights ? "" : weights.error().message.c_str());
        QVERIFY(weights->config == config);
        QVERIFY(weights->basis.equal(tensors.at("basis")));
        QVERIFY(weights->blocks[1].dropped.equal(tensors.at("blocks.1.class_embed_dropped")));

        tensors.at("basis")[0][0] = 0.1F;
        const auto crooked = tarflowFromTensors(tensors, at::kFloat, "a");
        QVERIFY(!crooked && has(crooked.error().message, "basis are not orthonormal"));
        tensors["basis"] = at::eye(3);
        tensors.erase("blocks.1.class_embed_dropped");
        const auto half = tarflowFromTensors(tensors, at::kFloat, "a");
        QVERIFY(!half && has(half.error().message, "blocks.1.class_embed_dropped is missing"));
    }

    void patchesThatAreNone()
    {
        TensorShapes shapes = tarflowTensors(smallConfig());
        shapes["blocks.0.proj_in.weight"] = {64, 7};
        QVERIFY(has(inferTarFlowConfig(shapes, "a").error().message, "7 numbers are no square patches"));
        QVERIFY(!inferTarFlowConfig({}, "a"));
    }

    void findingTheFile()
    {
        QCOMPARE(findTarFlowFile(goldenFolder())->filename().string(), std::string("weights.safetensors"));
        const TempFolder folder;
        QVERIFY(!findTarFlowFile(folder.path()));
        writeText(folder / "afhq_model_8_768_8_8_0.07.pth", savedByTorch(smallTensors(), false));
        save(folder / "other.safetensors", {{"x", at::rand({2})}});
        const auto found = findTarFlowFile(folder.path());
        QVERIFY(found);
        QCOMPARE(found->extension().string(), std::string(".pth"));
        QCOMPARE(*noiseOfFileName(*found), 0.07);
        QVERIFY(!noiseOfFileName("weights.safetensors") && !noiseOfFileName("a_model_b.pth"));
    }
};

JACOBI_TEST(LoadTarFlowTest)
#include "tst_loadtarflow.moc"
