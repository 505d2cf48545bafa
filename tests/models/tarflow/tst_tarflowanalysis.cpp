// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
// ctest-labels: unit golden
#include "models/tarflow/tarflowanalysis.h"
#include "tests/models/tarflow/goldendata.h"
#include "tests/testmain.h"

#include <algorithm>
#include <cmath>
#include <limits>

using namespace jacobi;
using namespace jacobi::test;

class TarFlowAnalysisTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void golden_data()
    {
        QTest::addColumn<QString>("name");
        QTest::addColumn<int>("norm");
        QTest::newRow("2") << "norm_2" << static_cast<int>(FlowNorm::Spectral);
        QTest::newRow("1") << "norm_1" << static_cast<int>(FlowNorm::One);
        QTest::newRow("Frobenius") << "norm_fro" << static_cast<int>(FlowNorm::Frobenius);
    }
    void golden()
    {
        QFETCH(QString, name);
        QFETCH(int, norm);
        const TarFlowTensors golden = goldenTensors("metrics.safetensors");
        const auto blocks = analyseTarFlow(goldenWeights(), golden.at("images"), static_cast<FlowNorm>(norm));
        QCOMPARE(blocks.size(), std::size_t{3});
        const auto close = [&](double ours, const char* key, int block, int column) {
            const at::Tensor all = golden.at(name.toStdString() + key);
            const double wanted = (column < 0 ? all[block] : all[block][column]).item<double>();
            return std::abs(ours - wanted) <= 2e-5 + 2e-5 * std::abs(wanted);
        };
        for (int i = 0; i < 3; ++i) {
            const BlockAnalysis& block = blocks[static_cast<std::size_t>(i)];
            QVERIFY(close(block.igmInput, ".igm", i, 0));
            QVERIFY(close(block.igmZeros, ".igm", i, 1));
            QVERIFY(close(block.dataFactor, ".crm_parts", i, 0));
            QVERIFY(close(block.scaleFactor, ".crm_parts", i, 1));
            QVERIFY(close(block.shiftFactor, ".crm_parts", i, 2));
            QVERIFY(close(block.crm, ".crm_parts", i, 3));
            QVERIFY(close(block.crm, ".crm", i, -1));
            QVERIFY(close(block.crmPercent, ".crm_percent", i, -1));
        }
    }

    void picturesMayComeAFewAtATime()
    {
        const at::Tensor images = goldenTensors("metrics.safetensors").at("images");
        const TarFlowWeights weights = goldenWeights();
        TarFlowAnalyser analyser(weights);
        for (std::int64_t first = 0; first < images.size(0); first += 3) {
            analyser.add(images.narrow(0, first, std::min<std::int64_t>(3, images.size(0) - first)));
        }
        const auto parts = analyser.blocks(FlowNorm::Spectral);
        const auto whole = analyseTarFlow(weights, images, FlowNorm::Spectral);
        QCOMPARE(parts.size(), whole.size());
        for (std::size_t i = 0; i < whole.size(); ++i) {
            const auto close = [](double a, double b) { return std::abs(a - b) <= 1e-5 * std::abs(b) + 1e-6; };
            QVERIFY(close(parts[i].igmInput, whole[i].igmInput) && close(parts[i].igmZeros, whole[i].igmZeros));
            QVERIFY(close(parts[i].crm, whole[i].crm) && close(parts[i].crmPercent, whole[i].crmPercent));
        }
    }

    void theRule()
    {
        std::vector<BlockAnalysis> blocks(4);
        blocks[0].crmPercent = 25.0;
        blocks[1].crmPercent = 24.9;
        blocks[2].crmPercent = 10.0;
        blocks[3].crmPercent = 9.9;
        blocks[0].igmInput = 2.0;
        blocks[0].igmZeros = 1.0;
        blocks[1].igmInput = std::numeric_limits<double>::infinity();
        blocks[1].igmZeros = 5.0;
        blocks[2].igmInput = blocks[2].igmZeros = std::numeric_limits<double>::infinity();
        const FlowStrategy strategy = crmStrategy(blocks, 64, 7);
        QVERIFY(checkFlowStrategy(strategy, 4, 64));
        QVERIFY(strategy.blocks[0].method == FlowMethod::Segments && strategy.blocks[0].segments == 8);
        QCOMPARE(strategy.blocks[0].maxPasses, 32U);
        QVERIFY(strategy.blocks[1].method == FlowMethod::Jacobi);
        QCOMPARE(strategy.blocks[1].maxPasses, 14U);
        QCOMPARE(strategy.blocks[2].maxPasses, 14U);
        QCOMPARE(strategy.blocks[3].maxPasses, 7U);
        QVERIFY(strategy.blocks[0].start == FlowStart::Zeros && strategy.blocks[1].start == FlowStart::Zeros);
        QVERIFY(strategy.blocks[2].start == FlowStart::Input && strategy.blocks[3].start == FlowStart::Input);
        QVERIFY(checkFlowStrategy(crmStrategy(blocks, 4), 4, 4));
    }
};

JACOBI_TEST(TarFlowAnalysisTest)
#include "tst_tarflowanalysis.moc"
