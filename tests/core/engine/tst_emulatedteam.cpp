// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#ifdef JACOBI_EMULATES_KERNELS
#include "core/cuda/serialteam.h"
#include "core/engine/checkinputs.h"
#include "tests/core/cuda/emulation/blockrow.h"
#endif
#include "tests/testmain.h"

#include <cstring>

using namespace jacobi;

/// A block's threads against the same lanes one after the other: the very same numbers.
class EmulatedTeamTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void rowsAreTheSerialTeams_data()
    {
        QTest::addColumn<int>("codes");
        for (const int codes :
             {1, 33, 511, 512, 4095, 4096, 4097, 5000}) { // several a lane are read at once, and what is left
            QTest::addRow("%d codes", codes) << codes;
        }
    }
    void rowsAreTheSerialTeams()
    {
#ifdef JACOBI_EMULATES_KERNELS
        QFETCH(const int, codes);
        check<float>(static_cast<std::size_t>(codes));
        check<double>(static_cast<std::size_t>(codes));
#else
        QSKIP("Kernels are emulated on systems with ucontext only.");
#endif
    }

#ifdef JACOBI_EMULATES_KERNELS
private:
    template <class Real>
    static void check(std::size_t codes)
    {
        const auto logits = normalNumbers<Real>(codes, 3, 4.0);
        const WarpKnobs all[] = {{1.0, 0.7, 1.0, 0}, {1.0, 1.0, 1.0, 1}, {1.0, 1.0, 1.0, 400}, { 1.0, 1.3, 0.9, 3000 }};
        for (const WarpKnobs& knobs : all) {
            for (const std::uint32_t lanes : {32U, 512U}) {
                const test::TeamRow<Real> found = test::rowByBlock(lanes, logits, knobs);
                test::TeamRow<Real> serial{std::vector<Real>(codes)};
                SerialTeam team(lanes);
                test::makeRow(team, logits, knobs, serial);
                QVERIFY(std::memcmp(found.p.data(), serial.p.data(), codes * sizeof(Real)) == 0);
                QVERIFY(std::memcmp(&found.entropy, &serial.entropy, sizeof(double)) == 0);
                QVERIFY(std::memcmp(&found.margin, &serial.margin, sizeof(double)) == 0);
                QCOMPARE(found.drawn, serial.drawn);
                QCOMPARE(found.residual, serial.residual);
            }
        }
    }
#endif
};

JACOBI_TEST(EmulatedTeamTest)
#include "tst_emulatedteam.moc"
