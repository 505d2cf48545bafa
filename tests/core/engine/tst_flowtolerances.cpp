// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/engine/flowtolerances.h"

#include "tests/testmain.h"

#include <cmath>

using namespace jacobi;

namespace {

/// Iterates that change by these amounts and leave these errors.
BlockTrajectory trajectory(std::vector<double> change, std::vector<double> error)
{
    return {std::move(change), std::move(error), {}};
}

BlockTolerances levels(std::vector<ToleranceLevel> all)
{
    BlockTolerances block;
    block.levels = std::move(all);
    return block;
}

} // namespace

class FlowTolerancesTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void aLevelIsWhereIterationStops()
    {
        const auto all = toleranceLevels(
            {trajectory({1.0, 0.1, 0.01, 0.001}, {0.4, 0.04, 0.004, 0.0}), trajectory({0.05, 0.001}, {0.02, 0.0})},
            3.0);
        QCOMPARE(all.size(), triedTolerances().size());
        for (std::size_t i = 0; i < all.size(); ++i) {
            QCOMPARE(all[i].tolerance, triedTolerances()[i]);
            if (i > 0) {
                QVERIFY(all[i].tolerance < all[i - 1].tolerance);
                QVERIFY(all[i].passes >= all[i - 1].passes);
            }
        }
        QCOMPARE(all.front().passes, 1.0);                        // both stop at once
        QVERIFY(std::abs(all.front().error - 3.0 * 0.4) < 1e-12); // of the worse, grown to the picture
        QCOMPARE(all.back().passes, 3.0);                         // four and two passes: as far as they were followed
    }

    /// An iterate that changed just a little too much may, for another latent, change just little enough.
    void nearMissesCount()
    {
        // With a tolerance of 0.112 the second iterate is taken; the first, whose change is near, is far more wrong.
        const auto all = toleranceLevels({trajectory({0.2, 0.1}, {0.9, 0.001})}, 1.0);
        for (const ToleranceLevel& level : all) {
            if (level.tolerance > 0.1 && level.tolerance < 0.2) {
                QVERIFY(std::abs(level.error - 0.9 * level.tolerance / 0.2) < 1e-12);
                QCOMPARE(level.passes, 2.0);
            }
        }
    }

    void errorIsSpentWhereItSavesMost()
    {
        // One pass more takes 0.8 from the first block, 0.1 from the second.
        std::vector<BlockTolerances> blocks{levels({{1.0, 1.0, 1.0}, {0.1, 2.0, 0.2}, {0.01, 3.0, 0.0}}),
                                            levels({{1.0, 1.0, 0.2}, {0.1, 2.0, 0.1}, {0.01, 3.0, 0.0}})};
        shareOutError(blocks, 10.0);
        QCOMPARE(blocks[0].at + blocks[1].at, std::size_t{0});
        shareOutError(blocks, 0.5);
        QCOMPARE(blocks[0].at, std::size_t{1});
        QCOMPARE(blocks[1].at, std::size_t{0});
        shareOutError(blocks, 0.0);
        QCOMPARE(blocks[0].at + blocks[1].at, std::size_t{4});
        shareOutError(blocks, -1.0); // more than there is to gain
        QCOMPARE(blocks[0].at + blocks[1].at, std::size_t{4});
        const std::vector<FlowBlockPlan> plans = plansOf(blocks);
        QCOMPARE(plans[1].block, 1U);
        QVERIFY(plans[1].method == FlowMethod::Jacobi && plans[1].stop == FlowStop::Max);
        QCOMPARE(plans[1].tolerance, 0.01);
    }

    void looserTakesFewerPasses()
    {
        BlockTolerances block = levels({{1.0, 1.0, 1.0}, {0.5, 2.0, 0.5}, {0.4, 2.0, 0.4}, {0.1, 3.0, 0.1}});
        QCOMPARE(block.looser(), std::size_t{0}); // nothing is
        block.at = 2;
        QCOMPARE(block.looser(), std::size_t{0}); // the one beside it takes as many
        block.at = 3;
        QCOMPARE(block.looser(), std::size_t{2});
        QCOMPARE(block.passesWithin(0.45), 2.0);
        QCOMPARE(block.passesWithin(0.01), 3.0); // none is: the tightest
    }
};

JACOBI_TEST(FlowTolerancesTest)
#include "tst_flowtolerances.moc"
