// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/limits.h"
#include "core/trace/tracerecords.h"
#include "tests/core/trace/tracesamples.h"
#include "tests/testmain.h"

#include <limits>
#include <utility>

using namespace jacobi;
using namespace jacobi::test;

namespace {

void addLayoutColumns()
{
    QTest::addColumn<quint32>("rows");
    QTest::addColumn<quint32>("columns");
    QTest::addColumn<quint32>("codes");
    QTest::addColumn<quint32>("patchPixels");
}

void addLayout(const char* name, quint32 rows, quint32 columns, quint32 codes, quint32 patchPixels)
{
    QTest::newRow(name) << rows << columns << codes << patchPixels;
}

RunHeader headerOfRow()
{
    const auto value = [](const char* column) { return *static_cast<quint32*>(QTest::qData(column, QMetaType::UInt)); };
    RunHeader header = sampleHeader();
    header.layout = {value("rows"), value("columns"), value("codes"), value("patchPixels")};
    header.codeColours.clear();
    return header;
}

Result<void> checked(const Step& step)
{
    return checkStep(step, sampleLayout());
}

} // namespace

class TraceChecksTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void largestLayoutsPass_data()
    {
        addLayoutColumns();
        addLayout("one position", 1, 1, 1, 1);
        addLayout("most positions", 1024, 1024, 1, 1);
        addLayout("longest row", 1, 16'384, 1, 1);
        addLayout("longest column", 16'384, 1, 1, 1);
        addLayout("most codes", 1, 1, kMaxTraceCodes, 1);
        addLayout("largest patch", 1, 1, 1, 1024);
        addLayout("largest picture", 8'000, 8, 1, 1);
        addLayout("16,384 pixels wide", 1, 16, 1, 1024);
    }

    void largestLayoutsPass()
    {
        const RunHeader header = headerOfRow();
        QVERIFY(checkHeader(header).has_value());
        QVERIFY(encodeHeader(header).has_value());
    }

    void absurdLayoutsAreRefused_data()
    {
        addLayoutColumns();
        addLayout("no rows", 0, 3, 5, 2);
        addLayout("no columns", 2, 0, 5, 2);
        addLayout("no codes", 2, 3, 0, 2);
        addLayout("no pixels", 2, 3, 5, 0);
        addLayout("one position too many", 1025, 1024, 5, 1);
        addLayout("2^32 positions", 65'536, 65'536, 5, 1);
        addLayout("2^64 positions, nearly", 0xFFFFFFFFU, 0xFFFFFFFFU, 5, 1);
        addLayout("one code too many", 2, 3, kMaxTraceCodes + 1, 2);
        addLayout("codes above 2^31", 2, 3, 0x80000000U, 2);
        addLayout("patch too large", 1, 1, 5, 1025);
        addLayout("patch of 2^32 - 1", 1, 1, 5, 0xFFFFFFFFU);
        addLayout("too wide", 1, 17, 5, 1024);
        addLayout("too high", 17, 1, 5, 1024);
        addLayout("too many pixels", 8, 8, 5, 1001);
    }

    void absurdLayoutsAreRefused()
    {
        const RunHeader header = headerOfRow();
        const Result<void> result = checkHeader(header);
        QVERIFY(!result);
        QCOMPARE(result.error().code, ErrorCode::Corrupt);
        QVERIFY(!result.error().detail.empty());
        QVERIFY(!encodeHeader(header));
    }

    void coloursAreForEveryCodeOrNone()
    {
        RunHeader header = sampleHeader();
        QVERIFY(checkHeader(header).has_value());
        header.codeColours.pop_back();
        QVERIFY(!checkHeader(header));
        header.codeColours.clear();
        QVERIFY(checkHeader(header).has_value());
    }

    void positionsAreInOrder_data()
    {
        QTest::addColumn<quint32>("begin");
        QTest::addColumn<quint32>("committedEnd");
        QTest::addColumn<quint32>("end");
        QTest::addColumn<bool>("passes");
        const auto add = [](const char* name, quint32 begin, quint32 committedEnd, quint32 end, bool passes) {
            QTest::newRow(name) << begin << committedEnd << end << passes;
        };
        add("nothing", 0, 0, 0, true);
        add("all", 0, 6, 6, true);
        add("nothing committed", 2, 2, 4, true);
        add("empty at the end", 6, 6, 6, true);
        add("committed before the window", 2, 1, 4, false);
        add("committed behind the window", 2, 5, 4, false);
        add("backwards", 4, 4, 2, false);
        add("beyond the layout", 0, 0, 7, false);
        add("empty beyond the layout", 7, 7, 7, false);
        add("wraps", 0xFFFFFFFFU, 0xFFFFFFFFU, 0, false);
    }

    void positionsAreInOrder()
    {
        QFETCH(quint32, begin);
        QFETCH(quint32, committedEnd);
        QFETCH(quint32, end);
        QFETCH(bool, passes);
        Step step;
        step.begin = begin;
        step.committedEnd = committedEnd;
        step.end = end;
        QCOMPARE(checked(step).has_value(), passes);
    }

    void lanesAreBlocksOfAFlow()
    {
        TraceLayout layout{2, 3, 1, 2};
        Step step;
        step.end = 6;
        step.lane = 7;
        QVERIFY(checkStep(step, layout)); // nothing is said of lanes where there are no blocks
        layout.blocks = 2;
        layout.reversed = {false, true};
        QVERIFY(!checkStep(step, layout));
        step.lane = 1;
        QVERIFY(checkStep(step, layout));
        QCOMPARE(layout.rasterPosition(0, 1), 1U);
        QCOMPARE(layout.rasterPosition(1, 1), 4U);
        RunHeader header;
        header.layout = layout;
        QVERIFY(checkHeader(header));
        header.layout.reversed.push_back(false);
        QVERIFY(!checkHeader(header));
    }

    void codesAreOfTheVocabulary()
    {
        const Step good = sampleStep(0, 0, 1, 4);
        QVERIFY(checked(good).has_value());
        for (const std::int32_t code :
             {-2, 5, std::numeric_limits<std::int32_t>::max(), std::numeric_limits<std::int32_t>::min()}) {
            Step step = good;
            step.token[3] = code;
            QVERIFY(!checked(step));
            step = good;
            step.draft[3] = code;
            QVERIFY(!checked(step));
            step = good;
            step.topK[3][7].code = code;
            QVERIFY(!checked(step));
        }
        Step step = good;
        step.token[0] = -1; // only a draft or a candidate can be none
        QVERIFY(!checked(step));
        step = good;
        step.draft[0] = -1;
        step.topK[0][0].code = -1;
        QVERIFY(checked(step).has_value());
    }

    void statesExist()
    {
        Step step = sampleStep(0, 0, 1, 4);
        step.state[2] = TokenState::Exited;
        QVERIFY(checked(step).has_value());
        step.state[2] = static_cast<TokenState>(10);
        QVERIFY(!checked(step));
    }

    void timesAndPicturesHaveLimits()
    {
        const Step good = sampleStep(0, 0, 1, 4);
        for (auto part : {&Step::forwardNs, &Step::samplingNs, &Step::otherNs}) {
            Step step = good;
            step.*part = 0;
            QVERIFY(checked(step).has_value());
            step.*part = -1;
            QVERIFY(!checked(step));
            step.*part = 100'000'000'000'001;
            QVERIFY(!checked(step));
        }
        Step step = good;
        step.item = kMaxTraceItems - 1;
        QVERIFY(checked(step).has_value());
        step.item = kMaxTraceItems;
        QVERIFY(!checked(step));
    }

    void everyColumnFillsTheWindow()
    {
        const Step good = sampleStep(0, 0, 1, 4);
        const auto refusesOneLess = [&](auto column) {
            Step step = good;
            (step.*column).pop_back();
            return !checked(step);
        };
        QVERIFY(refusesOneLess(&Step::token));
        QVERIFY(refusesOneLess(&Step::state));
        QVERIFY(refusesOneLess(&Step::draft));
        QVERIFY(refusesOneLess(&Step::topK));
        for (auto column : {&Step::p, &Step::q, &Step::u, &Step::entropy, &Step::residual, &Step::noiseLevel}) {
            QVERIFY(refusesOneLess(column));
        }
    }

    void previewsFitTheLayout()
    {
        const TraceLayout layout = sampleLayout();
        const Preview good = samplePreview(0, 6, true);
        QVERIFY(checkPreview(good, layout).has_value());
        Preview preview = good;
        std::swap(preview.width, preview.height);
        QVERIFY(!checkPreview(preview, layout));
        preview = good;
        preview.rgb.pop_back();
        QVERIFY(!checkPreview(preview, layout));
        preview = good;
        preview.committedEnd = 7;
        QVERIFY(!checkPreview(preview, layout));
        preview = good;
        preview.item = kMaxTraceItems;
        QVERIFY(!checkPreview(preview, layout));
    }
};

JACOBI_TEST(TraceChecksTest)
#include "tst_tracechecks.moc"
