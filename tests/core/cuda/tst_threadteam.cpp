// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/core/cuda/threadteam.h"

#include "core/cuda/layersteps.h"
#include "core/cuda/rowdecision.h"
#include "core/cuda/windowadvance.h"
#include "tests/core/cuda/windowpair.h"
#include "tests/core/decode/windowrun.h"
#include "tests/testmain.h"

#include <atomic>
#include <numeric>
#include <utility>

using namespace jacobi;
using namespace jacobi::test;

namespace {

constexpr std::uint32_t kLanes = 32;

/// The kernels' bodies on threads against the same bodies lane after lane; what differs, or nothing.
template <class Coupling>
QString runOnBoth(const TokenLayout& layout, WindowSetup setup, Initialisation initialisation)
{
    setup.coupling = kKindOf<Coupling>;
    WindowPair<float, Coupling> pair(layout, setup, initialisation);
    DeviceWindows& threads = pair.device();
    setup.freshDrafts = static_cast<FreshDrafts>(initialisation);
    const auto serial = std::move(*DeviceWindows::make(hostOps(), pair.layout(), setup));
    const std::vector<std::int32_t> lengths(setup.items * setup.branches, 0);
    if (!threads.begin(lengths, nullptr) || !serial->begin(lengths, nullptr)) {
        return "begin failed";
    }
    hostBeginWindows(serial->job(), kLanes);
    const WindowJob& job = threads.job();
    runOnThreads(kLanes, [&](ThreadTeam& team) { beginWindow<float>(team, job, 0); });
    std::vector<float> row(layout.codes);
    for (std::uint32_t pass = 0; !pair.done(); ++pass) {
        pair.fillLogits();
        const std::size_t bytes = sizeof(float) * setup.branches * setup.window * layout.codes;
        std::memcpy(serial->logits(), threads.logits(), bytes);
        hostDecideRows(serial->job(), kLanes);
        hostAdvanceWindows(serial->job(), kLanes);
        for (std::uint32_t k = 0; k < setup.window; ++k) {
            runOnThreads(kLanes, [&](ThreadTeam& team) {
                decideRow<Coupling, float, float>(team, job, windowOf<float>(job, 0), 0, k, row.data());
            });
        }
        runOnThreads(kLanes, [&](ThreadTeam& team) { advanceWindow<float>(team, job, 0, false); });
        if (!threads.arrived(pass)) {
            return "no record";
        }
        const QString wrong = difference(threads.step(pass, 0), serial->step(pass, 0));
        if (!wrong.isEmpty()) {
            return QString("pass %1: %2").arg(pass).arg(wrong);
        }
        pair.plainStep(0, pass); // moves the tokens that the logits are made from
    }
    return "";
}

} // namespace

class ThreadTeamTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void windowsOnThreads()
    {
        WindowSetup setup;
        setup.window = 2;
        setup.branches = 2;
        setup.knobs = {1.5, 0.9, 1.0, 12};
        setup.seed = 3;
        const TokenLayout layout = inLines(legalSetLayout(4, 33), 2);
        const QString maximal = runOnBoth<MaximalCoupling>(layout, setup, Initialisation::SampleAbove);
        QVERIFY2(maximal.isEmpty(), qPrintable(maximal));
        setup.knobs = {1.5, 0.9, 0.9, 0};
        const QString independent = runOnBoth<IndependentCoupling>(layout, setup, Initialisation::SampleLeft);
        QVERIFY2(independent.isEmpty(), qPrintable(independent));
    }

    /// As many codes as are listed, and one more; a residual of a draft that was drawn from a law.
    void drawsOnThreads()
    {
        for (const std::uint32_t left : {4 * kLanes, 4 * kLanes + 1}) {
            std::vector<float> p(1000, 0.0F), q(1000, 0.001F);
            for (std::uint32_t i = 0; i < left; ++i) {
                p[7 * i] = (1.0F + static_cast<float>(i % 5)) / (3.0F * static_cast<float>(left));
            }
            const DraftRow<float> row{3, 2, 0, Label<float>::ofRow(q.data()), p};
            const auto draw = [&](auto& team) {
                TeamDraws<float, std::remove_reference_t<decltype(team)>> draws(11, team);
                TeamScratch none;
                return std::pair(draws.drawWithMargin(5, p), drawResidual(row, draws, none));
            };
            SerialTeam serial(kLanes);
            const auto [expected, expectedResidual] = draw(serial);
            std::atomic<std::uint32_t> wrong = 0;
            runOnThreads(kLanes, [&](ThreadTeam& team) {
                const auto [found, residual] = draw(team);
                wrong += found.code != expected.code || found.margin != expected.margin || residual != expectedResidual;
            });
            QCOMPARE(wrong.load(), 0U); // every lane has the same
        }
    }

    void rowsAreChangedOnThreads()
    {
        for (const std::uint32_t count : {1U, kLanes, 9 * kLanes + 5}) {
            std::vector<float> row(count + 1);
            std::iota(row.begin(), row.end(), 0.5F);
            auto serial = row;
            const auto make = [](std::uint32_t i, float x) { return x * 0.3F - static_cast<float>(i); };
            SerialTeam(kLanes).change(count, serial.data(), make);
            runOnThreads(kLanes, [&](ThreadTeam& team) { team.change(count, row.data(), make); });
            QCOMPARE(row, serial);
            QCOMPARE(row.back(), static_cast<float>(count) + 0.5F); // not one too many
        }
    }

    void layerStepsOnThreads()
    {
        std::vector<float> x(2 * 70), delta(x.size()), scale(70), y(x.size()), gate(4 * 70), gated(x.size());
        for (std::size_t i = 0; i < gate.size(); ++i) {
            gate[i] = std::sin(static_cast<float>(i));
            x[i % x.size()] = std::cos(static_cast<float>(i));
            delta[i % x.size()] = 0.5F * gate[i];
            scale[i % 70] = 1.0F + gate[i];
        }
        auto plainX = x;
        auto plainY = y;
        auto plainGated = gated;
        const NormJob norm{NumberType::Float32, x.data(), delta.data(), scale.data(), y.data(), 2, 70};
        const GateJob gateJob{NumberType::Float32, gate.data(), gated.data(), 2, 70};
        runOnThreads(kLanes, [&](ThreadTeam& team) {
            for (std::uint32_t row = 0; row < 2; ++row) {
                addNormRow<float>(team, norm, row);
                for (const std::uint32_t begin : {0U, 32U, 64U}) { // the last part is cut short
                    gatePart<float>(team, gateJob, row, begin, 32);
                }
            }
        });
        hostAddNorm({NumberType::Float32, plainX.data(), delta.data(), scale.data(), plainY.data(), 2, 70}, kLanes);
        hostGate({NumberType::Float32, gate.data(), plainGated.data(), 2, 70}, kLanes);
        QCOMPARE(x, plainX);
        QCOMPARE(y, plainY);
        QCOMPARE(gated, plainGated);
    }
};

JACOBI_TEST(ThreadTeamTest)
#include "tst_threadteam.moc"
