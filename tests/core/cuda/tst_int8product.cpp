// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/cuda/int8product.h"

#include "core/cuda/hostkernels.h"
#include "core/cuda/numbers.h"
#include "tests/testmain.h"

#include <cmath>
#include <cstring>
#include <set>
#include <vector>

using namespace jacobi;

namespace {

float half(std::uint32_t pair, bool isUpper)
{
    return load(BFloat16{static_cast<std::uint16_t>(isUpper ? pair >> 16 : pair & 0xFFFFU)});
}

/// A number that belongs to these two, from -127 to 127.
std::int8_t numberAt(std::uint32_t row, std::uint32_t column)
{
    return static_cast<std::int8_t>(static_cast<int>((row * 31U + column * 17U + row * column) % 255U) - 127);
}

std::vector<std::int8_t> laidOut(std::uint32_t out, std::uint32_t in)
{
    std::vector<std::int8_t> weights(std::size_t{out} * in);
    for (std::uint32_t row = 0; row < out; ++row) {
        for (std::uint32_t column = 0; column < in; ++column) {
            weights[int8Place(row, column, in)] = numberAt(row, column);
        }
    }
    return weights;
}

std::uint32_t wordOf(const std::int8_t* bytes)
{
    std::uint32_t word;
    std::memcpy(&word, bytes, sizeof word);
    return word;
}

} // namespace

class Int8ProductTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void everyByteBecomesItsNumber()
    {
        for (std::uint32_t low = 0; low < 256; ++low) {
            const std::uint32_t high = 255 - low;
            // The other bytes of the word must not matter.
            const Int8Pair pair = int8Pair(low | 0xAB00U | high << 16 | 0xCD000000U);
            QCOMPARE(half(pair.from, false) - half(pair.less, false),
                     static_cast<float>(static_cast<std::int8_t>(low)));
            QCOMPARE(half(pair.from, true) - half(pair.less, true), static_cast<float>(static_cast<std::int8_t>(high)));
        }
    }

    void everyNumberHasItsPlace()
    {
        constexpr std::uint32_t kOut = 48, kIn = 96;
        std::set<std::uint64_t> places;
        for (std::uint32_t row = 0; row < kOut; ++row) {
            for (std::uint32_t column = 0; column < kIn; ++column) {
                places.insert(int8Place(row, column, kIn));
            }
        }
        QCOMPARE(places.size(), std::size_t{kOut * kIn});
        QCOMPARE(*places.rbegin(), std::uint64_t{kOut * kIn - 1});
    }

    /// What a lane of a matrix unit makes of its 16 bytes are the numbers that "mma.m16n8k16" multiplies with its 16 bytes of x:
    /// rows g and g + 8, and columns of which 8 t + 4 step + {0, 1} and {2, 3} are a lane's two pairs.
    void lanesHoldWhatTheyMultiply()
    {
        constexpr std::uint32_t kIn = 64;
        const std::vector<std::int8_t> weights = laidOut(32, kIn);
        for (std::uint32_t tile = 0; tile < 2 * kIn / kInt8TileIn; ++tile) {
            for (std::uint32_t lane = 0; lane < 32; ++lane) {
                const std::int8_t* const bytes = weights.data() + (tile * 32 + lane) * 16;
                for (std::uint32_t i = 0; i < 16; ++i) {
                    const std::uint32_t halfTile = i / 8, step = i / 4 % 2, pairNumber = i / 2 % 2;
                    const Int8Pair pair = int8Pair(wordOf(bytes + (2 * halfTile + step) * 4) >> (8 * pairNumber));
                    const bool isUpper = i % 2 != 0;
                    const std::uint32_t row = tile / 2 * 16 + halfTile * 8 + lane / 4;
                    const std::uint32_t column = tile % 2 * 32 + lane % 4 * 8 + step * 4 + pairNumber * 2 + i % 2;
                    QCOMPARE(half(pair.from, isUpper) - half(pair.less, isUpper),
                             static_cast<float>(numberAt(row, column)));
                }
            }
        }
    }

    void hostProductIsTheFormula()
    {
        constexpr std::uint32_t kRows = 3, kIn = 96, kOut = 32;
        const std::vector<std::int8_t> weights = laidOut(kOut, kIn);
        std::vector<BFloat16> x(kRows * kIn), scale(kOut), y(kRows * kOut);
        for (std::size_t i = 0; i < x.size(); ++i) {
            store(x[i], std::sin(static_cast<float>(i)));
        }
        for (std::size_t i = 0; i < scale.size(); ++i) {
            store(scale[i], 0.01F * static_cast<float>(i + 1));
        }
        Int8ProductJob job{x.data(), weights.data(), scale.data(), y.data(), nullptr, kRows, kIn, kOut};
        QCOMPARE(hostMultiplyInt8(job), 0);
        for (std::uint32_t row = 0; row < kRows; ++row) {
            for (std::uint32_t column = 0; column < kOut; ++column) {
                double sum = 0.0;
                for (std::uint32_t k = 0; k < kIn; ++k) {
                    sum += static_cast<double>(load(x[row * kIn + k])) * numberAt(column, k);
                }
                sum *= static_cast<double>(load(scale[column]));
                QVERIFY(std::abs(static_cast<double>(load(y[row * kOut + column])) - sum) <= std::abs(sum) / 256.0);
            }
        }
        job.out = 24;
        QCOMPARE(hostMultiplyInt8(job), kDeviceNotSupported);
    }

    void splitsFillTheCard()
    {
        constexpr std::uint32_t kMultiprocessors = 132;
        QCOMPARE(int8Splits(1U << 20, 4096, kMultiprocessors), 1U); // blocks enough
        QVERIFY(int8Splits(4096, 4096, kMultiprocessors) * 16 > kMultiprocessors / 2);
        QCOMPARE(int8Splits(16, 64, kMultiprocessors), 1U); // nothing to share out
        QVERIFY(int8Splits(4096, 128, kMultiprocessors) <= int8Parts(128));
        Int8ProductJob job;
        job.rows = 70;
        job.out = 272;
        job.splits = 3;
        QCOMPARE(job.partialFloats(), std::uint64_t{3 * 128 * 512});
    }
};

JACOBI_TEST(Int8ProductTest)
#include "tst_int8product.moc"
