// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/engine/device.h"
#include "core/engine/memory.h"
#include "tests/testmain.h"

using namespace jacobi;

namespace {

const GpuProbe kNothing{};
const GpuProbe kDriverOnly{true, 0, {}};
const GpuProbe kTwoGpus{true, 2, "NVIDIA Test 1"};

} // namespace

class DeviceTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void autoFallsBackAndSaysWhy()
    {
        const Result<DeviceInfo> none = chooseDevice("auto", kNothing, 2);
        QCOMPARE(none->id, std::string("cpu"));
        QCOMPARE(none->name, std::string("CPU, 2 threads"));
        QCOMPARE(none->reason, std::string("No NVIDIA driver was found, so the CPU is used."));
        QCOMPARE(chooseDevice("auto", kDriverOnly, 1)->reason,
                 std::string("An NVIDIA driver was found, but no GPU, so the CPU is used."));
        QCOMPARE(chooseDevice("auto", kTwoGpus, 1)->reason,
                 std::string("A GPU was found (NVIDIA Test 1), but this build has no GPU engine; the CPU is used."));
        QCOMPARE(chooseDevice("auto", kTwoGpus, 1)->name, std::string("CPU, 1 thread"));
    }

    void cpuIsAlwaysThere() { QCOMPARE(chooseDevice("cpu", kTwoGpus, 1)->id, std::string("cpu")); }

    void gpuThatCannotBeUsedSaysWhyAndOffersTheCpu_data()
    {
        QTest::addColumn<QString>("wish");
        QTest::addColumn<int>("gpus");
        QTest::addColumn<QString>("says");
        QTest::newRow("no driver") << "cuda:0" << -1 << "No NVIDIA driver was found, so cuda:0 cannot be used.";
        QTest::newRow("short form") << "cuda" << -1 << "so cuda cannot be used.";
        QTest::newRow("no gpu") << "cuda:0" << 0 << "no GPU, so cuda:0 cannot be used.";
        QTest::newRow("no engine") << "cuda:1" << 2 << "no GPU engine, so cuda:1 cannot be used.";
        QTest::newRow("too high") << "cuda:2" << 2 << "no GPU number 2 (it has 2).";
    }
    void gpuThatCannotBeUsedSaysWhyAndOffersTheCpu()
    {
        QFETCH(const QString, wish);
        QFETCH(const int, gpus);
        QFETCH(const QString, says);
        const GpuProbe probe = gpus < 0 ? kNothing : gpus == 0 ? kDriverOnly : kTwoGpus;
        const Result<DeviceInfo> device = chooseDevice(wish.toStdString(), probe, 1);
        QVERIFY(!device.has_value());
        QCOMPARE(device.error().code, ErrorCode::NoDevice);
        const QString message = QString::fromStdString(device.error().message);
        QVERIFY2(message.contains(says), qPrintable(message));
        QVERIFY(device.error().cpuWouldDo && !message.contains("--device"));
    }

    void otherNamesAreRefused_data()
    {
        QTest::addColumn<QString>("wish");
        for (const char* wish :
             {"", "gpu", "cuda:", "cuda:-1", "cuda:x", "cuda:1x", "cuda: 1", "CPU", "cuda:99999999999999999999"}) {
            QTest::newRow(qPrintable(QString("\"%1\"").arg(wish))) << wish;
        }
    }
    void otherNamesAreRefused()
    {
        QFETCH(const QString, wish);
        const Result<DeviceInfo> device = chooseDevice(wish.toStdString(), kTwoGpus, 1);
        QVERIFY(!device.has_value());
        QCOMPARE(device.error().code, ErrorCode::InvalidRequest);
        QVERIFY(device.error().message.find("auto, cpu") != std::string::npos);
        QVERIFY(!device.error().cpuWouldDo);
    }

    void aGpuThatCanBeUsedIs()
    {
        GpuProbe probe{
            true, 2, "NVIDIA Old", 13010, {{"NVIDIA Old", 6, 1, 8'000'000'000}, {"NVIDIA New", 8, 9, 24'000'000'000}},
            {}};
        const Result<DeviceInfo> automatic = chooseDevice("auto", probe, 2);
        QCOMPARE(automatic->id, std::string("cuda:1"));
        QCOMPARE(automatic->name, std::string("NVIDIA New"));
        QCOMPARE(chooseDevice("cuda:1", probe, 2)->id, std::string("cuda:1"));
        QCOMPARE(chooseDevice("cpu", probe, 2)->id, std::string("cpu"));
        const Result<DeviceInfo> old = chooseDevice("cuda:0", probe, 2);
        QVERIFY(!old);
        QCOMPARE(old.error().message,
                 std::string("A GPU was found (NVIDIA Old), but this version has no code for its compute capability "
                             "6.1, so cuda:0 cannot be used."));
        probe.engineProblem = "the GPU engine belongs to another version";
        QCOMPARE(chooseDevice("auto", probe, 2)->id, std::string("cpu"));
        QVERIFY(chooseDevice("cuda:1", probe, 2).error().message.find("(NVIDIA New), but the GPU engine belongs") !=
                std::string::npos);
    }

    void aCardWithAProblemOfItsOwnIsPassedOver()
    {
        GpuProbe probe{true, 2, "NVIDIA One", 13000, {{"NVIDIA One", 9, 0, 1}, {"NVIDIA Two", 9, 0, 1}}, {}};
        probe.cardProblems[0] = "its kernels are missing";
        QCOMPARE(chooseDevice("auto", probe, 1)->id, std::string("cuda:1"));
        QCOMPARE(chooseDevice("cuda:0", probe, 1).error().message,
                 std::string("A GPU was found (NVIDIA One), but its kernels are missing, so cuda:0 cannot be used."));
        probe.cardProblems[1] = "its kernels are missing too";
        QCOMPARE(chooseDevice("auto", probe, 1)->reason,
                 std::string("A GPU was found (NVIDIA One), but its kernels are missing; the CPU is used."));
    }

    void anOldDriverIsToldApart()
    {
        const GpuProbe probe{true, 1, "NVIDIA New", 12040, {{"NVIDIA New", 9, 0, 1}}, {}};
        const DeviceInfo device = *chooseDevice("auto", probe, 1);
        QCOMPARE(device.id, std::string("cpu"));
        QVERIFY2(device.reason.find("its driver serves CUDA 12.4 and 13.0 is needed") != std::string::npos,
                 device.reason.c_str());
    }

    void libtorchHasCodeForWhatItWasBuiltFor()
    {
        const auto runs = [](int major, int minor) { return libtorchRunsOn({"", major, minor, 0}); };
        for (const auto& [major, minor] :
             {std::pair{7, 5}, {8, 0}, {8, 6}, {8, 9}, {9, 0}, {10, 0}, {10, 3}, {12, 0}, {12, 1}}) {
            QVERIFY(runs(major, minor));
        }
        for (const auto& [major, minor] : {std::pair{6, 1}, {7, 0}, {7, 2}, {11, 0}, {13, 0}, {0, 0}}) {
            QVERIFY(!runs(major, minor));
        }
    }

    void cardsAreDescribed()
    {
        QCOMPARE(cardText({"NVIDIA Test", 8, 9, 24'000'000'000}),
                 std::string("NVIDIA Test, compute capability 8.9, 24.0 GB"));
        QCOMPARE(cardText({"NVIDIA Test", 8, 9, 24'000'000'000, 23'500'000'000}),
                 std::string("NVIDIA Test, compute capability 8.9, 23.5 GB free of 24.0 GB"));
        GpuProbe probe{true, 1, "", 13020};
        QCOMPARE(driverText(probe), std::string("for CUDA 13.2"));
        probe.driverVersion = "580.159.04";
        QCOMPARE(driverText(probe), std::string("580.159.04, for CUDA 13.2"));
        probe.driverCuda = 0;
        QCOMPARE(driverText(probe), std::string("580.159.04"));
        QCOMPARE(driverText({}), std::string());
    }

    /// Beside the device that is used: what else there is, or why there is nothing.
    void whatCouldBeChosenIsListed()
    {
        using Lines = std::vector<std::string>;
        QCOMPARE(chooseDevice("cpu", kNothing, 1)->present, (Lines{"No NVIDIA driver was found."}));
        QCOMPARE(chooseDevice("auto", kNothing, 1)->present, Lines()); // its reason says so
        QCOMPARE(deviceLines(kDriverOnly), (Lines{"An NVIDIA driver was found, but no GPU."}));
        GpuProbe probe{true,
                       2,
                       "NVIDIA Old",
                       13000,
                       {{"NVIDIA Old", 6, 1, 8'000'000'000}, {"NVIDIA New", 8, 9, 24'000'000'000, 23'500'000'000}},
                       {},
                       {},
                       "580.159.04"};
        const Lines both{
            "cuda:0: NVIDIA Old, compute capability 6.1, 8.0 GB. It cannot be used: this version has no code "
            "for its compute capability 6.1.",
            "cuda:1: NVIDIA New, compute capability 8.9, 23.5 GB free of 24.0 GB.",
            "NVIDIA driver 580.159.04, for CUDA 13.0.", "What is free is as it was when the program started."};
        for (const char* wish : {"auto", "cuda:1", "cpu"}) {
            QCOMPARE(chooseDevice(wish, probe, 1)->present, both);
        }
    }

    void gpuMemoryIsRefusedWithBothNumbers()
    {
        QVERIFY(checkGpuMemory(900, 1000, "NVIDIA Test"));
        const Result<void> refused = checkGpuMemory(30'000'000'000, 24'000'000'000, "NVIDIA Test");
        QCOMPARE(refused.error().code, ErrorCode::OutOfMemory);
        QVERIFY(refused.error().message.starts_with(
            "This needs about 30.0 GB of GPU memory, but only 24.0 GB is free on NVIDIA Test."));
    }

    void smallerPrecisionsThatFitAreNamedWithTheirSizes()
    {
        const auto refusal = [](std::uint64_t free, std::vector<PrecisionBytes> smaller, std::uint64_t held = 0) {
            return checkGpuMemory(28'000'000'000, free, "NVIDIA Test", smaller, held).error().message;
        };
        const std::vector<PrecisionBytes> both{{"bfloat16", 14'000'000'000}, {"int8", 7'500'000'000}};
        const std::string knobs = " Close other programs that use it, or choose a smaller precision, a smaller window, "
                                  "fewer pictures or a smaller model.";
        QCOMPARE(refusal(24'000'000'000, both),
                 "This needs about 28.0 GB of GPU memory, but only 24.0 GB is free on NVIDIA Test. The precision "
                 "bfloat16 would take 14.0 GB, and int8 would take 7.5 GB." +
                     knobs);
        QCOMPARE(refusal(10'000'000'000, both),
                 "This needs about 28.0 GB of GPU memory, but only 10.0 GB is free on NVIDIA Test. The precision "
                 "int8 would take 7.5 GB." +
                     knobs);
        QCOMPARE(refusal(5'000'000'000, both),
                 "This needs about 28.0 GB of GPU memory, but only 5.0 GB is free on NVIDIA Test." + knobs);
        QVERIFY(refusal(5'000'000'000, both, 4'000'000'000).find("int8 would take 7.5 GB") != std::string::npos);
        QVERIFY(refusal(5'000'000'000, {}).find("precision") == std::string::npos);
    }

    void probingThisMachineIsHarmless()
    {
        const GpuProbe probe = probeGpu();
        QVERIFY(probe.gpus >= 0);
        QVERIFY(probe.driver || probe.gpus == 0);
        QVERIFY(chooseDevice("auto", probe, 1).has_value());
    }

    void threadsAreChosenAndObeyed()
    {
        QCOMPARE(chooseThreads(1), 1);
        QCOMPARE(chooseThreads(3), 3);
        QCOMPARE(chooseThreads(100000), 64);
        QVERIFY(chooseThreads(0) == 1 || chooseThreads(0) == 2);
    }

    void memoryIsRefusedWithBothNumbers()
    {
        QVERIFY(checkMemory(900, 1000).has_value());
        QVERIFY(checkMemory(1'000'000, std::nullopt).has_value());
        const Result<void> refused = checkMemory(2'500'000'000, 1'000'000'000);
        QVERIFY(!refused.has_value());
        QCOMPARE(refused.error().code, ErrorCode::OutOfMemory);
        QVERIFY(refused.error().message.find("2.5 GB") != std::string::npos);
        QVERIFY(refused.error().message.find("only 1.0 GB is free") != std::string::npos);
        QVERIFY(!checkMemory(901, 1000).has_value());
    }

    void thisMachineSaysWhatIsFree()
    {
        const auto available = availableMemory();
        QVERIFY(available.has_value());
        QVERIFY(*available > 1'000'000);
    }
};

JACOBI_TEST(DeviceTest)
#include "tst_device.moc"
