// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/engine/previews.h"
#include "tests/core/engine/fakes.h"
#include "tests/testmain.h"

using namespace jacobi;
using namespace jacobi::test;

class PreviewsTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void oneATenthWhenTimeIsPlenty()
    {
        PreviewPlan plan(1, 256, 1);
        int made = 0;
        for (std::uint32_t committed = 1; committed <= 256; ++committed) {
            if (plan.isDue(0, committed, 1'000'000)) {
                plan.made(0, committed, 1);
                ++made;
            }
        }
        QCOMPARE(made, 9); // the tenth is the final picture
    }

    void jumpOverSeveralTenthsIsOne()
    {
        PreviewPlan plan(1, 100, 1);
        QVERIFY(plan.isDue(0, 55, 1'000'000));
        plan.made(0, 55, 1);
        QVERIFY(!plan.isDue(0, 59, 1'000'000));
        QVERIFY(plan.isDue(0, 60, 1'000'000));
    }

    void threePercentIncludeTheNextOne()
    {
        PreviewPlan plan(1, 100, 30);
        QVERIFY(!plan.isDue(0, 10, 999));
        QVERIFY(plan.isDue(0, 10, 1000));
        plan.made(0, 10, 30);
        QVERIFY(!plan.isDue(0, 20, 1900)); // 60 of 1900
        QVERIFY(plan.isDue(0, 20, 2000));
    }

    void learnsWhatAPictureReallyCosts()
    {
        PreviewPlan plan(1, 100, 1);
        plan.made(0, 10, 500);
        QVERIFY(!plan.isDue(0, 20, 30'000)); // 1000 of 30000 is too much
        QVERIFY(plan.isDue(0, 20, 34'000));
        QCOMPARE(plan.spentNs(), 500);
    }

    void picturesHaveTheirOwnTenths()
    {
        PreviewPlan plan(3, 100, 1);
        plan.made(1, 35, 1);
        QVERIFY(!plan.isDue(1, 39, 1'000'000));
        QVERIFY(plan.isDue(1, 40, 1'000'000));
        QVERIFY(plan.isDue(0, 10, 1'000'000));
        QVERIFY(plan.isDue(2, 35, 1'000'000));
        QVERIFY(!plan.isDue(2, 9, 1'000'000));
    }

    void picturesShareTheBudget()
    {
        PreviewPlan plan(2, 100, 30);
        QVERIFY(plan.isDue(0, 10, 1000) && plan.isDue(1, 10, 1000));
        plan.made(0, 10, 30);
        QVERIFY(!plan.isDue(1, 10, 1900)); // 60 of 1900, whose ever they are
        QVERIFY(plan.isDue(1, 10, 2000));
        plan.made(1, 10, 60); // and what one learns counts for the other
        QVERIFY(!plan.isDue(0, 20, 4900));
        QVERIFY(plan.isDue(0, 20, 5000));
        QCOMPARE(plan.spentNs(), 90);
        QCOMPARE(plan.expectedNs(), 60);
    }

    void notYetDecidedPatchesAreGrey()
    {
        Fakes fakes;
        PatchPictures pictures(fakes, smallLayout());
        const std::vector<std::int64_t> tokens{3, -1, 5, 7}; // -1 and 7 are no codes; the rest is missing
        const Preview preview = decodePreview(pictures, smallLayout(), tokens);
        QCOMPARE(preview.rgb.size(), std::size_t{8 * 10 * 3});
        const auto at = [&](std::size_t x, std::size_t y) { return int{preview.rgb[(y * 10 + x) * 3]}; };
        QCOMPARE(at(0, 0), 3);
        QCOMPARE(at(1, 1), 3);
        QCOMPARE(at(2, 0), 128);
        QCOMPARE(at(3, 1), 128);
        QCOMPARE(at(4, 0), 5);
        QCOMPARE(at(6, 0), 128);
        QCOMPARE(at(9, 7), 128);
    }

    void aDetokenizerWithoutAPictureIsAnError()
    {
        class Broken : public Detokenizer {
        public:
            at::Tensor decode(const at::Tensor&) override { return at::zeros({1, 2, 3}, at::kFloat); }
            std::vector<CodeColours> codeColours() override { return {}; }
        } broken;
        QVERIFY_EXCEPTION_THROWN(decodePreview(broken, smallLayout(), {}), c10::Error);
    }
};

JACOBI_TEST(PreviewsTest)
#include "tst_previews.moc"
