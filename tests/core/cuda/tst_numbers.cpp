// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/cuda/numbers.h"

#include "tests/testmain.h"

#include <c10/util/BFloat16.h>

#include <cmath>
#include <limits>
#include <vector>

using namespace jacobi;

namespace {

template <class Real>
std::vector<Real> ascending()
{
    using Limits = std::numeric_limits<Real>;
    return {-Limits::infinity(),
            -Limits::max(),
            Real(-1.5),
            Real(-1),
            -Limits::min(),
            -Limits::denorm_min(),
            Real(-0.0),
            Real(0.0),
            Limits::denorm_min(),
            Limits::min(),
            Real(0.1),
            Real(1),
            Real(3),
            Limits::max(),
            Limits::infinity()};
}

template <class Real>
void checkKeys()
{
    const std::vector<Real> numbers = ascending<Real>();
    for (std::size_t i = 0; i < numbers.size(); ++i) {
        const Real back = realOfKey(orderedKey(numbers[i]));
        QVERIFY(back == numbers[i] && std::signbit(back) == std::signbit(numbers[i]));
        QVERIFY(i == 0 || orderedKey(numbers[i - 1]) < orderedKey(numbers[i]));
    }
}

} // namespace

class NumbersTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void keysAreInOrder()
    {
        checkKeys<float>();
        checkKeys<double>();
    }

    void askingOfManyFindsTheLastThatHolds()
    {
        constexpr std::uint32_t kMost = 0xFFFFFFFFU;
        for (const std::uint32_t low : {0U, 5U, 0x7FFFFFFFU, kMost - 9, kMost}) {
            for (const std::uint32_t high : {low, low + 1, low + 3, low + 8, low + 9, kMost}) {
                if (high < low) {
                    continue;
                }
                for (const std::uint32_t answer :
                     {low, low + (high - low) / 8, low + (high - low) / 3, high - (high > low ? 1 : 0), high}) {
                    int asked = 0;
                    const std::uint32_t found = largestKeyByMany<7>(low, high, [&](const std::uint32_t(&keys)[7]) {
                        ++asked;
                        int many = 0;
                        for (int i = 0; i < 7; ++i) {
                            many += keys[i] <= answer ? 1 : 0;
                        }
                        return many;
                    });
                    QCOMPARE(found, answer);
                    QVERIFY(asked <= 11);
                }
            }
        }
        const auto wide = largestKeyByMany<7>(std::uint64_t{3}, ~std::uint64_t{0}, [](const std::uint64_t(&keys)[7]) {
            int many = 0;
            for (const std::uint64_t key : keys) {
                many += key <= 0x123456789ABCDEFULL ? 1 : 0;
            }
            return many;
        });
        QCOMPARE(wide, std::uint64_t{0x123456789ABCDEF});
    }

    void bisectionFindsTheLastThatHolds()
    {
        for (const std::uint32_t low : {0U, 5U, 0x7FFFFFFFU, 0xFFFFFFFFU}) {
            for (const std::uint32_t high : {low, low + 1, 0xFFFFFFFFU}) {
                if (high < low) {
                    continue;
                }
                for (const std::uint32_t answer : {low, low + (high - low) / 3, high}) {
                    int asked = 0;
                    QCOMPARE(largestKeyWith(low, high,
                                            [&](std::uint32_t key) {
                                                ++asked;
                                                return key <= answer;
                                            }),
                             answer);
                    QVERIFY(asked <= 32);
                }
                QCOMPARE(largestKeyWith(low, high, [](std::uint32_t) { return false; }), low); // unasked at low
            }
        }
    }

    /// Every bfloat16 there is, and float32 numbers on, beside and between them, as libtorch rounds them.
    void bfloat16IsLibtorchs()
    {
        for (std::uint32_t bits = 0; bits < 0x10000U; ++bits) {
            const BFloat16 number{static_cast<std::uint16_t>(bits)};
            const float value = load(number);
            const auto theirs = static_cast<float>(c10::BFloat16(number.bits, c10::BFloat16::from_bits()));
            QVERIFY(value == theirs || (std::isnan(value) && std::isnan(theirs)));
            for (const std::uint32_t below : {0U, 1U, 0x7FFFU, 0x8000U, 0x8001U, 0xFFFFU}) {
                const std::uint32_t wide = (bits << 16) | below;
                float x;
                std::memcpy(&x, &wide, sizeof x);
                BFloat16 rounded;
                store(rounded, x);
                const bool bothNan = std::isnan(x) && std::isnan(load(rounded));
                QVERIFY(bothNan || rounded.bits == c10::BFloat16(x).x);
            }
        }
    }
};

JACOBI_TEST(NumbersTest)
#include "tst_numbers.moc"
