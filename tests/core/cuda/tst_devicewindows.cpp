// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/cuda/devicewindows.h"

#include "tests/core/cuda/windowpair.h"
#include "tests/core/decode/windowrun.h"
#include "tests/testmain.h"

using namespace jacobi;
using namespace jacobi::test;

namespace {

struct Case {
    QString name;
    TokenLayout layout;
    WindowSetup setup;
};

std::vector<Case> cases()
{
    TokenLayout ending = plainLayout(12, 5);
    ending.terminals = {3};
    TokenLayout ownTopK = legalSetLayout(12, 5);
    ownTopK.rules[5].topK = 2;
    const std::vector<std::pair<QString, TokenLayout>> layouts = {
        {"plain", inLines(plainLayout(12, 5), 4)},
        {"line ends", inLines(lineEndLayout(12, 5, 4, {3, 7, 11}), 4)},
        {"legal sets", inLines(ownTopK, 4)},
        {"columns of their own", columnSetLayout(3, 4, 5)},
        {"terminal", ending},
    };
    std::vector<Case> all;
    for (const auto& [name, layout] : layouts) {
        for (const std::uint32_t window : {1U, 2U, 5U, 12U, 20U}) {
            WindowSetup setup;
            setup.window = window;
            setup.items = window == 5 ? 3 : 1;
            setup.branches = window % 2 + 1;
            setup.knobs = {1.7, window == 2 ? 0.0 : 0.8, 1.0, window == 5 ? 3 : 0};
            setup.seed = 17 + window;
            all.push_back({QString("%1, W = %2").arg(name).arg(window), layout, setup});
        }
    }
    return all;
}

/// Runs both to the end, lanes at a time; what differs, or nothing.
template <class Real, class Coupling>
QString runBoth(const Case& which, Initialisation initialisation, std::uint32_t lanes)
{
    WindowSetup setup = which.setup;
    setup.coupling = kKindOf<Coupling>;
    setup.logitsType = std::is_same_v<Real, double> ? NumberType::Float64 : NumberType::Float32;
    WindowPair<Real, Coupling> pair(which.layout, setup, initialisation);
    DeviceWindows& device = pair.device();
    const WindowJob& job = device.job();
    const std::vector<std::int32_t> lengths(setup.items * setup.branches, 7);
    if (!device.begin(lengths, nullptr)) {
        return "begin failed";
    }
    hostBeginWindows(job, lanes); // begin() has the plug-in's lanes
    for (std::uint32_t pass = 0; !pair.done(); ++pass) {
        pair.fillLogits();
        hostDecideRows(job, lanes);
        hostAdvanceWindows(job, lanes);
        if (!device.arrived(pass) || device.arrived(pass + 1)) {
            return "the record's number is wrong";
        }
        for (std::uint32_t item = 0; item < setup.items; ++item) {
            const PassRecordHead head = device.head(pass, item);
            if (pair.done(item)) {
                if (head.flags != (kPassIdle | kPassDone) || head.committedEnd != pair.committed(item)) {
                    return "a picture that is done must stay";
                }
                continue;
            }
            const Step plain = pair.plainStep(item, pass);
            if (const QString wrong = difference(device.step(pass, item), plain); !wrong.isEmpty()) {
                return QString("pass %1, item %2: %3").arg(pass).arg(item).arg(wrong);
            }
            if (head.nearTies != pair.nearTies(item) || ((head.flags & kPassDone) != 0) != pair.done(item)) {
                return "counters";
            }
            for (std::uint32_t branch = 0; branch < setup.branches; ++branch) {
                if (job.cacheLengths[item * setup.branches + branch] != 7 + static_cast<int>(pair.committed(item))) {
                    return "cache lengths";
                }
            }
        }
    }
    for (std::uint32_t item = 0; item < setup.items; ++item) {
        const std::vector<std::int32_t> tokens = *device.tokens(item, nullptr);
        if (!std::equal(tokens.begin(), tokens.end(), pair.tokens(item).begin(), pair.tokens(item).end())) {
            return "tokens";
        }
    }
    return "";
}

} // namespace

class DeviceWindowsTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    /// One lane sums in the CPU's order: every column of every step is the CPU decoder's, bit for bit.
    void oneLaneIsTheCpuDecoder()
    {
        for (const Case& which : cases()) {
            for (const InitialisationName& named : kInitialisations) {
                eachCoupling([&](auto coupling) {
                    using Coupling = decltype(coupling);
                    const QString place = which.name + ", " + QString::fromUtf8(Coupling::kName.data()) + ", " +
                                          QString::fromUtf8(named.name.data()) + ": ";
                    const QString wide = runBoth<double, Coupling>(which, named.initialisation, 1);
                    QVERIFY2(wide.isEmpty(), qPrintable(place + wide));
                    const QString single = runBoth<float, Coupling>(which, named.initialisation, 1);
                    QVERIFY2(single.isEmpty(), qPrintable(place + single));
                });
            }
        }
    }

    /// With a handful of codes even a block's sums come out the same in float32, where the sum is rounded at the end.
    void blocksAreTheCpuDecoderToo()
    {
        for (const Case& which : cases()) {
            for (const std::uint32_t lanes : {32U, 256U}) {
                const QString wrong = runBoth<float, MaximalCoupling>(which, Initialisation::SampleLeft, lanes);
                QVERIFY2(wrong.isEmpty(), qPrintable(which.name + ": " + wrong));
            }
        }
    }

    /// A pass that sees the flag changes nothing, and what comes after it is as if it had never been.
    void heldPassesChangeNothing()
    {
        const Case which = cases()[2];
        WindowPair<float, MaximalCoupling> pair(which.layout, which.setup, Initialisation::Uniform);
        DeviceWindows& device = pair.device();
        QVERIFY(device.begin(std::vector<std::int32_t>(3 * which.setup.branches, 0), nullptr));
        std::uint64_t replay = 0;
        for (std::uint32_t pass = 0; !pair.done(); ++pass) {
            pair.fillLogits();
            device.hold(true);
            for (int again = 0; again < 3; ++again, ++replay) {
                QVERIFY(device.enqueue(nullptr));
                QVERIFY(device.arrived(replay));
                QVERIFY((device.head(replay, 0).flags & kPassHeld) != 0);
                QCOMPARE(device.head(replay, 0).committedEnd, pair.committed(0));
                QCOMPARE(device.step(replay, 0).token.size(), std::size_t{0});
            }
            device.hold(false);
            QVERIFY(device.enqueue(nullptr));
            for (std::uint32_t item = 0; item < which.setup.items; ++item) {
                if (!pair.done(item)) {
                    QCOMPARE(difference(device.step(replay, item), pair.plainStep(item, pass)), QString());
                }
            }
            ++replay;
        }
    }

    /// A row that is not a number stops its picture for good and says where; the others of the batch go on.
    void badLogitsStopAPicture()
    {
        WindowSetup setup = cases()[2].setup;
        setup.branches = 1;
        WindowPair<float, MaximalCoupling> pair(plainLayout(12, 5), setup, Initialisation::Uniform);
        DeviceWindows& device = pair.device();
        QVERIFY(device.begin({0, 0, 0}, nullptr));
        pair.fillLogits();
        float* logits = static_cast<float*>(device.logits());
        logits[(1 * setup.window + 2) * 5 + 4] = std::numeric_limits<float>::quiet_NaN(); // item 1, row 2
        QVERIFY(device.enqueue(nullptr));
        QCOMPARE(device.head(0, 1).flags, kPassBad);
        QCOMPARE(device.head(0, 1).end, 2U);
        QCOMPARE(device.head(0, 1).committedEnd, 0U);
        QCOMPARE(device.head(0, 0).flags & kPassBad, 0U);
        QCOMPARE(difference(device.step(0, 0), pair.plainStep(0, 0)), QString());
        pair.fillLogits(); // numbers again: too late
        QVERIFY(device.enqueue(nullptr));
        QCOMPARE(device.head(1, 1).flags, kPassBad);
        QCOMPARE(device.head(1, 1).end, 2U);
        QVERIFY(device.head(1, 0).committedEnd > device.head(1, 0).begin);
    }

    /// A run can begin anew in the same memory.
    void beginsAnew()
    {
        const Case which = cases()[1];
        WindowPair<float, MaximalCoupling> pair(which.layout, which.setup, Initialisation::Above);
        DeviceWindows& device = pair.device();
        const std::vector<std::int32_t> lengths(which.setup.branches, 3);
        QVERIFY(device.begin(lengths, nullptr));
        pair.fillLogits();
        QVERIFY(device.enqueue(nullptr));
        const Step first = device.step(0, 0);
        QVERIFY(device.begin(lengths, nullptr));
        QVERIFY(!device.arrived(0));
        QVERIFY(device.enqueue(nullptr));
        QVERIFY(device.arrived(0));
        QCOMPARE(difference(device.step(0, 0), first), QString());
        QCOMPARE(device.job().cacheLengths[0], 3 + static_cast<std::int32_t>(first.committedEnd));
    }

    void sizesAreKnownBefore()
    {
        const Case which = cases()[0];
        WindowSetup setup = which.setup;
        const std::uint64_t one = DeviceWindows::deviceBytes(which.layout, setup);
        setup.window = 64;
        QVERIFY(DeviceWindows::deviceBytes(which.layout, setup) > one + 2 * 63 * 5 * sizeof(float));
    }
};

JACOBI_TEST(DeviceWindowsTest)
#include "tst_devicewindows.moc"
