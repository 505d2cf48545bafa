// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/engine/kernelchecks.h"

#include "core/cuda/hostkernels.h"
#include "core/cuda/numbers.h"
#include "core/engine/networkchecks.h"
#include "tests/testmain.h"

#include <limits>

using namespace jacobi;

namespace {

QString failures(const std::vector<KernelCheck>& checks)
{
    QString text;
    for (const KernelCheck& check : checks) {
        if (check.outcome != KernelCheck::Outcome::Passed) {
            text += QString::fromStdString(check.name + ": " + check.detail + "\n");
        }
    }
    return text;
}

int failed(const std::vector<KernelCheck>& checks)
{
    return static_cast<int>(failures(checks).count('\n'));
}

} // namespace

class KernelChecksTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void theCpusKernelsPass()
    {
        const std::vector<KernelCheck> checks = checkKernels(hostOps());
        QCOMPARE(checks.size(), std::size_t{18 + 13 + 3 + 16 + 3});
        const QString wrong = failures(checks);
        QVERIFY2(wrong.isEmpty(), qPrintable(wrong));
    }

    /// Attention has other ways than our kernel: where that is wrong the rest is used without it.
    void aWayThatIsWrongDoesNotForbidTheDevice()
    {
        DeviceOps ops = hostOps();
        ops.attend = [](const AttendJob* job, void* stream) {
            AttendJob other = *job;
            other.scale *= 2.0F;
            return hostOps().attend(&other, stream);
        };
        const std::vector<KernelCheck> checks = checkNetwork(ops, at::kCPU);
        QCOMPARE(failed(checks), 2); // with bfloat16 and with float32
        QVERIFY(failures(checks).contains("another way is taken"));
        QVERIFY(unusableFor(checks) == nullptr);

        std::vector<KernelCheck> wrong = checks;
        wrong.push_back({"gating", KernelCheck::Outcome::Failed, ""});
        QVERIFY(unusableFor(wrong) == &wrong.back());

        ops.attend = [](const AttendJob* job, void* stream) {
            AttendJob other = *job;
            if (job->headSize == 64) { // of some shapes only: what is right of others must not hide it
                other.scale = std::numeric_limits<float>::quiet_NaN();
            }
            return hostOps().attend(&other, stream);
        };
        QCOMPARE(failed(checkNetwork(ops, at::kCPU)), 2);
    }

    /// Passes of float32 are to be the same bits in windows of any size.
    void whatHangsOnTheWindowIsFound()
    {
        DeviceOps ops = hostOps();
        ops.attend = [](const AttendJob* job, void* stream) {
            const int code = hostOps().attend(job, stream);
            if (job->type == NumberType::Float32 && job->rows == 1) {
                auto* const out = static_cast<float*>(job->out);
                *out = std::nextafter(*out, 100.0F);
            }
            return code;
        };
        const std::vector<KernelCheck> checks = checkNetwork(ops, at::kCPU);
        QCOMPARE(failed(checks), 1);
        QVERIFY(failures(checks).contains("windows of any size"));
    }

    void wrongNoiseIsFound()
    {
        const auto isFound = [](const auto& spoil) {
            DeviceOps ops = hostOps();
            spoil(ops);
            return checkNoisyDrafts(ops).outcome == KernelCheck::Outcome::Failed;
        };
        QVERIFY(!isFound([](DeviceOps&) {}));
        QVERIFY(isFound([](DeviceOps& ops) {
            ops.drawNoise = [](const WindowJob* job, void* stream) {
                WindowJob other = *job;
                const std::uint64_t wrong = *job->seed + 1;
                other.seed = &wrong;
                return hostOps().drawNoise(&other, stream);
            };
        }));
        QVERIFY(isFound([](DeviceOps& ops) {
            ops.denoiseRows = [](const WindowJob* job, void* stream) { // a step too many
                const int code = hostOps().denoiseRows(job, stream);
                return code != 0 ? code : hostOps().denoiseRows(job, stream);
            };
        }));
        QVERIFY(isFound([](DeviceOps& ops) {
            ops.embedRows = [](const EmbedJob* job, void* stream) {
                EmbedJob other = *job;
                other.parts[1].noise = 0; // of another part
                return hostOps().embedRows(&other, stream);
            };
        }));
        QVERIFY(isFound([](DeviceOps& ops) {
            ops.advanceWindows = [](const WindowJob* job, void* stream) {
                WindowJob other = *job;
                other.noise.refines = 1 - job->noise.refines;
                return hostOps().advanceWindows(&other, stream);
            };
        }));
    }

    void wrongEmbeddingsAreFound()
    {
        const auto countWrong = [](int (*embedRows)(const EmbedJob*, void*)) {
            DeviceOps ops = hostOps();
            ops.embedRows = embedRows;
            return failed(checkEmbedding(ops));
        };
        QCOMPARE(countWrong([](const EmbedJob* job, void* stream) { return hostOps().embedRows(job, stream); }), 0);
        QCOMPARE(countWrong([](const EmbedJob* job, void* stream) {
                     EmbedJob other = *job;
                     other.partCount -= 1;
                     return hostOps().embedRows(&other, stream);
                 }),
                 3);
        QCOMPARE(countWrong([](const EmbedJob* job, void* stream) {
                     EmbedJob other = *job;
                     other.parts[1].columnShift = 0;
                     return hostOps().embedRows(&other, stream);
                 }),
                 3);
        QCOMPARE(countWrong([](const EmbedJob* job, void* stream) {
                     EmbedJob other = *job;
                     other.parts[3].table -= 1;
                     return hostOps().embedRows(&other, stream);
                 }),
                 3);
    }

    /// Of one kind of number only: what is right of others must not hide it.
    void kernelsOfOneKindThatAreWrongAreFound()
    {
        DeviceOps ops = hostOps();
        ops.decideRows = [](const WindowJob* job, void* stream) {
            WindowJob other = *job;
            other.knobs.temperature = job->logitsType == NumberType::BFloat16 ? 0.8 : job->knobs.temperature;
            return hostOps().decideRows(&other, stream);
        };
        QCOMPARE(failed(checkWindows(ops)), 5); // four couplings, and noisy drafts
        ops = hostOps();
        ops.denoiseRows = [](const WindowJob* job, void* stream) { // a step too many
            const int code = hostOps().denoiseRows(job, stream);
            return code != 0 || job->logitsType != NumberType::Float32 ? code : hostOps().denoiseRows(job, stream);
        };
        QVERIFY(QString::fromStdString(checkNoisyDrafts(ops).detail).startsWith("float32, "));
        ops = hostOps();
        ops.embedRows = [](const EmbedJob* job, void* stream) {
            EmbedJob other = *job;
            other.parts[1].noise = job->type == NumberType::BFloat16 ? 0 : other.parts[1].noise;
            return hostOps().embedRows(&other, stream);
        };
        QVERIFY(QString::fromStdString(checkNoisyDrafts(ops).detail).startsWith("bfloat16, "));
    }

    /// The checks must be able to fail: kernels that are a little wrong.
    void wrongKernelsAreFound()
    {
        DeviceOps ops = hostOps();
        ops.decideRows = [](const WindowJob* job, void* stream) {
            WindowJob other = *job;
            other.knobs.temperature *= 1.001;
            return hostOps().decideRows(&other, stream);
        };
        QCOMPARE(failed(checkRowSampler(ops)), 15); // greedy ones do not mind
        QVERIFY(failed(checkWindows(ops)) > 0);

        ops = hostOps();
        ops.decideRows = [](const WindowJob* job, void* stream) {
            WindowJob other = *job;
            const std::uint64_t wrong = *job->seed + 1;
            other.seed = &wrong;
            return hostOps().decideRows(&other, stream);
        };
        QCOMPARE(failed(checkWindows(ops)), 13);

        ops = hostOps();
        ops.advanceWindows = [](const WindowJob* job, void* stream) {
            *job->held = 0; // deaf to the flag
            return hostOps().advanceWindows(job, stream);
        };
        QCOMPARE(failed(checkWindows(ops)), 13);

        ops = hostOps();
        ops.addNorm = [](const NormJob* job, void* stream) {
            NormJob other = *job;
            other.epsilon = 0.1;
            return hostOps().addNorm(&other, stream);
        };
        ops.placeHeads = [](const HeadsJob* job, void* stream) {
            HeadsJob other = *job;
            other.pairs = job->pairs == RotaryPairs::Halves ? RotaryPairs::Neighbours : RotaryPairs::Halves;
            return hostOps().placeHeads(&other, stream);
        };
        ops.gate = [](const GateJob*, void*) { return 0; };
        QCOMPARE(failed(checkLayerSteps(ops)), 16);

        ops = hostOps();
        ops.multiply = [](const ProductJob* job, void* stream) {
            ProductJob other = *job;
            other.in -= other.in > 64 ? kTileIn : 0; // deaf to the last columns
            return hostOps().multiply(&other, stream);
        };
        const std::vector<KernelCheck> products = checkProducts(ops);
        QCOMPARE(failed(products), 3);
        QVERIFY(unusableFor(products) == nullptr);

        ops.multiply = [](const ProductJob*, void*) { return kDeviceNotSupported; };
        QCOMPARE(checkProducts(ops).front().outcome, KernelCheck::Outcome::NotRun);
        ops.multiply = [](const ProductJob* job, void* stream) { // the second time it does nothing
            static int times = 0;
            return times++ % 2 == 0 ? hostOps().multiply(job, stream) : 0;
        };
        QCOMPARE(failed(checkProducts(ops)), 3);
        ops.multiply = [](const ProductJob* job, void* stream) { // with float32, by another order of a sum
            const int code = hostOps().multiply(job, stream);
            if (job->kind == ProductWeights::Float32 && job->in > 8) {
                auto* const y = static_cast<float*>(job->y);
                *y = std::nextafter(*y, 100.0F);
            }
            return code;
        };
        QCOMPARE(failed(checkProducts(ops)), 1);
        QVERIFY(failures(checkProducts(ops)).contains("float32"));
        ops.multiply = [](const ProductJob* job, void* stream) { // a part that is wrong
            const int code = hostOps().multiply(job, stream);
            if (job->y == nullptr) {
                job->partials[0] += 1000.0F;
            }
            return code;
        };
        QCOMPARE(failed(checkProducts(ops)), 2);
    }

    void errorsOfTheDeviceAreTold()
    {
        DeviceOps ops = hostOps();
        ops.decideRows = [](const WindowJob*, void*) { return kDeviceOutOfMemory; };
        ops.allocatePinned = [](void**, std::uint64_t) { return kDeviceOutOfMemory; };
        QCOMPARE(failed(checkRowSampler(ops)), 18);
        QVERIFY(failures(checkWindows(ops)).contains("ran out of memory"));
    }
};

JACOBI_TEST(KernelChecksTest)
#include "tst_kernelchecks.moc"
