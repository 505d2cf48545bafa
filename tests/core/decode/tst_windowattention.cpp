// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/decode/windowattention.h"
#include "tests/testmain.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>
#include <vector>

using namespace jacobi;

namespace {

/// One head with its cache, rows of which are known beforehand.
template <class Real>
class Head {
public:
    Head(std::int64_t headSize, std::int64_t rows)
        : m_size(headSize), m_stride(kernels::attentionStride<Real>(rows)),
          m_valueStride(kernels::attentionStride<Real>(headSize)), m_keys(fill(headSize * m_stride, Real{0})),
          m_values(fill(rows * m_valueStride, Real{0})), m_q(random(rows * headSize)), m_k(random(rows * headSize)),
          m_v(random(rows * headSize))
    {
    }

    /// Stores the rows [length, length + window) and returns what they see: [window, headSize].
    std::vector<Real> attend(std::int64_t length, std::int64_t window)
    {
        const kernels::WindowShape shape{m_size, window, m_stride, m_valueStride};
        const std::int64_t at = length * m_size;
        kernels::storeWindow<Real>(m_k.data() + at, m_v.data() + at, m_keys.data(), m_values.data(), length, shape);
        std::vector<Real> out(static_cast<std::size_t>(window * m_size));
        kernels::attendWindow<Real>(m_q.data() + at, m_keys.data(), m_values.data(), length, out.data(), m_size, shape);
        return out;
    }

    /// The formula, word by word: softmax(q k / sqrt(headSize)) v over the rows up to `row`.
    std::vector<double> expected(std::int64_t row) const
    {
        std::vector<double> weights;
        double sum = 0.0;
        for (std::int64_t t = 0; t <= row; ++t) {
            double score = 0.0;
            for (std::int64_t i = 0; i < m_size; ++i) {
                score += static_cast<double>(at(m_q, row, i)) * static_cast<double>(at(m_k, t, i));
            }
            weights.push_back(std::exp(score / std::sqrt(static_cast<double>(m_size))));
            sum += weights.back();
        }
        std::vector<double> out(static_cast<std::size_t>(m_size), 0.0);
        for (std::int64_t t = 0; t <= row; ++t) {
            for (std::int64_t i = 0; i < m_size; ++i) {
                out[static_cast<std::size_t>(i)] +=
                    weights[static_cast<std::size_t>(t)] / sum * static_cast<double>(at(m_v, t, i));
            }
        }
        return out;
    }

    void spoil(std::int64_t row)
    {
        for (std::int64_t i = 0; i < m_size; ++i) {
            m_k[static_cast<std::size_t>(row * m_size + i)] = std::numeric_limits<Real>::quiet_NaN();
            m_v[static_cast<std::size_t>(row * m_size + i)] = std::numeric_limits<Real>::infinity();
        }
    }

private:
    static std::vector<Real> fill(std::int64_t count, Real value)
    {
        return std::vector<Real>(static_cast<std::size_t>(count), value);
    }
    std::vector<Real> random(std::int64_t count)
    {
        std::vector<Real> numbers(static_cast<std::size_t>(count));
        std::normal_distribution<double> normal;
        std::ranges::generate(numbers, [&] { return static_cast<Real>(normal(m_generator)); });
        return numbers;
    }
    Real at(const std::vector<Real>& rows, std::int64_t row, std::int64_t i) const
    {
        return rows[static_cast<std::size_t>(row * m_size + i)];
    }

    std::mt19937 m_generator{11};
    std::int64_t m_size;
    std::int64_t m_stride;
    std::int64_t m_valueStride;
    std::vector<Real> m_keys;
    std::vector<Real> m_values;
    std::vector<Real> m_q;
    std::vector<Real> m_k;
    std::vector<Real> m_v;
};

template <class Real>
double worstOver(std::int64_t headSize, const std::vector<std::int64_t>& windows)
{
    constexpr std::int64_t kRows = 90;
    Head<Real> head(headSize, kRows);
    double worst = 0.0;
    std::int64_t length = 0;
    for (const std::int64_t window : windows) {
        const std::vector<Real> out = head.attend(length, window);
        for (std::int64_t row = 0; row < window; ++row) {
            const std::vector<double> expected = head.expected(length + row);
            for (std::int64_t i = 0; i < headSize; ++i) {
                const double got = static_cast<double>(out[static_cast<std::size_t>(row * headSize + i)]);
                worst = std::max(worst, std::abs(got - expected[static_cast<std::size_t>(i)]));
            }
        }
        length += window;
    }
    return worst;
}

} // namespace

class WindowAttentionTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void equalsTheFormula()
    {
        const std::vector<std::int64_t> windows{5, 1, 1, 3, 2, 16, 4, 7, 1, 40, 10}; // to the very last row
        for (const std::int64_t headSize : {1, 4, 8, 20, 32, 64}) {
            QVERIFY2(worstOver<double>(headSize, windows) < 1e-12, qPrintable(QString::number(headSize)));
            QVERIFY2(worstOver<float>(headSize, windows) < 1e-5, qPrintable(QString::number(headSize)));
        }
    }

    /// Bit for bit: a window is a matter of speed, not of what comes out.
    void aRowIsTheSameInEveryWindow()
    {
        constexpr std::int64_t kRows = 70;
        constexpr std::int64_t kSize = 32;
        Head<float> head(kSize, kRows);
        std::vector<float> alone;
        for (std::int64_t row = 0; row < kRows; ++row) {
            const std::vector<float> out = head.attend(row, 1);
            alone.insert(alone.end(), out.begin(), out.end());
        }
        for (std::int64_t window = 2; window <= 19; ++window) {
            for (std::int64_t length = 0; length + window <= kRows; ++length) {
                const std::vector<float> out = head.attend(length, window);
                QVERIFY(std::equal(out.begin(), out.end(), alone.begin() + length * kSize));
            }
        }
    }

    /// What is not finite in a draft stays with it and those after it.
    void laterRowsDoNotReachEarlierOnes()
    {
        constexpr std::int64_t kSize = 16;
        Head<double> head(kSize, 30);
        head.attend(0, 20);
        const std::vector<double> before = head.attend(20, 7);
        head.spoil(25);
        const std::vector<double> after = head.attend(20, 7);
        for (std::size_t i = 0; i < before.size(); ++i) {
            QCOMPARE(std::isfinite(after[i]), static_cast<std::int64_t>(i) < 5 * kSize);
            QVERIFY(!std::isfinite(after[i]) || after[i] == before[i]);
        }
    }
};

JACOBI_TEST(WindowAttentionTest)
#include "tst_windowattention.moc"
