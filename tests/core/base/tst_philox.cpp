// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/philox.h"
#include "tests/testmain.h"

#include <cmath>
#include <set>

using namespace jacobi;

class PhiloxTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    // kat_vectors of Random123: philox4x32, 10 rounds.
    void knownAnswers()
    {
        using Words = std::array<std::uint32_t, 4>;
        constexpr std::uint32_t kOnes = 0xFFFFFFFFU;
        QVERIFY(philox4x32({0, 0, 0, 0}, 0) == (Words{0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8}));
        QVERIFY(philox4x32({kOnes, kOnes, kOnes, kOnes}, ~std::uint64_t{0}) ==
                (Words{0x408F276D, 0x41C83B0E, 0xA20BC7C6, 0x6D5451FD}));
        QVERIFY(philox4x32({0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344}, 0x299F31D0A4093822U) ==
                (Words{0xD16CFE09, 0x94FDCCEB, 0x5001E420, 0x24126EA1}));
    }

    void uniformsAreInsideTheOpenInterval()
    {
        QCOMPARE(uniformFromBits(0), std::ldexp(0.5, -24));
        QCOMPARE(uniformFromBits(0xFFU), std::ldexp(0.5, -24));
        QCOMPARE(uniformFromBits(0x100U), std::ldexp(1.5, -24));
        QCOMPARE(uniformFromBits(0xFFFFFFFFU), 1.0 - std::ldexp(0.5, -24));
        QVERIFY(uniformFromBits(0) > 0.0);
        QVERIFY(uniformFromBits(0xFFFFFFFFU) < 1.0);
    }

    void counterIsPositionPassPurposeAndQuarterOfTheIndex()
    {
        const CounterRandom random{0x0123456789ABCDEFU};
        for (const std::uint32_t index : {0U, 1U, 2U, 3U, 4U, 511U, 16383U}) {
            const auto words = philox4x32({7, 3, 5, index / 4}, 0x0123456789ABCDEFU);
            QCOMPARE(random.uniform(7, 3, Purpose::Noise, index), uniformFromBits(words[index % 4]));
            QCOMPARE(random.uniforms(7, 3, Purpose::Noise, index / 4)[index % 4],
                     random.uniform(7, 3, Purpose::Noise, index));
        }
    }

    void everyPartOfTheCounterAndTheKeyMatters()
    {
        std::set<double> numbers;
        int asked = 0;
        for (const std::uint64_t seed : {std::uint64_t{0}, std::uint64_t{1}, std::uint64_t{1} << 32U}) {
            for (const std::uint32_t position : {0U, 1U, 255U}) {
                for (const std::uint32_t pass : {0U, 1U, 40U}) {
                    for (std::uint32_t purpose = 0; purpose < 6; ++purpose) {
                        numbers.insert(CounterRandom{seed}.uniform(position, pass, static_cast<Purpose>(purpose)));
                        ++asked;
                    }
                }
            }
        }
        QCOMPARE(static_cast<int>(numbers.size()), asked);
    }

    // 2^16 numbers in 16 bins: chi-squared with 15 degrees of freedom is below 44.3 with probability 0.9999.
    void numbersFillTheIntervalEvenly()
    {
        std::array<int, 16> bins{};
        constexpr int kNumbers = 1 << 16;
        for (std::uint32_t block = 0; block < kNumbers / 4; ++block) {
            for (const double u : CounterRandom{42}.uniforms(0, 0, Purpose::Noise, block)) {
                ++bins[static_cast<std::size_t>(u * 16)];
            }
        }
        double chiSquared = 0;
        for (const int count : bins) {
            chiSquared += std::pow(count - kNumbers / 16, 2) / (kNumbers / 16);
        }
        QVERIFY2(chiSquared < 44.3, qPrintable(QString::number(chiSquared)));
    }
};

JACOBI_TEST(PhiloxTest)
#include "tst_philox.moc"
