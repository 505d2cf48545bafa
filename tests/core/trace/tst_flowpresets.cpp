// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/trace/flowpresets.h"

#include "tests/testmain.h"

#include <algorithm>

using namespace jacobi;

namespace {

std::vector<std::string> namesOf(std::uint32_t blocks)
{
    std::vector<std::string> names;
    for (const auto& [name, strategy] : flowPresets(blocks, 64)) {
        names.push_back(name);
    }
    return names;
}

} // namespace

class FlowPresetsTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void presetsAreInTheOrderOfBlocks()
    {
        const auto presets = publishedPresets();
        QCOMPARE(presets.size(), std::size_t{4});
        for (const FlowPreset& preset : presets) {
            QVERIFY(checkFlowStrategy(preset.strategy, 8, 256));
        }
        const auto& imagenet = presets[0].strategy.blocks;
        QVERIFY(imagenet[6].method == FlowMethod::Segments && imagenet[6].segments == 8);
        QCOMPARE(imagenet[6].maxPasses, 32U);
        QVERIFY(imagenet[6].start == FlowStart::Zeros && imagenet[1].start == FlowStart::Zeros);
        QVERIFY(imagenet[7].method == FlowMethod::Jacobi && imagenet[7].maxPasses == 10);
        const auto& patch4 = presets[3].strategy.blocks;
        QVERIFY(patch4[0].method == FlowMethod::Sequential);
        QVERIFY(patch4[7].method == FlowMethod::Segments && patch4[7].maxPasses == 13);
    }

    void sejd()
    {
        const FlowStrategy strategy = sejdStrategy(6);
        QVERIFY(checkFlowStrategy(strategy, 6, 64));
        QVERIFY(strategy.blocks[5].method == FlowMethod::Sequential);
        QVERIFY(strategy.blocks[0].method == FlowMethod::Jacobi && strategy.blocks[0].stop == FlowStop::Max);
    }

    void theirNamesDependOnTheBlocks()
    {
        QCOMPARE(namesOf(6), (std::vector<std::string>{"sejd", "last-8-32-10", "first/last-8-32-20"}));
        const std::vector<std::string> published = namesOf(8);
        QCOMPARE(published.size(), std::size_t{5});
        QVERIFY(std::find(published.begin(), published.end(), "7-8-32-10") != published.end());
    }

    void eachFitsItsModel()
    {
        for (const std::uint32_t blocks : {1U, 2U, 6U, 8U, 12U}) {
            for (const auto& [name, strategy] : flowPresets(blocks, 4)) {
                QVERIFY2(checkFlowStrategy(strategy, blocks, 4), name.c_str());
            }
        }
    }
};

JACOBI_TEST(FlowPresetsTest)
#include "tst_flowpresets.moc"
