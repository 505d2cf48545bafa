// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/testmain.h"
#include "tests/widgets/stage.h"
#include "widgets/picturecanvas.h"
#include "widgets/scalarmap.h"
#include "widgets/theme.h"

#include <cmath>

using namespace jacobi;
using namespace jacobi::test;

/// What lies over the picture, one pixel a position.
class PictureOverlaysTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void init() { Theme::apply(*qApp, Theme::Mode::Dark); }

    void stateShowsTheWindowOnly()
    {
        Stage stage(MadeTrace{});
        PictureCanvas canvas(&stage.model, &stage.selection, nullptr);
        stage.selection.goToPass(5);
        const QImage image = canvas.overlayImage();
        QCOMPARE(image.size(), QSize(8, 8));
        const Palette& c = colours();
        for (int position = 0; position < 64; ++position) {
            const QColor pixel = image.pixelColor(position % 8, position / 8);
            switch (stage.model.stateAt(5, position)) {
            case CellState::New: QCOMPARE(pixel, c.fresh); break;
            case CellState::Kept: QCOMPARE(pixel, c.kept); break;
            case CellState::Redrawn: QCOMPARE(pixel, c.redrawn); break;
            case CellState::AcceptedNow: QCOMPARE(pixel, c.accepted); break;
            case CellState::AcceptedBefore:
            case CellState::Outside: QCOMPARE(pixel.alpha(), 0); break;
            case CellState::Noisy: QFAIL("there is no noise in this trace");
            }
        }
    }

    /// Drafts that are still noise: their level is a layer, and what they read like a token.
    void noiseIsALayer()
    {
        Stage stage;
        stage.model.appendHeader(makeHeader(2, 4));
        auto step = makeStep(0, {3, 4, 5, 6}, 1);
        step->state = {TokenState::Accepted, TokenState::Redrawn, TokenState::Noisy, TokenState::Noisy};
        step->noiseLevel = {0.0F, 0.0F, 0.4F, 0.9F};
        stage.model.appendStep(step);
        QVERIFY(stage.model.hasNoise());
        QCOMPARE(stage.model.stateAt(0, 3), CellState::Noisy);
        QCOMPARE(stage.model.tokenAt(0, 3), 6);
        QCOMPARE(stage.model.momentAt(0, 2).noise, 0.4F);
        const ScalarLayer layer = scalarLayer(stage.model, 0, Overlay::Noise);
        QVERIFY(std::isnan(layer.values[0])); // accepted: no noise to speak of
        QCOMPARE(static_cast<float>(layer.values[3]), 0.9F);
        QVERIFY(std::isnan(layer.values[5])); // not reached
        QCOMPARE(layer.maximum, 1.0);
        QVERIFY(!layer.isWhole);
        PictureCanvas canvas(&stage.model, &stage.selection, nullptr);
        QCOMPARE(canvas.overlayImage().pixelColor(3, 0), scalarColour(static_cast<double>(0.9F))); // over the state, too
    }

    void acceptancePassIsOnTheRunsScale()
    {
        Stage stage(MadeTrace{});
        const int passes = stage.model.passes();
        for (const int pass : {3, passes - 1}) {
            const ScalarLayer layer = scalarLayer(stage.model, pass, Overlay::AcceptancePass);
            QCOMPARE(layer.minimum, 0.0);
            QCOMPARE(layer.maximum, passes - 1.0); // the same while scrubbing
            QVERIFY(layer.isWhole);
            for (int position = 0; position < 64; ++position) {
                const double value = layer.values[static_cast<std::size_t>(position)];
                const int accepted = stage.model.passOfAcceptance(position);
                if (accepted <= pass) {
                    QCOMPARE(value, static_cast<double>(accepted));
                } else {
                    QVERIFY(std::isnan(value));
                }
            }
        }
    }

    void changesCountUpToThePassShown()
    {
        MadeTrace made;
        made.acceptance = 0.2;
        Stage stage(made);
        const int pass = stage.model.passes() / 2;
        const ScalarLayer layer = scalarLayer(stage.model, pass, Overlay::Changes);
        const auto tokens = stage.model.tokensAfter(pass);
        double highest = 0.0;
        for (int position = 0; position < 64; ++position) {
            const double value = layer.values[static_cast<std::size_t>(position)];
            if (tokens[static_cast<std::size_t>(position)] < 0) {
                QVERIFY(std::isnan(value));
            } else {
                QCOMPARE(value, static_cast<double>(stage.model.changesOf(position, pass)));
                highest = std::max(highest, value);
            }
        }
        QVERIFY(highest >= 2.0);
        QCOMPARE(layer.maximum, highest);
    }

    void entropyIsTheOneOfTheAcceptingPass()
    {
        Stage stage(MadeTrace{});
        const int last = stage.model.passes() - 1;
        const ScalarLayer layer = scalarLayer(stage.model, last, Overlay::Entropy);
        const int accepted = stage.model.passOfAcceptance(30);
        QVERIFY(accepted < last);
        QCOMPARE(layer.values[30], static_cast<double>(stage.model.momentAt(accepted, 30).entropy));
        QVERIFY(!layer.isWhole);
        QCOMPARE(layer.maximum, std::ceil(layer.maximum));
        QVERIFY(layer.maximum >= 1.0);
    }

    void withoutPassesThereIsNothing()
    {
        Stage stage;
        PictureCanvas canvas(&stage.model, &stage.selection, nullptr);
        QVERIFY(canvas.overlayImage().isNull());
        stage.model.appendHeader(makeHeader(2, 2));
        QVERIFY(canvas.overlayImage().isNull());
        const ScalarLayer layer = scalarLayer(stage.model, -1, Overlay::Changes);
        QCOMPARE(layer.values.size(), std::size_t{4});
        QVERIFY(std::isnan(layer.values[0]));
    }

    void scalarsAreColouredByTheMap()
    {
        Stage stage(MadeTrace{});
        PictureCanvas canvas(&stage.model, &stage.selection, nullptr);
        canvas.setOverlay(Overlay::AcceptancePass, 30);
        const QImage image = canvas.overlayImage();
        const int last = stage.model.passes() - 1;
        for (int position = 0; position < 64; ++position) {
            const double share = static_cast<double>(stage.model.passOfAcceptance(position)) / last;
            QCOMPARE(image.pixelColor(position % 8, position / 8), scalarColour(share));
        }
        canvas.setOverlay(Overlay::None, 30);
        QVERIFY(canvas.overlayImage().isNull());
    }

    // Opacity 0 shows the bare picture, 100 nothing of it, 50 the mean of both.
    void opacityMixesPictureAndOverlay()
    {
        Stage stage(MadeTrace{});
        PictureCanvas canvas(&stage.model, &stage.selection, nullptr);
        present(canvas, {300, 300});
        const int position = 12; // clear of the colour bar
        const auto shown = [&](Overlay overlay, int percent) {
            canvas.setOverlay(overlay, percent);
            return canvas.grab().toImage().pixelColor(canvas.patchRect(position).center().toPoint());
        };
        const QColor bare = shown(Overlay::None, 30);
        const double share = static_cast<double>(stage.model.passOfAcceptance(position)) / (stage.model.passes() - 1);
        const QColor over = scalarColour(share);
        QVERIFY(bare != over);
        QCOMPARE(shown(Overlay::AcceptancePass, 0), bare);
        QCOMPARE(shown(Overlay::AcceptancePass, 100), over);
        const QColor half = shown(Overlay::AcceptancePass, 50);
        QVERIFY(std::abs(half.red() - (bare.red() + over.red()) / 2) <= 2);
        QVERIFY(std::abs(half.green() - (bare.green() + over.green()) / 2) <= 2);
        QVERIFY(std::abs(half.blue() - (bare.blue() + over.blue()) / 2) <= 2);
    }
};

JACOBI_TEST(PictureOverlaysTest)
#include "tst_pictureoverlays.moc"
