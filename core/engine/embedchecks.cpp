// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/cuda/devicewindows.h"
#include "core/cuda/windowmemory.h"
#include "core/engine/checkinputs.h"

#include <algorithm>
#include <string>

namespace jacobi {
namespace {

// Rows are wider than a block reads at once, and the window longer than a line and than what is left of the picture.
constexpr std::uint32_t kItems = 2, kBranches = 2, kWindow = 11, kLines = 4, kColumns = 5, kCodes = 23, kWidth = 601;
constexpr std::uint32_t kTables = 3, kRowsOfTable = kCodes + 1; ///< a row more, of what is off the grid
constexpr std::uint32_t kFirst = kTables * kRowsOfTable, kPositions = kFirst + kItems * kBranches;

/// What rounding to the stored type explains, of sums of four numbers around 1.
template <class Stored>
constexpr double kAllowed = std::is_same_v<Stored, double>  ? 1e-14
                            : std::is_same_v<Stored, float> ? 2e-6
                                                            : 0.01;

TokenLayout layoutOfCodes()
{
    TokenLayout layout;
    layout.rows = kLines;
    layout.columns = kColumns;
    layout.codes = kCodes;
    return layout;
}

/// What the rows of two pictures read, after each was put somewhere with some tokens.
template <class Stored>
class EmbedCheck {
public:
    explicit EmbedCheck(const DeviceOps& ops)
        : m_ops(&ops),
          m_layout(layoutOfCodes()),
          m_table(normalNumbers<Stored>(std::size_t{kPositions + kLines * kColumns} * kWidth, 51))
    {
        for (std::uint32_t item = 0; item < kItems; ++item) {
            for (std::uint32_t position = 0; position < m_layout.positions(); ++position) {
                m_tokens[item].push_back(static_cast<std::int32_t>((3 + item) * position * position % kCodes));
            }
        }
        m_tokens[0][4] = -1; // nothing was put there yet: it means nothing, and must not be read past the table
        m_tokens[0][5] = static_cast<std::int32_t>(kCodes);
    }

    Result<double> run()
    {
        WindowSetup setup;
        setup.logitsType = kNumberType<Stored>;
        setup.items = kItems;
        setup.branches = kBranches;
        setup.window = kWindow;
        auto windows = DeviceWindows::make(*m_ops, m_layout, setup);
        if (!windows) {
            return tl::unexpected(windows.error());
        }
        const std::vector<std::int32_t> lengths(std::size_t{kItems} * kBranches, 0);
        if (const Result<void> began = (*windows)->begin(lengths, nullptr); !began) {
            return tl::unexpected(began.error());
        }
        for (std::uint32_t item = 0; item < kItems; ++item) {
            if (const Result<void> put = putWindow((*windows)->job(), item); !put) {
                return tl::unexpected(put.error());
            }
        }
        return errorOf((*windows)->job());
    }

private:
    static constexpr std::uint32_t kCommitted[kItems] = {0, 14};

    Result<void> putWindow(const WindowJob& job, std::uint32_t item)
    {
        const auto memory = windowOf<RealOf<Stored>>(job, item);
        WindowCounters counters;
        counters.committed = kCommitted[item];
        int code = m_ops->toDevice(memory.counters, &counters, sizeof counters, nullptr);
        const std::vector<std::int32_t>& tokens = m_tokens[item];
        code =
            code != 0 ? code : m_ops->toDevice(memory.tokens, tokens.data(), tokens.size() * sizeof tokens[0], nullptr);
        return code == 0 ? Result<void>() : tl::unexpected(deviceError(*m_ops, code, "put tokens"));
    }

    Result<double> errorOf(const WindowJob& windows)
    {
        std::vector<std::int32_t> first(std::size_t{kItems} * kBranches);
        for (std::uint32_t lane = 0; lane < first.size(); ++lane) {
            first[lane] = static_cast<std::int32_t>(kFirst + lane);
        }
        const std::size_t count = first.size() * kWindow * kWidth;
        const auto table = DeviceMemory::copyOf(*m_ops, std::span<const Stored>(m_table));
        const auto firstThere = DeviceMemory::copyOf(*m_ops, std::span<const std::int32_t>(first));
        const auto y = DeviceMemory::make(*m_ops, count * sizeof(Stored));
        for (const auto* memory : {&table, &firstThere, &y}) {
            if (!*memory) {
                return tl::unexpected(memory->error());
            }
        }
        EmbedJob job;
        job.type = kNumberType<Stored>;
        job.windows = windows;
        job.table = table->template as<>();
        job.first = firstThere->template as<std::int32_t>();
        job.y = y->template as<>();
        job.width = kWidth;
        using enum EmbedPart::Source;
        const EmbedPart parts[] = {{Previous, 0, 0, 0, 0},
                                   {Neighbour, kRowsOfTable, -1, 1, 0},
                                   {Neighbour, 2 * kRowsOfTable, -1, -1, 0},
                                   {Position, kPositions, 0, 0, 0}};
        job.partCount = static_cast<std::uint32_t>(std::size(parts));
        std::copy(std::begin(parts), std::end(parts), job.parts);
        if (const int code = m_ops->embedRows(&job, nullptr); code != 0) {
            return tl::unexpected(deviceError(*m_ops, code, "read the codes"));
        }
        const auto found = fetched<Stored>(*m_ops, job.y, count);
        if (!found) {
            return tl::unexpected(found.error());
        }
        return largestError(widened(*found), expected());
    }

    std::vector<double> expected() const
    {
        std::vector<double> all;
        for (std::uint32_t lane = 0; lane < kItems * kBranches; ++lane) {
            const std::uint32_t item = lane / kBranches;
            for (std::uint32_t k = 0; k < kWindow; ++k) {
                const std::uint32_t position = std::min(kCommitted[item] + k, m_layout.positions() - 1);
                for (std::uint32_t i = 0; i < kWidth; ++i) {
                    all.push_back(sumOf(lane, position, i));
                }
            }
        }
        return all;
    }

    /// Number i of the row that predicts a position, by the formula.
    double sumOf(std::uint32_t lane, std::uint32_t position, std::uint32_t i) const
    {
        const std::uint32_t item = lane / kBranches;
        return at(position == 0 ? kFirst + lane : codeAt(item, position - 1), i) +
               at(kRowsOfTable + neighbourAt(item, position, 1), i) +
               at(2 * kRowsOfTable + neighbourAt(item, position, -1), i) + at(kPositions + position, i);
    }

    /// The code in the line above, so many columns to the right; the one after all codes off the grid.
    std::uint32_t neighbourAt(std::uint32_t item, std::uint32_t position, int shift) const
    {
        const int column = static_cast<int>(position % kColumns) + shift;
        const bool isOff = position < kColumns || column < 0 || column >= static_cast<int>(kColumns);
        return isOff ? kCodes : codeAt(item, position - kColumns + static_cast<std::uint32_t>(shift));
    }

    std::uint32_t codeAt(std::uint32_t item, std::uint32_t position) const
    {
        const std::int32_t code = m_tokens[item][position];
        return code < 0 || code >= static_cast<std::int32_t>(kCodes) ? 0U : static_cast<std::uint32_t>(code);
    }

    double at(std::uint32_t row, std::uint32_t i) const
    {
        return static_cast<double>(load(m_table[std::size_t{row} * kWidth + i]));
    }

    const DeviceOps* m_ops;
    TokenLayout m_layout;
    std::vector<Stored> m_table;
    std::vector<std::int32_t> m_tokens[kItems];
};

template <class Stored>
KernelCheck check(const DeviceOps& ops)
{
    std::string name("embedding of codes, ");
    name += kNumberName<Stored>;
    const Result<double> error = EmbedCheck<Stored>(ops).run();
    return error ? errorCheck(std::move(name), *error, kAllowed<Stored>) : failedCheck(std::move(name), error.error());
}

} // namespace

std::vector<KernelCheck> checkEmbedding(const DeviceOps& ops)
{
    return {check<double>(ops), check<float>(ops), check<BFloat16>(ops)};
}

} // namespace jacobi
