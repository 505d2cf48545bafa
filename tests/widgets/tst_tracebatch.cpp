// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/testmain.h"
#include "tests/widgets/stage.h"

#include <QSignalSpy>
#include <QtTest>

using namespace jacobi;
using namespace jacobi::test;

namespace {

/// Two pictures: the first takes two passes, the second three; each pass of the network is 4 ms a picture in it.
Trace twoPictures()
{
    Trace trace;
    auto header = makeHeader(1, 4);
    header->request.pictures = 2;
    trace.header = header;
    const auto add = [&trace](std::uint32_t item, std::uint32_t pass, std::uint32_t begin, std::vector<std::int32_t> tokens,
                              std::uint32_t end) {
        auto step = std::make_shared<Step>(*makeStep(begin, std::move(tokens), end));
        step->item = item;
        step->pass = pass;
        step->forwardNs = 4'000'000;
        step->samplingNs = step->otherNs = 0;
        trace.steps.push_back(step);
    };
    add(0, 0, 0, {1, 2, 3, 4}, 2);
    add(1, 0, 0, {5, 6, 7, 8}, 1);
    add(0, 1, 2, {3, 4}, 4);
    add(1, 1, 1, {6, 9, 8}, 2);
    add(1, 2, 2, {9, 8}, 4);
    for (std::uint32_t item = 0; item < 2; ++item) {
        auto preview = std::make_shared<Preview>(*makePreview(16, 4, item == 0 ? Qt::red : Qt::blue, 4));
        preview->item = item;
        trace.previews.push_back(preview);
    }
    trace.summary = RunSummary{};
    return trace;
}

} // namespace

/// Several pictures in one trace, one of them shown.
class TraceBatchTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void eachPictureIsItsOwnRun()
    {
        TraceModel model;
        model.setTrace(twoPictures());
        QCOMPARE(model.items(), 2);
        QCOMPARE(model.passes(), 2);
        QCOMPARE(model.tokensAfter(1), (std::vector<std::int32_t>{1, 2, 3, 4}));
        QCOMPARE(model.finalPicture().pixelColor(0, 0), QColor(Qt::red));
        model.setItem(1);
        QCOMPARE(model.passes(), 3);
        QCOMPARE(model.tokensAfter(2), (std::vector<std::int32_t>{5, 6, 9, 8}));
        QCOMPARE(model.changesOf(2), 1);
        QCOMPARE(model.committedEnd(0), 1);
        QCOMPARE(model.finalPicture().pixelColor(0, 0), QColor(Qt::blue));
        QVERIFY(model.isFinished());
        model.setItem(0);
        QCOMPARE(model.passes(), 2);
        QCOMPARE(model.changesOf(2), 0);
    }

    void switchingSpeaksAsAnotherRun()
    {
        TraceModel model;
        model.setTrace(twoPictures());
        const QSignalSpy reset(&model, &TraceModel::reset);
        QSignalSpy added(&model, &TraceModel::passesAdded);
        const QSignalSpy finished(&model, &TraceModel::finished);
        model.setItem(0); // it is shown already
        QCOMPARE(reset.size(), 0);
        model.setItem(99); // the last one
        QCOMPARE(model.item(), 1);
        QCOMPARE(reset.size(), 1);
        QCOMPARE(added.takeFirst(), (QList<QVariant>{0, 3}));
        QCOMPARE(finished.size(), 1);
        model.setTrace(twoPictures());
        QCOMPARE(model.item(), 0);
    }

    void aLiveRunGoesOnInThePictureShown()
    {
        const Trace trace = twoPictures();
        TraceModel model;
        model.appendHeader(trace.header);
        model.appendSteps({trace.steps.begin(), trace.steps.begin() + 2});
        const QSignalSpy finished(&model, &TraceModel::finished);
        model.setItem(1);
        QVERIFY(model.isLive());
        QCOMPARE(finished.size(), 0);
        model.appendSteps({trace.steps.begin() + 2, trace.steps.end()});
        QCOMPARE(model.passes(), 3);
        model.appendSummary({});
        QCOMPARE(finished.size(), 1);
        QCOMPARE(model.trace().steps.size(), trace.steps.size());
    }

    // Pictures that share a pass of the network share its time: none of them was faster than the run.
    void secondsAreThoseOfTheWholeBatch()
    {
        TraceModel model;
        model.setTrace(twoPictures());
        QCOMPARE(model.secondsUntil(0), 0.008);
        QCOMPARE(model.secondsUntil(1), 0.016);
        model.setItem(1);
        QCOMPARE(model.secondsUntil(1), 0.016);
        QCOMPARE(model.secondsUntil(2), 0.020);
    }

    void aTraceThatSaysNonsenseHasOnePicture()
    {
        Trace trace = twoPictures();
        auto header = std::make_shared<RunHeader>(*trace.header);
        header->request.pictures = -5;
        trace.header = header;
        TraceModel model;
        model.setTrace(trace);
        QCOMPARE(model.items(), 1);
        model.setItem(1);
        QCOMPARE(model.item(), 0);
    }
};

JACOBI_TEST(TraceBatchTest)
#include "tst_tracebatch.moc"
