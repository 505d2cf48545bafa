// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/trace/tracestats.h"

#include "core/trace/requestsettings.h"
#include "tests/core/trace/tracesamples.h"
#include "tests/testmain.h"

#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>

using namespace jacobi;
using namespace jacobi::test;

namespace {

std::shared_ptr<const Step> pass(std::uint32_t number, std::uint32_t begin, std::uint32_t committedEnd,
                                 std::uint32_t item = 0, std::uint32_t lane = 0)
{
    Step step;
    step.item = item;
    step.pass = number;
    step.lane = lane;
    step.begin = begin;
    step.committedEnd = committedEnd;
    step.end = committedEnd + 2;
    step.forwardNs = 1'000'000'000;
    step.samplingNs = 200'000'000;
    step.otherNs = 30'000'000;
    return std::make_shared<const Step>(step);
}

bool near(double a, double b)
{
    return std::abs(a - b) < 1e-9;
}

} // namespace

class TraceStatsTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void requestIsNamed()
    {
        const TraceStats stats = traceStats(sampleTrace());
        QCOMPARE(stats.model, std::string("letters"));
        QCOMPARE(stats.method, std::string("sequential"));
        QCOMPARE(stats.coupling, std::string()); // sequential sampling redraws no drafts
        QCOMPARE(stats.device, std::string("CPU, 2 threads"));
        QCOMPARE(stats.seed, sampleRequest().seed);
        QCOMPARE(stats.prompt, sampleRequest().prompt);
        QCOMPARE(stats.pictures, 3U);
    }

    void theCouplingIsOfMethodsThatHaveOne()
    {
        Trace trace = sampleTrace();
        RunHeader header = sampleHeader();
        header.request.method = "sjd";
        trace.header = std::make_shared<const RunHeader>(header);
        QCOMPARE(traceStats(trace).coupling, std::string("gumbel-exact"));
        header.layout.blocks = 2;
        header.layout.reversed = {false, true};
        trace.header = std::make_shared<const RunHeader>(header);
        QCOMPARE(traceStats(trace).coupling, std::string());
    }

    void passesAreCounted()
    {
        Trace trace;
        trace.steps = {pass(0, 0, 1), pass(1, 1, 1), pass(2, 1, 4), pass(3, 4, 5)};
        const TraceStats stats = traceStats(trace);
        QCOMPARE(stats.passes, std::uint64_t{4});
        QCOMPARE(stats.tokens, std::uint64_t{5});
        QCOMPARE(stats.tokensPerPass, 1.25);
        QCOMPARE(stats.histogram, (std::vector<std::uint64_t>{1, 2, 0, 1}));
        QVERIFY(near(stats.forwardSeconds, 4.0));
        QVERIFY(near(stats.samplingSeconds, 0.8));
        QVERIFY(near(stats.seconds, 4.92)); // cut: the sum of its passes
    }

    void blocksThatOverlapShareTheirPasses()
    {
        Trace trace;
        trace.steps = {pass(0, 0, 2, 0, 1), pass(1, 2, 3, 0, 1), pass(1, 0, 0, 0, 0), pass(2, 0, 4, 0, 0)};
        QCOMPARE(traceStats(trace).passes, std::uint64_t{3});
        QCOMPARE(traceStats(trace).tokens, std::uint64_t{7});
        QCOMPARE(traceStats(trace).histogram, (std::vector<std::uint64_t>{0, 1, 1, 0, 1}));
    }

    void picturesOfABatchShareTheirPasses()
    {
        Trace trace;
        trace.steps = {pass(0, 0, 2, 0), pass(0, 0, 1, 1), pass(1, 2, 3, 0), pass(1, 1, 5, 1)};
        const TraceStats stats = traceStats(trace);
        QCOMPARE(stats.passes, std::uint64_t{2});
        QCOMPARE(stats.tokens, std::uint64_t{8});
        QCOMPARE(stats.tokensPerPass, 4.0);
        QCOMPARE(stats.tokensPerPassPerPicture, 2.0);
    }

    void picturesMayBeInDifferentBlocks()
    {
        Trace trace;
        trace.steps = {pass(0, 0, 3, 0, 1), pass(0, 0, 2, 1, 1), pass(1, 0, 3, 0, 0), pass(1, 2, 3, 1, 1),
                       pass(2, 0, 3, 1, 0)};
        const TraceStats stats = traceStats(trace);
        QCOMPARE(stats.passes, std::uint64_t{3});
        QCOMPARE(stats.tokens, std::uint64_t{12});
    }

    void everyBlockOfAFlowCommitsItsTokens()
    {
        Trace trace = sampleTrace();
        // Block 1 in two passes, then block 0 in one: positions start anew, passes do not.
        trace.steps = {pass(0, 0, 4, 0, 1), pass(1, 4, 6, 0, 1), pass(2, 0, 6, 0, 0)};
        const TraceStats stats = traceStats(trace);
        QCOMPARE(stats.passes, std::uint64_t{3});
        QCOMPARE(stats.tokens, std::uint64_t{12});
        QCOMPARE(stats.tokensPerPass, 4.0);
        QCOMPARE(stats.className, sampleRequest().className);
        QCOMPARE(stats.strategy, std::string("crm"));
        QCOMPARE(stats.fallbacks, std::uint64_t{3});
        QCOMPARE(toJson(stats)["fallbacks"].get<int>(), 3);
    }

    void nothingIsZero()
    {
        const TraceStats stats = traceStats(Trace{});
        QCOMPARE(stats.passes, std::uint64_t{0});
        QCOMPARE(stats.tokens, std::uint64_t{0});
        QCOMPARE(stats.tokensPerPass, 0.0);
        QVERIFY(stats.histogram.empty());
        QCOMPARE(stats.state, std::string("cut"));
        QCOMPARE(stats.pictures, 1U);
        QCOMPARE(stats.nearTies, std::uint64_t{0});
    }

    /// A trace may come from anybody; there is never less than one picture.
    void picturesAreAtLeastOne()
    {
        for (const int pictures : {0, -1, std::numeric_limits<int>::min()}) {
            Trace trace = sampleTrace();
            RunHeader header = sampleHeader();
            header.request.pictures = pictures;
            trace.header = std::make_shared<const RunHeader>(header);
            QCOMPARE(traceStats(trace).pictures, 1U);
        }
    }

    void summaryAddsWhatPassesDoNotTell()
    {
        Trace trace = sampleTrace();
        trace.summary->tokens = 1'000; // the passes know better
        trace.summary->passes = 1'000;
        const TraceStats stats = traceStats(trace);
        QCOMPARE(stats.tokens, std::uint64_t{6});
        QCOMPARE(stats.passes, std::uint64_t{4});
        QCOMPARE(stats.seconds, 0.1);
        QCOMPARE(stats.nonFinite, sampleSummary().nonFinite);
        QCOMPARE(stats.nearTies, std::uint64_t{2});
        QCOMPARE(stats.message, std::string("stopped"));
    }

    void stateIsHowItEnded()
    {
        Trace trace = sampleTrace();
        const auto state = [&](Outcome outcome) {
            trace.summary->outcome = outcome;
            return traceStats(trace).state;
        };
        QCOMPARE(state(Outcome::Cancelled), std::string("cancelled"));
        QCOMPARE(state(Outcome::Failed), std::string("failed"));
        QVERIFY(!traceStats(trace).complete());
        QCOMPARE(state(Outcome::Complete), std::string("complete"));
        QVERIFY(traceStats(trace).complete());
    }

    void aCutTraceSaysSo()
    {
        const Bytes file = traceBytes(sampleTrace());
        const TraceStats stats = traceStats(readTrace(std::span(file).first(file.size() - 1)).value());
        QCOMPARE(stats.state, std::string("cut"));
        QVERIFY(!stats.complete());
        QVERIFY(stats.message.find("is cut") != std::string::npos);
        QCOMPARE(stats.tokens, std::uint64_t{6});
    }

    void damageIsTold()
    {
        Trace trace = sampleTrace();
        trace.summary->outcome = Outcome::Complete;
        trace.damage = "The trace is damaged.";
        QCOMPARE(traceStats(trace).state, std::string("cut"));
        trace.isDamaged = true;
        QCOMPARE(traceStats(trace).state, std::string("damaged"));
        QVERIFY(!traceStats(trace).complete());
        QCOMPARE(traceStats(trace).message, trace.damage);
    }

    void jsonHasTheseKeys()
    {
        const nlohmann::json json = toJson(traceStats(sampleTrace()));
        const nlohmann::json expected{{"model", "letters"},
                                      {"method", "sequential"},
                                      {"coupling", ""},
                                      {"device", "CPU, 2 threads"},
                                      {"seed", sampleRequest().seed},
                                      {"prompt", sampleRequest().prompt},
                                      {"prompts_read", nlohmann::json::array()},
                                      {"state", "cancelled"},
                                      {"complete", false},
                                      {"message", "stopped"},
                                      {"tokens", 6},
                                      {"passes", 4},
                                      {"tokens_per_pass", 1.5},
                                      {"seconds", 0.1},
                                      {"non_finite", sampleSummary().nonFinite},
                                      {"near_ties", 2},
                                      {"fallbacks", 3},
                                      {"class", sampleRequest().className},
                                      {"strategy", "crm"},
                                      {"picture_count", 3},
                                      {"passes_by_tokens", {1, 1, 1, 1}},
                                      {"request", usedRequest(sampleRequest(), false)}};
        for (const auto& [key, value] : expected.items()) {
            QVERIFY2(json.contains(key) && json[key] == value, key.c_str());
        }
        QVERIFY(near(json["forward_seconds"].get<double>(), 0.004000006));
        QVERIFY(near(json["sampling_seconds"].get<double>(), 0.00008));
        QVERIFY(json["tokens_per_pass_per_picture"].get<double>() > 0.0);
        QCOMPARE(json.size(), expected.size() + 3);
    }
};

JACOBI_TEST(TraceStatsTest)
#include "tst_tracestats.moc"
