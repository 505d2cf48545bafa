// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/device/windowpasses.h"

#include "core/cuda/windowmemory.h"
#include "tests/core/cuda/windowpair.h"
#include "tests/core/decode/windowrun.h"
#include "tests/testmain.h"

using namespace jacobi;
using namespace jacobi::test;

namespace {

/// A network that reads positions and tokens from the windows themselves, as one on a GPU does.
class TableNetwork {
public:
    TableNetwork(DeviceWindows& windows, const TokenLayout& layout)
        : m_windows(&windows), m_table(layout.positions(), layout.codes, 5)
    {
    }
    void forward() const
    {
        const WindowJob& job = m_windows->job();
        auto* out = static_cast<float*>(m_windows->logits());
        for (std::uint32_t item = 0; item < job.items; ++item) {
            const WindowMemory<float> memory = windowOf<float>(job, item);
            for (std::uint32_t k = 0; k < job.window; ++k, out += job.layout.codes) {
                // Rows past the end are computed too, and mean nothing.
                const std::uint32_t position = std::min(memory.counters->committed + k, job.layout.positions - 1);
                const std::int32_t last = position == 0 ? -1 : memory.tokens[position - 1];
                const auto p = m_table.row(position, position > 1 ? memory.tokens[position - 2] : -1, last);
                for (std::size_t v = 0; v < p.size(); ++v) {
                    out[v] = static_cast<float>(std::log(p[v]));
                }
            }
        }
    }

private:
    DeviceWindows* m_windows;
    TokenTable m_table;
};

} // namespace

class WindowPassesTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    /// Two passes ahead, the host looking at records only: the very steps of the CPU's decoder, pauses or not.
    void runAheadIsTheCpuDecoder()
    {
        const TokenLayout layout = inLines(lineEndLayout(24, 6, 5, {7, 15, 23}), 8);
        WindowSetup setup;
        setup.items = 2;
        setup.window = 6;
        setup.seed = 41;
        setup.ringSlots = PassPipeline::kRingSlots;
        for (const bool pauses : {false, true}) {
            WindowPair<float, MaximalCoupling> pair(layout, setup, Initialisation::Left);
            DeviceWindows& windows = pair.device();
            const TableNetwork network(windows, layout);
            WindowPasses passes(
                windows,
                [&]() -> Result<void> {
                    network.forward();
                    return windows.enqueueKernels(nullptr);
                },
                nullptr);
            QVERIFY(windows.begin({0, 0}, nullptr));
            PassPipeline pipeline(passes);
            for (int turn = 0; !pipeline.done(); ++turn) {
                if (pauses && turn % 3 == 1) {
                    QVERIFY(pipeline.withdraw());
                }
                Step step = **pipeline.next();
                QCOMPARE(difference(step, pair.plainStep(step.item, step.pass)), QString());
            }
            QVERIFY(pair.done());
            QCOMPARE(pipeline.nearTies(), pair.nearTies(0) + pair.nearTies(1));
        }
    }

    void whatIsNoNumberIsToldWithItsPosition()
    {
        WindowSetup setup;
        setup.window = 4;
        setup.ringSlots = PassPipeline::kRingSlots;
        const auto windows = std::move(*DeviceWindows::make(hostOps(), plainLayout(10, 5), setup));
        WindowPasses passes(
            *windows,
            [&]() -> Result<void> {
                auto* logits = static_cast<float*>(windows->logits());
                std::fill(logits, logits + 4 * 5, 0.0F);
                logits[3 * 5 + 1] = std::numeric_limits<float>::infinity();
                return windows->enqueueKernels(nullptr);
            },
            nullptr);
        QVERIFY(windows->begin({0}, nullptr));
        PassPipeline pipeline(passes);
        const auto step = pipeline.next();
        QVERIFY(!step);
        QCOMPARE(step.error().code, ErrorCode::Numeric);
        QCOMPARE(step.error().detail, std::string("position 3"));
    }
};

JACOBI_TEST(WindowPassesTest)
#include "tst_windowpasses.moc"
