// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/engine/flowtolerances.h"

#include "tests/testmain.h"

#include <algorithm>
#include <cmath>

using namespace jacobi;

namespace {

using Curves = std::vector<std::vector<BlockCurve>>;

/// Of one picture that leaves the same errors in every sample.
BlockLevels levels(const std::vector<double>& passes, const std::vector<double>& errors)
{
    BlockLevels block;
    for (std::size_t level = 0; level < errors.size(); ++level) {
        block.passes.emplace_back(kLevelSamples, passes[level]);
        block.error.emplace_back(kLevelSamples, errors[level]);
    }
    return block;
}

double passesAt(const BlockLevels& block, std::size_t level)
{
    return batchPasses({block}, {level});
}

/// The place of the level nearest to a tolerance.
std::size_t placeOf(double tolerance)
{
    const std::vector<double> all = triedTolerances();
    const auto distance = [=](double one) { return std::abs(std::log(one / tolerance)); };
    return static_cast<std::size_t>(std::ranges::min_element(all, {}, distance) - all.begin());
}

} // namespace

class FlowTolerancesTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void tighterTakesMorePasses()
    {
        const BlockLevels all = blockLevels(
            Curves{{{{1.0, 0.5, 0.02, 0.003}, {0.4, 0.04, 0.004, 0.0}}}, {{{0.7, 0.05, 0.001}, {0.2, 0.02, 0.0}}}},
            BatchStop::Together, 1);
        QCOMPARE(all.passes.size(), triedTolerances().size());
        QCOMPARE(all.error.size(), all.passes.size());
        for (std::size_t i = 1; i < all.passes.size(); ++i) {
            QVERIFY(triedTolerances()[i] < triedTolerances()[i - 1]);
            QVERIFY(passesAt(all, i) >= passesAt(all, i - 1));
        }
        QCOMPARE(passesAt(all, 0), 1.0); // both stop at once
        QCOMPARE(all.error.front().front(), 0.4);
        // As far as they were followed, and one pass more for the one that has not become as still as that.
        QCOMPARE(passesAt(all, all.passes.size() - 1), 4.5);
    }

    void aBatchWaitsForItsSlowestPicture()
    {
        const BlockCurve fast{{1.0, 1e-3, 1e-5}, {0.1, 0.01, 0.0}};
        const BlockCurve slow{{1.0, 0.9, 1e-5}, {0.3, 0.2, 0.002}};
        const BlockLevels all = blockLevels(Curves{{fast, slow}}, BatchStop::Together, 1);
        const std::size_t at = placeOf(0.03); // far from every change
        QCOMPARE(passesAt(all, at), 3.0);
        QCOMPARE(all.error[at].size(), kLevelSamples * 2);
        QCOMPARE(all.error[at][0], 0.0);
        QCOMPARE(all.error[at][1], 0.002);
        QCOMPARE(passesAt(blockLevels(Curves{{fast}}, BatchStop::Together, 1), at), 2.0);
    }

    /// Each is left when it is there itself, and a batch takes what its slowest picture takes in all blocks.
    void picturesThatGoApartDoNotWait()
    {
        const BlockCurve fast{{1.0, 1e-3, 1e-5}, {0.1, 0.01, 0.0}};
        const BlockCurve slow{{1.0, 0.9, 1e-5}, {0.3, 0.2, 0.002}};
        const std::size_t at = placeOf(0.03);
        const BlockLevels one = blockLevels(Curves{{fast, slow}}, BatchStop::Apart, 1);
        const BlockLevels other = blockLevels(Curves{{slow, fast}}, BatchStop::Apart, 2);
        QCOMPARE(one.error[at][0], 0.01);
        QCOMPARE(one.error[at][1], 0.002);
        QCOMPARE(passesAt(one, at), 3.0);
        QCOMPARE(batchPasses({one, other}, {at, at}), 5.0);
        const BlockLevels together = blockLevels(Curves{{slow, fast}}, BatchStop::Together, 2);
        QCOMPARE(batchPasses({together, together}, {at, at}), 6.0);
    }

    /// Another latent may change just little enough where this one changes a little too much.
    void tolerancesAreTriedALittleOff()
    {
        Curves curves;
        for (int picture = 0; picture < 50; ++picture) {
            curves.push_back({{{0.11, 1e-5}, {0.9, 0.0}}});
        }
        const BlockLevels all = blockLevels(curves, BatchStop::Together, 1);
        const std::vector<double> errors = all.error[placeOf(0.1)];
        const auto left = std::ranges::count(errors, 0.9);
        QVERIFY(left > 0 && left < static_cast<std::ptrdiff_t>(errors.size()));
        QVERIFY(blockLevels(curves, BatchStop::Together, 1).error == all.error);
    }

    void errorIsSpentWhereItSavesMost()
    {
        // One pass more takes 0.8 from the first block, 0.1 from the second.
        const std::vector<BlockLevels> blocks{levels({1.0, 2.0, 3.0}, {1.0, 0.2, 0.0}),
                                              levels({1.0, 2.0, 3.0}, {0.2, 0.1, 0.0})};
        using Places = std::vector<std::size_t>;
        QVERIFY((chooseLevels(blocks, {10.0}) == Places{0, 0}));
        QVERIFY((chooseLevels(blocks, {0.5}) == Places{1, 0}));
        QVERIFY((chooseLevels(blocks, {0.25}) == Places{2, 0}));
        QVERIFY((chooseLevels(blocks, {0.0}) == Places{2, 2}));
        QVERIFY((chooseLevels(blocks, {-1.0}) == Places{2, 2})); // more than there is to gain
    }

    void ofLevelsThatTakeAsLongTheTightestIsChosen()
    {
        const std::vector<BlockLevels> blocks{levels({1.0, 1.0, 2.0}, {0.3, 0.2, 0.0})};
        QCOMPARE(chooseLevels(blocks, {1.0}).front(), std::size_t{1});
    }

    void everyPictureHasALimitOfItsOwn()
    {
        BlockLevels block;
        block.passes = {std::vector<double>(8, 1.0), std::vector<double>(8, 2.0)};
        block.error = {{0.1, 0.5, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1}, std::vector<double>(8, 0.0)}; // of two pictures
        QCOMPARE(chooseLevels({block}, {0.2, 1.0}).front(), std::size_t{0});
        QCOMPARE(chooseLevels({block}, {1.0, 0.2}).front(), std::size_t{1});
        QVERIFY((summedErrors({block}, {0}) == std::vector<double>{0.1, 0.5}));
        QVERIFY((summedErrors({block, block}, {0, 1}) == std::vector<double>{0.1, 0.5}));
    }
};

JACOBI_TEST(FlowTolerancesTest)
#include "tst_flowtolerances.moc"
