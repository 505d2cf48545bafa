// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/trace/memorytrace.h"

#include "tests/core/trace/tracesamples.h"
#include "tests/testmain.h"

#include <QStringList>

using namespace jacobi;
using namespace jacobi::test;

namespace {

/// Writes down what comes, one word a call, after its own name.
class Diary final : public TraceSink {
public:
    explicit Diary(QStringList& pages, QString owner = {}) : m_pages(pages), m_owner(std::move(owner)) {}

    void header(const std::shared_ptr<const RunHeader>&) override { m_pages += m_owner + "header"; }
    void step(const std::shared_ptr<const Step>& step) override { m_pages += m_owner + "step" + numbers(*step); }
    void preview(const std::shared_ptr<const Preview>& preview) override
    {
        m_pages += m_owner + "preview" + numbers(*preview);
    }
    void summary(const RunSummary&) override { m_pages += m_owner + "summary"; }

private:
    template <class T>
    static QString numbers(const T& value)
    {
        return QString::number(value.pass) + (value.item == 0 ? "" : "." + QString::number(value.item));
    }

    QStringList& m_pages;
    QString m_owner;
};

std::shared_ptr<const Step> step(std::uint32_t pass, std::uint32_t item)
{
    Step made;
    made.pass = pass;
    made.item = item;
    return std::make_shared<const Step>(made);
}

std::shared_ptr<const Preview> preview(std::uint32_t pass, std::uint32_t item)
{
    Preview made;
    made.pass = pass;
    made.item = item;
    made.committedEnd = 1;
    return std::make_shared<const Preview>(made);
}

/// What a run started from.
std::shared_ptr<const Preview> startPreview(std::uint32_t item)
{
    Preview made;
    made.item = item;
    return std::make_shared<const Preview>(made);
}

QStringList replayed(const Trace& trace)
{
    QStringList pages;
    Diary diary(pages);
    replay(trace, diary);
    return pages;
}

} // namespace

class MemoryTraceTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void keepsTheVeryValues()
    {
        const Trace trace = sampleTrace();
        MemoryTrace memory;
        replay(trace, memory);
        QVERIFY(memory.trace().header == trace.header); // the same object, not another that equals it
        QVERIFY(memory.trace().steps == trace.steps);
        QVERIFY(memory.trace().previews == trace.previews);
        QVERIFY(memory.trace().summary == trace.summary);
        QVERIFY(memory.trace().damage.empty());
    }

    void takeLeavesItEmpty()
    {
        MemoryTrace memory;
        replay(sampleTrace(), memory);
        const Trace taken = memory.take();
        QCOMPARE(taken.steps.size(), std::size_t{4});
        QVERIFY(!memory.trace().header);
        QVERIFY(memory.trace().steps.empty());
        QVERIFY(memory.trace().previews.empty());
        QVERIFY(!memory.trace().summary);
        replay(sampleTrace(), memory);
        QCOMPARE(memory.trace().steps.size(), std::size_t{4});
    }

    void replayIsInTheOrderOfARun()
    {
        QCOMPARE(replayed(sampleTrace()),
                 (QStringList{"header", "step0", "step1", "preview1", "step2", "step3", "preview3", "summary"}));
    }

    void previewsOfABatchFollowTheirPass()
    {
        Trace trace;
        trace.steps = {step(0, 0), step(0, 1), step(1, 0), step(1, 1)};
        trace.previews = {preview(0, 0), preview(0, 1), preview(1, 1)};
        QCOMPARE(replayed(trace),
                 (QStringList{"step0", "step0.1", "preview0", "preview0.1", "step1", "step1.1", "preview1.1"}));
    }

    void theStartComesBeforeThePasses()
    {
        Trace trace;
        trace.previews = {startPreview(0), startPreview(1), preview(0, 0)};
        trace.steps = {step(0, 0), step(0, 1)};
        QCOMPARE(replayed(trace), (QStringList{"preview0", "preview0.1", "step0", "step0.1", "preview0"}));
    }

    void nothingIsLostWhereThereAreNoPasses()
    {
        Trace trace;
        trace.previews = {preview(0, 0), preview(9, 0)};
        QCOMPARE(replayed(trace), (QStringList{"preview0", "preview9"}));
        trace.steps = {step(0, 0)};
        QCOMPARE(replayed(trace), (QStringList{"step0", "preview0", "preview9"}));
        QVERIFY(replayed(Trace{}).isEmpty());
    }

    void aCutRunHasNoSummary()
    {
        Trace trace = sampleTrace();
        trace.summary.reset();
        QCOMPARE(replayed(trace).last(), QString("preview3"));
    }

    void everySinkGetsEverythingInOrder()
    {
        QStringList pages;
        Diary first(pages, "a:");
        Diary second(pages, "b:");
        FanOutSink both({&first, &second});
        replay(sampleTrace(), both);
        QStringList expected;
        for (const QString& word : replayed(sampleTrace())) {
            expected << "a:" + word << "b:" + word;
        }
        QCOMPARE(pages, expected);
    }
};

JACOBI_TEST(MemoryTraceTest)
#include "tst_memorytrace.moc"
