// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/testmain.h"
#include "tests/widgets/stage.h"

#include <QSignalSpy>

using namespace jacobi;
using namespace jacobi::test;

namespace {

constexpr int kPatch = 4; // pixels

QColor middleOf(const QImage& picture, int position, int columns)
{
    return picture.pixelColor(position % columns * kPatch + 2, position / columns * kPatch + 2);
}

const QColor kDecoded(10, 20, 30);

} // namespace

/// The pictures a TraceModel composes: decoded where committed, the codes' colours where drafted.
class TracePictureTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void draftsShowTheirCodes()
    {
        TraceModel model;
        model.appendHeader(makeHeader(2, 3, kPatch));
        model.appendStep(makeStep(0, {4, 5, 6, 7}, 1));
        const QImage picture = model.compose(0);
        QCOMPARE(picture.size(), QSize(12, 8));
        QCOMPARE(picture.format(), QImage::Format_ARGB32_Premultiplied);
        for (int position = 0; position < 4; ++position) {
            QCOMPARE(middleOf(picture, position, 3), codeColourOf(4 + position));
        }
        QCOMPARE(middleOf(picture, 4, 3).alpha(), 0);
        QCOMPARE(middleOf(model.compose(-1), 0, 3).alpha(), 0);
    }

    void committedTokensShowTheDecodedPicture()
    {
        TraceModel model;
        model.appendHeader(makeHeader(2, 3, kPatch));
        model.appendStep(makeStep(0, {4, 5, 6, 7, 8}, 4));
        model.appendStep(makeStep(4, {8, 9}, 5));
        model.appendPreview(makePreview(12, 8, kDecoded, 4));
        const QImage picture = model.compose(1);
        for (int position = 0; position < 4; ++position) {
            QCOMPARE(middleOf(picture, position, 3), kDecoded);
        }
        QCOMPARE(middleOf(picture, 4, 3), codeColourOf(8)); // committed, but the preview is older
        QCOMPARE(middleOf(picture, 5, 3), codeColourOf(9));
    }

    void thePreviewThatCoversMostServesEveryPass()
    {
        TraceModel model;
        model.appendHeader(makeHeader(1, 3, kPatch));
        model.appendStep(makeStep(0, {1, 2, 3}, 1));
        model.appendStep(makeStep(1, {2, 3}, 3));
        model.appendPreview(makePreview(12, 4, Qt::white, 1));
        model.appendPreview(makePreview(12, 4, kDecoded, 3));
        model.appendPreview(makePreview(12, 4, Qt::white, 2));
        QCOMPARE(middleOf(model.compose(0), 0, 3), kDecoded);
        QCOMPARE(middleOf(model.compose(0), 1, 3), codeColourOf(2));
        QCOMPARE(middleOf(model.compose(1), 2, 3), kDecoded);
        QCOMPARE(model.finalPicture().pixelColor(0, 0), kDecoded);
    }

    void aNewPreviewReplacesWhatWasComposed()
    {
        TraceModel model;
        model.appendHeader(makeHeader(1, 2, kPatch));
        model.appendStep(makeStep(0, {1, 2}, 2));
        QCOMPARE(middleOf(model.compose(0), 0, 2), codeColourOf(1));
        model.appendPreview(makePreview(8, 4, kDecoded, 2));
        QCOMPARE(middleOf(model.compose(0), 0, 2), kDecoded);
    }

    // A pass that is not there yet means the newest one, also when a newer one comes.
    void passesToComeAreTheNewestOne()
    {
        TraceModel model;
        model.appendHeader(makeHeader(1, 2, kPatch));
        QCOMPARE(middleOf(model.compose(0), 0, 2).alpha(), 0);
        model.appendStep(makeStep(0, {1}, 0));
        QCOMPARE(middleOf(model.compose(0), 0, 2), codeColourOf(1));
        QCOMPARE(middleOf(model.compose(7), 0, 2), codeColourOf(1));
        model.appendStep(makeStep(0, {3}, 0));
        QCOMPARE(middleOf(model.compose(7), 0, 2), codeColourOf(3));
        QCOMPARE(middleOf(model.compose(0), 0, 2), codeColourOf(1));
    }

    void previewsOfAnotherSizeAreScaledAndBrokenOnesRefused()
    {
        TraceModel model;
        model.appendHeader(makeHeader(1, 2, kPatch));
        model.appendStep(makeStep(0, {1, 2}, 2));
        const auto cut = makePreview(8, 4, kDecoded, 2);
        cut->rgb.pop_back();
        model.appendPreview(cut);
        const auto huge = makePreview(8, 4, kDecoded, 2);
        huge->width = 0x80000000U;
        model.appendPreview(huge);
        const auto other = makePreview(8, 4, kDecoded, 2);
        other->item = 1;
        model.appendPreview(other);
        QVERIFY(model.finalPicture().isNull());
        QCOMPARE(middleOf(model.compose(0), 0, 2), codeColourOf(1));
        model.appendPreview(makePreview(3, 5, kDecoded, 2));
        QCOMPARE(model.finalPicture().size(), QSize(8, 4));
        QCOMPARE(middleOf(model.compose(0), 1, 2), kDecoded);
    }

    void nothingIsNoPreview()
    {
        TraceModel model;
        QSignalSpy added(&model, &TraceModel::previewAdded);
        model.appendPreview(nullptr);
        QCOMPARE(added.size(), 0);
        QVERIFY(model.trace().previews.empty());
    }

    void codesWithoutColoursStayEmpty()
    {
        TraceModel model;
        const auto header = makeHeader(1, 3, kPatch, 4);
        model.appendHeader(header);
        model.appendStep(makeStep(0, {3, 4, -7}, 0)); // the layout has codes 0 .. 3
        QCOMPARE(model.codeColour(3), codeColourOf(3));
        QVERIFY(!model.codeColour(4).isValid() && !model.codeColour(-7).isValid());
        QVERIFY(model.codePatch(4).isNull() && model.codePatch(-7).isNull());
        const QImage picture = model.compose(0);
        QCOMPARE(middleOf(picture, 0, 3), codeColourOf(3));
        QCOMPARE(middleOf(picture, 1, 3).alpha(), 0);
        QCOMPARE(middleOf(picture, 2, 3).alpha(), 0);
    }
};

JACOBI_TEST(TracePictureTest)
#include "tst_tracepicture.moc"
