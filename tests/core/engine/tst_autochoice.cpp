// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/decode/initialisation.h"
#include "core/engine/autochoice.h"
#include "tests/core/engine/fakes.h"
#include "tests/testmain.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <set>

using namespace jacobi;
using namespace jacobi::test;

namespace {

using Cost = std::function<double(double rows)>; ///< of a pass, in ms

constexpr std::array kWindows{1, 2, 4, 8, 12, 16, 24, 32, 48, 64, 96, 128, 192, 256};

/// 16 x 16 positions of 8 codes, no guidance, and a clock that only passes of the network move.
struct Bench {
    explicit Bench(const Cost& cost, std::uint32_t rows = 16)
        : engine(
              [this](const DecodeSettings& settings, TokenModel& tokens) {
                  runs.push_back(settings);
                  return makeDecoder(settings, tokens);
              },
              fakeClock(fakes))
    {
        fakes.decodeCostNs = 0;
        fakes.forwardCost = [this, cost](std::int64_t items, std::int64_t width) {
            pictures.insert(items);
            return static_cast<std::int64_t>(cost(static_cast<double>(items * width)) * 1e6);
        };
        ModelInfo info = fakeModel();
        info.layout = {rows, 16, 8, 2};
        FakeFamily family(fakes);
        model = std::move(*family.load(info, at::kFloat));
        prepareModel(model, info.layout);
        context = {fakeRequest(), info.layout, "Tiny", "CPU, 1 thread"};
        context.request.guidance = 1.0;
        context.request.window = kAutoWindow;
        context.request.initialisation = "uniform";
    }
    // Has pointers to itself.
    Bench(const Bench&) = delete;
    Bench& operator=(const Bench&) = delete;

    Result<AutoChoice> measure()
    {
        runs.clear();
        shares.clear();
        return measureAuto(engine, model, context, control, [this](double share) { shares.push_back(share); });
    }

    /// What one run with these takes on the fake clock, over pictures of other seeds than the measurement's.
    double seconds(int window, const std::string& initialisation)
    {
        double sum = 0.0;
        for (std::uint64_t seed = 1; seed <= 4; ++seed) {
            RunContext one = context;
            one.request.window = window;
            one.request.initialisation = initialisation;
            one.request.seed = 1000 * seed;
            RunControl free;
            RecordingSink sink;
            sum += engine.run(model, one, free, sink)->seconds;
        }
        return sum / 4;
    }
    double sequentialSeconds() { return seconds(1, "uniform"); } // the same passes

    Fakes fakes;
    std::vector<DecodeSettings> runs;
    std::set<std::int64_t> pictures; ///< sizes of the batches
    std::vector<double> shares;
    Engine engine;
    LoadedModel model;
    RunContext context;
    RunControl control;
};

/// Whatever stands before a token: one redraw of a draft and it is right.
double easyLogit(std::int64_t position, std::int64_t, std::int64_t code)
{
    return 2.0 * std::sin(static_cast<double>(position * 7 + code * 5));
}

/// Mostly the token before it again: the law at the left is a good guess.
double smoothLogit(std::int64_t, std::int64_t before, std::int64_t code)
{
    return before == code ? 5.0 : 0.0;
}

} // namespace

/// The search for the fastest window, on a clock of its own.
class AutoChoiceTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void theLargestWindowWhereAPassCostsTheSame()
    {
        Bench bench([](double) { return 1.0; });
        bench.fakes.logit = easyLogit;
        const Result<AutoChoice> choice = bench.measure();
        QVERIFY(choice.has_value());
        QCOMPARE(choice->window, 256);
        QCOMPARE(choice->initialisation, std::string("uniform"));
        QVERIFY(choice->tokensPerPass > 50.0);
        QCOMPARE(choice->sequentialSeconds, 0.256);
        QVERIFY(std::abs(choice->seconds - 0.256 / choice->tokensPerPass) < 1e-9);
    }

    void noWindowWhereEveryRowCosts_data()
    {
        QTest::addColumn<double>("power");
        QTest::newRow("as much as the first") << 1.0;
        QTest::newRow("more than the one before it") << 1.5;
        QTest::newRow("with the square") << 2.0;
    }
    void noWindowWhereEveryRowCosts()
    {
        QFETCH(const double, power);
        for (const char* initialisation : {"uniform", "left", "auto"}) {
            Bench bench([power](double rows) { return std::pow(rows, power); });
            bench.context.request.initialisation = initialisation;
            const Result<AutoChoice> choice = bench.measure();
            QVERIFY(choice.has_value());
            QCOMPARE(choice->window, 1);
            QCOMPARE(choice->tokensPerPass, 1.0);
            QCOMPARE(choice->seconds, choice->sequentialSeconds);
            QVERIFY(initialisationOf(choice->initialisation).has_value());
        }
    }

    void nearTheBestInBetween_data()
    {
        QTest::addColumn<double>("base");
        QTest::addColumn<double>("power");
        QTest::addColumn<bool>("easy");
        for (const bool easy : {true, false}) {
            for (const double base : {0.5, 4.0, 20.0, 100.0}) {
                for (const double power : {0.5, 1.0, 2.0}) {
                    QTest::addRow("%s, %g + rows^%g", easy ? "easy" : "chained", base, power) << base << power << easy;
                }
            }
        }
    }
    /// Never slower than sequential sampling, and not far from the fastest of all windows.
    void nearTheBestInBetween()
    {
        QFETCH(const double, base);
        QFETCH(const double, power);
        QFETCH(const bool, easy);
        Bench bench([=](double rows) { return base + std::pow(rows, power); });
        if (easy) {
            bench.fakes.logit = easyLogit;
        }
        const Result<AutoChoice> choice = bench.measure();
        QVERIFY(choice.has_value());
        const double chosen = bench.seconds(choice->window, choice->initialisation);
        QVERIFY(chosen <= 1.001 * bench.sequentialSeconds());
        double best = chosen;
        for (const int window : kWindows) {
            best = std::min(best, bench.seconds(window, "uniform"));
        }
        QVERIFY2(chosen <= 1.15 * best,
                 qPrintable(QString("window %1 takes %2 s, the best %3 s").arg(choice->window).arg(chosen).arg(best)));
        QVERIFY(choice->window == 1 || choice->seconds <= 0.95 * choice->sequentialSeconds);
    }

    void theInitialisationThatGainsMost()
    {
        Bench bench([](double rows) { return 20.0 + rows; });
        bench.fakes.logit = smoothLogit;
        bench.context.request.initialisation = kAutoName;
        const Result<AutoChoice> choice = bench.measure();
        QVERIFY(choice.has_value());
        QCOMPARE(choice->initialisation, std::string("sample-left"));
        const double chosen = bench.seconds(choice->window, choice->initialisation);
        QVERIFY(chosen < 0.95 * bench.seconds(choice->window, "uniform"));
    }

    void aFixedWindowIsKept()
    {
        for (const int window : {5, 32}) {
            for (const double power : {0.0, 2.0}) { // also where sequential sampling were faster
                Bench bench([power](double rows) { return 1.0 + std::pow(rows, power); });
                bench.fakes.logit = smoothLogit;
                bench.context.request.window = window;
                bench.context.request.initialisation = kAutoName;
                const Result<AutoChoice> choice = bench.measure();
                QVERIFY(choice.has_value());
                QCOMPARE(choice->window, window);
                QVERIFY(initialisationOf(choice->initialisation).has_value());
                for (const DecodeSettings& run : bench.runs) {
                    QVERIFY(static_cast<int>(run.window) == window || run.method == "sequential");
                }
            }
        }
    }

    void aFixedInitialisationIsKept()
    {
        for (const double power : {0.0, 2.0}) {
            Bench bench([power](double rows) { return 1.0 + std::pow(rows, power); });
            bench.context.request.initialisation = "above";
            const Result<AutoChoice> choice = bench.measure();
            QVERIFY(choice.has_value());
            QCOMPARE(choice->initialisation, std::string("above"));
            for (const DecodeSettings& run : bench.runs) {
                QVERIFY(run.initialisation == "above" || run.method == "sequential");
            }
        }
    }

    /// All else is as the request has it, but for the seeds: those of the user are not used up.
    void onlyWhatIsOpenIsVaried()
    {
        Bench bench([](double rows) { return 10.0 + rows; });
        RunRequest& request = bench.context.request;
        request.coupling = "gumbel-spec";
        request.initialisation = kAutoName;
        request.temperature = 0.9;
        request.topK = 5;
        request.topP = 0.98;
        request.guidance = 1.5;
        request.pictures = 3;
        bench.pictures.clear();
        QVERIFY(bench.measure().has_value());
        QCOMPARE(bench.pictures, std::set<std::int64_t>{3});
        std::set<std::uint64_t> seeds;
        for (const DecodeSettings& run : bench.runs) {
            QVERIFY(run.method == (run.window == 1 ? "sequential" : "sjd"));
            QCOMPARE(run.coupling, request.coupling);
            QCOMPARE(run.temperature, request.temperature);
            QCOMPARE(run.topK, request.topK);
            QCOMPARE(run.topP, request.topP);
            QCOMPARE(run.guidance, request.guidance);
            QVERIFY(run.seed > request.seed + 64);
            seeds.insert(run.seed);
        }
        QVERIFY(seeds.size() >= 3);
        for (auto seed = seeds.begin(); std::next(seed) != seeds.end(); ++seed) { // no picture twice
            QVERIFY(*std::next(seed) - *seed >= 3);
        }
        // The last ones stand beside sequential sampling, on the same pictures.
        std::set<std::uint64_t> beside;
        std::ranges::for_each(bench.runs, [&](const DecodeSettings& run) {
            if (run.method == "sequential") {
                beside.insert(run.seed);
            }
        });
        QCOMPARE(beside, seeds);
    }

    void smallPicturesHaveSmallWindows()
    {
        Bench bench([](double) { return 1.0; }, 1); // 16 positions
        bench.fakes.logit = easyLogit;
        const Result<AutoChoice> choice = bench.measure();
        QVERIFY(choice.has_value());
        QVERIFY(choice->window > 4);
        for (const DecodeSettings& run : bench.runs) {
            QVERIFY(run.window <= 16);
        }
    }

    void progressGoesOnToTheEnd()
    {
        for (const char* initialisation : {"uniform", "auto"}) {
            for (const double power : {0.0, 0.7, 2.0}) {
                for (const int pictures : {1, 3}) {
                    Bench bench([power](double rows) { return std::pow(rows, power); });
                    bench.context.request.initialisation = initialisation;
                    bench.context.request.pictures = pictures;
                    int passes = bench.fakes.forwards;
                    QVERIFY(bench.measure().has_value());
                    passes = bench.fakes.forwards - passes;
                    QVERIFY(std::ranges::is_sorted(bench.shares));
                    QVERIFY(bench.shares.front() >= 0.0 && bench.shares.front() < 0.05);
                    QCOMPARE(bench.shares.back(), 1.0);
                    QVERIFY(bench.shares[bench.shares.size() - 2] < 1.0);
                    QVERIFY(bench.shares.size() > static_cast<std::size_t>(passes)); // after every pass
                }
            }
        }
    }

    void cancelStopsItWithinAPass()
    {
        for (const int at : {0, 1, 100, 255, 256, 300, 600}) {
            Bench bench([](double rows) { return 10.0 + rows; });
            const int before = bench.fakes.forwards;
            bench.fakes.onForward = [&](int forward) {
                if (forward - before == at) {
                    bench.control.cancel();
                }
            };
            const Result<AutoChoice> choice = bench.measure();
            QVERIFY(!choice.has_value());
            QCOMPARE(choice.error().code, ErrorCode::Cancelled);
            QVERIFY(choice.error().message.ends_with('.'));
            // The very last pass of a run completes it; then the next run does not begin.
            QCOMPARE(bench.fakes.forwards - before, at + 1);
            QVERIFY(bench.shares.empty() || bench.shares.back() < 1.0);
        }
        Bench bench([](double) { return 1.0; });
        bench.control.cancel();
        QCOMPARE(bench.measure().error().code, ErrorCode::Cancelled);
    }

    void whatARunFailsWithIsTold()
    {
        for (const int at : {0, 300}) {
            Bench bench([](double rows) { return 10.0 + rows; });
            bench.fakes.nanFrom = bench.fakes.forwards + at;
            const Result<AutoChoice> choice = bench.measure();
            QVERIFY(!choice.has_value());
            QCOMPARE(choice.error().code, ErrorCode::Numeric);
        }
        Bench bench([](double) { return 1.0; });
        bench.fakes.onForward = [](int) { throw std::bad_alloc(); };
        QCOMPARE(bench.measure().error().code, ErrorCode::OutOfMemory);
    }
};

JACOBI_TEST(AutoChoiceTest)
#include "tst_autochoice.moc"
