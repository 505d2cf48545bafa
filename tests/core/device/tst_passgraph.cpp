// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/device/passgraph.h"

#include "core/cuda/hostkernels.h"
#include "tests/testmain.h"

#include <stdexcept>
#include <string>
#include <vector>

using namespace jacobi;

namespace {

/// A device with graphs, of which this notes what was asked.
struct Recorder {
    std::vector<std::string> calls;
    int beginCode = 0;
    int endCode = 0;
    int alive = 0; ///< graphs that were made and not destroyed
};
Recorder* recorder = nullptr; // DeviceOps are plain functions

DeviceOps recordingOps()
{
    DeviceOps ops = hostOps();
    ops.beginCapture = [](void*) {
        recorder->calls.emplace_back("begin");
        return recorder->beginCode;
    };
    ops.endCapture = [](void*, void** graph) {
        recorder->calls.emplace_back("end");
        if (recorder->endCode == 0) {
            ++recorder->alive;
            *graph = recorder;
        }
        return recorder->endCode;
    };
    ops.launchGraph = [](void*, void*) {
        recorder->calls.emplace_back("launch");
        return 0;
    };
    ops.destroyGraph = [](void*) {
        --recorder->alive;
        return 0;
    };
    return ops;
}

} // namespace

class PassGraphTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void init()
    {
        m_recorder = Recorder();
        recorder = &m_recorder;
    }

    void aPassIsRecordedOnceAndLaunchedAsAWhole()
    {
        {
            PassGraph graph;
            QVERIFY(graph.record(m_ops, nullptr, pass()));
            QVERIFY(graph.isGraph());
            QVERIFY(graph.why().empty());
            QVERIFY(graph.launch());
            QVERIFY(graph.launchOn(this)); // a stream of its own
            QCOMPARE(m_recorder.calls,
                     (std::vector<std::string>{"pass", "pass", "begin", "pass", "end", "launch", "launch"}));
            QVERIFY(graph.record(m_ops, nullptr, pass())); // another run: the old one goes
            QCOMPARE(m_recorder.alive, 1);
        }
        QCOMPARE(m_recorder.alive, 0);
    }

    void withoutGraphsEveryLaunchIsThePass()
    {
        PassGraph graph;
        QVERIFY(graph.record(hostOps(), nullptr, pass()));
        QVERIFY(!graph.isGraph());
        QCOMPARE(graph.why(), std::string("not supported"));
        QVERIFY(!graph.wasRefused());
        QVERIFY(graph.launch());
        QCOMPARE(m_recorder.calls, (std::vector<std::string>{"pass", "pass", "pass"}));
        QVERIFY(graph.record(m_ops, nullptr, pass(), false));
        QVERIFY(!graph.isGraph());
        QVERIFY(!graph.why().empty());
        QVERIFY(!graph.wasRefused());
    }

    /// A recording that fails is ended all the same, and the pass goes on without a graph.
    void whatCannotBeRecordedIsEnqueued()
    {
        PassGraph graph;
        int calls = 0;
        QVERIFY(graph.record(m_ops, nullptr, [&]() -> Result<void> {
            if (++calls == 3) {
                throw std::runtime_error("would wait");
            }
            return {};
        }));
        QVERIFY(!graph.isGraph());
        QVERIFY(graph.wasRefused()); // which is told apart from a device that has none
        QCOMPARE(m_recorder.calls, (std::vector<std::string>{"begin", "end"}));
        QCOMPARE(m_recorder.alive, 0);

        m_recorder.endCode = 900; // cudaErrorStreamCaptureUnsupported
        QVERIFY(graph.record(m_ops, nullptr, pass()));
        QVERIFY(!graph.isGraph());
        QVERIFY(graph.wasRefused());
        QVERIFY(graph.launch());
    }

    void aLostDeviceIsAnError()
    {
        PassGraph graph;
        m_recorder.endCode = 700; // cudaErrorIllegalAddress
        const Result<void> recorded = graph.record(m_ops, nullptr, pass());
        QVERIFY(!recorded);
        QCOMPARE(recorded.error().code, ErrorCode::NoDevice);
    }

    void anErrorBeforeRecordingIsTold()
    {
        PassGraph graph;
        const Result<void> recorded = graph.record(m_ops, nullptr, []() -> Result<void> {
            return fail(ErrorCode::OutOfMemory, "The GPU ran out of memory.");
        });
        QVERIFY(!recorded);
        QCOMPARE(recorded.error().code, ErrorCode::OutOfMemory);
        QVERIFY(m_recorder.calls.empty());
    }

private:
    PassGraph::Enqueue pass()
    {
        return [this]() -> Result<void> {
            m_recorder.calls.emplace_back("pass");
            return {};
        };
    }

    Recorder m_recorder;
    DeviceOps m_ops = recordingOps();
};

JACOBI_TEST(PassGraphTest)
#include "tst_passgraph.moc"
