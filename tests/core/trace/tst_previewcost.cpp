// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/trace/previewcost.h"

#include "core/trace/memorytrace.h"
#include "core/trace/tracefile.h"
#include "tests/core/trace/tracesamples.h"
#include "tests/testmain.h"

using namespace jacobi;
using namespace jacobi::test;

class PreviewCostTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void aSizeIsMeasuredOnce()
    {
        const std::int64_t first = previewPngNs(96, 64);
        QVERIFY(first > 0);
        QCOMPARE(previewPngNs(96, 64), first);
    }

    void aSizeThatNoPictureHasCostsNothing()
    {
        QCOMPARE(previewPngNs(0, 64), 0);
        QCOMPARE(previewPngNs(1, 4'000'000'000U), 0);
        QCOMPARE(previewPngNs(4'000'000'000U, 4'000'000'000U), 0);
    }

    /// A trace makes a PNG of every preview; what is kept in memory takes no time; several sinks take the sum.
    void sinksTell()
    {
        const TestFolder folder;
        const auto writer = TraceWriter::create(folder.file("run.jtrace"));
        QVERIFY(writer.has_value());
        MemoryTrace memory;
        QCOMPARE(memory.previewNs(96, 64), 0);
        QCOMPARE((*writer)->previewNs(96, 64), previewPngNs(96, 64));
        const FanOutSink both({writer->get(), &memory, writer->get()});
        QCOMPARE(both.previewNs(96, 64), 2 * previewPngNs(96, 64));
    }
};

JACOBI_TEST(PreviewCostTest)
#include "tst_previewcost.moc"
