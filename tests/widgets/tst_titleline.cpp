// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/testmain.h"
#include "tests/widgets/stage.h"
#include "widgets/chiplabel.h"
#include "widgets/theme.h"
#include "widgets/titleline.h"

#include <vector>

using namespace jacobi;
using namespace jacobi::test;

namespace {

const QColor kFirst(250, 10, 20);
const QColor kSecond(20, 250, 10);
const QColor kThird(10, 20, 250);

int marksOf(TitleLine& line, const QColor& colour)
{
    return pixelsOf(line, line.rect(), colour);
}

} // namespace

class TitleLineTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void textsAreJoined()
    {
        TitleLine line("Trajectory");
        QCOMPARE(line.text(), QString("Trajectory"));
        line.setTexts("SJD, maximal coupling", "window 48");
        QCOMPARE(line.text(), QString("SJD, maximal coupling · window 48"));
        QCOMPARE(line.accessibleName(), line.text());
        line.setRightText("row 1, column 2");
        QCOMPARE(line.rightText(), QString("row 1, column 2"));
        QCOMPARE(line.accessibleDescription(), line.rightText());
        line.setTexts("Token");
        QCOMPARE(line.text(), QString("Token"));
    }

    void whatIsCutIsInTheToolTip()
    {
        TitleLine line("SJD, maximal coupling");
        present(line, {600, 24});
        line.setTexts("SJD, maximal coupling", "window 48 · seed 18446744073709551615");
        line.grab();
        QVERIFY(line.toolTip().isEmpty());
        line.resize(260, 24);
        line.grab();
        QCOMPARE(line.toolTip(), line.text());
        line.setTexts("SJD");
        line.grab();
        QVERIFY(line.toolTip().isEmpty());
        line.resize(40, 24);
        line.setTexts("SJD, maximal coupling");
        line.grab();
        QCOMPARE(line.toolTip(), line.text());
    }

    void theSecondLineReachesUnderTheChips()
    {
        TitleLine line("SJD", nullptr, TitleLine::Lines::Two);
        auto* chip = new ChipLabel("Overlay: state");
        line.addChip(chip);
        const int height = line.height();
        QVERIFY(height > TitleLine("SJD").height());
        present(line, {260, height});
        QVERIFY(chip->geometry().bottom() < TitleLine("SJD").height()); // it stays in the first
        line.setTexts("SJD", "window 48 · guidance 2.0 · top-p 0.80");
        const QRect below(0, TitleLine("SJD").height(), line.width(), height - TitleLine("SJD").height());
        QVERIFY(pixelsOf(line, below, colours().secondary) > 10);
        QVERIFY(line.toolTip().isEmpty());
        line.setTexts("SJD", QString(200, 'm'));
        line.grab();
        QCOMPARE(line.toolTip(), line.text());
        QCOMPARE(line.height(), height);
        QCOMPARE(line.sizeHint().height(), height);
    }

    void theLegendDropsItsLastEntriesFirst()
    {
        TitleLine line("Trajectory");
        present(line, {600, 24});
        line.setLegend({{"accepted", kFirst}, {"draft, unchanged", kSecond}, {"draft, redrawn", kThird}});
        QVERIFY(marksOf(line, kFirst) > 40 && marksOf(line, kSecond) > 40 && marksOf(line, kThird) > 40);
        int width = 600;
        while (marksOf(line, kThird) > 0 && width > 100) {
            line.resize(width -= 10, 24);
        }
        QVERIFY(marksOf(line, kFirst) > 40 && marksOf(line, kSecond) > 40);
        while (marksOf(line, kSecond) > 0 && width > 100) {
            line.resize(width -= 10, 24);
        }
        QVERIFY(marksOf(line, kFirst) > 40);
    }

    void entriesWithoutRoomAreNamedByAnEllipsis()
    {
        TitleLine line("Trajectory");
        present(line, {600, 24});
        line.setLegend({{"accepted", kFirst}, {"draft, unchanged", kSecond}, {"draft <b>redrawn", kThird, LegendEntry::Mark::Line}});
        line.grab();
        QVERIFY(line.moreRect().isEmpty());
        for (int width = 590; width >= 120; width -= 10) { // an entry is to be seen, or named
            line.resize(width, 24);
            const bool isSeen = marksOf(line, kThird) > 0;
            QCOMPARE(line.moreRect().isEmpty(), isSeen);
            QVERIFY(isSeen || line.moreWords().contains("draft &lt;b&gt;redrawn"));
            QVERIFY(isSeen || line.moreWords().contains(kThird.name()));
            QCOMPARE(line.moreWords().contains(kFirst.name()), marksOf(line, kFirst) == 0);
        }
        QVERIFY(line.rect().contains(line.moreRect().toAlignedRect()));
    }

    /// All of it in fewer words, before any entry is left out; the tool tip says it in full.
    void aLegendWithoutRoomIsBrief()
    {
        using Mark = LegendEntry::Mark;
        TitleLine line("Trajectory");
        present(line, {600, 24});
        line.setLegend({{"accepted", kFirst}, {"draft, unchanged", kSecond, Mark::Square, "kept"}, {"draft, redrawn", kThird, Mark::Line, "redrawn"}});
        line.grab();
        QVERIFY(!line.isLegendBrief() && line.moreRect().isEmpty());
        const QRectF full = line.legendRect();
        int width = 600;
        while (!line.isLegendBrief() && width > 100) {
            line.resize(width -= 5, 24);
            line.grab();
        }
        QVERIFY(line.moreRect().isEmpty() && marksOf(line, kThird) > 10); // nothing is left out
        QVERIFY(line.legendRect().width() < full.width() - 40);
        while (line.moreRect().isEmpty() && width > 100) {
            line.resize(width -= 5, 24);
            line.grab();
        }
        QVERIFY(line.moreWords().contains("draft, redrawn"));
        line.resize(600, 24);
        line.grab();
        QVERIFY(!line.isLegendBrief());
    }

    void aChipThatGrowsTakesItsRoomAtOnce()
    {
        TitleLine line("Picture");
        auto* chip = new ChipLabel("a");
        line.addChip(chip);
        present(line, {300, 24});
        line.setTexts("Picture", "window 48 · seed 1");
        QTRY_VERIFY(line.toolTip().isEmpty());
        chip->setText(QString(24, 'm'));
        chip->updateGeometry();
        QTRY_COMPARE(line.toolTip(), line.text()); // painted anew, with an ellipsis
        chip->hide();
        QTRY_VERIFY(line.toolTip().isEmpty());
    }

    void theLegendLeavesTheTextItsRoom()
    {
        TitleLine line("Trajectory");
        present(line, {380, 24});
        line.setLegend({{"accepted", kFirst}, {"draft, unchanged", kSecond}, {"draft, redrawn", kThird}});
        const int before = marksOf(line, kSecond);
        line.setTexts("Trajectory", "zoomed, double-click shows all");
        line.grab();
        QVERIFY(line.toolTip().isEmpty()); // nothing was cut
        QVERIFY(before > 0 && marksOf(line, kSecond) == 0);
    }

    void marksHaveTheirOwnForms()
    {
        TitleLine line("Plot");
        present(line, {300, 24});
        using Mark = LegendEntry::Mark;
        std::vector<QImage> forms;
        for (const Mark mark : {Mark::Square, Mark::Frame, Mark::Line, Mark::Dashed}) {
            line.setLegend({{"entry", kFirst, mark}});
            forms.push_back(line.grab().toImage());
            for (std::size_t other = 0; other + 1 < forms.size(); ++other) {
                QVERIFY(forms.back() != forms[other]);
            }
        }
        const auto ink = [&](std::size_t at) { return pixelsOf(forms[at], line.rect(), kFirst); };
        QVERIFY(ink(0) > ink(1) && ink(0) > ink(2) && ink(2) > ink(3));
    }

    void chipsStandAtTheRightEnd()
    {
        TitleLine line("Picture");
        const int least = line.minimumSizeHint().width();
        auto* first = new ChipLabel("Overlay: state");
        auto* second = new ChipLabel("100 %");
        line.addChip(first);
        line.addChip(second);
        QVERIFY(line.minimumSizeHint().width() > least); // there is always room for the chips
        present(line, {500, 24});
        QCOMPARE(second->geometry().right(), line.width() - 1);
        QVERIFY(first->geometry().right() < second->geometry().left());
        line.setTexts("A title", QString(200, 'm'));
        line.grab();
        QVERIFY(!line.toolTip().isEmpty()); // the text ends before them
    }

    void aHiddenChipLeavesTheTitleItsRoom()
    {
        TitleLine line("Picture");
        auto* chip = new ChipLabel("1 of 4");
        line.addChip(chip);
        chip->hide();
        present(line, {300, 24});
        QVERIFY(pixelsOf(line, line.rect(), colours().text) > 10);
        QVERIFY(line.toolTip().isEmpty()); // nothing was cut off
    }

    void itNeverChangesItsHeight()
    {
        TitleLine line("Picture");
        const int height = line.height();
        line.setTexts(QString(300, 'm'), QString(300, 'm'));
        line.setRightText(QString(300, 'm'));
        QCOMPARE(line.height(), height);
        QCOMPARE(line.sizeHint().height(), height);
        line.resize(1, height);
        line.grab(); // and no width is too small
    }
};

JACOBI_TEST(TitleLineTest)
#include "tst_titleline.moc"
