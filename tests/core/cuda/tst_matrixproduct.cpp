// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/cuda/matrixproduct.h"

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

std::vector<std::int8_t> bytesLaidOut(std::uint32_t out, std::uint32_t in)
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

class MatrixProductTest : public QObject {
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
        const std::vector<std::int8_t> weights = bytesLaidOut(32, kIn);
        for (std::uint32_t tile = 0; tile < 2 * kIn / kTileIn; ++tile) {
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

    /// The same of bfloat16: a step of a lane are its 16 bytes, in the order in which the unit takes its four pairs.
    void lanesHoldBFloat16InTheOrderOfTheUnit()
    {
        constexpr std::uint32_t kIn = 64, kOut = 32;
        std::set<std::uint64_t> places;
        for (std::uint32_t row = 0; row < kOut; ++row) {
            for (std::uint32_t column = 0; column < kIn; ++column) {
                const std::uint64_t place = bfloat16Place(row, column, kIn);
                places.insert(place);
                const std::uint64_t word = place / 2 % 4, lane = place / 8 % 32, step = place / 256 % 2;
                const std::uint64_t tile = place / 512;
                // "mma.m16n8k16": words are rows g, g + 8, g, g + 8 of the first and the last eight columns.
                QCOMPARE(tile / (kIn / kTileIn) * 16 + word % 2 * 8 + lane / 4, std::uint64_t{row});
                QCOMPARE(tile % (kIn / kTileIn) * 32 + lane % 4 * 8 + step * 4 + word / 2 * 2 + place % 2,
                         std::uint64_t{column});
            }
        }
        QCOMPARE(places.size(), std::size_t{kOut * kIn});
        QCOMPARE(*places.rbegin(), std::uint64_t{kOut * kIn - 1});
    }

    /// Of either kind, whole and in parts, with a tail that is no whole tile.
    void hostProductIsTheFormula()
    {
        constexpr std::uint32_t kRows = 3, kIn = 224, kOut = 29, kPadded = 32;
        const std::vector<std::int8_t> bytes = bytesLaidOut(kPadded, kIn);
        std::vector<BFloat16> numbers(bytes.size()), x(kRows * kIn), scale(kOut), y(kRows * kOut);
        for (std::uint32_t row = 0; row < kPadded; ++row) {
            for (std::uint32_t column = 0; column < kIn; ++column) {
                store(numbers[bfloat16Place(row, column, kIn)], static_cast<float>(numberAt(row, column)));
            }
        }
        for (std::size_t i = 0; i < x.size(); ++i) {
            store(x[i], std::sin(static_cast<float>(i)));
        }
        for (std::size_t i = 0; i < scale.size(); ++i) {
            store(scale[i], 0.01F * static_cast<float>(i + 1));
        }
        for (const ProductWeights kind : {ProductWeights::BFloat16, ProductWeights::Int8}) {
            const bool isInt8 = kind == ProductWeights::Int8;
            for (const std::uint32_t splits : {1U, 3U}) {
                ProductJob job;
                job.kind = kind;
                job.x = x.data();
                job.weights = isInt8 ? static_cast<const void*>(bytes.data()) : numbers.data();
                job.scale = scale.data();
                job.y = y.data();
                job.rows = kRows;
                job.in = kIn;
                job.out = kOut;
                job.splits = splits;
                std::vector<float> partials(job.partialFloats(), std::nanf(""));
                QCOMPARE(partials.size(), std::size_t{splits == 1 ? 0 : splits * kRows * kPadded});
                job.partials = partials.data();
                QCOMPARE(hostMultiply(job), 0);
                for (std::uint32_t i = 0; i < kRows * kOut; ++i) {
                    const std::uint32_t row = i / kOut, column = i % kOut;
                    double sum = 0.0;
                    for (std::uint32_t k = 0; k < kIn; ++k) {
                        sum += static_cast<double>(load(x[row * kIn + k])) * numberAt(column, k);
                    }
                    sum *= isInt8 ? static_cast<double>(load(scale[column])) : 1.0;
                    QVERIFY(std::abs(static_cast<double>(load(y[i])) - sum) <= std::abs(sum) / 256.0 + 1e-4);
                    if (splits > 1) {
                        QCOMPARE(numberOf(job.sums(), row, column), load(y[i]));
                    }
                }
                job.y = nullptr; // its parts alone, which one split does not have
                QCOMPARE(hostMultiply(job), splits > 1 ? 0 : kDeviceNotSupported);
            }
        }
        ProductJob job;
        job.in = 24;
        job.out = 16;
        job.y = y.data();
        QCOMPARE(hostMultiply(job), kDeviceNotSupported);
    }

    void splitsFillTheCard()
    {
        constexpr std::uint32_t kMultiprocessors = 132;
        const auto shares = [](std::uint32_t out, std::uint32_t in) {
            ProductJob job;
            job.out = out;
            job.in = in;
            shareOut(job, kMultiprocessors);
            return job;
        };
        QCOMPARE(shares(1U << 20, 4096).splits, 1U); // blocks enough
        QCOMPARE(shares(1U << 20, 4096).tiles, 2U);
        for (const auto& [out, in] : {std::pair(4096U, 4096U), std::pair(1280U, 1280U), std::pair(3840U, 1280U)}) {
            const ProductJob job = shares(out, in);
            QVERIFY(job.outBlocks() * job.splits > kMultiprocessors / 2);
            QVERIFY(job.outBlocks() * job.splits <= 2 * kMultiprocessors);
        }
        QCOMPARE(shares(16, 32).splits, 1U); // nothing to share out
        QVERIFY(shares(4096, 128).splits <= shares(4096, 128).parts());
        ProductJob job;
        job.rows = 70;
        job.out = 270;
        job.splits = 3;
        QCOMPARE(job.partialFloats(), std::uint64_t{3 * 70 * 272});
    }
};

JACOBI_TEST(MatrixProductTest)
#include "tst_matrixproduct.moc"
