// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/cuda/numbers.h"

#include <cstdint>

namespace jacobi {

/// Numbers [rows, width] of bfloat16 that a product has left in parts, for the step that reads them to add up: a kernel for that
/// alone would take about as long as the product of a small matrix.
struct SplitSums {
    const float* parts = nullptr; ///< null: there are none, and the numbers lie elsewhere
    std::uint64_t apart = 0;      ///< from a number's part to its next
    std::uint32_t width = 0;      ///< from a row to the next; a multiple of 16
    std::uint32_t splits = 0;
};

/// One of them: the sum in the order of the parts, rounded once.
JACOBI_DEVICE inline float numberOf(const SplitSums& sums, std::uint64_t row, std::uint32_t column)
{
    const float* part = sums.parts + row * sums.width + column;
    float sum = *part;
    for (std::uint32_t split = 1; split < sums.splits; ++split) {
        part += sums.apart;
        sum += *part;
    }
    BFloat16 rounded;
    store(rounded, sum);
    return load(rounded);
}

/// A row of numbers that lie as Stored, or in parts, from some column on.
template <class Stored>
class RowNumbers {
public:
    /// numbers: of the row, from that column on.
    JACOBI_DEVICE RowNumbers(const Stored* numbers, const SplitSums& sums, std::uint64_t row, std::uint32_t column)
        : m_numbers(numbers), m_sums(sums), m_row(row), m_column(column)
    {
    }
    JACOBI_DEVICE RealOf<Stored> operator[](std::uint32_t i) const
    {
        return m_sums.parts != nullptr ? static_cast<RealOf<Stored>>(numberOf(m_sums, m_row, m_column + i))
                                       : load(m_numbers[i]);
    }

private:
    const Stored* m_numbers;
    const SplitSums& m_sums;
    std::uint64_t m_row;
    std::uint32_t m_column;
};

} // namespace jacobi
