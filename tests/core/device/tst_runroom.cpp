// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/device/runroom.h"

#include "core/cuda/hostkernels.h"
#include "core/device/devicedecoder.h"
#include "core/device/passpipeline.h"
#include "core/device/randomnetwork.h"
#include "tests/testmain.h"

#include <ATen/ATen.h>
#include <c10/core/InferenceMode.h>

using namespace jacobi;

namespace {

constexpr TransformerShape kShape{2, 64, 2, 2, 32, 96, 48, RotaryPairs::Halves, 1e-6};
constexpr int kNoGraphs = 801; // what a device without them says: passes are put on the stream one by one

using Prompts = std::vector<std::vector<std::int64_t>>;

/// What a device was asked, of what a run should not need more than once.
struct Asked {
    int recordings = 0;
    int rooms = 0;  ///< pieces of memory
    int waits = 0;  ///< whatever makes the host wait but the record of a pass
    int events = 0; ///< records waited for
    int passes = 0;
    int failsAt = -1; ///< record that does not come
};
Asked* asked = nullptr; // DeviceOps are plain functions

DeviceOps countingOps()
{
    DeviceOps ops = hostOps();
    ops.beginCapture = [](void*) { return ++asked->recordings, kNoGraphs; };
    ops.allocate = [](void** out, std::uint64_t bytes) { return ++asked->rooms, hostOps().allocate(out, bytes); };
    ops.allocatePinned = [](void** out, std::uint64_t bytes) {
        return ++asked->rooms, hostOps().allocatePinned(out, bytes);
    };
    ops.synchronize = [](void* stream) { return ++asked->waits, hostOps().synchronize(stream); };
    ops.toDevice = [](void* to, const void* from, std::uint64_t bytes, void* stream) {
        return ++asked->waits, hostOps().toDevice(to, from, bytes, stream);
    };
    ops.fromDevice = [](void* to, const void* from, std::uint64_t bytes, void* stream) {
        return ++asked->waits, hostOps().fromDevice(to, from, bytes, stream);
    };
    ops.release = [](void* memory) { return ++asked->waits, hostOps().release(memory); };
    ops.decideRows = [](const WindowJob* job, void* stream) {
        return ++asked->passes, hostOps().decideRows(job, stream);
    };
    ops.awaitEvent = [](void*) { return asked->events++ == asked->failsAt ? 700 : 0; };
    return ops;
}

std::unique_ptr<DeviceModel> modelOn(const DeviceOps& ops)
{
    const c10::InferenceMode inference;
    const NetworkDescription network = randomNetwork(kShape, at::TensorOptions().dtype(at::kFloat), 4);
    return std::move(
        *DeviceModel::make(ops, at::kCPU, DevicePrecision::Float32, network, lineLayout(5, 6, kShape.codes)));
}

DecodeSettings settingsOf(std::uint64_t seed)
{
    DecodeSettings settings;
    settings.method = "sjd";
    settings.window = 6;
    settings.guidance = 1.5;
    settings.seed = seed;
    return settings;
}

struct Ran {
    std::vector<std::vector<std::int64_t>> tokens;
    bool failed = false;
};

/// A run to its end, or so many steps of it.
Ran run(DeviceModel& model, const DecodeSettings& settings, const Prompts& prompts, int steps = -1)
{
    const c10::InferenceMode inference;
    Ran ran;
    const auto decoder = makeDeviceDecoder(settings, model);
    ran.failed = !decoder || !(*decoder)->start(prompts);
    while (!ran.failed && !(*decoder)->done() && steps-- != 0) {
        ran.failed = !(*decoder)->step();
    }
    for (std::size_t item = 0; !ran.failed && item < prompts.size(); ++item) {
        ran.tokens.push_back((*decoder)->tokens(item));
    }
    return ran;
}

const Prompts kOne{{3, 5, 7, 2}};
const Prompts kOther{{9, 1, 2}};
const Prompts kTwo{{3, 5, 7, 2}, {8, 4}};

} // namespace

class RunRoomTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void init()
    {
        m_asked = Asked();
        asked = &m_asked;
    }

    /// Another seed and other prompts need nothing new on the device, and get what they would get there first.
    void theRoomOfARunServesTheNext()
    {
        const DeviceOps ops = countingOps();
        const auto model = modelOn(ops);
        run(*model, settingsOf(1), kOne);
        QVERIFY(model->keptRoom != nullptr);
        QVERIFY(model->keptRoom->isFor(settingsOf(77), 1));
        QVERIFY(!model->keptRoom->isFor(settingsOf(77), 2));
        QCOMPARE(m_asked.recordings, 1);
        const int rooms = m_asked.rooms;
        const Ran again = run(*model, settingsOf(2), kOther);
        const Ran first = run(*model, settingsOf(1), kOne);
        QCOMPARE(m_asked.recordings, 1);
        QCOMPARE(m_asked.rooms, rooms);
        QCOMPARE(again.tokens, run(*modelOn(ops), settingsOf(2), kOther).tokens);
        QCOMPARE(first.tokens, run(*modelOn(ops), settingsOf(1), kOne).tokens);
        QVERIFY(again.tokens != first.tokens);
    }

    /// One that was left in the middle leaves nothing behind.
    void aRunThatWasLeftLeavesNoTrace()
    {
        const DeviceOps ops = countingOps();
        const auto model = modelOn(ops);
        run(*model, settingsOf(1), kTwo, 5);
        QVERIFY(model->keptRoom != nullptr);
        QCOMPARE(run(*model, settingsOf(4), kTwo).tokens, run(*modelOn(ops), settingsOf(4), kTwo).tokens);
    }

    void whatIsBakedIntoAPassMakesAnotherRoom_data()
    {
        QTest::addColumn<int>("what");
        for (const char* what : {"temperature", "window", "coupling", "pictures", "a long prompt", "without graphs",
                                 "recorded runs", "attention"}) {
            QTest::newRow(what) << static_cast<int>(m_rows++);
        }
    }
    void whatIsBakedIntoAPassMakesAnotherRoom()
    {
        QFETCH(int, what);
        const DeviceOps ops = countingOps();
        const auto model = modelOn(ops);
        const auto change = [&](DeviceModel& of) {
            DecodeSettings settings = settingsOf(1);
            settings.temperature = what == 0 ? 0.7 : 1.0;
            settings.window = what == 1 ? 3 : 6;
            settings.coupling = what == 2 ? "independent" : "maximal";
            of.wantsGraphs = what != 5;
            of.recordedRuns = what == 6 ? std::vector<std::uint32_t>{2} : std::vector<std::uint32_t>{};
            of.forcedAttention = what == 7 ? std::optional(AttentionPath::Shared) : std::nullopt;
            const Prompts prompts = what == 3 ? kTwo : what == 4 ? Prompts{std::vector<std::int64_t>(23, 1)} : kOne;
            return run(of, settings, prompts);
        };
        run(*model, settingsOf(1), kOne);
        const int rooms = m_asked.rooms;
        const Ran changed = change(*model);
        QVERIFY(!changed.failed);
        QVERIFY(m_asked.rooms > rooms);
        QCOMPARE(changed.tokens, change(*modelOn(ops)).tokens);
    }

    /// Between its first pass and its last a run waits for records of passes, and for nothing else.
    void nothingElseIsWaitedFor()
    {
        const DeviceOps ops = countingOps();
        const auto model = modelOn(ops);
        const c10::InferenceMode inference;
        const auto decoder = std::move(*makeDeviceDecoder(settingsOf(3), *model));
        QVERIFY(decoder->start(kTwo));
        m_asked = Asked();
        int passes = 0;
        while (!decoder->done()) {
            QVERIFY(decoder->step());
            passes += decoder->passComplete() ? 1 : 0;
        }
        QVERIFY(passes > 5);
        QCOMPARE(m_asked.waits, 0);
        QCOMPARE(m_asked.rooms, 0);
        QCOMPARE(m_asked.recordings, 0);
        QVERIFY(m_asked.events >= passes && m_asked.events <= m_asked.passes);
        QVERIFY(m_asked.passes <= passes + static_cast<int>(PassPipeline::kMostAhead));
    }

    /// To rest is to have nothing under way; the picture is the same.
    void aRunThatRestsGoesOn()
    {
        const DeviceOps ops = countingOps();
        const auto model = modelOn(ops);
        const c10::InferenceMode inference;
        const auto decoder = std::move(*makeDeviceDecoder(settingsOf(3), *model));
        QVERIFY(decoder->start(kOne));
        while (!decoder->done()) {
            decoder->rest();
            const int under = m_asked.passes;
            decoder->rest();
            QCOMPARE(m_asked.passes, under);
            if (!decoder->done()) {
                QVERIFY(decoder->step());
            }
        }
        QCOMPARE(decoder->tokens(0), run(*modelOn(ops), settingsOf(3), kOne).tokens[0]);
    }

    void whatFailedIsNotKept()
    {
        const DeviceOps ops = countingOps();
        const auto model = modelOn(ops);
        m_asked.failsAt = 3;
        QVERIFY(run(*model, settingsOf(1), kOne).failed);
        QVERIFY(model->keptRoom == nullptr);
        m_asked.failsAt = -1;
        QVERIFY(!run(*model, settingsOf(1), kOne).failed);
        QVERIFY(model->keptRoom != nullptr);
    }

private:
    Asked m_asked;
    int m_rows = 0;
};

JACOBI_TEST(RunRoomTest)
#include "tst_runroom.moc"
