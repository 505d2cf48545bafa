// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/engine/selftest.h"

#include "core/cuda/hostkernels.h"
#include "tests/testmain.h"

using namespace jacobi;

namespace {

const GpuProbe kNoDriver{};

/// One card of today, whose device turns out to be the CPU.
GpuProbe oneCard()
{
    GpuProbe probe{true, 1, "NVIDIA Test 1", 13000, {{"NVIDIA Test 1", 9, 0, 80'000'000'000}}};
    return probe;
}

int countWhere(const nlohmann::json& found, const std::string& where, const std::string& outcome)
{
    int count = 0;
    for (const auto& check : found.at("checks")) {
        count += check.at("where") == where && check.at("outcome") == outcome ? 1 : 0;
    }
    return count;
}

} // namespace

class SelfTestTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void withoutAGpuTheCpuIsCheckedAndTheRestSaid()
    {
        const auto found = selfTest({}, kNoDriver, {});
        QVERIFY(found);
        QCOMPARE(countWhere(*found, "cpu", "passed"), 68);
        QCOMPARE(countWhere(*found, "gpu", "not run"), 3);
        QCOMPARE(found->at("passed").get<int>(), 68);
        QCOMPARE(found->at("failed").get<int>(), 0);
        QCOMPARE(found->at("reason").get<std::string>(), std::string("No NVIDIA driver was found."));
    }

    void aCardIsCheckedThroughThePlugin()
    {
        KernelPlugin plugin;
        plugin.ops = &hostOps();
        const auto found = selfTest({{"device", "cuda"}}, oneCard(), plugin);
        QVERIFY(found);
        QCOMPARE(countWhere(*found, "cuda:0", "passed"), 53);
        QCOMPARE(found->at("reason").get<std::string>(), std::string());
        QCOMPARE(found->at("cards").at(0).get<std::string>(),
                 std::string("NVIDIA Test 1, compute capability 9.0, 80.0 GB"));
    }

    /// By the driver where it told, else by the runtime; and nothing where neither can.
    void whatIsFreeAndTheDriverAreTold()
    {
        DeviceOps ops = hostOps();
        ops.describe = [](int number, DeviceDescription* out) {
            *out = DeviceDescription{};
            out->multiprocessors = 1;
            out->totalBytes = 80'000'000'000;
            out->freeBytes = 79'000'000'000;
            return number == 0 ? 0 : 101;
        };
        ops.hasKernels = [](int) { return 209; }; // what is asked here needs no kernel
        KernelPlugin plugin;
        plugin.ops = &ops;
        GpuProbe probe = oneCard();
        probe.gpus = 3;
        probe.cards.push_back({"NVIDIA Test 2", 9, 0, 80'000'000'000, 70'000'000'000});
        probe.cards.push_back({"NVIDIA Test 3", 9, 0, 80'000'000'000});
        probe.driverVersion = "580.159.04";
        const auto found = selfTest({}, probe, plugin);
        QVERIFY(found);
        const auto freeOf = [&](int card) { return found->at("gpus").at(card).at("freeBytes").get<std::uint64_t>(); };
        QCOMPARE(freeOf(0), std::uint64_t{79'000'000'000});
        QCOMPARE(freeOf(1), std::uint64_t{70'000'000'000});
        QCOMPARE(freeOf(2), std::uint64_t{0});
        QCOMPARE(found->at("gpus").at(2).at("id").get<std::string>(), std::string("cuda:2"));
        QCOMPARE(found->at("gpus").at(2).at("capability").get<std::string>(), std::string("9.0"));
        QCOMPARE(found->at("cards").at(0).get<std::string>(),
                 std::string("NVIDIA Test 1, compute capability 9.0, 79.0 GB free of 80.0 GB"));
        QCOMPARE(found->at("driver").get<std::string>(), std::string("580.159.04, for CUDA 13.0"));
        QCOMPARE(found->at("driverVersion").get<std::string>(), std::string("580.159.04"));
    }

    void aCardThatRefusesTheKernelsFails()
    {
        DeviceOps ops = hostOps();
        ops.hasKernels = [](int) { return 209; };
        KernelPlugin plugin;
        plugin.ops = &ops;
        const auto found = selfTest({}, oneCard(), plugin);
        QVERIFY(found);
        QCOMPARE(countWhere(*found, "cuda:0", "failed"), 1);
        QCOMPARE(found->at("failed").get<int>(), 1);
        const std::string text = found->dump();
        QVERIFY2(text.find("A GPU was found (NVIDIA Test 1), but the kernels of this build have no code for it") !=
                     std::string::npos,
                 text.c_str());
    }

    void aGpuThatCannotBeUsedIsAnErrorWhereItWasNamed()
    {
        QCOMPARE(selfTest({{"device", "cuda:0"}}, kNoDriver, {}).error().code, ErrorCode::NoDevice);
        QCOMPARE(selfTest({{"device", "gpu"}}, oneCard(), {}).error().code, ErrorCode::InvalidRequest);
        KernelPlugin other;
        other.problem = "the GPU engine belongs to another version";
        const auto refused = selfTest({{"device", "cuda:0"}}, oneCard(), other);
        QVERIFY(!refused);
        QVERIFY(refused.error().message.find("another version, so cuda:0 cannot be used") != std::string::npos);
    }
};

JACOBI_TEST(SelfTestTest)
#include "tst_selftest.moc"
