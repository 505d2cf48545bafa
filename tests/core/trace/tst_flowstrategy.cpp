// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/trace/flowstrategy.h"
#include "tests/core/io/files.h"
#include "tests/testmain.h"

#include <cmath>

using namespace jacobi;
using namespace jacobi::test;

namespace {

FlowStrategy oneOfEach()
{
    FlowStrategy strategy;
    strategy.modelHash = "abc";
    strategy.batch = 16;
    strategy.blocks.resize(4);
    strategy.blocks[1] = {1, FlowMethod::Jacobi, 1, 1, 10, 1e-3, FlowStop::Max, FlowStart::Zeros};
    strategy.blocks[2] = {2, FlowMethod::Segments, 8, 1, 32, 1e-6, FlowStop::Published, FlowStart::Input};
    strategy.blocks[3] = {3, FlowMethod::Front, 1, 16, 0, 0.01, FlowStop::Rms, FlowStart::Fitted};
    return strategy;
}

std::string withBlocks(const std::string& blocks)
{
    return "{\"schema\": 1, \"blocks\": [" + blocks + "]}";
}

} // namespace

class FlowStrategyTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void whatIsWrittenIsReadBack()
    {
        const auto read = flowStrategyFromJson(flowStrategyToJson(oneOfEach()), "It");
        QVERIFY2(read, read ? "" : read.error().message.c_str());
        QVERIFY(*read == oneOfEach());
        const TempFolder folder;
        QVERIFY(writeFlowStrategy(folder / "a.json", oneOfEach()));
        QVERIFY(*readFlowStrategy(folder / "a.json") == oneOfEach());
        QCOMPARE(readFlowStrategy(folder / "none.json").error().code, ErrorCode::NotFound);
        FlowStrategy overlapping = oneOfEach();
        overlapping.lag = 3;
        QVERIFY(flowStrategyFromJson(flowStrategyToJson(overlapping), "It").value() == overlapping);
        QVERIFY(flowStrategyToJson(oneOfEach()).find("lag") == std::string::npos); // as before there was one
    }

    void whatIsLeftOutHasItsDefault()
    {
        const auto read = flowStrategyFromJson(withBlocks("{\"block\": 0, \"method\": \"jacobi\"}"), "It");
        QVERIFY(read);
        QVERIFY(read->blocks.front() ==
                (FlowBlockPlan{0, FlowMethod::Jacobi, 1, 1, 0, 0.0, FlowStop::Rms, FlowStart::Input}));
    }

    void mistakesAreNamed_data()
    {
        QTest::addColumn<QString>("text");
        QTest::addColumn<QString>("sentence");
        const auto row = [](const char* name, const std::string& text, const char* sentence) {
            QTest::newRow(name) << QString::fromStdString(text) << QString(sentence);
        };
        const std::string zero = "{\"block\": 0, \"method\": \"sequential\"}";
        row("no JSON", "{", "It");
        row("no object", "[]", "is not a JSON object");
        row("no schema", "{\"blocks\": []}", "\"schema\" is missing");
        row("other schema", "{\"schema\": 2, \"blocks\": []}", "\"schema\" must be");
        row("no blocks", "{\"schema\": 1}", "\"blocks\" is missing");
        row("unknown key", "{\"schema\": 1, \"blocks\": [], \"bloks\": 1}", "\"bloks\" is not a key");
        row("unknown key of a block", withBlocks("{\"block\": 0, \"method\": \"jacobi\", \"cap\": 3}"),
            "\"cap\" is not");
        row("block without a number", withBlocks("{\"method\": \"jacobi\"}"), "\"block\" is missing");
        row("block without a method", withBlocks("{\"block\": 0}"), "\"method\" is missing");
        row("unknown method", withBlocks("{\"block\": 0, \"method\": \"newton\"}"),
            "\"method\" must be sequential, jacobi, segments or front");
        row("unknown stop", withBlocks("{\"block\": 0, \"method\": \"jacobi\", \"stop\": \"l1\"}"), "\"stop\" must be");
        row("unknown start", withBlocks("{\"block\": 0, \"method\": \"jacobi\", \"start\": 1}"), "\"start\" must be");
        row("zero segments", withBlocks("{\"block\": 0, \"method\": \"segments\", \"segments\": 0}"),
            "\"segments\" must be a whole number between 1");
        row("segments without a count", withBlocks("{\"block\": 0, \"method\": \"segments\"}"),
            "\"segments\" is missing");
        row("front without a window", withBlocks("{\"block\": 0, \"method\": \"front\"}"), "\"window\" is missing");
        row("window of 0", withBlocks("{\"block\": 0, \"method\": \"front\", \"window\": 0}"), "\"window\" must be");
        row("negative tolerance", withBlocks("{\"block\": 0, \"method\": \"jacobi\", \"tolerance\": -1}"),
            "\"tolerance\" must be");
        row("out of order", withBlocks("{\"block\": 1, \"method\": \"jacobi\"}, " + zero), "0 comes after 1");
        row("twice", withBlocks(zero + "," + zero), "0 comes after 0");
        row("block that is a number", withBlocks("3"), "is not a JSON object");
    }
    void mistakesAreNamed()
    {
        QFETCH(QString, text);
        QFETCH(QString, sentence);
        const auto read = flowStrategyFromJson(text.toStdString(), "It");
        QVERIFY(!read);
        const QString message = QString::fromStdString(read.error().message);
        QVERIFY2(message.contains(sentence), qPrintable(message));
    }

    void aLineIsTheSameStrategy()
    {
        const std::string line = flowStrategyToLine(oneOfEach());
        QVERIFY(line.find('\n') == std::string::npos);
        QVERIFY(flowStrategyFromJson(line, "It").value() == oneOfEach());
    }

    void aStrategyMustFitItsModel()
    {
        QVERIFY(checkFlowStrategy(oneOfEach(), 4, 64));
        const auto refused = [](auto change, const char* sentence) {
            FlowStrategy strategy = oneOfEach();
            change(strategy);
            const auto checked = checkFlowStrategy(strategy, 4, 64);
            return !checked && checked.error().code == ErrorCode::InvalidRequest &&
                   has(checked.error().message, sentence);
        };
        QVERIFY(refused([](FlowStrategy& s) { s.blocks.pop_back(); }, "has 3 blocks, the model 4"));
        QVERIFY(refused([](FlowStrategy& s) { std::swap(s.blocks[0], s.blocks[1]); }, "block 1 stands in place 0"));
        QVERIFY(refused([](FlowStrategy& s) { s.blocks[2].segments = 0; }, "has 0 segments; choose 1 to 64"));
        QVERIFY(refused([](FlowStrategy& s) { s.blocks[2].segments = 65; }, "has 65 segments"));
        QVERIFY(refused([](FlowStrategy& s) { s.blocks[3].window = 0; }, "window of 0"));
        QVERIFY(refused([](FlowStrategy& s) { s.blocks[1].tolerance = std::nan(""); }, "tolerance"));
        QVERIFY(refused([](FlowStrategy& s) { s.blocks[1].tolerance = -1.0; }, "tolerance"));
        const auto overlaps = [](FlowStrategy& s) {
            s.lag = 2;
            for (FlowBlockPlan& plan : s.blocks) {
                plan = {plan.block, FlowMethod::Jacobi, 1, 1, 0, 1e-3, FlowStop::Max};
            }
        };
        FlowStrategy fits = oneOfEach();
        overlaps(fits);
        QVERIFY(checkFlowStrategy(fits, 4, 64));
        const auto refusedIn = [&](auto change) {
            return refused(
                [&](FlowStrategy& s) {
                    overlaps(s);
                    change(s.blocks[2]);
                },
                "block 2 cannot overlap");
        };
        QVERIFY(refusedIn([](FlowBlockPlan& plan) { plan.method = FlowMethod::Sequential; }));
        QVERIFY(refusedIn([](FlowBlockPlan& plan) { plan.stop = FlowStop::Published; }));
        QVERIFY(refusedIn([](FlowBlockPlan& plan) { plan.maxPasses = 5; }));
    }
};

JACOBI_TEST(FlowStrategyTest)
#include "tst_flowstrategy.moc"
