// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/families/benchflow.h"

#include "core/engine/resolveflow.h"
#include "tests/models/families/flowfolder.h"
#include "tests/testmain.h"

#include <nlohmann/json.hpp>

using namespace jacobi;
using namespace jacobi::test;

namespace {

nlohmann::json row(const char* method, FlowBlockPlan plan, int batch = 2, double guidance = 0.0)
{
    return {{"method", method},
            {"strategy", ""},
            {"plan", flowStrategyToLine(everyBlock(3, plan))},
            {"batch", batch},
            {"guidance", guidance}};
}

nlohmann::json optionsFor(const FlowFolder& folder, nlohmann::json rows)
{
    return {{"modelFolder", folder.model().string()}, {"pictures", 4}, {"rows", std::move(rows)}};
}

} // namespace

class BenchFlowTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void rowsAreComparedWithSequential()
    {
        const FlowFolder folder;
        FlowBlockPlan jacobi;
        jacobi.method = FlowMethod::Jacobi;
        FlowBlockPlan loose = jacobi;
        loose.maxPasses = 1;
        QuietProgress progress;
        const auto done = benchFlow(optionsFor(folder, {row("sequential", {}), row("jacobi", jacobi),
                                                        row("jacobi", loose), row("sequential", {}, 1, 2.0)}),
                                    progress, {});
        QVERIFY2(done.has_value(), done ? "" : done.error().message.c_str());
        const nlohmann::json& records = done->at("records");
        QCOMPARE(records.size(), std::size_t{4});
        for (const char* key : {"method", "strategy", "batch", "guidance", "serial_passes", "token_evaluations",
                                "pass_ratio", "seconds", "wall_ratio", "max_difference", "frechet"}) {
            QVERIFY2(records[0].contains(key), key);
        }
        QCOMPARE(records[0]["serial_passes"].get<double>(), 45.0);
        QCOMPARE(records[0]["token_evaluations"].get<double>(), 45.0);
        QCOMPARE(records[0]["max_difference"].get<double>(), 0.0);
        QCOMPARE(records[0]["pass_ratio"].get<double>(), 1.0);
        QCOMPARE(records[1]["max_difference"].get<double>(), 0.0); // tolerance 0
        QCOMPARE(records[2]["serial_passes"].get<double>(), 3.0);
        QVERIFY(records[2]["max_difference"].get<double>() > 0.0);
        QCOMPARE(records[2]["pass_ratio"].get<double>(), 15.0);
        QVERIFY(records[0]["frechet"].is_null());
        const nlohmann::json& costs = done->at("pass_cost"); // of 1, 2, 4, 8 and 15 tokens, for both sequential rows
        QCOMPARE(costs.size(), std::size_t{10});
        QCOMPARE(costs[4]["width"].get<int>(), 15);
        QVERIFY(costs[0]["milliseconds"].get<double>() > 0.0);
    }

    void whatCannotBeIsRefused()
    {
        const FlowFolder folder;
        QuietProgress progress;
        const auto refused = [&](const nlohmann::json& options, const char* sentence) {
            const auto done = benchFlow(options, progress, {});
            return !done && done.error().message.find(sentence) != std::string::npos;
        };
        QVERIFY(refused(optionsFor(folder, nlohmann::json::array()), "no rows"));
        QVERIFY(refused(optionsFor(folder, {row("sequential", {}, 3)}), "multiple"));
        QVERIFY(refused(optionsFor(folder, {row("jacobi", {})}), "needs a sequential row"));
        nlohmann::json first = optionsFor(folder, nlohmann::json::array({{{"method", "sequential"}, {"batch", 2}}}));
        first["onlyCheck"] = true;
        QVERIFY(benchFlow(first, progress, {}).has_value());
        QCOMPARE(progress.count, 0);
        first["judge"] = "/nowhere";
        QVERIFY(refused(first, "/nowhere"));
        first["judge"] = "";
        first["pictures"] = 3;
        QVERIFY(refused(first, "multiple"));
        nlohmann::json options = optionsFor(folder, {row("sequential", {})});
        options["modelFolder"] = "/nowhere";
        QVERIFY(refused(options, "There is no flow"));
    }

    void itCanBeStopped()
    {
        const FlowFolder folder;
        QuietProgress progress;
        std::stop_source stop;
        stop.request_stop();
        const auto done = benchFlow(optionsFor(folder, {row("sequential", {})}), progress, stop.get_token());
        QVERIFY(!done);
        QCOMPARE(done.error().code, ErrorCode::Cancelled);
    }
};

JACOBI_TEST(BenchFlowTest)
#include "tst_benchflow.moc"
