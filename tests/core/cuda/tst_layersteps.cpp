// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/philox.h"
#include "core/cuda/hostkernels.h"
#include "core/decode/layerkernels.h"
#include "tests/testmain.h"

#include <cmath>
#include <type_traits>
#include <vector>

using namespace jacobi;

namespace {

template <class Stored>
constexpr NumberType kTypeOf = std::is_same_v<Stored, double>  ? NumberType::Float64
                               : std::is_same_v<Stored, float> ? NumberType::Float32
                                                               : NumberType::BFloat16;

/// Largest relative error that rounding to this type explains.
template <class Stored>
constexpr double kRounding = std::is_same_v<Stored, double>  ? 1e-14
                             : std::is_same_v<Stored, float> ? 2e-6
                                                             : 0.017;

template <class Stored>
std::vector<Stored> random(std::size_t count, std::uint64_t seed)
{
    std::vector<Stored> numbers(count);
    for (std::size_t i = 0; i < count; ++i) {
        const double u = CounterRandom{seed}.uniform(static_cast<std::uint32_t>(i), 0, Purpose::Noise);
        store(numbers[i], static_cast<RealOf<Stored>>(4.0 * u - 2.0));
    }
    return numbers;
}

template <class Stored>
std::vector<double> wide(const std::vector<Stored>& numbers)
{
    std::vector<double> result;
    for (const Stored x : numbers) {
        result.push_back(static_cast<double>(load(x)));
    }
    return result;
}

template <class Stored>
void compare(const std::vector<Stored>& found, const std::vector<double>& expected)
{
    const std::vector<double> numbers = wide(found);
    QCOMPARE(numbers.size(), expected.size());
    for (std::size_t i = 0; i < numbers.size(); ++i) {
        const double difference = std::abs(numbers[i] - expected[i]);
        QVERIFY2(difference <= kRounding<Stored> * (1.0 + std::abs(expected[i])),
                 qPrintable(QString("%1: %2, not %3").arg(i).arg(numbers[i]).arg(expected[i])));
    }
}

template <class Visit>
void eachType(const Visit& visit)
{
    visit(double());
    visit(float());
    visit(BFloat16());
}

} // namespace

class LayerStepsTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    /// Against the CPU's layers in float64 (core/decode/layerkernels.h).
    void addNormIsTheCpus()
    {
        eachType([]<class Stored>(Stored) {
            for (const std::uint32_t width : {1U, 40U, 700U}) {
                constexpr std::uint32_t kRows = 3;
                auto x = random<Stored>(kRows * width, 1);
                auto delta = random<Stored>(kRows * width, 2);
                const auto scale = random<Stored>(width, 3);
                std::vector<double> sum = wide(x);
                for (std::size_t i = 0; i < sum.size(); ++i) {
                    sum[i] += static_cast<double>(load(delta[i]));
                }
                std::vector<double> y(sum.size());
                std::vector<double> inverse(kRows);
                const std::vector<double> wideScale = wide(scale);
                NormJob job{kTypeOf<Stored>, x.data(), delta.data(), scale.data(), delta.data(), kRows, width};
                hostAddNorm(job, 256);
                compare(x, sum);
                sum = wide(x); // the kernel normalises what it stored
                kernels::rmsNormForward(sum.data(), wideScale.data(), y.data(), inverse.data(), kRows, width);
                compare(delta, y); // y may lie where delta was
                job.y = nullptr;
                job.delta = nullptr;
                const auto before = wide(x);
                hostAddNorm(job, 256);
                compare(x, before);
            }
        });
    }

    void gateIsTheCpus()
    {
        eachType([]<class Stored>(Stored) {
            const auto gateUp = random<Stored>(3 * 2 * 300, 4);
            const std::vector<double> wideGate = wide(gateUp);
            std::vector<Stored> y(3 * 300);
            std::vector<double> expected(y.size());
            kernels::swigluForward(wideGate.data(), expected.data(), 3, 300);
            hostGate({kTypeOf<Stored>, gateUp.data(), y.data(), 3, 300}, 256);
            compare(y, expected);
        });
    }

    /// Halves, norms, equal numbers of heads: the CPU's splitHeads. The cache rows of others stay as they are.
    void headsAreTheCpus()
    {
        eachType([]<class Stored>(Stored) {
            constexpr std::uint32_t kLanes = 2, kRows = 3, kHeads = 4, kSize = 8, kCapacity = 10;
            const auto qkv = random<Stored>(kLanes * kRows * 3 * kHeads * kSize, 5);
            const auto queryScale = random<Stored>(kSize, 6);
            const auto keyScale = random<Stored>(kSize, 7);
            const auto angles = random<double>(kCapacity * kSize / 2, 8);
            std::vector<float> cosine, sine;
            for (const double angle : angles) {
                cosine.push_back(static_cast<float>(std::cos(angle)));
                sine.push_back(static_cast<float>(std::sin(angle)));
            }
            const std::vector<std::int32_t> lengths{2, 6};
            std::vector<Stored> q(kLanes * kRows * kHeads * kSize);
            std::vector<Stored> keys(kLanes * kCapacity * kHeads * kSize);
            std::vector<Stored> values(keys.size());
            HeadsJob job{.type = kTypeOf<Stored>,
                         .qkv = qkv.data(),
                         .queryScale = queryScale.data(),
                         .keyScale = keyScale.data(),
                         .cosine = cosine.data(),
                         .sine = sine.data(),
                         .lengths = lengths.data(),
                         .q = q.data(),
                         .keys = keys.data(),
                         .values = values.data(),
                         .lanes = kLanes,
                         .rows = kRows,
                         .heads = kHeads,
                         .keyHeads = kHeads,
                         .headSize = kSize,
                         .capacity = kCapacity,
                         .tableRows = kCapacity};
            hostPlaceHeads(job, 32);

            const kernels::HeadShape shape{kLanes, kRows, kHeads, kSize, kRows * kSize / 2};
            std::vector<double> tableCosine, tableSine;
            for (const std::int32_t length : lengths) {
                for (std::uint32_t i = 0; i < kRows * kSize / 2; ++i) {
                    tableCosine.push_back(cosine[static_cast<std::size_t>(length) * kSize / 2 + i]);
                    tableSine.push_back(sine[static_cast<std::size_t>(length) * kSize / 2 + i]);
                }
            }
            std::vector<double> plainQ(q.size()), plainK(q.size()), plainV(q.size());
            const auto wideQkv = wide(qkv);
            const auto wideQuery = wide(queryScale);
            const auto wideKey = wide(keyScale);
            kernels::splitHeadsForward(wideQkv.data(), wideQuery.data(), wideKey.data(), tableCosine.data(),
                                       tableSine.data(), plainQ.data(), plainK.data(), plainV.data(), shape);
            // The CPU's result is [lanes, heads, rows, size].
            std::vector<double> expectedQ(q.size()), expectedK(keys.size(), 0.0), expectedV(keys.size(), 0.0);
            for (std::size_t i = 0; i < q.size(); ++i) {
                const std::size_t inHead = i % kSize, row = i / kSize % kRows, head = i / kSize / kRows % kHeads;
                const std::size_t lane = i / kSize / kRows / kHeads;
                expectedQ[((lane * kRows + row) * kHeads + head) * kSize + inHead] = plainQ[i];
                const std::size_t place = static_cast<std::size_t>(lengths[lane]) + row;
                const std::size_t cached = ((lane * kCapacity + place) * kHeads + head) * kSize + inHead;
                expectedK[cached] = plainK[i];
                expectedV[cached] = plainV[i];
            }
            compare(q, expectedQ);
            compare(keys, expectedK);
            compare(values, expectedV);
        });
    }

    /// LlamaGen's kind: neighbours turn together, nothing is normalised, fewer key heads; rows past the cache are left out.
    void neighboursWithoutNorm()
    {
        constexpr std::uint32_t kHeads = 4, kKeyHeads = 2, kSize = 6, kCapacity = 4, kRows = 3;
        const auto qkv = random<double>(kRows * (kHeads + 2 * kKeyHeads) * kSize, 9);
        std::vector<float> cosine, sine;
        for (const double angle : random<double>(kCapacity * kSize / 2, 10)) {
            cosine.push_back(static_cast<float>(std::cos(angle)));
            sine.push_back(static_cast<float>(std::sin(angle)));
        }
        const std::int32_t length = 2; // rows 2 and 3 fit, row 4 does not
        std::vector<double> q(kRows * kHeads * kSize);
        std::vector<double> keys(kCapacity * kKeyHeads * kSize + 1, 7.0);
        std::vector<double> values = keys;
        hostPlaceHeads({.type = NumberType::Float64,
                        .pairs = RotaryPairs::Neighbours,
                        .qkv = qkv.data(),
                        .cosine = cosine.data(),
                        .sine = sine.data(),
                        .lengths = &length,
                        .q = q.data(),
                        .keys = keys.data(),
                        .values = values.data(),
                        .lanes = 1,
                        .rows = kRows,
                        .heads = kHeads,
                        .keyHeads = kKeyHeads,
                        .headSize = kSize,
                        .capacity = kCapacity,
                        .tableRows = kCapacity},
                       32);
        const auto turned = [&](std::uint32_t row, std::uint32_t head, std::uint32_t i) {
            const double* x = qkv.data() + (row * (kHeads + 2 * kKeyHeads) + head) * kSize;
            const std::size_t at = std::min(length + row, kCapacity - 1) * kSize / 2 + i / 2;
            return i % 2 == 0 ? x[i] * cosine[at] - x[i + 1] * sine[at] : x[i - 1] * sine[at] + x[i] * cosine[at];
        };
        for (std::uint32_t row = 0; row < kRows; ++row) {
            for (std::uint32_t i = 0; i < kHeads * kSize; ++i) {
                QVERIFY(std::abs(q[row * kHeads * kSize + i] - turned(row, i / kSize, i % kSize)) < 1e-14);
            }
            for (std::uint32_t i = 0; i < kKeyHeads * kSize && length + row < kCapacity; ++i) {
                const std::size_t cached = (length + row) * kKeyHeads * kSize + i;
                QVERIFY(std::abs(keys[cached] - turned(row, kHeads + i / kSize, i % kSize)) < 1e-14);
                QCOMPARE(values[cached], qkv[(row * (kHeads + 2 * kKeyHeads) + kHeads + kKeyHeads) * kSize + i]);
            }
        }
        QCOMPARE(keys.back(), 7.0); // nothing was written behind the cache
        QCOMPARE(keys.front(), 7.0);
    }
};

JACOBI_TEST(LayerStepsTest)
#include "tst_layersteps.moc"
