// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
// ctest-labels: unit golden
#include "models/tarflow/probetarflow.h"
#include "tests/core/io/files.h"
#include "tests/models/tarflow/goldendata.h"
#include "tests/testmain.h"

using namespace jacobi;
using namespace jacobi::test;

namespace {

TarFlowTensors read(const std::filesystem::path& path)
{
    return goldenTensors(path.string()); // an absolute path replaces the golden folder
}

} // namespace

class ProbeTarFlowTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void everyQuantityUnderItsName_data()
    {
        QTest::addColumn<QString>("file");
        QTest::addColumn<double>("tolerance");
        QTest::newRow("forward") << "forward.safetensors" << 2e-5;
        QTest::newRow("reverse") << "reverse.safetensors" << 1e-4;
        QTest::newRow("parallel") << "gsjacobi.safetensors" << 1e-4;
        QTest::newRow("metrics") << "metrics.safetensors" << 2e-5;
        QTest::newRow("denoising") << "denoise.safetensors" << 2e-5;
        QTest::newRow("shift only") << "volume_preserving.safetensors" << 1e-4;
    }
    void everyQuantityUnderItsName()
    {
        QFETCH(QString, file);
        QFETCH(double, tolerance);
        const TempFolder folder;
        const auto written = probeTarFlow(goldenFolder(), goldenFolder() / file.toStdString(), folder / "out");
        QVERIFY2(written, written ? "" : written.error().message.c_str());
        const TarFlowTensors ours = read(folder / "out");
        QCOMPARE(ours.size(), *written);
        int compared = 0;
        for (const auto& [name, golden] : goldenTensors(file.toStdString())) {
            const bool isInput = name == "image" || name == "images" || name == "latent" || name == "labels" ||
                                 name == "labels_dropped" || name == "roundtrip.image" ||
                                 (name.ends_with(".latent") && name.size() == 8) ||
                                 (name.starts_with("std") && name.ends_with(".input")) || name.starts_with("weights.");
            if (isInput) {
                continue;
            }
            const auto found = ours.find(name);
            QVERIFY2(found != ours.end(), name.c_str());
            QVERIFY2(found->second.sizes() == golden.sizes(), name.c_str());
            const double error = distance(found->second, golden, tolerance);
            QVERIFY2(error <= tolerance, (name + " " + std::to_string(error)).c_str());
            ++compared;
        }
        QVERIFY(compared >= 8);
    }

    void theRoundTrip()
    {
        const TempFolder folder;
        QVERIFY(probeTarFlow(goldenFolder(), goldenFolder() / "forward.safetensors", folder / "out"));
        QVERIFY(distance(read(folder / "out").at("roundtrip.image"),
                         goldenTensors("reverse.safetensors").at("roundtrip.image")) < 1e-4);
    }

    void mistakesAreNamed()
    {
        const TempFolder folder;
        const auto out = folder / "out";
        QVERIFY(!probeTarFlow(folder.path(), goldenFolder() / "forward.safetensors", out));
        QVERIFY(!probeTarFlow(goldenFolder(), folder / "none", out));
        const auto nothing = probeTarFlow(goldenFolder(), goldenFolder() / "weights.safetensors", out);
        QVERIFY(!nothing);
        QVERIFY(has(nothing.error().message, "holds no inputs"));
        const std::array<float, 12> small{};
        const TensorToWrite image{"image", DType::F32, {1, 3, 2, 2}, std::as_bytes(std::span(small))};
        QVERIFY(writeSafetensors(folder / "in", std::span(&image, 1)));
        QVERIFY(has(probeTarFlow(goldenFolder(), folder / "in", out).error().message, "picture size of 16"));
        QVERIFY(!std::filesystem::exists(out));
    }
};

JACOBI_TEST(ProbeTarFlowTest)
#include "tst_probetarflow.moc"
