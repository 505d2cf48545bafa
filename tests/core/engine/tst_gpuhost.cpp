// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/engine/gpuhost.h"

#include "core/cuda/hostkernels.h"
#include "tests/core/engine/fakes.h"
#include "tests/testmain.h"

using namespace jacobi;
using namespace jacobi::test;

namespace {

/// A machine of several cards, of which some compute wrongly: by the kernels' host versions.
struct Cards {
    static inline int asked =
        0; ///< last, for its kernels: libtorch's device for them, the CPU, has no number to select by
    static inline std::set<int> wrong;      ///< in gating, which every network has
    static inline std::set<int> wrongNoise; ///< in what only SJD2 has
    static inline std::map<int, int> gatings;

    static const DeviceOps& ops()
    {
        asked = 0;
        wrong.clear();
        wrongNoise.clear();
        gatings.clear();
        static const DeviceOps table = [] {
            DeviceOps ops = hostOps();
            ops.selectDevice = [](int) { return 0; };
            ops.hasKernels = [](int card) { return asked = card, 0; };
            ops.gate = [](const GateJob* job, void* stream) {
                ++gatings[asked];
                return wrong.contains(asked) ? 0 : hostOps().gate(job, stream);
            };
            ops.denoiseRows = [](const WindowJob* job, void* stream) {
                return wrongNoise.contains(asked) ? 0 : hostOps().denoiseRows(job, stream);
            };
            return ops;
        }();
        return table;
    }
};

/// Places a model that no device can have, so that a card which is trusted is told by the refusal that comes after.
struct Host {
    Fakes fakes;
    FakeFamily family{fakes};
    LoadedModel loaded;
    GpuHost gpu{&Cards::ops(), c10::DeviceType::CPU};

    Error refusal(const std::string& card, const std::string& method = "sjd")
    {
        RunRequest request = fakeRequest();
        request.method = method;
        return gpu.place(request, card, fakeModel(), family, loaded).error();
    }
};

} // namespace

class GpuHostTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void everyCardIsCheckedOnce()
    {
        Host host;
        QCOMPARE(host.refusal("cuda:0").code, ErrorCode::Unsupported);
        const int once = Cards::gatings[0];
        QVERIFY(once > 0);
        QCOMPARE(host.refusal("cuda:1").code, ErrorCode::Unsupported);
        QCOMPARE(Cards::gatings[1], once);
        QCOMPARE(host.refusal("cuda:0").code, ErrorCode::Unsupported);
        QCOMPARE(host.refusal("cuda:1").code, ErrorCode::Unsupported);
        QCOMPARE(Cards::gatings[0], once);
        QCOMPARE(Cards::gatings[1], once);
    }

    /// One card's results say nothing of another's.
    void aCardThatComputesWronglyIsRefusedBesideOneThatDoesNot()
    {
        Host host;
        Cards::wrong = {1};
        QCOMPARE(host.refusal("cuda:0").code, ErrorCode::Unsupported);
        const Error error = host.refusal("cuda:1");
        QCOMPARE(error.code, ErrorCode::NoDevice);
        QVERIFY2(error.message.find("does not give the results it should") != std::string::npos, error.message.c_str());
        QCOMPARE(host.refusal("cuda:0").code, ErrorCode::Unsupported);
    }

    void aCardThatDenoisesWronglyIsRefusedForThat()
    {
        Host host;
        Cards::wrongNoise = {1};
        QCOMPARE(host.refusal("cuda:0", "sjd2").code, ErrorCode::Unsupported);
        const Error error = host.refusal("cuda:1", "sjd2");
        QCOMPARE(error.code, ErrorCode::NoDevice);
        QVERIFY2(error.message.find("does not denoise drafts as it should") != std::string::npos,
                 error.message.c_str());
        QCOMPARE(host.refusal("cuda:1").code, ErrorCode::Unsupported); // for all else it is good
    }
};

JACOBI_TEST(GpuHostTest)
#include "tst_gpuhost.moc"
